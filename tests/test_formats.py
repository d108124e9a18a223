"""All formats: round trips to the last bit, limit and words, detection, conversion."""

import errno
import gzip
import lzma
import os

import numpy as np
import pytest
from helpers import waiting

from w2vext import formats
from w2vext._files import _sets
from w2vext.formats import projector
from w2vext.keyedvectors import KeyedVectors

WORDS = ["wörd17", "你好", "a", "…", "naïve", "42", "-1.5", "🙂", "</s>"]
SUFFIXES = [
    ".txt",
    ".txt.gz",
    ".txt.xz",
    ".txt.bz2",
    ".bin",
    ".bin.gz",
    ".glove.txt",
    ".glove.txt.gz",
    ".vec",
    ".vec.xz",
    ".safetensors",
    ".npz",
    ".tsv",
    ".tsv.gz",
    ".model2vec",
    ".parquet",
    ".arrow",
    ".feather",
]
KEEP_COUNTS = (".safetensors", ".npz", ".tsv", ".tsv.gz", ".parquet", ".arrow", ".feather")
EVERY = pytest.mark.parametrize("suffix", SUFFIXES)


@pytest.fixture(autouse=True)
def _needs_pyarrow(request):
    callspec = getattr(request.node, "callspec", None)
    if callspec and callspec.params.get("suffix") in (".parquet", ".arrow", ".feather"):
        pytest.importorskip("pyarrow")


@pytest.fixture
def matrix():
    rng = np.random.default_rng(17)
    rows = rng.normal(size=(len(WORDS), 5)).astype(np.float32)
    rows[3] = 0
    rows[4] = [-0.0, 1e-45, 3.4028235e38, -1.1754944e-38, 0.1]
    return rows


@pytest.fixture
def counts():
    return np.array([90, 71, 50, 2**40, 11, 9, 3, 2, 1])


def same_bits(a, b):
    return a.dtype == b.dtype == np.float32 and a.tobytes() == b.tobytes() and a.shape == b.shape


# ---- every format


@EVERY
def test_round_trip(suffix, tmp_path, matrix, counts):
    path = tmp_path / f"v{suffix}"
    KeyedVectors(WORDS, matrix, counts).save(path)
    back = KeyedVectors.load(path)
    assert back.index_to_key == WORDS
    assert same_bits(back.vectors, matrix)
    if suffix in KEEP_COUNTS:
        np.testing.assert_array_equal(back.counts, counts)
    else:
        assert back.counts is None
    left = {p.name for p in tmp_path.iterdir()}
    assert left <= {path.name, projector.metadata_path(path).name}


@EVERY
def test_without_counts(suffix, tmp_path, matrix):
    KeyedVectors(WORDS, matrix).save(tmp_path / f"v{suffix}")
    assert KeyedVectors.load(tmp_path / f"v{suffix}").counts is None


@EVERY
def test_limit_and_words(suffix, tmp_path, matrix, counts):
    path = tmp_path / f"v{suffix}"
    KeyedVectors(WORDS, matrix, counts).save(path)
    some = KeyedVectors.load(path, limit=3)
    assert some.index_to_key == WORDS[:3]
    assert same_bits(some.vectors, matrix[:3])
    some = KeyedVectors.load(path, words=["</s>", "not there", "你好"])
    assert some.index_to_key == ["你好", "</s>"]
    assert same_bits(some.vectors, matrix[[1, 8]])
    if suffix in KEEP_COUNTS:
        assert some.counts.tolist() == [71, 1]
    assert KeyedVectors.load(path, limit=2, words={"你好", "</s>"}).index_to_key == ["你好"]
    with pytest.raises(ValueError, match="limit=0"):
        KeyedVectors.load(path, limit=0)


@EVERY
@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_nan_and_infinity_are_not_written(suffix, bad, tmp_path, matrix):
    matrix[2, 1] = bad
    with pytest.raises(ValueError, match=r"vector of 'a'.*NaN or infinity"):
        formats.write(tmp_path / f"v{suffix}", WORDS, matrix)
    assert os.listdir(tmp_path) == []


