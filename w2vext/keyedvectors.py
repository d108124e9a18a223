"""KeyedVectors: words and their vectors; look-up, and the way to files and other programs.

gensim's names where the meaning is gensim's. Refuses duplicate words, training (model.py's), and
answers that look like answers: an unknown word is an error that says what to do, and a vector of
zeros has cosine 0 with everything, never NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.search import exact as nearest
from w2vext.search.queries import Queries
from w2vext.search.query import UnknownWordError
from w2vext.search.views import Views

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from typing import Any, Literal

    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from w2vext._types import FilePath, Float32, Token

_UNKNOWN = ("error", "skip", "zero", "mean")


class KeyedVectors(Queries, Views):
    """Words and their vectors.

    Parameters
    ----------
    words : sequence of hashable
        The word of each row, each once.
    vectors : array of shape (V, d)
        Taken as it is where it is C-contiguous float32, copied otherwise.
    counts : array of shape (V,), optional
        How often each word occurred.
    unknown : {"error", "skip", "zero", "mean"}, default="error"
        What look-up and queries do with a word that is not there: raise UnknownWordError, leave
        it out, or take zeros or the mean of all vectors for it.
    unk : hashable, optional
        One of the words, which look-up and queries take for every word that is not there; `unknown`
        has no say then. ``in`` tells which words are there.

    Attributes
    ----------
    vectors : ndarray of shape (V, d), float32
    index_to_key : list
    key_to_index : dict
    counts : ndarray of shape (V,), int64, or None
    vector_size : int
    norms : ndarray of shape (V,), float32
        Computed when first asked for; `fill_norms(force=True)` after a change to `vectors`.

    Raises
    ------
    ValueError
        Shapes do not fit, or a word occurs twice.

    Examples
    --------
    >>> wv = KeyedVectors(["north", "south", "tea"], [[1, 0], [1, 0.5], [0, 1]])
    >>> wv.most_similar("north", topn=1)[0][0]
    'south'
    """

    def __init__(
        self,
        words: Iterable[Hashable],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        unknown: Literal["error", "skip", "zero", "mean"] = "error",
        unk: Hashable = None,
    ) -> None:
        if unknown not in _UNKNOWN:
            raise ValueError(f"unknown={unknown!r}: choose one of {', '.join(map(repr, _UNKNOWN))}")
        self.unknown = unknown
        words = list(words)
        vectors = np.asarray(vectors)
        if vectors.ndim != 2 or len(vectors) != len(words):
            raise ValueError(
                f"vectors has shape {vectors.shape} for {len(words):,} words: one row for each "
                "word is needed, shape (words, dimensions)"
            )
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.index_to_key = words
        self.key_to_index = {word: row for row, word in enumerate(words)}
        if len(self.key_to_index) != len(words):
            twice = next(w for row, w in enumerate(words) if self.key_to_index[w] != row)
            raise ValueError(f"words holds {twice!r} more than once; a word has one vector")
        if unk is not None and unk not in self.key_to_index:
            raise ValueError(f"unk={unk!r} is not among the {len(words):,} words: add it")
        self.unk = unk
        if counts is not None:
            counts = np.asarray(counts)
            if counts.shape != (len(words),):
                raise ValueError(f"counts has shape {counts.shape}; needed is ({len(words)},)")
            counts = counts.astype(np.int64, casting="same_kind", copy=False)
        self.counts = counts
        self._norms: Any = None
        self._inverse: Any = None
        self._index: Any = None

    # ---- look-up

    @property
    def vector_size(self) -> int:
        """Numbers in a vector."""
        return self.vectors.shape[1]

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, word: Hashable) -> bool:
        return word in self.key_to_index

    def __iter__(self) -> Iterator[Token]:
        return iter(self.index_to_key)

    def __repr__(self) -> str:
        return f"KeyedVectors({len(self):,} words, {self.vector_size} dimensions)"

    def __getitem__(self, key: Hashable | list[Any] | NDArray[Any]) -> Float32:
        """A word's vector, shape (d,), read-only; or for a list of words (n, d), a copy."""
        if isinstance(key, (list, np.ndarray)):
            return self._vectors_of(key)
        row = self.row_of(key)
        if row < 0:
            if self.unknown == "skip":
                raise UnknownWordError(self._unknown_message(key))
            return (
                np.zeros(self.vector_size, np.float32) if self.unknown == "zero" else self._mean()
            )
        vector = self.vectors[row]
        vector.flags.writeable = False
        return vector

    def get_vector(self, word: Hashable, norm: bool = False) -> Float32:
        """A word's vector, with norm=True scaled to norm 1 (zeros stay)."""
        return nearest.unit_rows(self[word][None])[0] if norm else self[word]

    def get_index(self, word: Hashable) -> int:
        """A word's row.

        Raises
        ------
        UnknownWordError
            A KeyError: the word is not there.
        """
        try:
            return self.key_to_index[word]
        except KeyError:
            raise UnknownWordError(self._unknown_message(word)) from None
        except TypeError:
            raise TypeError(f"{word!r} is no word: words are hashable, a str for example") from None

    def row_of(self, word: Hashable) -> int:
        """A word's row; for an unknown one that of `unk`, or -1 where `unknown` is not "error"."""
        if self.unk is not None:
            return self.key_to_index.get(word, self.key_to_index[self.unk])
        if self.unknown == "error":
            return self.get_index(word)
        return self.key_to_index.get(word, -1)

    def _mean(self) -> Float32:
        return self.vectors.mean(axis=0, dtype=np.float64).astype(np.float32)

    def _vectors_of(self, words: Iterable[Hashable]) -> Float32:
        """The words' vectors, (n, d), unknown ones as the policy says."""
        rows = np.array([self.row_of(word) for word in words], np.int64)
        if self.unknown == "skip":
            rows = rows[rows >= 0]
        found = self.vectors[rows]
        if (rows < 0).any():
            found[rows < 0] = self._mean() if self.unknown == "mean" else 0
        return found

    def _unknown_message(self, word: object) -> str:
        message = f"the word {word!r} is not among the {len(self):,} words"
        if isinstance(word, str):
            for near in (word.lower(), word.capitalize(), word.upper(), word.strip()):
                if near in self.key_to_index:
                    return f"{message}; {near!r} is: check the spelling"
        return f"{message}: test with `word in wv`, or train with a lower min_count"

    def get_vecattr(self, word: Hashable, attribute: str) -> int:
        """gensim's way to a word's count: attribute is "count"."""
        if attribute != "count" or self.counts is None:
            raise KeyError(f"attribute {attribute!r}: only 'count' is there, where counts are")
        return int(self.counts[self.get_index(word)])

    @property
    def norms(self) -> Float32:
        """The length of each vector, shape (V,), computed when first asked for."""
        self.fill_norms()
        return self._norms

    def fill_norms(self, force: bool = False) -> None:
        """Compute the norms, again with force=True: after a change to `vectors`."""
        if self._norms is None or force:
            self._norms = nearest.norms_of(self.vectors)
            self._inverse = nearest.inverse_of(self._norms)

    # ---- files

    def save_word2vec_format(self, path: FilePath, binary: bool = False) -> None:
        """Write word2vec's text (or binary) format, which gensim and most programs read.

        Text holds the shortest number that reads back as the same float32.

        Raises
        ------
        ValueError
            A word is empty or holds white space, or a vector is not finite; no file is written.
        OSError
            The file cannot be written; an old one stays as it was.
        """
        from w2vext.formats import word2vec_binary, word2vec_text

        module = word2vec_binary if binary else word2vec_text
        module.write(path, self.index_to_key, self.vectors)

    @classmethod
    def load_word2vec_format(
        cls,
        path: FilePath,
        binary: bool | None = False,
        limit: int | None = None,
        errors: str = "strict",
        words: Iterable[Hashable] | None = None,
    ) -> Self:
        """Read word2vec's text or binary format, compressed or not.

        Parameters
        ----------
        path : str or path-like
        binary : bool or None, default=False
            None looks at the file's first row.
        limit : int, optional
            Read the first so many rows only.
        errors : {"strict", "replace", "ignore"}
            What to do with words that are not UTF-8.
        words : iterable of str, optional
            Keep only these.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ValueError
            The file is malformed; the message names file and line.
        """
        from w2vext.formats import word2vec_binary, word2vec_text

        if binary is None:
            binary = word2vec_binary.looks_binary(path)
        module = word2vec_binary if binary else word2vec_text
        found, matrix, _ = module.read(path, limit=limit, words=words, errors=errors)
        return cls(found, matrix)

    def save(self, path: FilePath, format: str | None = None, **options: Any) -> None:
        """Write any format, by the path's suffix or the format's name.

        Parameters
        ----------
        path : str or path-like
            ``.safetensors`` is the native one and keeps the counts too; `formats.SUFFIXES` lists
            all.
        format : str, optional
            A key of `formats.FORMATS`.
        **options
            The format's own.

        Raises
        ------
        ValueError
            The format cannot hold a word or a number, or the suffix says nothing; no file is
            written.
        """
        from w2vext import formats

        formats.write(
            path, self.index_to_key, self.vectors, {"counts": self.counts}, format, **options
        )

    @classmethod
    def load(
        cls,
        path: FilePath,
        format: str | None = None,
        *,
        limit: int | None = None,
        words: Iterable[Hashable] | None = None,
        errors: str = "strict",
        **options: Any,
    ) -> Self:
        """Read any format, by the path's suffix or the format's name.

        Parameters
        ----------
        path : str or path-like
        format : str, optional
            A key of `formats.FORMATS`.
        limit : int, optional
            Read the first so many rows only.
        words : iterable of words, optional
            Keep only these, in the file's order.
        errors : {"strict", "replace", "ignore"}
            What to do with words that are not UTF-8.
        **options
            The format's own; ``mmap=True`` leaves a native file's matrix on disk.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ValueError
            The file is malformed (the message says where), or its suffix says nothing.
        """
        from w2vext import formats

        found, matrix, meta = formats.read(
            path, format, limit=limit, words=words, errors=errors, **options
        )
        return cls(found, matrix, meta.get("counts"))

    # ---- other programs' objects

    def to_gensim(self) -> Any:
        """gensim's KeyedVectors, sharing the matrix."""
        from w2vext.formats import _interop

        return _interop.to_gensim(self.index_to_key, self.vectors, self.counts)

    @classmethod
    def from_gensim(cls, theirs: Any) -> Self:
        """From gensim's KeyedVectors, or a model with them; the matrix is copied."""
        from w2vext.formats import _interop

        return cls(*_interop.from_gensim(theirs))

    def to_pandas(self) -> Any:
        """A pandas frame: a row per word, a column per dimension, counts first."""
        from w2vext.formats import _interop

        return _interop.to_pandas(self.index_to_key, self.vectors, self.counts)

    def to_polars(self) -> Any:
        """A polars frame with the columns word, vector and count."""
        from w2vext.formats import _interop

        return _interop.to_polars(self.index_to_key, self.vectors, self.counts)

    @classmethod
    def from_frame(cls, frame: Any) -> Self:
        """From a frame as `to_pandas` and `to_polars` make them."""
        from w2vext.formats import _interop

        return cls(*_interop.from_frame(frame))
