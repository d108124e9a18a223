"""The documents of a corpus as words, by its tokenizer: one list of words after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext import _files
from w2vext.text import lines
from w2vext.text._words import BadText
from w2vext.text.tokenizer import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from w2vext._arguments.types import FilePath


def texts(corpus: Any) -> Iterator[str]:
    """The documents of a corpus of kind "texts", checked."""
    return (text_of(document, number) for number, document in enumerate(corpus.sentences()))


def documents(corpus: Any) -> Iterator[list[Any]]:
    """The words of each document of a corpus of kind "texts", "columns" or "files".

    A document is a str, a row of a column, a line of a file, or with ``sentences="document"`` a
    whole file.

    Raises
    ------
    ValueError
        A document is not text; the message names the document, or the file and the line.
    """
    if corpus.kind == "texts":
        for number, text in enumerate(texts(corpus)):
            yield corpus.tokenizer.words_of(text, f"document {number}")
    elif corpus.kind == "columns":
        for number, row in enumerate(corpus.sentences()):
            is_text = isinstance(row, str)
            yield corpus.tokenizer.words_of(row, f"document {number}") if is_text else row
    else:
        for path in corpus.files:
            yield from _of_file(corpus, path)


def sentences(corpus: Any) -> Iterator[list[Any]]:
    """The words of each sentence, for a tokenizer that is a function of the user."""
    if corpus.kind == "texts":
        for text in texts(corpus):
            yield from corpus.tokenizer.sentences_of(text)
    elif corpus.kind == "columns":
        for row in corpus.sentences():
            yield from corpus.tokenizer.sentences_of(row) if isinstance(row, str) else [row]
    else:
        yield from documents(corpus)


def _of_file(corpus: Any, path: FilePath) -> Iterator[list[Any]]:
    name, tokenizer = _files.shown(path), corpus.tokenizer
    numbered = enumerate(lines.lines(corpus.buffers(path)), start=1)
    if tokenizer.is_default:
        for number, line in numbered:
            yield lines.words(line, name, number)
    elif tokenizer.sentences == "line":
        for number, line in numbered:
            try:
                yield tokenizer.words(lines.checked(line, name, number))
            except (BadText, UnicodeDecodeError) as error:
                raise _not_utf8(line, name, number, error) from None
    else:
        whole = b"\n".join(lines.checked(line, name, number) for number, line in numbered)
        try:
            yield tokenizer.words(whole)
        except (BadText, UnicodeDecodeError) as error:
            at = error.at if isinstance(error, BadText) else error.start
            number = whole.count(b"\n", 0, at)
            line = whole[whole.rfind(b"\n", 0, at) + 1 :].partition(b"\n")[0]
            raise _not_utf8(line, name, number + 1, error) from None


def _not_utf8(line: bytes, name: str, number: int, error: Exception) -> ValueError:
    reason = error.reason if isinstance(error, UnicodeDecodeError) else "invalid bytes"
    return lines.not_utf8(line, name, number, line, reason)