@EVERY
def test_invalid_words_are_not_written(suffix, tmp_path):
    with pytest.raises(ValueError, match="surrogate"):
        formats.write(tmp_path / f"v{suffix}", ["a", "\ud800"], np.eye(2))
    with pytest.raises(ValueError, match=r"twice|both are"):
        formats.write(tmp_path / f"v{suffix}", ["a", "b", "a"], np.eye(3))
    assert os.listdir(tmp_path) == []


@EVERY
def test_a_failed_write_keeps_the_old_file(suffix, tmp_path, matrix, monkeypatch):
    path = tmp_path / f"v{suffix}"
    formats.write(path, WORDS, matrix)
    before = sorted(tmp_path.iterdir())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(_sets, "_exchange", full)
    with pytest.raises(OSError, match="No space left"):
        formats.write(path, WORDS[:2], matrix[:2])
    monkeypatch.undo()
    assert sorted(tmp_path.iterdir()) == before
    assert formats.read(path)[0] == WORDS


@EVERY
def test_a_missing_folder(suffix, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        formats.write(tmp_path / "none" / f"v{suffix}", ["a"], [[1.0]])


@EVERY
def test_a_folder_without_write_permission(suffix, tmp_path, monkeypatch):
    """The error is simulated, because root may write anywhere."""

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "mkdir", refuse)
    target = tmp_path / f"v{suffix}"
    with pytest.raises(PermissionError, match=r"cannot write .*Permission denied") as error:
        formats.write(target, ["a"], [[1.0]])
    assert error.value.filename == os.fspath(target)
    assert list(tmp_path.iterdir()) == []


