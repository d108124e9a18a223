"""Sources that can be read only once, in place of a path: pipes, descriptors, file objects."""

import gzip
import io
import os

import numpy as np
import pytest
from helpers import waiting
from helpers.pipes import piped

from w2vext import KeyedVectors, Word2Vec, _files, formats

POSIX = pytest.mark.skipif(os.name == "nt", reason="needs POSIX pipes")
# The suffixes of all formats that are a single file.
SUFFIXES = [".txt", ".txt.gz", ".bin", ".glove.txt", ".vec", ".safetensors", ".npz", ".parquet",
            ".arrow"]  # fmt: skip
WORDS = ["the", "ñandú", "日本", "x"]


@pytest.fixture(params=SUFFIXES)
def saved(request, tmp_path):
    if request.param in (".parquet", ".arrow"):
        pytest.importorskip("pyarrow")
    path = tmp_path / f"v{request.param}"
    matrix = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    KeyedVectors(WORDS, matrix, counts=[9, 5, 4, 1]).save(path)
    return path, matrix


@POSIX
def test_vectors_from_a_pipe(saved):
    path, matrix = saved
    with piped(path.read_bytes()) as pipe:
        wv = KeyedVectors.load(pipe)
    assert wv.index_to_key == WORDS
    assert np.array_equal(wv.vectors, matrix)


@POSIX
def test_vectors_from_a_named_pipe(saved, tmp_path):
    path, matrix = saved
    os.mkfifo(tmp_path / "pipe")
    writer = waiting.start((tmp_path / "pipe").write_bytes, path.read_bytes())
    wv = KeyedVectors.load(tmp_path / "pipe", limit=2 if path.suffix == ".txt" else None)
    waiting.join(writer)
    assert np.array_equal(wv.vectors, matrix[: len(wv)])


def test_vectors_from_file_objects(saved):
    path, matrix = saved
    for source in (io.BytesIO(path.read_bytes()), open(path, "rb")):
        with source:
            wv = KeyedVectors.load(source)
            assert not source.closed
        assert wv.index_to_key == WORDS
        assert np.array_equal(wv.vectors, matrix)


def test_vectors_from_str():
    text = "2 2\na 1 2\nñ 3 4\n"
    assert KeyedVectors.load(io.StringIO(text)).index_to_key == ["a", "ñ"]
    with pytest.raises(TypeError, match="int is not a path: give"):
        KeyedVectors.load(3)


def test_the_home_folder(saved, monkeypatch):
    path, _ = saved
    monkeypatch.setenv("HOME", str(path.parent))
    monkeypatch.setenv("USERPROFILE", str(path.parent))
    assert KeyedVectors.load(f"~/{path.name}").index_to_key == WORDS


@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove", "native", "npz"])
def test_vectors_to_file_objects(format):
    wv = KeyedVectors(WORDS, np.eye(4))
    memory = io.BytesIO(b"")
    wv.save(memory, format)
    memory.seek(0)
    assert formats.detect(memory) == format
    assert KeyedVectors.load(memory).index_to_key == WORDS
    with pytest.raises(ValueError, match="<BytesIO>: the suffix does not tell"):
        wv.save(memory)


def test_a_stream_in_the_middle_of_a_file():
    memory = io.BytesIO(b"my own header\n1 2\na 1 2\n")
    memory.readline()
    assert KeyedVectors.load(memory, "word2vec").index_to_key == ["a"]


@POSIX
def test_damage_in_a_stream_names_it(tmp_path):
    wv = KeyedVectors(WORDS, np.eye(4))
    for suffix in (".txt", ".bin", ".safetensors", ".npz"):
        wv.save(tmp_path / f"v{suffix}")
        data = (tmp_path / f"v{suffix}").read_bytes()[:-9]
        with piped(data) as pipe, pytest.raises(ValueError, match=pipe):
            KeyedVectors.load(pipe)
    with piped(b"") as pipe, pytest.raises(ValueError, match=rf"{pipe}: .*empty file"):
        KeyedVectors.load(pipe)


@POSIX
def test_detection_does_not_consume_a_pipe():
    with piped(b"1 2\na 1 2\n") as pipe:
        with pytest.raises(ValueError, match="can be read once only: read it"):
            formats.detect(pipe)
        assert KeyedVectors.load(pipe).index_to_key == ["a"]


def test_formats_of_several_files_cannot_be_streams():
    with pytest.raises(ValueError, match="two files"):
        KeyedVectors.load(io.BytesIO(b"1\t2\n"), "projector")
    with pytest.raises(ValueError, match="is a folder"):
        KeyedVectors.load(io.BytesIO(b"1\t2\n"), "model2vec")


@POSIX
def test_a_model_from_a_pipe(tmp_path):
    model = Word2Vec(vector_size=4, min_count=1, epochs=1, sample=0).fit([["a", "b", "c"]] * 9)
    model.save(tmp_path / "m.safetensors")
    with piped((tmp_path / "m.safetensors").read_bytes()) as pipe:
        assert np.array_equal(Word2Vec.load(pipe).vectors_, model.vectors_)


@pytest.mark.parametrize(
    "data", [b"a\tb\t3\na\tc\t1\nb\tc\t2\n", b": s\na b c b\n", b"a\tx\nb\ty\n"]
)
def test_evaluation_files(data, tmp_path):
    wv = KeyedVectors(["a", "b", "c"], np.eye(3) + 0.1)
    (tmp_path / "t").write_bytes(data)
    expected = str(wv.evaluate(tmp_path / "t"))
    assert str(wv.evaluate(io.BytesIO(data))) == expected
    if os.name != "nt":
        with piped(data) as pipe:
            assert str(wv.evaluate(pipe)) == expected


def test_peek_does_not_consume_data():
    class Trickle(io.RawIOBase):
        data = b"abcdefgh"

        def read(self, size=-1):
            part, self.data = self.data[: min(size, 2)], self.data[min(size, 2) :]
            return part

    reader = _files.Reader(Trickle())
    assert reader.peek(5) == b"abcde"
    assert reader.peek(3) == b"abc"
    assert reader.read(2) == b"ab"
    assert reader.readall() == b"cdefgh"


def test_the_copy_of_a_stream_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(_files._reading.tempfile, "tempdir", str(tmp_path))
    with _files.as_path(io.BytesIO(b"abc")) as path:
        assert str(path) == "<BytesIO>"
        with open(path, "rb") as file:
            assert file.read() == b"abc"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_names_the_folder_of_the_copy(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_files._reading.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match=r"temporary file in .*No space left.*TMPDIR"):
        with _files.as_path(io.BytesIO(b"abc")):
            pass


def test_compressed_file_objects():
    data = gzip.compress(b"2 2\na 1 2\nb 3 4\n")
    assert KeyedVectors.load(io.BytesIO(data)).index_to_key == ["a", "b"]
