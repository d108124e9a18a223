"""word2vec's formats: round trips to the last bit, gensim's files, every error."""

import bz2
import gzip
import lzma
import os
import pickle
import struct
import sys
import tracemalloc

import numpy as np
import pytest

from w2vext.formats import word2vec_binary, word2vec_text
from w2vext.keyedvectors import KeyedVectors

# No word is a number that equals its row.
WORDS = ["wörd17", "你好", "a", "…", "naïve\u00a0x", "42", "-1.5", "🙂", "z\u2028z", "</s>"]


@pytest.fixture
def matrix():
    rng = np.random.default_rng(11)
    rows = rng.normal(size=(len(WORDS), 7)).astype(np.float32)
    rows[3] = 0
    rows[4] = [-0.0, 1e-45, 3.4028235e38, -1.1754944e-38, 1e-5, 16777216, 0.1]
    rows[5] = rng.integers(1, 0x7F7FFFFF, 7).astype(np.uint32).view(np.float32)
    return rows


def same_bits(a, b):
    return a.shape == b.shape and (a.view(np.uint32) == b.view(np.uint32)).all()


BOTH = pytest.mark.parametrize("module", [word2vec_text, word2vec_binary])


def row(word, numbers, newline=True):
    return word.encode() + b" " + struct.pack(f"<{len(numbers)}f", *numbers) + b"\n" * newline


# ---- round trips


@BOTH
def test_round_trip(module, tmp_path, matrix):
    module.write(tmp_path / "v", WORDS, matrix)
    words, back, meta = module.read(tmp_path / "v")
    assert words == WORDS
    assert same_bits(back, matrix)
    assert meta["format"].startswith("word2vec")


@BOTH
def test_many_blocks(module, tmp_path):
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(40_000, 30)).astype(np.float32)
    words = [f"w{i ^ 21}" for i in range(len(rows))]
    module.write(tmp_path / "v", words, rows)
    assert os.path.getsize(tmp_path / "v") > 1 << 22
    got, back, _ = module.read(tmp_path / "v")
    assert got == words
    assert same_bits(back, rows)


def test_the_bytes_of_text(tmp_path):
    word2vec_text.write(tmp_path / "v", ["b", "a"], [[1, -0.5], [1e-7, 0.1]])
    assert (tmp_path / "v").read_bytes() == b"2 2\nb 1 -0.5\na 1e-7 0.1\n"


def test_the_bytes_of_binary(tmp_path):
    word2vec_binary.write(tmp_path / "v", ["b", "ä"], [[1, -0.5], [2, 0.1]])
    expected = b"2 2\n" + row("b", [1, -0.5]) + row("ä", [2, 0.1])
    assert (tmp_path / "v").read_bytes() == expected


def test_binary_is_little_endian_on_every_machine(tmp_path, monkeypatch):
    """With the other byte order, bytes are swapped when they are written and read."""
    monkeypatch.setattr(sys, "byteorder", {"little": "big", "big": "little"}[sys.byteorder])
    matrix = np.array([[1, -0.5], [2, 0.1]], np.float32)
    word2vec_binary.write(tmp_path / "v", ["b", "c"], matrix)
    assert (tmp_path / "v").read_bytes().startswith(b"2 2\nb " + matrix[0].byteswap().tobytes())
    np.testing.assert_array_equal(word2vec_binary.read(tmp_path / "v")[1], matrix)


@pytest.mark.parametrize("newline", [False, True])
def test_binary_with_and_without_newlines(tmp_path, newline):
    # The second row's first float starts with a newline's byte.
    tricky = struct.unpack("<f", b"\n\n\x80?")[0]
    rows = [[1.5, 2], [tricky, 3], [10, 0]]
    body = b"".join(row(w, r, newline) for w, r in zip("xyz", rows, strict=True))
    (tmp_path / "v").write_bytes(b"3 2\n" + body)
    words, back, _ = word2vec_binary.read(tmp_path / "v")
    assert words == ["x", "y", "z"]
    assert same_bits(back, np.array(rows, np.float32))


@BOTH
def test_gensims_files(module, tmp_path, matrix):
    gensim = pytest.importorskip("gensim.models")
    binary = module is word2vec_binary
    ours = KeyedVectors(WORDS, matrix)
    ours.save_word2vec_format(tmp_path / "ours", binary=binary)
    theirs = gensim.KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert theirs.index_to_key == WORDS
    assert same_bits(theirs.vectors, matrix)
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    for choice in (binary, None):
        back = KeyedVectors.load_word2vec_format(tmp_path / "theirs", binary=choice)
        assert back.index_to_key == WORDS
        assert same_bits(back.vectors, matrix)


