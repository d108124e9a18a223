"""Public data sets: a reader for the Stanford Sentiment Treebank, and downloads with checksums.

Downloads need the extra [datasets]. A file whose checksum differs is not kept.
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
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import FilePath, Int64

__all__ = [
    "Treebank",
    "fetch_questions_words",
    "fetch_sst",
    "fetch_text8",
    "fetch_wordsim353",
    "load_sst",
]

SPLITS = {1: "train", 2: "test", 3: "dev"}
_ROOT = re.compile(r"\([0-4] ")
_LEAF = re.compile(r"\([0-4] ([^() ]+)\)")


class Treebank(NamedTuple):
    """The sentences of the treebank in their original order."""

    sentences: list[list[str]]  # 11,855
    split: NDArray[np.str_]  # (n,): "train", "dev" or "test"
    labels: Int64  # (n,): 0 (very negative) to 4 (very positive)


def load_sst(path: FilePath, lower: bool = True) -> Treebank:
    """Read the Stanford Sentiment Treebank.

    Parameters
    ----------
    path : path
        A folder with `datasetSentences.txt`, `datasetSplit.txt` and the labels. The labels are read
        from the roots of the trees in `trees/train.txt`, `dev.txt` and `test.txt`, or else from
        `dictionary.txt` and `sentiment_labels.txt`, which are part of the published archive.
    lower : bool
        Convert words to lower case, as the CS224n assignment does.

    Returns
    -------
    Treebank
        Tokens are returned as stored in the file. Its accented letters are mis-encoded
        ("clichÃ©s"), and the vocabulary of the assignment contains them in this form.

    Raises
    ------
    FileNotFoundError
        A file is missing.
    ValueError
        A file is damaged. The message names the file and the line.

    Notes
    -----
    Socher et al. 2013, "Recursive Deep Models for Semantic Compositionality Over a Sentiment
    Treebank", EMNLP. The published sentiment scores are converted to labels at the thresholds 0.2,
    0.4, 0.6 and 0.8.
    """
    check_flags(lower=lower)
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(
            f"{path} is not a folder: give the treebank's folder, which has datasetSentences.txt"
        )
    texts = [text for _, text in _numbered(path / "datasetSentences.txt", "\t")]
    split = np.array(_splits(path / "datasetSplit.txt", len(texts)))
    if (path / "trees").is_dir():
        labels = _labels_from_trees(path / "trees", texts, split)
    elif (path / "dictionary.txt").is_file():
        labels = _labels_from_dictionary(path, texts)
    else:
        raise FileNotFoundError(
            f"{path} has neither trees/ (train.txt, dev.txt, test.txt) nor dictionary.txt: "
            "one of them is needed for the labels"
        )
    sentences = [(text.lower() if lower else text).split() for text in texts]
    return Treebank(sentences, split, labels)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number, line), split at newlines only: some lines contain other line separators."""
    try:
        with open(path, encoding="utf-8") as file:
            yield from enumerate((line.rstrip("\n") for line in file), 1)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path} is missing: download the treebank with w2vext.datasets.fetch_sst"
        ) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 ({error}): download it again") from None


def _numbered(path: Path, separator: str) -> list[tuple[int, str]]:
    """Read rows of index, separator and text below the header; the index must count from 1."""
    rows = []
    for number, line in _lines(path):
        if number == 1:
            continue
        index, found, text = line.partition(separator)
        if not found or not text.strip() or index != str(number - 1):
            raise ValueError(
                f"{path}:{number}: expected {number - 1}{separator!r}text, found {shown(line)}; "
                "the file is damaged: download it again"
            )
        rows.append((number, text))
    if not rows:
        raise ValueError(f"{path} is empty: download it again")
    return rows


def _splits(path: Path, expected: int) -> list[str]:
    rows = _numbered(path, ",")
    if len(rows) != expected:
        raise ValueError(
            f"{path} has {len(rows)} rows, datasetSentences.txt has {expected}: download both again"
        )
    for number, text in rows:
        if text not in ("1", "2", "3"):
            raise ValueError(
                f"{path}:{number}: split {shown(text)} is not 1, 2 or 3: download the file again"
            )
    return [SPLITS[int(text)] for _, text in rows]


