"""The `w2vext` command: runs a subcommand and reports an error as one line and an exit status.

The command is the interface; nothing in this package is meant to be imported by other programs.

The status is 0 for success, 1 for an error, 2 for wrong usage, 130 after Ctrl-C, and 141 if the
reader of the output closed it, as shells report it for other programs.
"""

from __future__ import annotations

import atexit
import gc
import mmap
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from w2vext import __version__
from w2vext._arguments.messages import shown
from w2vext.cli import console

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__: list[str] = []  # nothing is public

# Command -> (module in w2vext.cli with a function main(argv), one line for the help).
COMMANDS = {
    "train": ("train", "train word vectors on text files and write them"),
    "node2vec": ("node2vec", "train vectors of the nodes of a graph and write them"),
    "similar": ("similar", "show the nearest words of words in a vector file"),
    "convert": ("convert", "convert a vector file to another format"),
    "evaluate": ("evaluate", "evaluate vectors on analogies, word pairs and categories"),
    "plot": ("plot", "plot words, neighbours or similarities"),
    "explore": ("explore", "write a page to explore vectors in a browser"),
    "demo": ("demo", "train on installed documentation; takes less than a minute"),
    "explain": ("explain", "write a page that shows every step of training"),
    "course": ("course", "run the CS224n assignment on the Stanford Sentiment Treebank"),
    "word2vec": ("original.word2vec", "train like word2vec; with -exact 1 the same bytes"),
    "word2phrase": ("original.word2phrase", "join phrases in a text, like word2phrase"),
    "distance": ("original.distance", "show the nearest words, like distance"),
    "word-analogy": ("original.word_analogy", "complete analogies, like word-analogy"),
    "compute-accuracy": (
        "original.compute_accuracy",
        "answer analogy questions, like compute-accuracy",
    ),
    "fasttext": ("fasttext", "train, query and predict with fastText's commands and files"),
    "clean": ("clean", "remove what programs that were killed left in a folder"),
    "config": ("config", "print versions, BLAS, threads, kernels and instruction set"),
}


class CommandError(Exception):
    """An error that a command reports as one line."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended a command that has saved its work; the message says where."""


LIBRARIES = 140 << 20  # bytes of address space that NumPy, its BLAS and our modules take

# Errors that a user can cause. Any other exception is a bug and keeps its traceback.
EXPECTED = (CommandError, OSError, ValueError, FloatingPointError, MemoryError, ImportError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        The arguments; by default those of the process.

    Returns
    -------
    int
        The exit status.
    """
    if argv is None:
        # The interpreter collects garbage when it exits; skip that.
        atexit.register(gc.freeze)
    _open_closed_streams()
    argv = sys.argv[1:] if argv is None else list(argv)
    name = argv[0] if argv else "--help"
    program = f"w2vext {name}" if name in COMMANDS else "w2vext"
    with console.prepared(program):
        if name in ("-h", "--help"):
            return _guarded(program, print, usage())
        if name == "--version":
            return _guarded(program, print, f"w2vext {__version__}")
        if name not in COMMANDS:
            return complain(program, _unknown(name), 2)
        return _guarded(program, _run, COMMANDS[name][0], argv[1:])


def _open_closed_streams() -> None:
    """Open a stream that the shell closed (`>&-`), or the next file would get its descriptor."""
    for name, mode in [("stdin", "r"), ("stdout", "w"), ("stderr", "w")]:
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))


def usage() -> str:
    """The text of `w2vext --help`."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:{width}}  {text}" for name, (_, text) in COMMANDS.items())
    return (
        "usage: w2vext COMMAND [...]\n\n"
        "Train, query, evaluate and convert word vectors.\n\n"
        f"commands:\n{rows}\n\n"
        "options:\n"
        "  -h, --help  show this text; `w2vext COMMAND --help` shows that of a command\n"
        "  --version   show the version"
    )


def _unknown(name: str) -> str:
    import difflib

    kind = "option" if name.startswith("-") else "command"
    similar = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean {similar[0]!r}?" if similar else f"choose one of {', '.join(COMMANDS)}"
    return f"unknown {kind} {shown(name)}: {hint}"


def _check_address_space() -> None:
    """Raise MemoryError if the libraries cannot be loaded.

    OpenBLAS, which NumPy loads, would end the process.
    """
    if "numpy" in sys.modules:
        return
    try:
        mmap.mmap(-1, LIBRARIES).close()
    except OSError:
        raise MemoryError(
            f"the libraries need {LIBRARIES >> 20} MB of address space: raise its limit (ulimit -v)"
        ) from None


def _run(module: str, argv: list[str]) -> int | None:
    _check_address_space()
    return import_module(f"w2vext.cli.{module}").main(argv)


def _guarded(program: str, call: Callable[..., int | None], *args: Any) -> int:
    """Call a function, report its error as one line, and return the exit status."""
    try:
        status = call(*args) or 0
        sys.stdout.flush()
        return status
    except SystemExit as stop:  # argparse: 0 after --help, 2 after wrong usage
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt as stop:
        return complain(program, str(stop) or "interrupted", 130)
    except BrokenPipeError:
        _discard_stdout()
        return 141
    except EXPECTED as error:
        status = complain(program, _message(error), 1)
        try:
            sys.stdout.flush()
        except OSError:
            _discard_stdout()
        return status


def _discard_stdout() -> None:
    """Redirect stdout to the null device: Python flushes it at exit and would report an error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _message(error: BaseException) -> str:
    """The text of an error, with the file that it names."""
    message = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f"{error.filename}: "
        message = f"{place}{error.strerror}"
    elif isinstance(error, ImportError) and str(error.name).split(".")[0] == "w2vext":
        folder = os.path.dirname(os.path.dirname(__file__))
        message = f"{folder} is a source folder that is not built: run the command elsewhere"
    elif isinstance(error, MemoryError):
        message = f"not enough memory ({message})"
    from w2vext.cli.options import as_options

    return as_options(message)


def complain(program: str, message: str, status: int) -> int:
    """Print one line to stderr and return the status."""
    kind = "" if status == 130 else "error: "
    console.report(f"{program}: {kind}{message}")
    return status
