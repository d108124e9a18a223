"""Data for the lessons: the Stanford Sentiment Treebank from its folder, and downloads by checksum.

It refuses to guess: a missing or damaged file is named with what to do about it, and a download
whose checksum differs is never kept. Reading needs nothing; fetching needs the extra [datasets].
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext import _files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._types import FilePath, Int64

SPLITS = {1: "train", 2: "test", 3: "dev"}
_ROOT = re.compile(r"\([0-4] ")
_LEAF = re.compile(r"\([0-4] ([^() ]+)\)")


class Treebank(NamedTuple):
    """The sentences of the treebank in its order."""

    sentences: list[list[str]]  # 11,855
    split: NDArray[np.str_]  # (n,): "train", "dev" or "test"
    labels: Int64  # (n,), 0 (very negative) .. 4 (very positive)


def load_sst(path: FilePath, lower: bool = True) -> Treebank:
    """Read the Stanford Sentiment Treebank.

    Parameters
    ----------
    path : path
        A folder with `datasetSentences.txt`, `datasetSplit.txt`, and the labels either as
        `trees/train.txt`, `dev.txt`, `test.txt` (each tree's root) or, as published, as
        `dictionary.txt` with `sentiment_labels.txt`.
    lower : bool
        Lower-case the words, as the CS224n assignment does.

    Returns
    -------
    Treebank
        Tokens stand as the file has them: accented letters there were decoded wrongly before it was
        published ("clichÃ©s"), and the assignment's vocabulary counts them so.

    Raises
    ------
    FileNotFoundError
        A file is missing.
    ValueError
        A file is damaged; names it and the line.

    Notes
    -----
    Socher et al. 2013, "Recursive Deep Models for Semantic Compositionality Over a Sentiment
    Treebank", EMNLP. The published positivity p becomes a label by the cuts 0.2, 0.4, 0.6, 0.8.
    """
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(
            f"{path} is no folder: give the treebank's, the one with datasetSentences.txt"
        )
    texts = [text for _, text in _numbered(path / "datasetSentences.txt", "\t")]
    split = np.array(_splits(path / "datasetSplit.txt", len(texts)))
    if (path / "trees").is_dir():
        labels = _labels_from_trees(path / "trees", texts, split)
    elif (path / "dictionary.txt").is_file():
        labels = _labels_from_dictionary(path, texts)
    else:
        raise FileNotFoundError(
            f"{path} holds neither trees/ (train.txt, dev.txt, test.txt) nor dictionary.txt: "
            "the labels come from one of them"
        )
    sentences = [(text.lower() if lower else text).split() for text in texts]
    return Treebank(sentences, split, labels)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(number, line) of each line; universal newlines, since the file has its own odd spaces."""
    try:
        with open(path, encoding="utf-8") as file:
            yield from enumerate((line.rstrip("\n") for line in file), 1)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path} is missing: copy it there, or fetch the treebank by w2vext.datasets.fetch_sst"
        ) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 ({error}): fetch it again") from None


def _numbered(path: Path, separator: str) -> list[tuple[int, str]]:
    """The rows "index<separator>text" after the heading; the indices must count from 1."""
    rows = []
    for number, line in _lines(path):
        if number == 1:
            continue
        index, found, text = line.partition(separator)
        if not found or not text.strip() or index != str(number - 1):
            raise ValueError(
                f"{path}:{number}: expected {number - 1}{separator!r}text, found {line[:60]!r}: "
                "the file is damaged, fetch it again"
            )
        rows.append((number, text))
    if not rows:
        raise ValueError(f"{path} is empty: fetch it again")
    return rows


def _splits(path: Path, expected: int) -> list[str]:
    rows = _numbered(path, ",")
    if len(rows) != expected:
        raise ValueError(
            f"{path} has {len(rows)} rows, datasetSentences.txt has {expected}: they do not belong "
            "together, fetch both again"
        )
    for number, text in rows:
        if text not in ("1", "2", "3"):
            raise ValueError(f"{path}:{number}: split {text!r} is none of 1, 2, 3")
    return [SPLITS[int(text)] for _, text in rows]