@pytest.mark.parametrize(
    "text",
    [
        b"2 3\r\nb 1 2 3\r\na 4 5 6\r\n",
        b"2 3\nb 1 2 3 \na 4 5 6 \n",
        b"2 3\nb\t1\t2\t3\na\t4\t5\t6",
        b"\xef\xbb\xbf2 3\nb 1 2 3\na  4.0  5e0 +6\n\n \n",
        b"2 3 \nb 1.0000000000000000000000000 2 3\na 4 5 6.\n",
    ],
)
def test_variants_of_text(tmp_path, text):
    (tmp_path / "v").write_bytes(text)
    words, back, _ = word2vec_text.read(tmp_path / "v")
    assert words == ["b", "a"]
    assert back.tolist() == [[1, 2, 3], [4, 5, 6]]


@BOTH
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files_are_recognized_by_content(module, pack, tmp_path, matrix):
    module.write(tmp_path / "plain", WORDS, matrix)
    (tmp_path / "v.txt").write_bytes(pack((tmp_path / "plain").read_bytes()))
    words, back, _ = module.read(tmp_path / "v.txt")
    assert words == WORDS
    assert same_bits(back, matrix)


@BOTH
def test_limit_and_words(module, tmp_path, matrix):
    module.write(tmp_path / "v", WORDS, matrix)
    words, back, _ = module.read(tmp_path / "v", limit=4)
    assert words == WORDS[:4]
    assert same_bits(back, matrix[:4])
    words, back, _ = module.read(tmp_path / "v", words=["</s>", "a", "not there"])
    assert words == ["a", "</s>"]
    assert same_bits(back, matrix[[2, 9]])
    assert module.read(tmp_path / "v", limit=4, words={"a", "</s>"})[0] == ["a"]
    for limit in (0, -1, 2.5):
        with pytest.raises(ValueError, match="limit="):
            module.read(tmp_path / "v", limit=limit)


@BOTH
def test_words_that_are_not_str(module, tmp_path):
    module.write(tmp_path / "v", [17, "ä".encode(), ("x", "y")[0]], np.eye(3))
    assert module.read(tmp_path / "v")[0] == ["17", "ä", "x"]


@BOTH
def test_big_endian_and_strided_matrices(module, tmp_path, matrix):
    for given in (matrix.astype(">f4"), np.asfortranarray(matrix)):
        module.write(tmp_path / "v", WORDS, given)
        assert same_bits(module.read(tmp_path / "v")[1], matrix)


def test_detects_binary(tmp_path, matrix):
    for d in (1, 2, 7, 300):
        rows = np.random.default_rng(d).normal(size=(5, d)).astype(np.float32)
        for module in (word2vec_text, word2vec_binary):
            module.write(tmp_path / "v", WORDS[:5], rows)
            got = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=None)
            assert same_bits(got.vectors, rows)


def test_ragged_text_is_not_read_as_binary(tmp_path):
    (tmp_path / "v").write_bytes(b"2 3\nb 1 2\na 1 2 3\n")
    with pytest.raises(ValueError, match="line 2: expected 3 numbers, found 2"):
        KeyedVectors.load_word2vec_format(tmp_path / "v", binary=None)


