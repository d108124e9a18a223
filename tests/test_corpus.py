"""Corpora: what open_corpus accepts, what it rejects, and the contents of files."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path

import numpy as np
import pytest
from helpers import waiting

from w2vext import Word2Vec
from w2vext._files import compression
from w2vext.text import corpus as corpus_module
from w2vext.text import pieces, workers
from w2vext.text.corpus import open_corpus
from w2vext.text.tokenizer import Tokenizer
from w2vext.text.vocabulary import build

PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
LINES = b"the cat\nsat on\nthe mat"


def text_of(path, corpus=None):
    return b"".join(bytes(block) for block in (corpus or open_corpus(path)).buffers(path))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_bytes(LINES)
    return path


class Restartable:
    def __iter__(self):
        return iter([["a", "b"], ["c"]])


class Indexed:
    """The old iteration protocol, without __iter__."""

    def __getitem__(self, i):
        return [["a", "b"], ["c"]][i]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_linked_folders_are_read_once(tmp_path):
    (tmp_path / "real" / "2020").mkdir(parents=True)
    (tmp_path / "real" / "2020" / "a.txt").write_text("a b\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "2020").symlink_to("../real/2020")
    assert open_corpus(tmp_path / "data").files == [tmp_path / "data" / "2020" / "a.txt"]
    (tmp_path / "data" / "x.txt").write_text("x y\n")
    (tmp_path / "data" / "again").symlink_to("../real/2020")
    (tmp_path / "data" / "loop").symlink_to(".")
    (tmp_path / "data" / "broken").symlink_to("nowhere")
    (tmp_path / "data" / "first").symlink_to("second")
    (tmp_path / "data" / "second").symlink_to("first")
    (tmp_path / "data" / "through").symlink_to("x.txt/nothing")
    found = [
        path.relative_to(tmp_path / "data").as_posix()
        for path in open_corpus(tmp_path / "data").files
    ]
    assert found == ["2020/a.txt", "x.txt"]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_folder_with_a_link_to_a_descriptor(tmp_path):
    """The descriptor may be of a regular file, but it is read once, from its position."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("x y\n")
    assert not open_corpus(tmp_path / "data").one_shot
    (tmp_path / "source").write_text("a b\n")
    with (tmp_path / "source").open() as file:
        (tmp_path / "data" / "link").symlink_to(f"/dev/fd/{file.fileno()}")
        assert open_corpus(tmp_path / "data").one_shot


@pytest.mark.parametrize("tokenizer", ["whitespace", "words"])
@pytest.mark.parametrize("workers", [1, 2])
def test_small_compressed_files_among_plain_ones(tmp_path, workers, tokenizer, monkeypatch):
    """Small files are not opened before a worker reads them."""

    def opened(path):
        raise AssertionError(path)

    monkeypatch.setattr(corpus_module, "opened", opened)
    pack = (*PACK.values(), bytes)
    for i in range(40):
        text = b"".join(b"%d same %d\n" % (i, j) for j in range(i))
        (tmp_path / f"{i:02d}").write_bytes(pack[i % 4](text))
    corpus = open_corpus(tmp_path, Tokenizer(tokenizer))
    vocabulary, stream = build(corpus, min_count=1, workers=workers)
    words = [vocabulary.words[i] for i in stream.ids]
    assert words == [w for i in range(40) for j in range(i) for w in (str(i), "same", str(j))]
    assert len(stream.offsets) - 1 == sum(range(40))


def packed(kind):
    """An archive of one text."""
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("text8", "a b c " * 50)
        return file.getvalue()
    with tarfile.open(fileobj=file, mode="w") as made:
        member = tarfile.TarInfo("a.txt")
        member.size = 8
        made.addfile(member, io.BytesIO(b"a b\nb a\n"))
    return gzip.compress(file.getvalue()) if kind == "tar.gz" else file.getvalue()


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (
            "a b\nb a\n".encode("utf-16"),
            "the file is text in UTF-16: convert it, .*iconv -f utf-16 -t utf-8",
        ),
        (
            "a b\nb a\n".encode("utf-32"),
            "the file is text in UTF-32: convert it, .*iconv -f utf-32 -t utf-8",
        ),
        (
            "a b\nb a\n".encode("utf-16-be"),
            "the file is text in UTF-16-BE: .*iconv -f utf-16-be -t utf-8",
        ),
        (gzip.compress("a b\nb a\n".encode("utf-16")), "the file is text in UTF-16: convert it"),
        (packed("zip"), "the file is a zip archive: unpack it first"),
        (packed("tar"), "the file is a tar archive: unpack it first"),
        (packed("tar.gz"), "the file is a tar archive: unpack it first"),
        (b"caf\xe9 b\nb a\n", "convert the file, for example with iconv -f latin1 -t utf-8"),
    ],
    ids=["utf-16", "utf-32", "utf-16-be", "utf-16 gz", "zip", "tar", "tar.gz", "latin-1"],
)
def test_the_remedy_fits_the_file(content, remedy, tmp_path):
    (tmp_path / "text").write_bytes(content)
    how = {"min_count": 1, "vector_size": 2, "epochs": 1, "workers": 1, "sample": 0}
    with pytest.raises(ValueError, match=f"text, line 1.*: {remedy}") as error:
        Word2Vec(**how).fit(tmp_path / "text")
    assert "latin1" not in str(error.value) or b"\xe9" in content
    model = Word2Vec(**how).fit([["a", "b"]] * 9)
    with pytest.raises(ValueError, match=f"text, line 1.*: {remedy}"):
        model.transform(tmp_path / "text")


