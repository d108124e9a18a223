"""Encodings of vector files, and words that are cut within a character."""

import gzip
import importlib.util
import os

import numpy as np
import pytest
from helpers import waiting

from w2vext import KeyedVectors, formats

# "ы" is D1 8B in UTF-8; word2vec.c may cut a long word after the first of the two bytes.
CUT = [b"\xd1", "ы".encode() * 3 + b"\xd0", b"caf\xe9", "whole-ы".encode(), b"\xff\xfe\xfd"]
CUT_WORDS = [word.decode("utf-8", "surrogateescape") for word in CUT]
TEXT = "2 2\nnaïve 1 2\ncafé 3 4\n"
WORDS, ROWS = ["naïve", "café"], [[1, 2], [3, 4]]


def same(wv):
    return wv.index_to_key == WORDS and wv.vectors.tolist() == ROWS


# ---- words cut within a character


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz", ".bin", ".glove.txt", ".vec", ".tsv"])
def test_cut_words_are_written_back_byte_for_byte(suffix, tmp_path):
    matrix = np.random.default_rng(5).normal(size=(len(CUT), 3)).astype(np.float32)
    names = [f"word{i}" for i in range(len(CUT))]
    KeyedVectors(names, matrix).save(tmp_path / f"a{suffix}")
    parts = [tmp_path / f"a{suffix}", tmp_path / "a.metadata.tsv"]
    part = parts["tsv" in suffix]
    data = part.read_bytes()
    data = gzip.decompress(data) if suffix.endswith("gz") else data
    for name, word in zip(names, CUT, strict=True):
        data = data.replace(name.encode(), word)
    part.write_bytes(data)
    with pytest.raises(ValueError, match="not UTF-8"):
        KeyedVectors.load(parts[0])
    wv = KeyedVectors.load(parts[0], errors="surrogateescape")
    assert wv.index_to_key == CUT_WORDS
    np.testing.assert_array_equal(wv[CUT_WORDS[2]], matrix[2])
    assert wv.most_similar(CUT_WORDS[0], topn=4)
    wv.save(tmp_path / f"b{suffix}")
    written = tmp_path / f"b{suffix}" if "tsv" not in suffix else tmp_path / "b.metadata.tsv"
    content = written.read_bytes()
    assert (gzip.decompress(content) if suffix.endswith("gz") else content) == data
    formats.convert(parts[0], tmp_path / "c.bin", errors="surrogateescape")
    again = KeyedVectors.load(tmp_path / "c.bin", errors="surrogateescape")
    assert again.index_to_key == CUT_WORDS and again.vectors.tobytes() == matrix.tobytes()


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".parquet", ".model2vec"])
def test_formats_of_unicode_refuse_cut_words(suffix, tmp_path):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    with pytest.raises(ValueError, match=r"the word '\\udcd1'.*lone surrogate"):
        KeyedVectors([CUT_WORDS[0]], [[1.0]]).save(tmp_path / f"v{suffix}")
    assert os.listdir(tmp_path) == []


def test_words_that_would_come_back_as_others_are_refused(tmp_path):
    # The two surrogates encode the bytes of "ä", so reading the file back would give "ä".
    with pytest.raises(ValueError, match=r"'\\udcc3\\udca4'.*lone surrogate"):
        KeyedVectors(["\udcc3\udca4"], [[1.0]]).save(tmp_path / "v.txt")
    with pytest.raises(ValueError, match=r"lone surrogate"):
        KeyedVectors(["\ud800"], [[1.0]]).save(tmp_path / "v.txt")
    assert os.listdir(tmp_path) == []