# ---- errors of reading


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"the 0.1 0.2\nof 1 2\n", r"line 1: .*two numbers.*'the 0.1 0.2'.*format='glove'"),
        (b"\n", "line 1: .*two numbers"),
        (b"2\na 1\n", "line 1: .*two numbers"),
        (b"-2 3\na 1 2 3\n", "line 1: .*two numbers"),
        (b"2 0\na\nb\n", "line 1: .*0 dimensions"),
        (b"x" * 70000, "line 1: .*without a newline"),
        (b"2 3\na 1 2 3\nb 1 2\n", "line 3: expected 3 numbers, found 2: 'b 1 2'"),
        (b"2 3\na 1 2 3 4\nb 1 2 3\n", "line 2: expected 3 numbers, found 4"),
        (
            b"2 3\nNew York 1 2 3\nb 1 2 3\n",
            "line 2: expected 3 numbers, found 4 .does the word contain",
        ),
        (b"2 3\na 1 x 3\nb 1 2 3\n", "line 2: 'x' is not a number"),
        (b"2 3\na 1 2,5 3\nb 1 2 3\n", "line 2: '2,5' is not a number"),
        (b"2 3\na 1 2 3\nb 1 nan 3\n", "line 3: 'nan' is not a finite"),
        (b"2 3\na 1 2 3\nb 1 -inf 3\n", "line 3: '-inf' is not a finite"),
        (b"2 3\na 1 2 3\nb 1 1e39 3\n", "line 3: '1e39' is not a finite"),
        (b"3 3\na 1 2 3\nb 1 2 3\na 4 5 6\n", "line 4: the word 'a' again, after line 2"),
        (b"2 3\na 1 2 3\n 1 2 3\n", "line 3: no word"),
        (b"2 3\n\na 1 2 3\nb 1 2 3\n", "line 2: an empty line"),
        (
            b"3 3\na 1 2 3.0000000000\nb 1 2 3\n",
            "line 4: the file ends after 2 of the 3 .*: copy or",
        ),
        (b"3 3\na 1 2 3.0000000000\nb 1 2 3\n\n\n", "line 4: the file ends after 2 of the 3"),
        (b"1 3\na 1 2 3\nb 1 2 3\n", "line 3: more lines than the 1 words"),
        (b"2 3\na 1 2 3\n\xc3( 1 2 3\n", "line 3: the word is not UTF-8 at its byte 0 .0xc3."),
        (b"2 3\na 1 2 3\nb 1 2 \x003\n", "line 3: .* is not a number"),
        (b"", "an empty file"),
    ],
)
def test_malformed_text(tmp_path, text, message):
    (tmp_path / "v").write_bytes(text)
    with pytest.raises(ValueError, match=message) as error:
        word2vec_text.read(tmp_path / "v")
    assert str(tmp_path / "v") in str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"2 2\n" + row("a", [1, 2]) + row("b", [1, 2])[:-3], "ends in row 2 .*: copy or download"),
        (b"2 2\n" + row("aaaaaaaaaaaaa", [1, 2], False), "ends in row 2 .byte 26."),
        (b"1 2\n" + row("a", [1, 2]) + row("b", [1, 2]), "byte 14: more data than the 1 words"),
        (b"2 2\n" + row("a", [1, 2]) + row("a", [3, 4]), "row 2: the word 'a' again, after row 1"),
        (
            b"2 2\n" + row("a", [1, 2]) + row("b", [float("nan"), 4]),
            "vector of 'b': it contains NaN",
        ),
        (b"1 2\n" + row("a", [float("inf"), 2]), "vector of 'a': it contains NaN or inf"),
        (b"1 1\n\xff \0\0\0\0", "row 1: the word is not UTF-8"),
        (b"1 200\n" + b"x" * 3_000_000, "row 1 .byte 6.: the word does not end with"),
        (b"what is this", "line 1"),
    ],
)
def test_malformed_binary(tmp_path, data, message):
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(ValueError, match=message) as error:
        word2vec_binary.read(tmp_path / "v")
    assert str(tmp_path / "v") in str(error.value)


@BOTH
@pytest.mark.parametrize("head", [b"4000000000 300\n", b"2 99999999999999\n", b"9" * 400 + b" 3\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_header_larger_than_the_file_needs_no_memory(module, head, pack, tmp_path):
    (tmp_path / "v").write_bytes(pack(head + row("a", [1, 2, 3])))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"header|line 1|line 2|row 1"):
        module.read(tmp_path / "v")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


@BOTH
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (pickle.dumps([1, 2]), "pickle"),
        (gzip.compress(pickle.dumps([1, 2]), mtime=0), "pickle"),
        (b"PK\x03\x04.....", "zip"),
        (b"\x93NUMPY\x01\x00", "numpy array"),
        (b"PAR1......", "Parquet"),
        (b"\x89HDF\r\n", "HDF5"),
        # KeyedVectors reads these models.
        (struct.pack("<ii", 793712314, 12), "fastText model|ends within its settings"),
    ],
)
def test_other_kinds_of_files_are_named(module, data, name, tmp_path):
    if name == "Parquet":
        pytest.importorskip("pyarrow")
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(ValueError, match=name):
        module.read(tmp_path / "v")
    with pytest.raises(ValueError, match=name):
        KeyedVectors.load_word2vec_format(tmp_path / "v", binary=None)


