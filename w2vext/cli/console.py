"""What commands print: any text in any encoding, and no control characters on a terminal."""

from __future__ import annotations

import codecs
import contextlib
import re
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO

# Control characters other than tab and newline, and bytes that are not UTF-8 (surrogateescape).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\udc80-\udcff]")
_HANDLER = "w2vext-console"


def escaped(text: str) -> str:
    """Text as a terminal may show it: control characters and stray bytes become ``\\xNN``."""
    return _UNSAFE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", text)


def one_line(text: str, stream: TextIO) -> str:
    """A message on one line, escaped if the stream is a terminal."""
    text = " ".join(text.splitlines())
    return escaped(text) if stream.isatty() else text


def report(text: str) -> None:
    """Print one line to stderr, escaped if it is a terminal."""
    print(one_line(text, sys.stderr), file=sys.stderr, flush=True)


def stderr() -> Any:
    """The stream for messages of several lines: stderr, or one that escapes if it is a terminal.

    Progress bars move the cursor, so `sys.stderr` itself stays as it is.
    """
    return _Terminal(sys.stderr) if sys.stderr.isatty() else sys.stderr


def show_progress(text: str, stream: Any) -> None:
    """Print over the current line of a stream."""
    stream = stream.stream if isinstance(stream, _Terminal) else stream
    print(f"\r{text}", end="", file=stream, flush=True)


@contextlib.contextmanager
def prepared(program: str) -> Iterator[None]:
    """Let stdout print any text, and warnings take one line each, until the block ends."""

    def show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
        report(f"{program}: warning: {message}")

    stdout = sys.stdout
    with contextlib.ExitStack() as stack:
        if hasattr(stdout, "reconfigure"):
            stack.callback(_set_errors, stdout, stdout.errors or "strict")
            _set_errors(stdout, _HANDLER)
        if stdout.isatty():
            stack.enter_context(contextlib.redirect_stdout(_Terminal(stdout)))
        stack.enter_context(warnings.catch_warnings())
        warnings.showwarning = show_warning
        yield


def _set_errors(stream: Any, errors: str) -> None:
    with contextlib.suppress(OSError):  # it flushes, and the reader of a pipe may be gone
        stream.reconfigure(errors=errors)


def _unencodable(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace one character that an encoding lacks: stray bytes as they are, others as escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    is_byte = "\udc80" <= character <= "\udcff"
    if is_byte and not error.encoding.startswith(("utf-16", "utf-32")):
        return bytes([ord(character) & 0xFF]), error.start + 1
    return character.encode("ascii", "backslashreplace").decode(), error.start + 1


codecs.register_error(_HANDLER, _unencodable)


class _Terminal:
    """A stream to a terminal that escapes control characters."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(escaped(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
