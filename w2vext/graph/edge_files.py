"""Files of edges: text with two nodes and perhaps a weight per line, and Parquet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import WRITE_AGAIN, shown
from w2vext.graph.adjacency import Edges, of_columns
from w2vext.graph.random_walks import checked_weights
from w2vext.text import vocabulary as vocab
from w2vext.text.corpus import open_corpus

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import FileLike, Float32, Int64
    from w2vext.text.corpus import Corpus

COMMENTS = ("#", "%")  # what the first word of a comment starts with
_FORMAT = "give two nodes, or two nodes and a weight, on every line, separated by white space"


def read(path: FileLike) -> Edges:
    """The edges of a file.

    Parameters
    ----------
    path : str, path-like or file object
        Text may be compressed; its nodes are str. The first two columns of a Parquet file are nodes
        of any type, the third has weights.

    Raises
    ------
    ValueError
        A line is not an edge, or a weight is not valid; the message gives file and line.
    FileNotFoundError
        There is no such file.
    """
    if isinstance(path, (str, os.PathLike)) and not _files.is_url(path):
        path = _files.path_of(path)
        if not os.path.exists(path):
            raise FileNotFoundError(f"no file {path!r} with the edges of the graph")
        if os.path.isdir(path):
            raise IsADirectoryError(f"{path!r} is a folder: give a file of edges")
        if os.path.isfile(path):
            with open(path, "rb") as file:
                if file.read(4) == b"PAR1":
                    return _read_parquet(path)
    return _read_text(path)


def _read_parquet(path: str) -> Edges:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError("Parquet files need pyarrow: pip install 'w2vext[parquet]'") from error
    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"{path}: not a valid Parquet file ({error}): {WRITE_AGAIN}") from error
    columns = [column.to_numpy() for column in table.columns]
    return of_columns(columns, shown, f"{path}: ")


def _read_text(path: Any) -> Edges:
    """Read each line as a sentence, whose words are the nodes and the weight of an edge."""
    corpus = open_corpus(path)
    name = _files.shown(path)
    try:
        words, stream = vocab.build(corpus, min_count=1, workers=None)
    except ValueError as error:
        if "is empty" in str(error):
            raise ValueError(f"{name}: the graph has no edges: {_FORMAT}") from None
        raise
    comment = np.array([str(word).startswith(COMMENTS) for word in words.words])
    with stream:
        ids, begins, sizes = stream.ids, stream.offsets[:-1], np.diff(stream.offsets)
        kept = ~comment[ids[begins]]
        begins, sizes, sentences = begins[kept], sizes[kept], np.flatnonzero(kept)
        if not len(sizes):
            raise ValueError(f"{name}: the graph has no edges: {_FORMAT}")
        fields = int(sizes[0]) if sizes[0] in (2, 3) else 2
        if (wrong := sizes != fields).any():
            at = int(wrong.argmax())
            place = _place(corpus, name, int(sentences[at]))
            raise ValueError(f"{place} has {sizes[at]} words: {_FORMAT}")
        source, target = ids[begins], ids[begins + 1]
        weights = None
        if fields == 3:
            weights = _weights(words, ids[begins + 2], corpus, name, sentences)
    used = np.unique(np.concatenate([source, target]))  # the others are weights
    number = np.zeros(len(words), dtype=np.int32)
    number[used] = np.arange(len(used), dtype=np.int32)
    names = [words.words[i] for i in used.tolist()]
    return Edges(number[source], number[target], weights, names)


def _weights(
    words: vocab.Vocabulary, ids: Any, corpus: Corpus, name: str, sentences: Int64
) -> Float32:
    """The weight of each edge, from the words in their place."""
    values = np.zeros(len(words))
    valid = np.ones(len(words), dtype=np.bool_)
    for i in np.unique(ids).tolist():
        try:
            values[i] = float(words.words[i])
        except ValueError:
            valid[i] = False

    def place(at: int) -> str:
        return f"{_place(corpus, name, int(sentences[at]))}: the weight is "

    wrong = ~valid[ids]
    if wrong.any():
        at = int(wrong.argmax())
        raise ValueError(
            f"{place(at)}{shown(words.words[int(ids[at])])}, which is not a number: {_FORMAT}; "
            "comments start with #"
        )
    return checked_weights(place, values[ids], len(ids))


def _place(corpus: Corpus, name: str, sentence: int) -> str:
    """The file and the line of an edge, from its number among the lines that are not empty."""
    if corpus.one_shot:
        return f"{name}: line {sentence + 1}, without the empty lines,"
    rest, number = b"", 0
    for block in corpus.buffers(corpus.files[0]):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in lines:
            number += 1
            sentence -= bool(line.split())
            if sentence < 0:
                return f"{name}: line {number}"
    return f"{name}: line {number + 1}"