@BOTH
def test_damaged_compression(module, tmp_path, matrix):
    module.write(tmp_path / "plain", WORDS, matrix)
    packed = gzip.compress((tmp_path / "plain").read_bytes())
    (tmp_path / "v.gz").write_bytes(packed[:-20])
    with pytest.raises(ValueError, match=r"gzip data is damaged or cut off after byte .*: copy or"):
        module.read(tmp_path / "v.gz")
    broken = bytearray(packed)
    broken[len(broken) // 2] ^= 0xFF
    (tmp_path / "v.gz").write_bytes(broken)
    with pytest.raises(ValueError):
        module.read(tmp_path / "v.gz")


def test_words_that_are_not_utf8(tmp_path):
    (tmp_path / "v").write_bytes(b"1 2\nb\xc3( 1 2\n")
    assert word2vec_text.read(tmp_path / "v", errors="replace")[0] == ["b\ufffd("]
    assert word2vec_text.read(tmp_path / "v", errors="ignore")[0] == ["b("]
    with pytest.raises(ValueError, match="errors='cautious'"):
        word2vec_text.read(tmp_path / "v", errors="cautious")


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        word2vec_text.read(tmp_path / "none")
    with pytest.raises(OSError):
        word2vec_text.read(tmp_path)


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_truncated_files(cut, tmp_path, matrix):
    for module in (word2vec_text, word2vec_binary):
        module.write(tmp_path / "whole", WORDS, matrix)
        data = (tmp_path / "whole").read_bytes()
        (tmp_path / "part").write_bytes(data[: len(data) * cut // 60])
        with pytest.raises(ValueError):
            module.read(tmp_path / "part")


# ---- errors of writing


@BOTH
@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("New York", "white space"),
        ("a\tb", "white space"),
        ("a\nb", "white space"),
        ("a\x0bb", "white space"),
        ("", "empty"),
        ("a\0b", "NUL"),
        ("\ud800", "surrogate"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_invalid_words(module, word, reason, tmp_path):
    with pytest.raises(ValueError, match=reason) as error:
        module.write(tmp_path / "v", ["fine", word], np.eye(2))
    assert word == "" or repr(word) in str(error.value)
    assert os.listdir(tmp_path) == []


@BOTH
def test_two_words_with_the_same_text(module, tmp_path):
    with pytest.raises(ValueError, match="1 and '1'"):
        module.write(tmp_path / "v", [1, "1"], np.eye(2))
    assert os.listdir(tmp_path) == []


@BOTH
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_nan_and_infinity(module, bad, tmp_path):
    rows = np.eye(3)
    rows[1, 2] = bad
    with pytest.raises(ValueError, match=r"vector of 'y'.*NaN or infinity"):
        module.write(tmp_path / "v", ["x", "y", "z"], rows)
    assert os.listdir(tmp_path) == []


@BOTH
def test_invalid_shapes(module, tmp_path):
    for rows in (np.eye(3), np.ones(2), np.ones((2, 0))):
        with pytest.raises(ValueError, match="shape"):
            module.write(tmp_path / "v", ["x", "y"], rows)


@BOTH
def test_a_missing_folder(module, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        module.write(tmp_path / "none" / "v", ["x"], [[1.0]])
    with pytest.raises(IsADirectoryError):
        module.write(tmp_path, ["x"], [[1.0]])


@BOTH
def test_an_error_while_writing_keeps_the_old_file(module, tmp_path, monkeypatch):
    (tmp_path / "v").write_text("old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        module.write(tmp_path / "v", ["x"], [[1.0]])
    assert (tmp_path / "v").read_text() == "old"
    assert os.listdir(tmp_path) == ["v"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@BOTH
def test_a_full_device(module):
    with pytest.raises(OSError, match="No space left"):
        module.write("/dev/full", ["x"], [[1.0]])
    assert os.path.exists("/dev/full")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions and links")
def test_permissions_and_links_are_kept(tmp_path):
    (tmp_path / "v").write_text("old")
    os.chmod(tmp_path / "v", 0o640)
    os.symlink(tmp_path / "v", tmp_path / "link")
    word2vec_text.write(tmp_path / "link", ["x"], [[1.0]])
    assert os.path.islink(tmp_path / "link")
    assert os.stat(tmp_path / "v").st_mode & 0o777 == 0o640
    assert word2vec_text.read(tmp_path / "v")[0] == ["x"]
