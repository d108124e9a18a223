"""The `w2vext` command: finds the subcommand, and turns what goes wrong into one line and a status.

Status: 0 done, 2 wrong usage, 1 any other error, 130 after Ctrl-C, 141 where the reader of the
output went away (as a shell reports it for other programs). Refuses tracebacks for what a user can
cause, and to import a command before it is asked for.
"""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from w2vext import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

# Name: (module below w2vext.cli, one line for the help). The module's `main(argv)` does the work.
COMMANDS = {
    "train": ("train", "train word vectors on text files and write them"),
    "similar": ("similar", "show the nearest words of words in a vector file"),
    "convert": ("convert", "write a file of vectors in another format"),
    "evaluate": ("evaluate", "measure vectors by analogies, scored pairs and categories"),
    "plot": ("plot", "draw words, neighbours or similarities"),
    "explore": ("explore", "write a page to explore vectors in a browser"),
    "demo": ("demo", "train on documentation that is installed here; under a minute"),
    "explain": ("explain", "write a page that steps through training, number by number"),
    "course": ("course", "the CS224n assignment on the Stanford Sentiment Treebank"),
    "word2vec": ("original.word2vec", "train as word2vec does; -exact 1: the same bytes"),
    "word2phrase": ("original.word2phrase", "join phrases in a text, as word2phrase does"),
    "distance": ("original.distance", "show the nearest words, as distance does"),
    "word-analogy": ("original.word_analogy", "complete analogies, as word-analogy does"),
    "compute-accuracy": (
        "original.compute_accuracy",
        "answer analogy questions, as compute-accuracy does",
    ),
    "config": ("config", "show versions, BLAS, threads, kernel and instruction set"),
}


class CommandError(Exception):
    """What a command refuses; its text is the line that the user reads."""


# What a user can cause; anything else is a fault of ours and keeps its traceback.
EXPECTED = (CommandError, OSError, ValueError, FloatingPointError, MemoryError, ImportError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        The arguments; those of the process by default.

    Returns
    -------
    int
        The exit status.
    """
    _open_what_is_closed()
    argv = sys.argv[1:] if argv is None else list(argv)
    name = argv[0] if argv else "--help"
    if name in ("-h", "--help"):
        return _guarded("w2vext", print, usage())
    if name == "--version":
        return _guarded("w2vext", print, f"w2vext {__version__}")
    if name not in COMMANDS:
        return complain("w2vext", _unknown(name), 2)
    module, _ = COMMANDS[name]
    return _guarded(f"w2vext {name}", _run, module, argv[1:])


def _open_what_is_closed() -> None:
    """A shell's `<&-` or `>&-` leaves no stream, whose number the next file would get."""
    for name, mode in [("stdin", "r"), ("stdout", "w"), ("stderr", "w")]:
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))


def usage() -> str:
    """The text of `w2vext --help`."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:{width}}  {text}" for name, (_, text) in COMMANDS.items())
    return (
        "usage: w2vext COMMAND [...]\n\n"
        "Word vectors: train them, look at them.\n\n"
        f"commands:\n{rows}\n\n"
        "options:\n"
        "  -h, --help  this text; `w2vext COMMAND --help` for a command's own\n"
        "  --version   the version"
    )


def _unknown(name: str) -> str:
    kind = "option" if name.startswith("-") else "command"
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(COMMANDS)}"
    return f"unknown {kind} {name!r}: {hint}"


def _run(module: str, argv: list[str]) -> int | None:
    return import_module(f"w2vext.cli.{module}").main(argv)


def _guarded(program: str, call: Callable[..., int | None], *args: Any) -> int:
    try:
        status = call(*args) or 0
        sys.stdout.flush()
        return status
    except SystemExit as stop:  # argparse: 0 after --help, 2 after wrong usage
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return complain(program, "interrupted", 130)
    except BrokenPipeError:
        _forget_stdout()
        return 141
    except EXPECTED as error:
        status = complain(program, _one_line(error), 1)
        try:
            sys.stdout.flush()
        except OSError:
            _forget_stdout()
        return status


def _forget_stdout() -> None:
    """Python flushes stdout once more as it ends: what is left goes nowhere, in silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: BaseException) -> str:
    message = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f"{error.filename}: "
        message = f"{place}{error.strerror}"
    elif isinstance(error, ImportError) and str(error.name).split(".")[0] == "w2vext":
        folder = os.path.dirname(os.path.dirname(__file__))
        message = f"{folder} is source, not built: leave its folder for the installed package"
    elif isinstance(error, MemoryError):
        message = f"not enough memory ({message})"
    return " ".join(message.splitlines())


def complain(program: str, message: str, status: int) -> int:
    """Print one line to stderr; returns the status."""
    print(f"{program}: {'' if status == 130 else 'error: '}{message}", file=sys.stderr)
    return status