@EVERY
def test_truncated_files(suffix, tmp_path, matrix):
    if suffix == ".model2vec":
        pytest.skip("a folder")
    formats.write(tmp_path / f"whole{suffix}", WORDS, matrix)
    data = (tmp_path / f"whole{suffix}").read_bytes()
    words_path = projector.metadata_path(tmp_path / f"whole{suffix}")
    if words_path.exists():
        words_path.rename(projector.metadata_path(tmp_path / f"v{suffix}"))
    # The last line of text needs no newline, so its last number may be cut off, and GloVe's text
    # has no number of lines.
    text = suffix in (".txt", ".vec", ".tsv", ".glove.txt")
    for cut in range(0, len(data) - 1, max(1, len(data) // 50)):
        (tmp_path / f"v{suffix}").write_bytes(data[:cut])
        try:
            words, rows, _ = formats.read(tmp_path / f"v{suffix}")
        except ValueError as error:
            assert f"v{suffix}" in str(error) or "v.metadata" in str(error)
        else:
            assert text
            assert suffix == ".glove.txt" or len(rows) == len(matrix)
            assert words == WORDS[: len(words)]
            assert rows.shape[1] < 5 or same_bits(rows[:-1], matrix[: len(rows) - 1])


# ---- detection and suffixes


def test_formats_by_suffix():
    for name, expected in {
        "a.txt": "word2vec",
        "a.glove.txt.gz": "glove",
        "a.b.vec": "fasttext",
        "a.bin.xz": "word2vec-binary",
        "x/y.safetensors": "native",
        "a.metadata.tsv": "projector",
    }.items():
        assert formats.by_suffix(name) == expected
    for name in ("a", "a.doc", "a.gz", "a.pkl"):
        with pytest.raises(
            ValueError, match=r"does not tell which format.*\.glove\.txt.*projector"
        ):
            formats.by_suffix(name)
        with pytest.raises(ValueError, match="does not tell which format"):
            KeyedVectors(["a"], [[1.0]]).save(name)
    with pytest.raises(ValueError, match="only text and word2vec's binary"):
        formats.by_suffix("a.npz.gz")
    with pytest.raises(ValueError, match="format='excel'"):
        formats.write("a.txt", ["a"], [[1.0]], format="excel")
    with pytest.raises(ValueError, match="format='excel'"):
        formats.read("a.txt", "excel")


@EVERY
@pytest.mark.parametrize("name", ["v", "v.txt", "v.bin", "v.npz", "v.safetensors", "v.vec"])
def test_any_name_is_read_by_content(suffix, name, tmp_path, matrix, counts):
    """A file is read correctly whatever its name."""
    KeyedVectors(WORDS, matrix, counts).save(tmp_path / f"w{suffix}")
    (tmp_path / f"w{suffix}").rename(tmp_path / name)
    if (words := tmp_path / "w.metadata.tsv").exists():
        words.rename(projector.metadata_path(tmp_path / name))
    for load in (KeyedVectors.load, KeyedVectors.load_word2vec_format):
        back = load(tmp_path / name)
        assert back.index_to_key == WORDS
        assert same_bits(back.vectors, matrix)
        assert (back.counts is not None) == (suffix in KEEP_COUNTS)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("v", b"2 3\na 1 2 3\nb 1 2 3\n", "word2vec"),
        ("v.bin", b"2 3\na 1 2 3\nb 1 2 3\n", "word2vec"),
        ("v.vec", b"2 3\na 1 2 3\nb 1 2 3\n", "fasttext"),
        ("v.vec.gz", gzip.compress(b"2 3\na 1 2 3\nb 1 2 3\n", mtime=0), "fasttext"),
        ("v.vec", b"a 1 2 3\nb 1 2 3\n", "glove"),
        ("v.txt", b"a 1 2 3\nb 1 2 3\n", "glove"),
        ("v.txt", b"1999 1 2 3\nb 1 2 3", "glove"),
        ("v.txt", b"a 1\nb 2\n", "glove"),
        ("v.txt", b"a 1", "glove"),
        # One dimension: the first line may be a header or a word and its number.
        ("v.txt", b"2 1\nb 1\n", "word2vec"),
        ("v", b"2 1\nb 1\n", "word2vec"),
        ("v.glove.txt", b"2 1\nb 1\n", "glove"),
        # Malformed rows: the reader of the likely format reports them.
        ("v", b"2 3\na 1 2\n", "word2vec"),
        ("v.bin", b"2 3\na 1 2\n", "word2vec"),
        ("v", b"2 3\na \x00\x00", "word2vec-binary"),
        ("v.txt", b"2 3\na \x00\x00", "word2vec-binary"),
        ("v", b"2 2\na \xc3\xf5\x48\x40\xc3\xf5\x48\x40", "word2vec-binary"),
        ("v.txt", b"hello\n", "word2vec"),
        ("v.npz", b"hello\n", "npz"),
        ("v.tsv", b"1\t2\n3\t4\n", "projector"),
        ("v", b"PAR1", "parquet"),
        ("v.txt", b"FEA1", "parquet"),
        ("v.txt", b"PK\x03\x04", "npz"),
        ("v.txt", b"\x10\x00\x00\x00\x00\x00\x00\x00{", "native"),
        ("v.txt", b"\xba\x16\x4f\x2f\x0c", "fasttext-bin"),
    ],
)
def test_detection(name, content, expected, tmp_path):
    (tmp_path / name).write_bytes(content)
    assert formats.detect(tmp_path / name) == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v", b"hello\n", "v: neither its content nor .*'hello'. Give format, one of word2vec,"),
        ("v", b"", "v: expected word vectors, found an empty file"),
        ("v.txt", b"\x80\x04N.", "v.txt: expected word vectors, found a Python pickle"),
        ("v.txt", b"\x89HDF\r\n", "found an HDF5 file"),
        (
            "v.npz.gz",
            gzip.compress(b"PK\x03\x04", mtime=0),
            "gzip data .* 'npz', .*decompress it first",
        ),
        ("v.gz", gzip.compress(b"a 1 2\n" * 99, mtime=0)[:-9], "v.gz: gzip data is damaged"),
    ],
)
def test_files_whose_format_is_not_detected(name, content, message, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        formats.detect(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe(tmp_path, matrix):
    formats.write(tmp_path / "v.txt", WORDS, matrix)
    content = (tmp_path / "v.txt").read_bytes()
    for name in ("pipe", "pipe.txt"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(ValueError, match="can be read once only"):
        formats.detect(tmp_path / "pipe")
    for name, format in (("pipe", "word2vec"), ("pipe", None), ("pipe.txt", None)):
        writer = waiting.start((tmp_path / name).write_bytes, content)
        assert formats.read(tmp_path / name, format)[0] == WORDS
        waiting.join(writer)


def test_options_of_formats(tmp_path, matrix):
    wv = KeyedVectors(WORDS, matrix * 0 + 1)
    wv.save(tmp_path / "v.safetensors", dtype="float16")
    assert KeyedVectors.load(tmp_path / "v.safetensors", mmap=True).index_to_key == WORDS
    with pytest.raises(TypeError, match=r"mmap=True: unknown option for writing .*: dtype"):
        wv.save(tmp_path / "v.safetensors", mmap=True)
    with pytest.raises(TypeError, match=r"dtype='float16': unknown option .*'word2vec'.*: none"):
        wv.save(tmp_path / "v.txt", dtype="float16")
    assert sorted(os.listdir(tmp_path)) == ["v.safetensors"]
    with pytest.raises(TypeError, match=r"unicode=1: unknown option for reading .*'native'.* mmap"):
        KeyedVectors.load(tmp_path / "v.safetensors", unicode=1)


def test_compressed_files_have_the_same_content(tmp_path, matrix):
    for suffix, unpack in ((".gz", gzip.decompress), (".xz", lzma.decompress)):
        formats.write(tmp_path / "a.txt", WORDS, matrix)
        formats.write(tmp_path / f"a.txt{suffix}", WORDS, matrix)
        packed = (tmp_path / f"a.txt{suffix}").read_bytes()
        assert unpack(packed) == (tmp_path / "a.txt").read_bytes()
        formats.write(tmp_path / f"a.txt{suffix}", WORDS, matrix)
        assert (tmp_path / f"a.txt{suffix}").read_bytes() == packed


# ---- conversion


@EVERY
def test_conversion_to_each_format(suffix, tmp_path, matrix, counts):
    formats.write(tmp_path / "a.safetensors", WORDS, matrix, {"counts": counts})
    there = formats.convert(tmp_path / "a.safetensors", tmp_path / f"b{suffix}")
    assert (there["words"], there["dimensions"], there["source"]) == (9, 5, "native")
    assert there["lost"] == ([] if suffix in KEEP_COUNTS else ["counts"])
    formats.convert(tmp_path / f"b{suffix}", tmp_path / "c.txt")
    words, rows, _ = formats.read(tmp_path / "c.txt")
    assert words == WORDS
    assert same_bits(rows, matrix)


def test_conversion_reports_what_is_lost(tmp_path, matrix):
    meta = {"output_vectors": matrix + 1, "parameters": {"window": 5}}
    formats.write(tmp_path / "a.safetensors", WORDS, matrix * 0 + 1, meta | {"counts": None})
    lost = formats.convert(tmp_path / "a.safetensors", tmp_path / "b.txt", limit=4)["lost"]
    assert lost == ["output_vectors", "parameters"]
    assert formats.convert(tmp_path / "a.safetensors", tmp_path / "b.safetensors")["lost"] == []
    assert formats.read(tmp_path / "b.safetensors")[2]["parameters"] == {"window": 5}
    meta = {"output_vectors": matrix[1:], "arrays": {"idf_": np.ones(3)}}
    formats.write(tmp_path / "a.safetensors", [7, *WORDS[1:]], matrix, meta)
    lost = formats.convert(tmp_path / "a.safetensors", tmp_path / "b.safetensors", limit=4)["lost"]
    assert lost == ["arrays", "output_vectors"]
    assert formats.convert(tmp_path / "a.safetensors", tmp_path / "b.safetensors")["lost"] == []
    lost = formats.convert(tmp_path / "a.safetensors", tmp_path / "b.npz")["lost"]
    assert lost == ["arrays", "output_vectors", "word_types"]


def test_a_word_that_the_target_cannot_store(tmp_path):
    formats.write(tmp_path / "a.safetensors", ["New York", "b"], np.eye(2))
    with pytest.raises(ValueError, match="'New York': it contains white space"):
        formats.convert(tmp_path / "a.safetensors", tmp_path / "b.txt")
    assert sorted(os.listdir(tmp_path)) == ["a.safetensors"]
