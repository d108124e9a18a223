"""gensim's KeyedVectors: words and their vectors, which can be added, changed and queried.

`w2vext.KeyedVectors` computes all queries; this class has gensim's names and arguments.
"""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import kind_of, shown
from w2vext.gensim.models import _vector_files
from w2vext.gensim.models._refused import check_default, check_type_of_numbers
from w2vext.keyedvectors import KeyedVectors as NativeVectors
from w2vext.training.settings import huffman

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from w2vext._arguments.types import FilePath, Float32, Int64, Token

__all__ = ["KeyedVectors", "load_word2vec_format", "pseudorandom_weak_vector"]

_RENAMED = {
    "index2word": "index_to_key",
    "index2entity": "index_to_key",
    "vocab": "key_to_index, get_vecattr(key, 'count') and set_vecattr",
    "vectors_norm": "get_normed_vectors()",
    "syn0": "vectors",
}


class KeyedVectors(NativeVectors):
    """Words and their vectors, with the methods of gensim's class and of `w2vext.KeyedVectors`.

    An integer that is not a word names a row, unless the words are integers themselves.

    Parameters
    ----------
    vector_size : int
        The number of dimensions d.
    count : int, default=0
        Number of rows to allocate, which `add_vector` fills.
    dtype : {float32, float16}
        The type of `vectors`; float16 takes half the memory, and queries take longer.
    mapfile_path : None
        Not available: `load` maps files with ``mmap="r"``.

    Attributes
    ----------
    vectors : ndarray of shape (V, d)
        Writable; the model of these vectors trains this array. Call ``fill_norms(force=True)``
        after changing it.
    expandos : dict
        Attributes of words: name to an array with an item for each word.
    """

    def __init__(
        self, vector_size: int, count: int = 0, dtype: Any = np.float32, mapfile_path: None = None
    ) -> None:
        check_type_of_numbers("dtype", dtype)
        check_default("mapfile_path", mapfile_path, None, 'load(path, mmap="r") maps a file')
        for name, value, least in (("vector_size", vector_size, 1), ("count", count, 0)):
            if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name}={shown(value)}: give an integer of at least {least}")
        self.expandos: dict[str, NDArray[Any]] = {}
        self._fill([], np.zeros((0, vector_size), np.float32))
        self.vectors = np.zeros((count, vector_size), dtype)
        self.index_to_key = [None] * count
        self.next_index = 0
        self.mapfile_path = None
        self.vectors_lockf = np.ones(1, np.float32)

    @classmethod
    def _of(cls, words: Iterable[Hashable], vectors: Float32, counts: Any = None) -> Self:
        """The vectors of some words, without a copy."""
        made = cls.__new__(cls)
        made.__dict__["expandos"] = {}
        made._fill(words, vectors, counts)
        made.next_index = len(made.index_to_key)
        made.mapfile_path = None
        made.vectors_lockf = np.ones(1, np.float32)
        return made

    def _stored(self) -> dict[str, Any] | None:
        """The subwords that a file stores."""
        return None

    @classmethod
    def _read(cls, words: list[Any], vectors: Float32, meta: dict[str, Any]) -> Self:
        """The vectors of a file."""
        return cls._of(words, vectors, meta.get("counts"))

    @property
    def counts(self) -> Int64 | None:
        """How often each word occurred, if that is known: ``expandos["count"]``."""
        return self.expandos.get("count")

    @counts.setter
    def counts(self, counts: Int64 | None) -> None:
        if counts is None:
            self.expandos.pop("count", None)
        else:
            self.expandos["count"] = counts

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name in _RENAMED:
                raise AttributeError(f"KeyedVectors has no {name!r}: use {_RENAMED[name]}")
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __repr__(self) -> str:
        return f"<{self}>"

    # ---- look-up

    def get_index(self, key: Hashable, default: Any = None) -> int:
        """Return the row of a word, or `default`; without a default, unknown words are errors."""
        if isinstance(key, Integral) and self._names_a_row(key):
            return int(key)
        return super().get_index(key, default)

    def _names_a_row(self, key: Integral) -> bool:
        """Whether an integer is the number of a row and not a word."""
        if isinstance(key, bool) or key in self.key_to_index:
            return False
        words = self.index_to_key
        return 0 <= int(key) < len(words) and not isinstance(words[0], Integral)

    def has_index_for(self, key: Hashable) -> bool:
        """Return whether a word has a row."""
        return self.get_index(key, -1) >= 0

    def get_vector(self, key: Hashable, norm: bool = False) -> Float32:
        """Return a word's vector, read-only; with norm=True scaled to norm 1."""
        return super().get_vector(key, norm)

    def word_vec(self, key: Hashable, norm: bool = False) -> Float32:
        """Return ``get_vector(key, norm)``; an older name of it."""
        return self.get_vector(key, norm)

    def frequent_rows(self, number: int | None) -> NDArray[np.intp]:
        """Return the first rows, as `restrict_vocab` selects them in gensim; None means all."""
        return np.arange(len(self) if number is None else min(number, len(self)))

    # ---- attributes of words

    _room: Any = None  # the array that `vectors` is the beginning of, when words were added
    _has_tree = False  # whether words have a path in a Huffman tree, their "code" and "point"

    def get_vecattr(self, key: Hashable, attr: str) -> Any:
        """Return an attribute of a word, such as "count"."""
        if attr in ("point", "code") and self._has_tree:
            path = huffman(np.asarray(self.counts)).path(self.get_index(key))
            return np.array(path[attr == "code"])
        if attr not in self.expandos:
            raise KeyError(
                f"the words have no attribute {shown(attr)}: set it with set_vecattr(key, attr, "
                "value)"
            )
        return self.expandos[attr][self.get_index(key)]

    def set_vecattr(self, key: Hashable, attr: str, val: Any) -> None:
        """Set an attribute of a word; other words get 0, or None if the value is not a number."""
        row = self.get_index(key)
        self.allocate_vecattrs(attrs=[attr], types=[type(val)])
        self.expandos[attr][row] = val

    def allocate_vecattrs(
        self, attrs: Sequence[str] | None = None, types: Sequence[type] | None = None
    ) -> None:
        """Allocate attributes for all words: the given ones, or those that exist."""
        attrs = list(self.expandos) if attrs is None else list(attrs)
        kinds: list[Any] = list(types or (self.expandos[attr].dtype for attr in attrs))
        for attr, kind in zip(attrs, kinds, strict=True):
            is_number = np.issubdtype(kind, np.number) or np.issubdtype(kind, np.bool_)
            old = self.expandos.get(attr)
            if old is None:
                old = np.zeros(0, np.int64 if kind is int else kind if is_number else object)
            if len(old) < len(self):
                grown = np.zeros(len(self), old.dtype)
                if old.dtype == object:
                    grown[:] = None
                grown[: len(old)] = old
                self.expandos[attr] = grown

    # ---- adding and changing vectors

    def add_vector(self, key: Hashable, vector: ArrayLike) -> int:
        """Add a word, or leave a known one unchanged; return its row."""
        self.add_vectors([key], np.asarray(vector, np.float32)[None])
        return self.key_to_index[key]

    def add_vectors(
        self,
        keys: Any,
        weights: ArrayLike,
        extras: Mapping[str, Any] | None = None,
        replace: bool = False,
    ) -> None:
        """Add words with their vectors.

        Parameters
        ----------
        keys : word or list of words
        weights : array of shape (n, d), or (d,) for one word
        extras : dict, optional
            Attributes of these words: name to a sequence of n values.
        replace : bool, default=False
            Replace the vectors and attributes of known words, which are otherwise unchanged.

        Raises
        ------
        ValueError
            The shapes do not fit.
        """
        keys = list(keys) if isinstance(keys, (list, set, np.ndarray)) else [keys]
        rows = np.asarray(weights, np.float32)
        rows = rows[None] if rows.ndim == 1 else rows
        if rows.shape != (len(keys), self.vector_size):
            raise ValueError(
                f"weights has shape {rows.shape} for {len(keys)} words: give a row of "
                f"{self.vector_size} numbers for each"
            )
        given = {name: list(values) for name, values in (extras or {}).items()}
        for name, values in given.items():
            if len(values) != len(keys):
                raise ValueError(
                    f"extras[{shown(name)}] has {len(values)} values for {len(keys)} words: give "
                    "one for each"
                )
        changed = [i for i, key in enumerate(keys) if replace or key not in self.key_to_index]
        self._reserve(len({keys[i] for i in changed} - self.key_to_index.keys()))
        for i in changed:
            row = self.key_to_index.get(keys[i])
            if row is None:
                row = self.next_index
                self.next_index += 1
                self.index_to_key[row] = keys[i]
                self.key_to_index[keys[i]] = row
            self.vectors[row] = rows[i]
        self.allocate_vecattrs()
        for i in changed:
            for name, values in given.items():
                self.set_vecattr(keys[i], name, values[i])
        self._forget()

    def _reserve(self, n: int) -> None:
        """Allocate rows for n more words."""
        missing = self.next_index + n - len(self.index_to_key)
        if missing <= 0:
            return
        self.index_to_key += [None] * missing
        base: Any = self.vectors.base
        size = len(self.index_to_key)
        if base is not None and base is self._room and len(base) >= size:
            self.vectors = base[:size]
            return
        # Room for as many rows again, so that words can be added one by one.
        room = np.zeros((max(2 * size, 16), self.vector_size), self.vectors.dtype)
        room[: len(self.vectors)] = self.vectors
        self._room = room
        self.vectors = room[:size]

    def _replace(self, words: Any, vectors: Float32) -> None:
        """Take other words, which have counts, and their vectors; this object stays the same."""
        frozen = getattr(self, "vectors_lockf", None)
        self.expandos = {}
        self._fill(words.words, vectors, words.counts)
        self.next_index = len(words.words)
        if frozen is not None and len(frozen) not in (1, len(self)):
            kept = np.ones(len(self), np.float32)
            n = min(len(kept), len(frozen))
            kept[:n] = frozen[:n]
            self.vectors_lockf = kept

    def _forget(self) -> None:
        """Discard what was computed from the vectors."""
        self._norms = self._index = None

    def __setitem__(self, keys: Any, weights: ArrayLike) -> None:
        self.add_vectors(keys, weights, replace=True)

    def resize_vectors(self, seed: int = 0) -> None:
        """Give every word a row; rows that are missing are drawn at random from `seed`."""
        from w2vext.training.memory import fill_uniform

        missing = len(self) - len(self.vectors)
        if missing > 0:
            new = np.empty((missing, self.vector_size), np.float32)
            fill_uniform(new, self.vector_size, seed)
            self.vectors = np.concatenate([self.vectors, new])
        self.vectors = self.vectors[: len(self)]
        self._forget()

    def sort_by_descending_frequency(self) -> None:
        """Sort the words by their counts, the most frequent first."""
        if self.counts is None:
            raise ValueError("the words have no counts to sort by: set expandos['count']")
        self._reorder(_vector_files.descending("count", self.counts))

    def _reorder(self, order: NDArray[np.intp]) -> None:
        """Give the words other rows: row i takes what row ``order[i]`` has."""
        self.vectors = self.vectors[order]
        if len(self.vectors_lockf) == len(order):
            self.vectors_lockf = self.vectors_lockf[order]
        self.expandos = {name: array[order] for name, array in self.expandos.items()}
        self.index_to_key = [self.index_to_key[row] for row in order.tolist()]
        self.key_to_index = {word: row for row, word in enumerate(self.index_to_key)}
        self._forget()

    def unit_normalize_all(self) -> None:
        """Scale all vectors to norm 1, in place; they should not be trained afterwards."""
        self.vectors[:] = self.get_normed_vectors()
        self.fill_norms(force=True)

    def init_sims(self, replace: bool = False) -> None:
        """Compute the norms; an older name. With replace=True call `unit_normalize_all`."""
        self.unit_normalize_all() if replace else self.fill_norms()

    def vectors_for_all(
        self, keys: Iterable[Hashable], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> KeyedVectors:
        """Return the vectors of some words, without those that have none.

        Parameters
        ----------
        keys : iterable of words
        allow_inference : bool, default=True
            Compose vectors of unknown words from their n-grams, if there are subwords.
        copy_vecattrs : bool, default=False
            Keep the attributes of the words. Otherwise counts are made up from the rows.

        Returns
        -------
        KeyedVectors
        """
        found = super().vectors_for_all(keys, allow_inference)
        made = KeyedVectors._of(found.index_to_key, found.vectors)
        made.counts = None if copy_vecattrs else np.arange(len(made), 0, -1)
        for name, array in self.expandos.items() if copy_vecattrs else ():
            rows = [self.key_to_index.get(word, -1) for word in made.index_to_key]
            known = [row >= 0 for row in rows]
            made.expandos[name] = np.zeros(len(rows), array.dtype)
            made.expandos[name][known] = array[[row for row in rows if row >= 0]]
        return made

    # ---- queries

    def most_similar(  # type: ignore[override]
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> Any:
        """Find the words with the largest cosine with a sum of vectors.

        Parameters
        ----------
        positive, negative, topn
            As for `w2vext.KeyedVectors.most_similar`; a 2-D array is a list of vectors.
        clip_start, clip_end : int, optional
            Search the rows from `clip_start` to `clip_end`.
        restrict_vocab : int, optional
            Search only the first rows.
        indexer : Index, optional
            An approximate index from `build_index`; those of gensim are not available.

        Returns
        -------
        list of (word, cosine)
            Best first. With topn=None an array of the cosines.
        """
        _check_indexer(indexer)
        among = self._clipped(clip_start, clip_end)
        if among is not None and restrict_vocab is not None:
            among, restrict_vocab = among[: max(0, restrict_vocab - clip_start)], None
        return self._asked(
            super().most_similar, positive, negative, topn,
            restrict_vocab=restrict_vocab, index=indexer, among=among,
        )  # fmt: skip

    def _clipped(self, clip_start: int, clip_end: int | None) -> list[Token] | None:
        if not clip_start and clip_end is None:
            return None
        return self.index_to_key[clip_start:clip_end]

    def _asked(
        self, ask: Callable[..., Any], positive: Any, negative: Any, topn: Any, **options: Any
    ) -> Any:
        """Find neighbours; with `topn` below 1 there are none."""
        if topn is not None and topn < 1:
            return []
        topn = None if topn is None else int(topn)
        return ask(_terms(positive), _terms(negative), topn, **options)

    def most_similar_cosmul(  # type: ignore[override]
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """Find the words with the largest product of cosines; as for `most_similar`."""
        ask = super().most_similar_cosmul
        return self._asked(ask, positive, negative, topn, restrict_vocab=restrict_vocab)

    def similar_by_word(
        self, word: Any, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the neighbours of a word; as for `most_similar`."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_key(
        self, key: Any, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the neighbours of a word; as for `most_similar`."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the neighbours of a vector; as for `most_similar`."""
        return self.most_similar([np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab)

    def similarity(self, w1: Hashable, w2: Hashable) -> float:
        """Return the cosine of two words' vectors."""
        return super().similarity(w1, w2)

    def distance(self, w1: Hashable, w2: Hashable) -> float:
        """Return 1 - similarity."""
        return super().distance(w1, w2)

    def n_similarity(self, ws1: Any, ws2: Any) -> float:
        """Return the cosine of the means of two groups of words; an empty group is an error."""
        for name, words in (("ws1", ws1), ("ws2", ws2)):
            if not len(words):
                raise ZeroDivisionError(f"{name} is empty: give at least one word")
        return super().n_similarity(ws1, ws2)

    def closer_than(self, key1: Hashable, key2: Hashable) -> list[Token]:
        """Return the words that are nearer to `key1` than `key2` is."""
        return super().closer_than(key1, key2)

    def words_closer_than(self, word1: Hashable, word2: Hashable) -> list[Token]:
        """Return ``closer_than(word1, word2)``; an older name of it."""
        return self.closer_than(word1, word2)

    def rank(self, key1: Hashable, key2: Hashable) -> int:
        """Return the rank of `key2` among the neighbours of `key1`, from 1."""
        return super().rank(key1, key2)

    def most_similar_to_given(  # type: ignore[override]
        self, key1: Hashable, keys_list: Iterable[Hashable]
    ) -> Token:
        """Return the one of `keys_list` that is most similar to `key1`."""
        return super().most_similar_to_given(key1, keys_list)

    def relative_cosine_similarity(self, wa: Hashable, wb: Hashable, topn: int = 10) -> float:
        """Return the similarity of two words divided by the sum over the neighbours of `wa`."""
        return super().relative_cosine_similarity(wa, wb, topn)

    def doesnt_match(self, words: Iterable[Hashable]) -> Token:
        """Return the word that is farthest from the mean; unknown words are left out."""
        return super().doesnt_match([word for word in words if word in self])

    def wmdistance(
        self, document1: Iterable[Hashable], document2: Iterable[Hashable], norm: bool = True
    ) -> float:
        """Return the Word Mover's Distance of two documents; as for `w2vext.KeyedVectors`."""
        return super().wmdistance(document1, document2, norm)

    def similarity_unseen_docs(self, *args: Any, **kwargs: Any) -> None:
        """Not available: this is a method of Doc2Vec models."""
        raise NotImplementedError("similarity_unseen_docs needs a model of gensim's Doc2Vec")

    def evaluate_word_analogies(
        self,
        analogies: Any,
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        """Answer analogies.

        Parameters
        ----------
        analogies, restrict_vocab, case_insensitive, dummy4unknown
            As for `w2vext.KeyedVectors.evaluate_word_analogies`.
        similarity_function : {"most_similar", "most_similar_cosmul"}

        Returns
        -------
        accuracy : float
        sections : list of dict
        """
        from w2vext import evaluation

        methods: dict[str, Any] = {"most_similar": "3cosadd", "most_similar_cosmul": "3cosmul"}
        if similarity_function not in methods:
            raise ValueError(
                f"similarity_function={shown(similarity_function)}: give 'most_similar' or "
                "'most_similar_cosmul'"
            )
        return evaluation.evaluate_word_analogies(
            self,
            analogies,
            restrict_vocab,
            case_insensitive,
            dummy4unknown,
            methods[similarity_function],
        )

    def evaluate_word_pairs(  # type: ignore[override]
        self,
        pairs: Any,
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> Any:
        """Correlate cosines with human scores.

        Parameters
        ----------
        pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown
            As for `w2vext.KeyedVectors.evaluate_word_pairs`.
        encoding : {"utf8"}
            The files are UTF-8.

        Returns
        -------
        pearson, spearman : (statistic, pvalue)
        unknown : float
            The percentage of pairs with unknown words.
        """
        if encoding.lower().replace("-", "") != "utf8":
            raise ValueError(f"encoding={shown(encoding)}: the file of pairs must be UTF-8")
        return super().evaluate_word_pairs(
            pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown
        )

    @staticmethod
    def log_accuracy(section: Mapping[str, Any]) -> float:
        """Return the accuracy of a section of `evaluate_word_analogies`; nothing is logged."""
        correct, incorrect = len(section["correct"]), len(section["incorrect"])
        return correct / (correct + incorrect) if correct + incorrect else 0.0

    @staticmethod
    def log_evaluate_word_pairs(pearson: Any, spearman: Any, oov: float, pairs: Any) -> None:
        """Do nothing, because nothing is logged."""

    def add_lifecycle_event(self, event_name: str, log_level: int = 20, **event: Any) -> None:
        """Do nothing, because nothing is logged."""

    # ---- files

    def save(  # type: ignore[override]
        self,
        fname_or_handle: FilePath,
        separately: None = None,
        sep_limit: int = 10_485_760,
        ignore: Iterable[str] = frozenset(),
        pickle_protocol: int = 4,
    ) -> None:
        """Write the vectors as one file of the native format, whatever the suffix is.

        Parameters
        ----------
        fname_or_handle : str or path-like
            `load` and ``w2vext.KeyedVectors.load`` read the file.
        separately, ignore
            Not available: everything is stored, in one file.
        sep_limit, pickle_protocol
            Have no effect, because there is one file and no pickle.
        """
        _vector_files.check_save(separately, ignore)
        _vector_files.save(self, fname_or_handle)

    @classmethod
    def load(  # type: ignore[override]
        cls, fname: FilePath, mmap: str | None = None
    ) -> Self:
        """Read vectors that `save` wrote, or a file of any format of `w2vext.formats`.

        Parameters
        ----------
        fname : str or path-like
        mmap : {None, "r"}
            "r" maps the matrix read-only.

        Raises
        ------
        ValueError
            The file is damaged, or a pickle of gensim, which is never opened. Load that with
            gensim, and convert the object by `from_gensim`.
        """
        return _vector_files.load(cls, fname, mmap)

    def save_word2vec_format(  # type: ignore[override]
        self,
        fname: FilePath,
        fvocab: FilePath | None = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str = "count",
    ) -> None:
        """Write word2vec's text or binary format.

        Parameters
        ----------
        fname : str or path-like
        fvocab : str or path-like, optional
            Also write a text file with a word and its count on each line.
        binary : bool, default=False
        total_vec : int, optional
            Must be the number of words, if it is given.
        write_header : bool, default=True
            With False the line "V d" is left out, as in GloVe's format; not available with
            ``binary=True``.
        prefix : str, default=""
            Written before each word.
        append : bool, default=False
            Not available: a file is written completely or not at all.
        sort_attr : str, default="count"
            Write words with large values of this attribute first.
        """
        _vector_files.save_word2vec_format(
            self, fname, fvocab, binary, total_vec, write_header, prefix, append, sort_attr
        )

    @classmethod
    def load_word2vec_format(  # type: ignore[override]
        cls,
        fname: FilePath,
        fvocab: FilePath | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: Any = np.float32,
        no_header: bool = False,
    ) -> Self:
        """Read word2vec's text or binary format.

        Parameters
        ----------
        fname : str or path-like
        fvocab : str or path-like, optional
            A file with a word and its count on each line. Without it counts are made up from the
            rows, as in gensim: V for the first word, 1 for the last.
        binary : bool, default=False
        encoding, unicode_errors : str
            The encoding of the words, and how bytes that are not valid in it are treated.
        limit : int, optional
            Read only this many rows.
        datatype : {float32, float16}
            The type of `vectors`; float16 takes half the memory, and queries take longer.
        no_header : bool, default=False
            The file does not start with "V d".

        Returns
        -------
        KeyedVectors
        """
        return _vector_files.load_word2vec_format(
            cls, fname, fvocab, binary, encoding, unicode_errors, limit, datatype, no_header
        )

    def intersect_word2vec_format(
        self,
        fname: FilePath,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
    ) -> None:
        """Replace the vectors of words that a file of word2vec's format contains.

        Parameters
        ----------
        fname : str or path-like
        lockf : {0.0, 1.0}
            0 freezes these words in training, 1 trains them.
        binary, encoding, unicode_errors
            As for `load_word2vec_format`.
        """
        if lockf not in (0, 1):
            raise ValueError(f"lockf={shown(lockf)}: give 0.0 to freeze the words, or 1.0")
        theirs = KeyedVectors.load_word2vec_format(
            fname, binary=binary, encoding=encoding, unicode_errors=unicode_errors
        )
        if theirs.vector_size != self.vector_size:
            raise ValueError(
                f"{fname}: vectors of {theirs.vector_size} dimensions, but these have "
                f"{self.vector_size}: give a file that fits"
            )
        both = [word for word in theirs.index_to_key if word in self.key_to_index]
        rows = [self.key_to_index[word] for word in both]
        self.vectors[rows] = theirs.vectors[[theirs.key_to_index[word] for word in both]]
        if len(self.vectors_lockf) != len(self):
            self.vectors_lockf = np.full(len(self), self.vectors_lockf[0], np.float32)
        self.vectors_lockf[rows] = lockf
        self._forget()

    @classmethod
    def from_gensim(cls, theirs: Any) -> Self:
        """Convert the vectors of gensim, or those of a gensim model; the matrix is copied."""
        found = NativeVectors.from_gensim(theirs)
        return cls._of(found.index_to_key, found.vectors, found.counts)

    @classmethod
    def from_frame(cls, frame: Any) -> Self:
        """Convert a data frame as returned by `to_pandas` or `to_polars`."""
        found = NativeVectors.from_frame(frame)
        return cls._of(found.index_to_key, found.vectors, found.counts)

    def restrict(self, words: Iterable[Hashable]) -> Self:
        """Return the vectors of some words only; as for `w2vext.KeyedVectors.restrict`."""
        found = self._native().restrict(words)
        return self._of(found.index_to_key, found.vectors, found.counts)

    def quantize(self, dsub: int = 2, **options: Any) -> Any:
        """Compress the vectors; as for `w2vext.KeyedVectors.quantize`."""
        return self._native().quantize(dsub, **options)

    def _native(self) -> NativeVectors:
        """The same vectors as `w2vext.KeyedVectors`; the matrix is shared."""
        return NativeVectors(self.index_to_key, self.vectors, self.counts, subwords=self.subwords)


def load_word2vec_format(*args: Any, **kwargs: Any) -> KeyedVectors:
    """Read word2vec's format; as for `KeyedVectors.load_word2vec_format`."""
    return KeyedVectors.load_word2vec_format(*args, **kwargs)


def pseudorandom_weak_vector(
    size: int, seed_string: str | None = None, hashfxn: Callable[[str], int] = hash
) -> Float32:
    """Return a random vector (size,) of small numbers; `seed_string` determines it."""
    seed = None if seed_string is None else hashfxn(seed_string) & 0xFFFFFFFF
    drawn = np.random.default_rng(seed).random(size, dtype=np.float32)
    return (drawn - np.float32(0.5)) / np.float32(size)


def _terms(items: Any) -> Any:
    """The terms of a query; a matrix is a list of vectors."""
    if isinstance(items, np.ndarray) and items.ndim == 2 and items.dtype.kind in "fiu":
        return list(items)
    return items


def _check_indexer(indexer: Any) -> None:
    from w2vext.search import Index

    if indexer is not None and not isinstance(indexer, (str, Index)):
        raise TypeError(
            f"indexer={shown(indexer)} is {kind_of(indexer)}: give an index of wv.build_index(), "
            "or 'usearch'"
        )