def _key(text: str) -> str:
    """What a sentence, a phrase and a tree's leaves share: the letters, not their spelling."""
    for wrong in ("cp1252", "latin-1"):
        try:
            text = text.encode(wrong).decode("utf-8")
            break
        except UnicodeError:
            pass
    for escaped, plain in (("-LRB-", "("), ("-RRB-", ")"), ("\\/", "/"), ("\\*", "*")):
        text = text.replace(escaped, plain)
    return "".join(text.lower().split())


def _labels_from_trees(folder: Path, texts: list[str], split: NDArray[Any]) -> Int64:
    labels = np.full(len(texts), -1, dtype=np.int64)
    for name in SPLITS.values():
        path = folder / f"{name}.txt"
        trees = list(_lines(path))
        rows = np.flatnonzero(split == name)
        if len(trees) != len(rows):
            raise ValueError(
                f"{path} has {len(trees)} trees, datasetSplit.txt counts {len(rows)} sentences: "
                "fetch it again"
            )
        for row, (number, tree) in zip(rows, trees, strict=True):
            if _key("".join(_LEAF.findall(tree))) != _key(texts[row]) or not _ROOT.match(tree):
                raise ValueError(
                    f"{path}:{number}: {tree[:60]!r} is no tree of sentence {row + 1}, "
                    f"{texts[row][:60]!r}: the file is damaged, fetch it again"
                )
            labels[row] = int(tree[1])
    return labels


def _labels_from_dictionary(folder: Path, texts: list[str]) -> NDArray[Any]:
    score = {}
    for number, line in _lines(folder / "sentiment_labels.txt"):
        index, _, value = line.partition("|")
        if number == 1 or not line:
            continue
        try:
            score[int(index)] = float(value)
        except ValueError:
            raise ValueError(
                f"{folder / 'sentiment_labels.txt'}:{number}: expected id|score, "
                f"found {line[:60]!r}"
            ) from None
    phrases = {}
    for number, line in _lines(folder / "dictionary.txt"):
        phrase, _, index = line.rpartition("|")
        if line:
            if not index.isdigit() or int(index) not in score:
                raise ValueError(
                    f"{folder / 'dictionary.txt'}:{number}: expected phrase|id with an id of "
                    f"sentiment_labels.txt, found {line[:60]!r}"
                )
            phrases[_key(phrase)] = score[int(index)]
    missing = [row for row, text in enumerate(texts) if _key(text) not in phrases]
    if missing:
        raise ValueError(
            f"{folder / 'dictionary.txt'} lacks {len(missing)} of {len(texts)} sentences, first "
            f"{missing[0] + 1}, {texts[missing[0]][:60]!r}: fetch it again"
        )
    values = np.array([phrases[_key(text)] for text in texts])
    return np.searchsorted([0.2, 0.4, 0.6, 0.8], values, side="left")


# --- downloads ------------------------------------------------------------------------------------


class Source(NamedTuple):
    """Where a file comes from and what it must be."""

    url: str
    checksum: str  # of what is downloaded, as pooch writes it
    name: str  # under which it is kept
    size: str
    licence: str


_RAW = "https://raw.githubusercontent.com"
SOURCES = {
    "sst": Source(
        "https://nlp.stanford.edu/~socherr/stanfordSentimentTreebank.zip",
        "sha256:3f5209483b46bbf129cacbbbe6ae02fe780407034f61cf6342b7833257c3f1db",
        "stanfordSentimentTreebank.zip",
        "6 MB",
        "for research; cite Socher et al. 2013",
    ),
    "text8": Source(
        "https://mattmahoney.net/dc/text8.zip",
        "sha256:a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232",
        "text8.zip",
        "31 MB",
        "Wikipedia of 2006, GFDL",
    ),
    "questions-words": Source(
        f"{_RAW}/tmikolov/word2vec/20c129af10659f7c50e86e3be406df663beff438/questions-words.txt",
        "sha256:8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
        "questions-words.txt",
        "1 MB",
        "Apache-2.0",
    ),
    "wordsim353": Source(
        f"{_RAW}/mfaruqui/eval-word-vectors/94b3dd9fdbac7ed08dbee7179cd5ee464acf0594"
        "/data/word-sim/EN-WS-353-ALL.txt",
        "sha256:ce12919b240af45bdf46d243601eaca2b6212b159b5e7e9b435ee7ee40c5619c",
        "EN-WS-353-ALL.txt",
        "1 MB",
        "Finkelstein et al. 2002, CC BY 4.0",
    ),
}


