"""Models written by fastText: word vectors with subwords, and text classifiers."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import damaged, shown
from w2vext._estimator.label_scores import LOG_SHIFT, exp, shifted_log, table_sigmoid, tree_logs
from w2vext.formats import fasttext_bin, fasttext_model
from w2vext.kernels import _predict
from w2vext.keyedvectors import KeyedVectors
from w2vext.text.subwords import (
    BATCH,
    SubwordVectors,
    bytes_of,
    means_of,
    named_ngrams,
    text_of,
    words_of_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Float64, Int64

__all__ = ["FastTextModel", "load_fasttext"]

_BLANKS = re.compile("[ \t-\r\0]+")  # between words, as in csrc/ngrams.c


def load_fasttext(path: FilePath, *, mmap: bool = False) -> FastTextModel:
    """Read a model written by fastText: a .bin, or a quantized .ftz.

    Parameters
    ----------
    path : str or path-like
        Or a URL that fsspec opens.
    mmap : bool, default=False
        Leave the matrices in the file and read rows when they are used. While the model is in use,
        the file must not be shortened or overwritten in place: the system would end the process
        (SIGBUS). Replacing it by another file is safe.

    Returns
    -------
    FastTextModel

    Raises
    ------
    ValueError
        The file is damaged or was not written by fastText; the message names it.
    """
    with _files.local_copy(path) as local:
        return FastTextModel(fasttext_bin.read_model(local, mmap=mmap))


class FastTextModel:
    """A model of fastText: word vectors with subwords, or a text classifier.

    Parameters
    ----------
    file : formats.fasttext_bin.FastTextFile

    Attributes
    ----------
    model : {"skipgram", "cbow", "supervised"}
    loss : {"ns", "hs", "softmax", "ova"}
    words : list of str
        Bytes that are not UTF-8 are kept as lone surrogates (``errors="surrogateescape"``).
    counts : ndarray of shape (n_words,), int64
    labels : list of str
    vector_size : int
    file : formats.fasttext_bin.FastTextFile
        The content of the file: settings, words as bytes, and both matrices.

    References
    ----------
    .. [1] P. Bojanowski, E. Grave, A. Joulin, T. Mikolov. "Enriching word vectors with subword
       information". TACL 2017.
    .. [2] A. Joulin, E. Grave, P. Bojanowski, T. Mikolov. "Bag of tricks for efficient text
       classification". EACL 2017.

    Examples
    --------
    >>> model = load_fasttext("lid.176.ftz")  # doctest: +SKIP
    >>> labels, probabilities = model.predict(["Bonjour tout le monde"])  # doctest: +SKIP
    """

    def __init__(self, file: fasttext_bin.FastTextFile) -> None:
        self.file = file
        settings = file.settings
        self.model = file.model
        self.loss = file.loss
        self.vector_size: int = settings["dim"]
        self.words = [text_of(word) for word in file.words]
        self.labels = [text_of(label) for label in file.labels]
        self.counts = file.counts
        self._index = {word: row for row, word in enumerate(file.words)}
        self._inputs = file.inputs.rows
        self._ngrams = fasttext_model.ngram_rows(file, settings["minn"], settings["maxn"])
        self._wv: KeyedVectors | None = None
        self._lines: _predict.Lines | None = None
        self._output: Float32 | None = None

    def __repr__(self) -> str:
        return (
            f"FastTextModel({self.model}, {self.loss}, {len(self.words):,} words, "
            f"{len(self.labels):,} labels, {self.vector_size} dimensions)"
        )

    def __contains__(self, word: str) -> bool:
        return bytes_of(word) in self._index

    def __getitem__(self, word: str) -> Float32:
        return self.word_vectors([word])[0]

    # ---- vectors

    @property
    def wv(self) -> KeyedVectors:
        """The words and their vectors as `KeyedVectors`; unknown words are composed.

        ``wv[word]`` raises for a word without any n-gram, where `word_vectors` returns zeros.
        """
        if self._wv is None:
            subwords = None
            if fasttext_model.has_ngrams(self.file):
                every = np.arange(len(self.words))
                stored = fasttext_model.stored(self.file, every)
                subwords = SubwordVectors.of_stored(self.words, stored)
            vectors = self.word_vectors(self.words)
            self._wv = KeyedVectors(self.words, vectors, self.counts, subwords=subwords)
        return self._wv

    def ngrams(self, word: str) -> list[tuple[str, int]]:
        """Return the n-grams of a word in fastText's order, each with its row of the input matrix.

        Parameters
        ----------
        word : str

        Returns
        -------
        list of (str, int)
            The row is -1 if the n-gram has none, as in a pruned model.
        """
        settings = self.file.settings
        return named_ngrams(bytes_of(word), settings["minn"], settings["maxn"], self._ngrams)

    def word_vectors(self, words: Iterable[str]) -> Float32:
        """Return the vectors of known or unknown words.

        A word's vector is the mean of its own row, if it is in the vocabulary, and of the rows of
        its n-grams.

        Parameters
        ----------
        words : iterable of str

        Returns
        -------
        ndarray of shape (n, vector_size), float32
            A word without any row gives zeros, as in fastText.
        """
        return means_of([bytes_of(word) for word in words], self._rows_of, self._inputs)

    def input_vectors(self, rows: Int64) -> Float32:
        """Return rows of the input matrix, such as those of `ngrams`.

        Parameters
        ----------
        rows : ndarray of shape (n,), int64

        Returns
        -------
        ndarray of shape (n, vector_size), float32
        """
        return self.file.inputs.take(rows)

    def sentence_vector(self, text: str) -> Float32:
        """Return the vector of a line of text as fastText defines it.

        For models of word vectors it is the mean of the unit vectors of the words; words with a
        zero vector are left out. For supervised models it is the mean of all rows of the line,
        including the end of the line and word n-grams.

        Parameters
        ----------
        text : str
            One line, without a line break.

        Returns
        -------
        ndarray of shape (vector_size,), float32
            A text without any row gives zeros.

        Raises
        ------
        ValueError
            The text contains a line break.
        """
        if self.model == "supervised":
            return self._line_vectors([text])[0]
        vectors = self.word_vectors(words_of_line(text))
        norms = np.linalg.norm(vectors, axis=1)
        kept = vectors[norms > 0] / norms[norms > 0, None]
        return kept.mean(axis=0) if len(kept) else np.zeros(self.vector_size, np.float32)

    # ---- prediction

    def predict(
        self, text: str | Sequence[str], k: int = 1, threshold: float = 0.0
    ) -> tuple[Any, Any]:
        """Predict the most probable labels of lines of text.

        Parameters
        ----------
        text : str or sequence of str
            A line, or several; a line must not contain a line break.
        k : int, default=1
            How many labels at most; -1 means all.
        threshold : float, default=0.0
            Leave out labels whose probability is lower.

        Returns
        -------
        labels : list of str, or list of such lists
        probabilities : ndarray of float64, or list of such arrays
            In descending order. They are p + 0.00001, as in fastText.

        Raises
        ------
        ValueError
            The model is not supervised, a line contains a line break, or `k` is 0.
        """
        if self.model != "supervised":
            raise ValueError(
                f"predict needs a supervised model, and this is a {self.model} model: use "
                "word_vectors"
            )
        if k < 1 and k != -1:
            raise ValueError(f"k={shown(k)}: give a number of labels, or -1 for all of them")
        lines = [text] if isinstance(text, str) else list(text)
        labels: list[list[str]] = []
        scores: list[Float64] = []
        for begin in range(0, len(lines), BATCH):
            batch = lines[begin : begin + BATCH]
            for found in self._best(batch, k, threshold):
                labels.append([self.labels[label] for label in found[0]])
                scores.append(found[1])
        if isinstance(text, str):
            return labels[0], scores[0]
        return labels, scores

    def test(
        self, lines: Iterable[str], k: int = 1, threshold: float = 0.0
    ) -> tuple[int, float, float]:
        """Compare predictions with the labels in lines of text.

        Parameters
        ----------
        lines : iterable of str
            Each contains labels, such as ``__label__red``, and words. Unknown labels are ignored,
            and so are lines without a known label or without a row.
        k, threshold
            As for `predict`.

        Returns
        -------
        n : int
            The number of lines that count.
        precision : float
            The share of the predicted labels that are correct; NaN if none was predicted.
        recall : float
            The share of the labels in the lines that were predicted; NaN without a line.

        Raises
        ------
        ValueError
            As for `predict`.
        """
        known = set(self.labels)
        n = right = predicted = gold = 0
        lines = iter(lines)
        while batch := list(itertools.islice(lines, BATCH)):
            own = [[w for w in _BLANKS.split(line) if w in known] for line in batch]
            found = self.predict(batch, k, threshold)[0]
            rows = np.diff(self._line_rows(_checked_lines(batch))[0])
            for labels, answers, count in zip(own, found, rows, strict=True):
                if labels and count:
                    n += 1
                    gold += len(labels)
                    predicted += len(answers)
                    right += len(set(labels) & set(answers))
        nan = float("nan")
        return n, right / predicted if predicted else nan, right / gold if gold else nan

    def _best(
        self, lines: Sequence[str], k: int, threshold: float
    ) -> Iterable[tuple[list[int], Float64]]:
        """Yield the label numbers of each line and their probabilities, the most probable first."""
        raw = _checked_lines(lines)
        known = np.diff(self._line_rows(raw)[0]) > 0
        logs, values, order = self._log_probabilities(self._line_vectors(lines))
        least = float(np.log(threshold + LOG_SHIFT)) if self.loss == "hs" else threshold
        most = len(self.labels) if k == -1 else k
        for found, is_known in zip(
            _predict.k_best(logs, values, least, order, most), known, strict=True
        ):
            labels, scores = found if is_known else ([], [])
            yield labels, np.exp(np.array(scores))

    def _log_probabilities(self, hidden: Float32) -> tuple[Float32, Float32, Any]:
        """(logarithms, values, order): what `k_best` needs to choose the labels of each line.

        The logarithms are log(p + 1e-5), which fastText compares and reports in float32. The values
        are compared with `threshold`. The order decides between equal labels.
        """
        if self._output is None:
            self._output = self.file.outputs.take()
        by_label = np.empty((len(self._output), len(hidden)), dtype=np.float32)
        _predict.label_scores(self._output, np.ascontiguousarray(hidden.T), by_label)
        scores = np.ascontiguousarray(by_label.T)
        if not np.isfinite(scores).all():
            raise ValueError(damaged(self.file.path, "the score of a label is not finite"))
        order = np.arange(len(self.labels), dtype=np.int32)
        if self.loss == "hs":
            logs, order = tree_logs(scores, self.file.label_counts.tolist())
            return logs, logs, order
        if self.loss == "softmax":
            p = exp(scores - scores.max(axis=1, keepdims=True))
            p /= np.cumsum(p, axis=1, dtype=np.float32)[:, -1:]  # summed in fastText's order
        else:
            p = table_sigmoid(scores)
        return shifted_log(p), p, order

    def _line_vectors(self, lines: Sequence[str]) -> Float32:
        return means_of(_checked_lines(lines), self._line_rows, self._inputs)

    # ---- rows

    def _rows_of(self, words: list[bytes]) -> tuple[Int64, Int64]:
        """(offsets, rows): the rows of word i are rows[offsets[i]:offsets[i + 1]]."""
        own = np.array([self._index.get(word, -1) for word in words], dtype=np.int64)
        return self._ngrams.rows(words, own)

    def _line_rows(self, lines: list[bytes]) -> tuple[Int64, Int64]:
        """(offsets, rows): the rows of line i are rows[offsets[i]:offsets[i + 1]]."""
        if self._lines is None:
            file = self.file
            several = file.settings["word_ngrams"]
            self._lines = _predict.Lines(
                [*file.words, *file.labels],
                len(file.words),
                self._ngrams,
                fasttext_model.ngram_rows(file, 1, 1 if several > 1 else 0),
                several,
                b"__label__",
            )
        return self._lines.rows(lines)


def _checked_lines(lines: Sequence[str]) -> list[bytes]:
    """The bytes of lines; raises ValueError if one contains a line break."""
    for number, line in enumerate(lines):
        if "\n" in line:
            raise ValueError(
                f"line {number} contains a line break: give one line per str, such as "
                "text.splitlines()"
            )
    return [bytes_of(line) for line in lines]