@pytest.mark.parametrize(
    "source",
    [
        [["a", "b"], ["c"]],
        (["a", "b"], ["c"]),
        Restartable(),
        Indexed(),
        {1: ["a", "b"], 2: ["c"]}.values(),
    ],
    ids=["list", "tuple", "iterable", "indexed", "values"],
)
def test_tokens_that_can_be_read_again(source):
    corpus = open_corpus(source)
    assert (corpus.kind, corpus.one_shot, corpus.files) == ("tokens", False, [])
    for _ in range(2):
        assert list(corpus.sentences()) == [["a", "b"], ["c"]]


@pytest.mark.parametrize("source", [iter([["a"]]), (s for s in [["a"]]), map(list, ["a"])])
def test_one_shot(source):
    corpus = open_corpus(source)
    assert corpus.one_shot
    assert list(corpus.sentences()) == [["a"]]


def test_a_corpus_is_returned_unchanged():
    corpus = open_corpus([["a"]])
    assert open_corpus(corpus) is corpus


def test_arrays():
    assert [s.tolist() for s in open_corpus(np.arange(4)).sentences()] == [[0, 1, 2, 3]]
    assert [s.tolist() for s in open_corpus(np.eye(2, dtype=int)).sentences()] == [[1, 0], [0, 1]]
    words = np.array([["a", "b"], ["c", "d"]])
    assert [s.tolist() for s in open_corpus(words).sentences()] == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path(file, kind):
    corpus = open_corpus(kind(file))
    assert (corpus.kind, corpus.one_shot, corpus.files) == ("files", False, [file])


