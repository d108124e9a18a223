"""Corpora at URLs, by fsspec's file system in memory."""

import bz2
import gzip
import lzma
import sys
from pathlib import Path

import pytest

from w2vext import KeyedVectors, Word2Vec, _files, cli
from w2vext.text import pieces, ranges
from w2vext.text.corpus import open_corpus
from w2vext.text.vocabulary import build

fsspec = pytest.importorskip("fsspec")

TEXTS = {
    "b.txt": b"the cat sat\non the mat\n" * 40,
    "a.txt.gz": gzip.compress(b"rain and snow\n" * 30),
    "more/c.txt.xz": lzma.compress(b"the sun\n" * 20),
    "more/d.txt.bz2": bz2.compress(b"a \xc3\xa9t\xc3\xa9\n" * 5),
}


@pytest.fixture
def store(monkeypatch):
    """A file system in memory with the folder /texts."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    for name, content in TEXTS.items():
        system.pipe(f"/texts/{name}", content)
    system.pipe("/texts/.hidden", b"hidden\n")
    monkeypatch.setattr(pieces, "REMOTE_PIECE", 100)
    yield system
    system.store.clear()


@pytest.fixture
def local(tmp_path):
    for name, content in TEXTS.items():
        (tmp_path / "texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / name).write_bytes(content)
    return tmp_path / "texts"


def encoded(source, workers=2):
    words, stream = build(open_corpus(source), min_count=1, workers=workers)
    return words.words, words.counts.tolist(), stream.ids.tolist(), stream.offsets.tolist()


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("memory://texts", list(TEXTS)),
        ("memory://texts/*.txt*", ["b.txt", "a.txt.gz"]),
        ("memory://texts/**/*.xz", ["more/c.txt.xz"]),
        ("memory://texts/b.txt", ["b.txt"]),
        (["memory://texts/b.txt", "memory://texts/a.txt.gz"], ["b.txt", "a.txt.gz"]),
    ],
)
def test_urls_give_what_paths_give(store, local, url, names):
    paths = [local / name for name in names]
    assert encoded(url) == encoded(paths if isinstance(url, list) else sorted(paths))
    found = [file.name for file in open_corpus(url).files]
    assert found == [f"memory:///texts/{path.relative_to(local).as_posix()}" for path in
                     (paths if isinstance(url, list) else sorted(paths))]  # fmt: skip


def test_ranges_of_urls(store, local, monkeypatch):
    monkeypatch.setattr(ranges, "SMALLEST", 64)
    cuts = ranges.ranges("memory://texts", parts=3)
    assert len(cuts) > 6
    assert {cut.name for cut in cuts} == {f"memory:///texts/{name}" for name in TEXTS}
    assert encoded(ranges.corpus_of(cuts)) == encoded(sorted(local / name for name in TEXTS))


def test_a_file_url_is_a_path(local):
    assert open_corpus(f"file://{local}").files == sorted(local / name for name in TEXTS)


@pytest.mark.parametrize("pattern", [str, Path])
def test_patterns_of_paths(local, pattern):
    assert open_corpus(pattern(f"{local}/**/*.txt.*")).files == [
        local / "a.txt.gz", local / "more" / "c.txt.xz", local / "more" / "d.txt.bz2",
    ]  # fmt: skip


def test_fit_and_transform(store, local):
    how = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1, "random_state": 3}
    model = Word2Vec(**how).fit("memory://texts")
    expected = Word2Vec(**how).fit(local)
    assert (model.vectors_ == expected.vectors_).all()
    assert (model.transform("memory://texts/*.gz") == model.transform(local / "a.txt.gz")).all()


def test_train_from_the_command_line(store, tmp_path, capsys):
    output = tmp_path / "v.txt"
    status = cli.main(
        ["train", "memory://texts/*.gz", "-o", str(output), "--min-count", "1", "--epochs", "1"]
    )
    assert status == 0, capsys.readouterr().err
    assert sorted(KeyedVectors.load(output).index_to_key) == ["and", "rain", "snow"]


@pytest.mark.parametrize(
    ("url", "kind", "message"),
    [
        ("memory://nowhere", FileNotFoundError, "no file or folder memory://nowhere"),
        ("memory://texts/*.doc", FileNotFoundError, r"no file has a name like memory://texts/\*"),
        ("unheard://of", ValueError, "unheard://of: fsspec cannot open this kind of URL: Protocol"),
    ],
)
def test_urls_without_files(store, url, kind, message):
    with pytest.raises(kind, match=message):
        open_corpus(url)


def test_without_fsspec(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ImportError, match=r"s3://b/x: URLs need fsspec: pip install 'w2vext\[rem"):
        open_corpus("s3://b/x")
    assert cli.main(["train", "s3://b/x", "-o", str(tmp_path / "v.txt")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "pip install 'w2vext[remote]'" in error


def test_damaged_and_wrong_files_are_named(store):
    store.pipe("/bad/a.gz", TEXTS["a.txt.gz"][:-12])
    with pytest.raises(ValueError, match=r"memory:///bad/a\.gz: damaged gzip data"):
        encoded("memory://bad/a.gz")
    store.pipe("/bad/b.txt", b"fine words here\n" * 20 + b"caf\xe9\n")
    with pytest.raises(ValueError, match=r"memory:///bad/b\.txt, line 21, byte 4.*iconv"):
        encoded("memory://bad/b.txt")
    store.pipe("/bad/c.txt", "a b\n".encode("utf-16"))
    with pytest.raises(ValueError, match=r"memory:///bad/c\.txt, line 1.*UTF-16"):
        encoded("memory://bad/c.txt")


class Failing:
    """A file system whose reads return what they are told."""

    protocol = ("https", "http")

    def __init__(self, answer):
        self.answer = answer

    def unstrip_protocol(self, path):
        return f"https://host/{path}"

    def cat_file(self, path, start, end):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class ClientError(Exception):
    """As the clients of object stores raise."""


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (ClientError("An error (503)\nslow down"), OSError, r"cannot read it \(An error \(503\) s"),
        (TimeoutError(), OSError, r"https://host/x: cannot read it \(TimeoutError\)"),
        (PermissionError("Forbidden"), PermissionError, r"https://host/x: cannot read it \(Forb"),
        (b"0123456789", OSError, "the server sends the whole file in place of a range"),
    ],
)
def test_failing_servers(answer, kind, message):
    remote = _files.Remote(Failing(answer), "x", {"size": 10, "partial": True})
    with pytest.raises(kind, match=message):
        remote.part(2, 5)


def test_servers_without_ranges_are_read_from_the_start():
    assert _files.Remote(Failing(b""), "x", {"size": 10, "partial": True}).ranges
    assert not _files.Remote(Failing(b""), "x", {"size": 10}).ranges
    assert not _files.Remote(Failing(b""), "x", {}).ranges
    with pytest.raises(OSError, match="https://host/x: the server does not send parts of files"):
        _files.Remote(Failing(b""), "x", {}).random()


def test_a_file_that_becomes_shorter(store):
    corpus = open_corpus("memory://texts/b.txt")
    store.pipe("/texts/b.txt", TEXTS["b.txt"][:150])
    with pytest.raises(ValueError, match=r"memory:///texts/b\.txt: the file was made shorter"):
        build(corpus, min_count=1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3://bucket/x", True), ("gs://b", True), ("simplecache::s3://b/x", True),
        ("/data/x", False), ("C:/x", False), ("c://x", False), ("a://b", False), ("text", False),
        (Path("s3://b/x"), False), (b"s3://b", False),
    ],
)  # fmt: skip
def test_is_url(name, expected):
    assert _files.is_url(name) is expected