# ---- encodings


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "UTF-8", "utf-32"]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_text_of_any_encoding(encoding, pack, tmp_path):
    (tmp_path / "v.txt").write_bytes(pack(TEXT.encode(encoding)))
    assert same(KeyedVectors.load(tmp_path / "v.txt", encoding=encoding))
    assert same(KeyedVectors.load(tmp_path / "v.txt", "word2vec", encoding=encoding))
    with open(tmp_path / "v.txt", "rb") as file:
        assert same(KeyedVectors.load(file, encoding=encoding))
    headerless = TEXT.partition("\n")[2].encode(encoding)
    (tmp_path / "v").write_bytes(pack(headerless))
    assert same(KeyedVectors.load(tmp_path / "v", encoding=encoding))
    done = formats.convert(tmp_path / "v", tmp_path / "w.bin", encoding=encoding)
    assert done["source"] == "glove" and same(KeyedVectors.load(tmp_path / "w.bin"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_pipe(encoding, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = waiting.start((tmp_path / "pipe").write_bytes, TEXT.encode(encoding))
    assert same(KeyedVectors.load(tmp_path / "pipe", encoding=encoding))
    waiting.join(writer)


def test_many_blocks(tmp_path):
    lines = [f"é{i ^ 5} {i} {i + 1}" for i in range(200_000)]
    (tmp_path / "v").write_bytes("\n".join(["200000 2", *lines]).encode("latin-1"))
    wv = KeyedVectors.load(tmp_path / "v", encoding="latin-1")
    assert wv.index_to_key == [line.split()[0] for line in lines]
    assert wv.vectors[-1].tolist() == [199_999, 200_000]


def test_binary_and_projector(tmp_path):
    wv = KeyedVectors(["na", "caf"], ROWS)
    wv.save(tmp_path / "v.bin")
    data = (
        (tmp_path / "v.bin")
        .read_bytes()
        .replace(b"na ", b"na\xefve ")
        .replace(b"caf ", b"caf\xe9 ")
    )
    (tmp_path / "v.bin").write_bytes(data)
    assert same(KeyedVectors.load(tmp_path / "v.bin", encoding="latin-1"))
    with pytest.raises(ValueError, match=r"encoding='utf-16'.*a space of one byte"):
        KeyedVectors.load(tmp_path / "v.bin", "word2vec-binary", encoding="utf-16")
    wv.save(tmp_path / "v.tsv")
    for encoding in ("latin-1", "utf-16"):
        (tmp_path / "v.tsv").write_bytes("1\t2\n3\t4\n".encode(encoding))
        (tmp_path / "v.metadata.tsv").write_bytes("naïve\ncafé\n".encode(encoding))
        assert same(KeyedVectors.load(tmp_path / "v.tsv", encoding=encoding))


@pytest.mark.parametrize(
    ("encoding", "content", "message"),
    [
        ("ascii", TEXT.encode("latin-1"), "line 2: the byte 0xef is not ascii"),
        ("utf-16", TEXT.encode("utf-16")[:-1], "line 3: .* is not utf-16"),
        ("cp1252", b"1 1\nb\x81 1\n", "line 2: the byte 0x81 is not cp1252"),
        ("utf-16", TEXT.encode("latin-1"), r"v\.txt: not utf-16 \(.*BOM"),
        ("klingon", b"", "encoding='klingon': unknown; give a name"),
        ("base64", b"", "encoding='base64': unknown"),
    ],
)
def test_wrong_encodings(encoding, content, message, tmp_path):
    (tmp_path / "v.txt").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        KeyedVectors.load(tmp_path / "v.txt", encoding=encoding)


def test_errors_apply_to_the_encoding(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"1 1\nb\x81 1\n")
    for errors, word in (("replace", "b\ufffd"), ("ignore", "b"), ("surrogateescape", "b\udc81")):
        found = KeyedVectors.load(tmp_path / "v.txt", encoding="cp1252", errors=errors)
        assert found.index_to_key == [word]


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".parquet", ".model2vec"])
def test_formats_of_unicode_have_no_encoding(suffix, tmp_path):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    KeyedVectors(["a"], [[1.0]]).save(tmp_path / f"v{suffix}")
    with pytest.raises(TypeError, match=r"encoding='iso8859-1': the format .* stores Unicode"):
        KeyedVectors.load(tmp_path / f"v{suffix}", encoding="latin-1")
    assert KeyedVectors.load(tmp_path / f"v{suffix}", encoding="utf-8").index_to_key == ["a"]


@pytest.mark.parametrize("format", ["word2vec", "glove", "fasttext", "word2vec-binary"])
def test_a_byte_order_mark(format, tmp_path):
    KeyedVectors(WORDS, ROWS).save(tmp_path / "v", format)
    (tmp_path / "w").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "v").read_bytes())
    assert same(KeyedVectors.load(tmp_path / "w"))
    assert same(KeyedVectors.load(tmp_path / "w", format))


# ---- what shows or hands over words


def test_cut_words_are_shown_as_replacement_characters(tmp_path):
    matrix = np.random.default_rng(5).normal(size=(8, 4))
    wv = KeyedVectors(["caf\udcc3", *"abcdefg"], matrix)
    wv.cluster(2, random_state=1).save(tmp_path / "clusters.txt")
    assert b"caf\xc3 " in (tmp_path / "clusters.txt").read_bytes()
    if importlib.util.find_spec("plotly"):
        wv.explore(map="pca").save(tmp_path / "page.html")
        assert b"caf\xef\xbf\xbd" in (tmp_path / "page.html").read_bytes()
    if importlib.util.find_spec("matplotlib"):
        axes = wv.plot(["caf\udcc3", "a", "b"])
        assert axes.texts[0].get_text() == "caf\ufffd"
        axes.figure.savefig(tmp_path / "plot.svg")
        wv.plot_similarities(["caf\udcc3", "a"]).figure.savefig(tmp_path / "map.png")


def test_cut_words_in_data_frames():
    wv = KeyedVectors(["caf\udcc3", "b"], np.eye(2), [4, 3])
    if importlib.util.find_spec("pandas"):
        back = KeyedVectors.from_frame(wv.to_pandas())
        assert back.index_to_key == wv.index_to_key and back.counts.tolist() == [4, 3]
    if importlib.util.find_spec("polars"):
        with pytest.raises(ValueError, match=r"'caf\\udcc3' \(row 0\) contains a lone surrogate"):
            wv.to_polars()
