"""`transform`: documents of a corpus as rows of a vocabulary, and one vector for each document.

Unlike the id stream of training, nothing is dropped: an empty line is a document too, and an
unknown word has the id -1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import shown
from w2vext._arguments.sentences import PLAIN, sentence_of, words_of
from w2vext._estimator import pooling
from w2vext._estimator.parameters import unknown_policy
from w2vext._files import compression
from w2vext.text._words import LONGEST
from w2vext.text.corpus import open_corpus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from w2vext._arguments.types import CorpusLike, FilePath, Float32, Int32, Int64
    from w2vext._estimator.fitted import Fitted
    from w2vext._estimator.parameters import Parameters
    from w2vext.text.subwords import SubwordVectors

BLOCK = 1 << 22  # bytes that are split into lines at a time
BATCH = 1 << 16  # tokens that are pooled at a time
BLANKS = (b" ", b"\t", b"\r", b"\v", b"\f")  # between words of a line
# ASCII characters at which str.split splits but bytes.split does not; words may contain them.
ONLY_STR_SPLITS = (b"\x1c", b"\x1d", b"\x1e", b"\x1f")


def transform(
    params: Parameters,
    fitted: Fitted,
    X: CorpusLike,
    subwords: SubwordVectors | None = None,
    whitening: pooling.Whitening | None = None,
) -> Float32:
    """One vector per document: float32 (n_documents, vector_size)."""
    policy = unknown_policy(params)
    arguments = _pooling_arguments(params, fitted, policy)

    def pooled(table: Any, ids: Int32, offsets: Int64) -> Float32:
        out = pooling.pool(table, ids, offsets, **arguments)
        if whitening is None:
            return out
        ones = np.ones((len(table), 1), dtype=np.float32)
        shares = pooling.pool(ones, ids, offsets, **arguments)[:, 0]
        return pooling.whitened(out, shares.astype(np.float64), whitening)

    absent = fitted.words.unk_row
    if policy == "subwords" and subwords is not None:
        parts = [
            pooled(table, ids, offsets)
            for table, ids, offsets in _composed_rows(open_corpus(X), fitted, subwords, absent)
        ]
    else:
        must_know = policy == "error" and absent < 0
        batches = rows(open_corpus(X), fitted.words.index, absent=absent, must_know=must_know)
        parts = [pooled(fitted.vectors, *batch) for batch in batches]
    if not parts:
        return np.zeros((0, fitted.vectors.shape[1]), dtype=np.float32)
    out = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if params.pooling == "sif" and fitted.sif_component is not None:
        return pooling.without(out, fitted.sif_component)
    return out


class _Extended:
    """The vectors of known words, followed by those of the unknown words of a batch."""

    def __init__(self, vectors: Float32, more: Float32) -> None:
        self.vectors, self.more = vectors, more
        self.shape = (len(vectors) + len(more), vectors.shape[1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, ids: Any) -> Float32:
        known = len(self.vectors)
        out = self.vectors[np.where(ids < known, ids, 0)]
        out[ids >= known] = self.more[ids[ids >= known] - known]
        return out


def _composed_rows(
    corpus: Any, fitted: Fitted, subwords: SubwordVectors, absent: int
) -> Iterator[tuple[Any, Int32, Int64]]:
    """Yield (vectors, ids, offsets) of each batch; unknown words are composed from n-grams."""
    known = len(fitted.vectors)

    class Numbers(dict):  # type: ignore[type-arg]
        """The rows of known words, and a number above them for each unknown word of a batch."""

        def get(self, word: Any, default: Any = None) -> int:
            row = fitted.words.index.get(word)
            return self.setdefault(word, known + len(self)) if row is None else row

    numbers = Numbers()
    for ids, offsets in rows(corpus, numbers):
        vectors, has = subwords.compose(list(numbers))
        if not has.all():
            places = np.where(has, np.arange(known, known + len(has)), absent)
            beyond = ids >= known
            ids[beyond] = places[ids[beyond] - known]
        yield _Extended(fitted.vectors, vectors), ids, offsets
        numbers.clear()


def _pooling_arguments(params: Parameters, fitted: Fitted, policy: str) -> dict[str, Any]:
    """The keyword arguments of `pooling.pool` for the parameter `pooling`."""
    needed = {"idf": ("idf_", fitted.idf), "sif": ("sif_component_", fitted.sif_component)}
    attribute, value = needed.get(params.pooling, ("", True))
    if value is None:
        raise ValueError(
            f"pooling={params.pooling!r} needs {attribute}, which is computed only by a fit with "
            "this pooling: fit again, or choose 'mean' or 'sum'"
        )
    unknown = "skip" if policy in ("error", "subwords") else policy
    if params.pooling == "idf":
        return {"unknown": unknown, "weights": fitted.idf, "divide": "weights"}
    if params.pooling == "sif":
        weights = pooling.sif_weights(fitted.words.counts, params.sif_smoothing)
        return {"unknown": unknown, "weights": weights}
    return {"unknown": unknown, "divide": None if params.pooling == "sum" else "count"}


def documents(corpus: Any) -> Iterator[list[Any]]:
    """Yield the tokens of each document as a list; for text files a list of str per line.

    Parameters
    ----------
    corpus : Corpus

    Raises
    ------
    TypeError
        A document is a str, a dict or not iterable, or a token is not a word.
    ValueError
        A line is not UTF-8 or contains a NUL byte; the message names file and line.
    """
    if corpus.kind == "files":
        for path in corpus.files:
            name = _files.shown(path)
            for number, line in enumerate(_lines(corpus.buffers(path)), start=1):
                yield _words(line, name, number)
        return
    for number, document in enumerate(corpus.sentences()):
        if type(document) is list and PLAIN.issuperset(map(type, document)):
            yield document  # what most documents are, without the checks of the others
            continue
        tokens = sentence_of(document, f"document {number}")
        if type(tokens) is not list:
            tokens = tokens.tolist() if hasattr(tokens, "tolist") else list(tokens)
        yield words_of(tokens, f"document {number}")


def readable_twice(X: CorpusLike) -> Any:
    """`X` itself, or a list of its documents if it may be readable only once.

    An object that wraps an iterator, such as a progress bar, cannot be recognized; only arrays and
    lists of lists are certain to be the same when they are read again.
    """
    corpus = open_corpus(X)
    if corpus.kind == "files":
        return list(documents(corpus)) if corpus.one_shot else X
    if isinstance(X, np.ndarray) or (
        isinstance(X, (list, tuple)) and all(isinstance(d, (list, tuple, np.ndarray)) for d in X)
    ):
        return X
    return list(documents(corpus))


def rows(
    corpus: Any, index: dict[Any, int], *, absent: int = -1, must_know: bool = False
) -> Iterator[tuple[Int32, Int64]]:
    """Yield (ids int32 (N,), offsets int64 (n + 1,)) for one batch of documents at a time.

    Parameters
    ----------
    corpus : Corpus
    index : dict
        The row of each known word.
    absent : int
        The id of unknown words.
    must_know : bool
        Raise KeyError for an unknown word.
    """
    row = index.get
    ids, offsets = [], [0]
    for number, document in enumerate(documents(corpus)):
        try:
            found = [row(token, absent) for token in document]
        except TypeError as error:
            raise TypeError(
                f"document {number} contains a token that cannot be looked up ({error}): give "
                "str, int or another hashable"
            ) from None
        if must_know and -1 in found:
            unknown = document[found.index(-1)]
            raise KeyError(
                f"document {number} contains {shown(unknown)}, which is not in the vocabulary: set "
                "unknown to 'skip', 'zero' or 'mean'"
            )
        ids += found
        offsets.append(len(ids))
        if len(ids) >= BATCH or len(offsets) > BATCH:
            yield np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64)
            ids, offsets = [], [0]
    if len(offsets) > 1:
        yield np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64)


def _lines(buffers: Iterable[Any]) -> Iterator[bytes]:
    """The lines of a text that is read in blocks; no line follows a newline at its end.

    A line ends early within a word that is too long, so that such a word takes little memory.
    """
    parts: list[bytes] = []  # of an incomplete line
    tail = 0  # the bytes of the word at its end
    for buffer in buffers:
        for at in range(0, len(buffer), BLOCK):
            first, *others = bytes(buffer[at : at + BLOCK]).split(b"\n")
            parts.append(first)
            if others:
                yield b"".join(parts)
                yield from others[:-1]
                parts, tail = others[-1:], 0
            start = 1 + max(parts[-1].rfind(blank) for blank in BLANKS)
            tail = len(parts[-1]) - start + (0 if start else tail)
            if tail > LONGEST:
                yield b"".join(parts)
                parts, tail = [], 0
    if last := b"".join(parts):
        yield last


def _words(line: bytes, path: FilePath, number: int) -> list[str]:
    """The words of a line; raises ValueError if it is not UTF-8 text."""
    if number == 1:
        line = line.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in line:
        raise ValueError(
            f"{path}, line {number}: a NUL byte, so this is not UTF-8 text: "
            + (_other_kind(line, number) or "if it is UTF-16, convert it to UTF-8")
        )
    if len(line) > LONGEST and max(map(len, line.split()), default=0) > LONGEST:
        raise ValueError(
            f"{path}, line {number}: a word of more than {LONGEST:,} bytes: is it text, with white "
            "space between words?"
        )
    # Decode the whole line at once. For ASCII lines without \x1c to \x1f, str.split and bytes.split
    # agree, so the split may follow the decoding.
    if line.isascii() and not any(blank in line for blank in ONLY_STR_SPLITS):
        return line.decode().split()
    words = line.split()
    try:
        return b"\n".join(words).decode().split("\n") if words else []
    except UnicodeDecodeError as error:
        word = error.object[: error.start].count(b"\n")
        raise ValueError(
            f"{path}, line {number}: {shown(words[word])} is not UTF-8 ({error.reason}): "
            + (
                _other_kind(line, number)
                or "convert the file, for example with iconv -f latin1 -t utf-8"
            )
        ) from None


def _other_kind(line: bytes, number: int) -> str | None:
    """The kind of a file that is not UTF-8 text, recognized by its first line, or None."""
    return compression.instead_of_text(line) if number == 1 else None