def test_paths_and_folders_keep_the_order_given(tmp_path, file):
    folder = tmp_path / "folder"
    for name in ("b.txt", "a.txt", "sub/c.txt", "sub/.hidden", ".git/config", "sub/deep/d"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    names = ["a.txt", "b.txt", "sub/c.txt", "sub/deep/d"]
    assert open_corpus(folder).files == [folder / name for name in names]
    assert open_corpus([file, str(folder), file]).files == [
        file, *(folder / name for name in names), file,
    ]  # fmt: skip


def test_a_folder_without_files(tmp_path):
    (tmp_path / ".hidden").write_text("x")
    with pytest.raises(ValueError, match="contains no files"):
        open_corpus(tmp_path)


@pytest.mark.parametrize("source", [lambda p: p, lambda p: [p], lambda p: [p.parent, p]])
def test_a_path_that_is_missing(tmp_path, source):
    (tmp_path / "there").write_text("x")
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        open_corpus(source(tmp_path / "missing.txt"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("no such file", r"'no such file', and no file or folder has that name.*s\.split\(\)"),
        ("", "is a str, ''"),
        ("nul\0byte", "is a str"),
        ("nul\0*", "is a str"),
        ("really? [no]", "is a str"),
        ("long " * 5000, "is a str"),
        ("long* " * 5000, "is a str"),
        (b"bytes", "is bytes"),
        ({"the": 3}, r"dict.*list\(X\.values\(\)\).*from_counts"),
        (Counter("aab"), "dict"),
        (OrderedDict(), "dict"),
        (["the cat sat", "on the mat"], r"sentence 0 is a str, 'the cat sat'.*s\.split\(\)"),
        (("the", "cat"), "sentence 0 is a str"),
        (np.array(["the cat", "sat"]), "sentence 0 is a str"),
        (np.zeros((2, 2, 2), int), "3 dimensions"),
        (np.array(3), "0 dimensions"),
        (5, "is an int, 5"),
        (None, "is a NoneType"),
    ],
)
def test_objects_that_are_not_a_corpus(source, message):
    with pytest.raises(TypeError, match=message):
        open_corpus(source)


def test_a_list_of_paths_with_one_that_is_missing(file):
    with pytest.raises(TypeError, match=r"sentence 1 is a str, 'misspelt'.*paths that exist"):
        open_corpus([str(file), "misspelt"])


def test_a_list_of_paths_and_sentences(file):
    with pytest.raises(TypeError, match="item 1 is a list: give paths only"):
        open_corpus([str(file), ["a"]])


def test_a_plain_file_comes_in_blocks(file):
    assert b"".join(open_corpus(file).buffers(file)) == LINES


def test_an_empty_file_gives_no_blocks(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    assert list(open_corpus(path).buffers(path)) == []


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("name", ["right", "lines.txt", "lines.gz", "lines.bz2", "lines.xz"])
def test_compression_is_detected_from_the_bytes(tmp_path, kind, name):
    path = tmp_path / name
    path.write_bytes(PACK[kind](LINES))
    assert text_of(path) == LINES


@pytest.mark.parametrize("kind", PACK)
def test_several_members_in_one_file(tmp_path, kind):
    path = tmp_path / "two"
    path.write_bytes(PACK[kind](LINES) + PACK[kind](LINES))
    assert text_of(path) == LINES * 2


@pytest.mark.parametrize("kind", PACK)
def test_empty_compressed_files(tmp_path, kind):
    path = tmp_path / "nothing"
    path.write_bytes(PACK[kind](b""))
    assert text_of(path) == b""


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damaged_archives_are_named(tmp_path, kind, damage):
    path = tmp_path / "damaged"
    packed = bytearray(PACK[kind](bytes(range(33, 127)) * 500 + os.urandom(5000)))
    if damage == "cut":
        del packed[-40:]
    else:
        packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(ValueError, match=f"damaged: damaged {kind} data .*: copy or download"):
        text_of(path)


@pytest.mark.parametrize(
    "start", [b"BZh9 is a word", b"BZh", b"\x1f", b"\xfd7zX", b"(", b"\x1f\x8b"]
)
def test_text_that_starts_like_an_archive(tmp_path, start):
    path = tmp_path / "text"
    path.write_bytes(start)
    assert open_corpus(path).plain(path)
    assert text_of(path) == start


def test_zstd(tmp_path):
    path = tmp_path / "lines"
    if compression.zstd is None:
        path.write_bytes(b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00")
        with pytest.raises(ValueError, match=r"lines is compressed by zstd.*3\.14.*decompress it"):
            text_of(path)
    else:
        path.write_bytes(compression.zstd.compress(LINES))
        assert text_of(path) == LINES


def test_blocks_of_an_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_module, "BLOCK", 5)
    path = tmp_path / "lines"
    path.write_bytes(gzip.compress(LINES))
    told = []
    blocks = [block for block in open_corpus(path).buffers(path, told.append) if block]
    assert [len(block) for block in blocks] == [5, 5, 5, 5, 2]
    assert b"".join(blocks) == LINES
    assert told[-1] == path.stat().st_size


@pytest.mark.parametrize("is_small", [True, False])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda path: other(path).replace(path),
            "the file was replaced while it was read",
        ),
        (
            lambda path: os.truncate(path, 9),
            "the file was made shorter while it was read: it ends after 9 ",
        ),
    ],
    ids=["replaced", "shortened"],
)
def test_a_file_that_changes_before_it_is_read(change, message, is_small, tmp_path, monkeypatch):
    """A small file is opened only by the worker that reads it, a larger one also before."""
    path = tmp_path / "lines.txt"
    path.write_bytes(LINES)
    changed = []

    def opened(file):
        if not changed:
            change(file)
        changed.append(file)
        return open(file, "rb", buffering=0)

    if not is_small:
        monkeypatch.setattr(pieces, "SMALL_PIECE", 4)
    monkeypatch.setattr(workers, "opened", opened)
    with pytest.raises(ValueError, match=rf"lines\.txt: {message}"):
        build(open_corpus(path), min_count=1)


def other(path):
    """A file with the same content."""
    made = path.with_name("other")
    made.write_bytes(path.read_bytes())
    return made


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = waiting.start(path.write_bytes, LINES)
    assert text_of(path) == LINES
    waiting.join(writer)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_without_data_does_not_block_its_reader(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    blocks = open_corpus(path).buffers(path)
    assert next(blocks) == b""
    blocks.close()
    path.write_bytes(b"")  # so that the reading thread ends