def _key(text: str) -> str:
    """A key that is equal for a sentence, phrase or tree, whatever its encoding and escapes."""
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
                f"{path} has {len(trees)} trees, datasetSplit.txt lists {len(rows)} sentences: "
                "download it again"
            )
        for row, (number, tree) in zip(rows, trees, strict=True):
            if _key("".join(_LEAF.findall(tree))) != _key(texts[row]) or not _ROOT.match(tree):
                raise ValueError(
                    f"{path}:{number}: {shown(tree)} is not a tree of sentence {row + 1}, "
                    f"{shown(texts[row])}; the file is damaged: download it again"
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
                f"found {shown(line)}; the file is damaged: download it again"
            ) from None
    phrases = {}
    for number, line in _lines(folder / "dictionary.txt"):
        phrase, _, index = line.rpartition("|")
        if line:
            if not index.isdigit() or int(index) not in score:
                raise ValueError(
                    f"{folder / 'dictionary.txt'}:{number}: expected phrase|id with an id of "
                    f"sentiment_labels.txt, found {shown(line)}; the file is damaged: download it "
                    "again"
                )
            phrases[_key(phrase)] = score[int(index)]
    missing = [row for row, text in enumerate(texts) if _key(text) not in phrases]
    if missing:
        raise ValueError(
            f"{folder / 'dictionary.txt'} lacks {len(missing)} of {len(texts)} sentences, first "
            f"sentence {missing[0] + 1}, {shown(texts[missing[0]])}: download it again"
        )
    values = np.array([phrases[_key(text)] for text in texts])
    return np.searchsorted([0.2, 0.4, 0.6, 0.8], values, side="left")


# --- downloads ------------------------------------------------------------------------------------


class Source(NamedTuple):
    """The address and checksum of a file."""

    url: str
    checksum: str  # of the download, in the notation of pooch
    name: str  # the file name under which it is kept
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
    """Download the Stanford Sentiment Treebank and return its folder, for `load_sst`.

    Parameters
    ----------
    folder : path, optional
        Where to keep the download; None is the user's cache folder. A file with the right checksum
        is not downloaded again.

    Returns
    -------
    Path

    Raises
    ------
    ImportError
        pooch is not installed (the extra [datasets]).
    ConnectionError
        The download failed. The message names the address, and where to put a copy instead.
    ValueError
        The checksum of the download is wrong. The file is not kept.
    """
    archive = _fetch("sst", folder)
    names = ("datasetSentences.txt", "datasetSplit.txt", "dictionary.txt", "sentiment_labels.txt")
    target = archive.parent / "stanfordSentimentTreebank"
    for name in names:
        _unpack(archive, f"stanfordSentimentTreebank/{name}", target / name)
    return target


def fetch_text8(folder: FilePath | None = None) -> Path:
    """Download text8, 100 MB of Wikipedia, and return the file; otherwise as for `fetch_sst`."""
    archive = _fetch("text8", folder)
    return _unpack(archive, "text8", archive.with_name("text8"))


def fetch_questions_words(folder: FilePath | None = None) -> Path:
    """Download the 19,544 analogies of word2vec.c; otherwise as for `fetch_sst`."""
    return _fetch("questions-words", folder)


def fetch_wordsim353(folder: FilePath | None = None) -> Path:
    """Download WordSim-353, a tab-separated file; otherwise as for `fetch_sst`."""
    return _fetch("wordsim353", folder)


def _fetch(which: str, folder: FilePath | None) -> Path:
    """Return the path of a source's file; download it if it is not there."""
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
            options = {"fname": source.name, "path": scratch}
            download = pooch.retrieve(source.url, source.checksum, **options)
            with open(download, "rb") as file, _files.writing(path, compress=None) as out:
                shutil.copyfileobj(file, out, 1 << 20)
        return path
    except ValueError as error:
        raise ValueError(
            f"{source.url}: the checksum of the download is not {source.checksum}. The download is "
            "incomplete or the file has changed, so it is not kept: try again, or put the right "
            f"file at {path}"
        ) from error
    except OSError as error:
        # The errors of requests are OSErrors, like those of a folder that cannot be written.
        if isinstance(error, PermissionError | NotADirectoryError | FileExistsError):
            raise
        raise ConnectionError(
            f"{source.url} ({source.size}) cannot be downloaded ({type(error).__name__}): "
            f"get the file by other means and put it at {path}"
        ) from error
    finally:
        logger.setLevel(level)


def _unpack(archive: Path, member: str, path: Path) -> Path:
    """Extract one member of a zip file to `path`, completely or not at all; return the path."""
    with zipfile.ZipFile(archive) as file:
        info = file.getinfo(member)
        if path.is_file() and path.stat().st_size == info.file_size:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.open(info) as source, _files.writing(path, compress=None) as out:
            shutil.copyfileobj(source, out, 1 << 20)
    return path