def fetch_sst(folder: FilePath | None = None) -> Path:
    """Download the Stanford Sentiment Treebank as published; returns its folder, for `load_sst`.

    Parameters
    ----------
    folder : path, optional
        Where to keep it; the user's cache if None. What is there with the right checksum is not
        downloaded again.

    Returns
    -------
    Path

    Raises
    ------
    ImportError
        pooch is not installed (the extra [datasets]).
    ConnectionError
        No download was possible; names the address, and where to put a copy instead.
    ValueError
        What came is damaged or another file; nothing is kept.
    """
    archive = _fetch("sst", folder)
    names = ("datasetSentences.txt", "datasetSplit.txt", "dictionary.txt", "sentiment_labels.txt")
    target = archive.parent / "stanfordSentimentTreebank"
    for name in names:
        _unpack(archive, f"stanfordSentimentTreebank/{name}", target / name)
    return target


def fetch_text8(folder: FilePath | None = None) -> Path:
    """Download text8, 100 MB of Wikipedia in one line; returns the file. Else as `fetch_sst`."""
    archive = _fetch("text8", folder)
    return _unpack(archive, "text8", archive.with_name("text8"))


def fetch_questions_words(folder: FilePath | None = None) -> Path:
    """Download the 19,544 analogies of word2vec.c; returns the file. As `fetch_sst` otherwise."""
    return _fetch("questions-words", folder)


def fetch_wordsim353(folder: FilePath | None = None) -> Path:
    """Download WordSim-353, tab-separated; returns the file. As `fetch_sst` otherwise."""
    return _fetch("wordsim353", folder)


def _fetch(which: str, folder: FilePath | None) -> Path:
    """The path of a source's file, downloaded unless it is there already."""
    try:
        import pooch
    except ImportError as error:
        raise ImportError("downloads need pooch: pip install 'w2vext[datasets]'") from error
    source = SOURCES[which]
    folder = Path(folder) if folder is not None else Path(pooch.os_cache("w2vext"))
    path = folder / source.name
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_file() and pooch.file_hash(str(path)) == source.checksum.removeprefix("sha256:"):
            return path
        with tempfile.TemporaryDirectory() as scratch:
            how = {"fname": source.name, "path": scratch}
            found = pooch.retrieve(source.url, source.checksum, **how)
            with open(found, "rb") as inside, _files.writing(path, compress=None) as out:
                shutil.copyfileobj(inside, out, 1 << 20)
        return path
    except ValueError as error:
        raise ValueError(
            f"{source.url} did not give the file that is expected ({source.checksum}): the "
            "download was cut short or the file there has changed; nothing is kept. Try again, or "
            f"put the right file at {path}"
        ) from error
    except OSError as error:
        # requests' errors are OSErrors, like a folder that cannot be written.
        if isinstance(error, PermissionError | NotADirectoryError | FileExistsError):
            raise
        raise ConnectionError(
            f"{source.url} ({source.size}) cannot be downloaded ({type(error).__name__}): "
            f"get it on another way and put it at {path}"
        ) from error
    finally:
        logger.setLevel(level)


def _unpack(archive: Path, member: str, path: Path) -> Path:
    """Write one member of a zip to `path`, whole or not at all; returns the path."""
    with zipfile.ZipFile(archive) as file:
        info = file.getinfo(member)
        if path.is_file() and path.stat().st_size == info.file_size:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.open(info) as inside, _files.writing(path, compress=None) as out:
            shutil.copyfileobj(inside, out, 1 << 20)
    return path
