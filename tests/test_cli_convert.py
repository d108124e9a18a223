"""`w2vext convert`: every format and back, what is lost, and errors."""

import os

import numpy as np
import pytest

from w2vext import FastText, KeyedVectors, Word2Vec, cli, formats
from w2vext.cli import convert

WORDS = ["wörd17", "你好", "a", "…", "naïve", "42", "-1.5", "🙂", "</s>"]
TEXT = [".txt", ".glove.txt", ".vec", ".tsv"]
SUFFIXES = [
    *TEXT,
    *(text + packed for text in TEXT for packed in (".gz", ".xz", ".bz2")),
    ".bin",
    ".bin.gz",
    ".safetensors",
    ".npz",
    ".parquet",
    ".arrow",
    ".feather",
    ".model2vec",
]
KEEP_COUNTS = (".tsv", ".safetensors", ".npz", ".parquet", ".arrow", ".feather")


@pytest.fixture
def vectors():
    rows = np.random.default_rng(17).normal(size=(len(WORDS), 5)).astype(np.float32)
    rows[3] = 0
    rows[4] = [-0.0, 1e-45, 3.4028235e38, -1.1754944e-38, 0.1]
    return KeyedVectors(WORDS, rows, counts=[90, 71, 50, 2**40, 11, 9, 3, 2, 1])


def run(*args):
    return cli.main(["convert", *map(str, args)])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_conversion_to_each_format(suffix, vectors, tmp_path, capsys):
    if suffix in (".parquet", ".arrow", ".feather"):
        pytest.importorskip("pyarrow")
    start, there = tmp_path / "start.safetensors", tmp_path / f"there{suffix}"
    vectors.save(start)
    keeps = any(kept in suffix for kept in KEEP_COUNTS)
    assert run(start, there) == 0
    out, err = capsys.readouterr()
    assert out == "" and f"there{suffix}: 9 words, 5 dimensions (native to " in err
    assert ("does not store" in err) is not keeps
    assert run(there, tmp_path / "back.safetensors") == 0
    assert "does not store" not in capsys.readouterr().err
    back = KeyedVectors.load(tmp_path / "back.safetensors")
    assert back.index_to_key == WORDS
    assert back.vectors.tobytes() == vectors.vectors.tobytes()
    if keeps:
        assert (tmp_path / "back.safetensors").read_bytes() == start.read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_text_is_the_same_bytes_after_conversion_and_back(suffix, vectors, tmp_path, capsys):
    if suffix in (".parquet", ".arrow", ".feather"):
        pytest.importorskip("pyarrow")
    vectors.save(tmp_path / "start.txt")
    for source, target in (("start.txt", f"there{suffix}"), (f"there{suffix}", "back.txt")):
        assert run(tmp_path / source, tmp_path / target) == 0
    assert (tmp_path / "back.txt").read_bytes() == (tmp_path / "start.txt").read_bytes()


def test_lost_parts_of_a_model_are_reported(tmp_path, capsys):
    sentences = [[71, 34, 12, 5], [12, 34, 9, 71]] * 9
    how = {"min_count": 1, "vector_size": 4, "workers": 1, "random_state": 2}
    Word2Vec(loss="hs", pooling="idf", **how).fit(sentences).save(tmp_path / "m.safetensors")
    assert run(tmp_path / "m.safetensors", tmp_path / "m.npz") == 0
    said = capsys.readouterr().err.splitlines()[1]
    assert said.startswith(
        f"{tmp_path}/m.npz does not store all that {tmp_path}/m.safetensors does: "
    )
    for lost in ("output vectors", "training parameters", "pooling", "were numbers"):
        assert lost in said
    assert "counts" not in said
    assert run(tmp_path / "m.safetensors", tmp_path / "m2.safetensors") == 0
    assert "does not store" not in capsys.readouterr().err
    assert (tmp_path / "m2.safetensors").read_bytes() == (tmp_path / "m.safetensors").read_bytes()


def test_every_part_that_may_be_lost_has_a_name():
    assert set(convert.LOST) == formats.HOLDS["native"] | {"labels"}


def test_the_help_names_every_format(capsys):
    assert cli.main(["convert", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(suffix in shown for suffix in formats.SUFFIXES)
    assert all(name in shown for name in formats.FORMATS)
    assert max(map(len, convert.FORMATS.splitlines())) <= 80


def test_format_to_and_limit(vectors, tmp_path, capsys):
    vectors.save(tmp_path / "a.txt")
    (tmp_path / "a.txt").rename(tmp_path / "a.data")
    by_name = ["--format", "word2vec", "--to", "glove", "--limit", "3"]
    assert run(tmp_path / "a.data", tmp_path / "b.data", *by_name) == 0
    assert KeyedVectors.load(tmp_path / "b.data", "glove").index_to_key == WORDS[:3]
    assert "3 words, 5 dimensions (word2vec to glove)" in capsys.readouterr().err


def test_words_that_are_not_utf8(tmp_path, capsys):
    (tmp_path / "a.txt").write_bytes(b"1 2\n\xff 1 2\n")
    assert run(tmp_path / "a.txt", tmp_path / "b.vec") == 1
    assert "--errors replace replaces it" in capsys.readouterr().err
    assert run(tmp_path / "a.txt", tmp_path / "b.vec", "--errors", "replace") == 0
    assert KeyedVectors.load(tmp_path / "b.vec").index_to_key == ["\ufffd"]


@pytest.mark.parametrize(
    ("source", "target", "status", "message"),
    [
        ("gone.txt", "b.vec", 1, "gone.txt: No such file"),
        ("a.txt", "b.doc", 1, "the suffix does not tell which format"),
        ("a.txt", "b.npz.gz", 1, "only text and word2vec's binary"),
        ("a.txt", "a.txt", 1, "is one of the inputs"),
        ("a.txt", "nowhere/b.txt", 1, "there is no folder"),
        ("a.safetensors", "b.txt", 1, "expected word vectors, found a Python pickle"),
        ("a.npz", "b.txt", 1, "a.npz"),
    ],
)
def test_errors_are_one_line(source, target, status, message, tmp_path, capsys):
    KeyedVectors(["a"], [[1, 2]]).save(tmp_path / "a.txt")
    (tmp_path / "a.safetensors").write_bytes(b"\x80\x04\x95pickle")
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04cut off")
    before = sorted(os.listdir(tmp_path))
    assert run(tmp_path / source, tmp_path / target) == status
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and message in err
    assert sorted(os.listdir(tmp_path)) == before


def test_a_word_that_the_target_cannot_store(tmp_path, capsys):
    KeyedVectors(["New York", "b"], np.eye(2)).save(tmp_path / "a.safetensors")
    assert run(tmp_path / "a.safetensors", tmp_path / "b.txt") == 1
    assert "'New York': it contains white space" in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["a.safetensors"]


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
def test_an_invalid_limit(limit, tmp_path, capsys):
    assert run("a.txt", "b.txt", "--limit", limit) == 2
    assert "argument --limit" in capsys.readouterr().err


@pytest.fixture
def large(tmp_path):
    rows = np.random.default_rng(5).normal(size=(300, 16)) * np.linspace(2, 0.1, 16)
    counts = np.random.default_rng(6).permutation(300) * 2 + 1
    wv = KeyedVectors([f"w{i * 7 % 300}" for i in range(300)], rows, counts)
    wv.save(tmp_path / "v.safetensors")
    return wv


@pytest.mark.parametrize(
    ("target", "options", "how"),
    [
        ("s.safetensors", ["--dtype", "float16"], {"dtype": "float16"}),
        ("s.model2vec", ["--dtype", "int8"], {"dtype": "int8"}),
        ("s.npz", ["--dimensions", "6"], {"dimensions": 6}),
        ("s.npz", ["--top", "40"], {"words": 40}),
        ("s.npz", ["--min-count", "101"], {"words": 250}),
        ("s.npz", ["--min-count", "101", "--top", "20"], {"words": 20}),
        (
            "s.model2vec",
            ["--dtype", "int8", "--dimensions", "4", "--min-count", "501"],
            {"dtype": "int8", "dimensions": 4, "words": 50},
        ),
    ],
)
def test_smaller_vectors(target, options, how, large, tmp_path, capsys):
    assert run(tmp_path / "v.safetensors", tmp_path / target, *options) == 0
    out, err = capsys.readouterr()
    expected = large.compress(**how)
    written = KeyedVectors.load(tmp_path / target)
    assert written.index_to_key == expected.wv.index_to_key
    np.testing.assert_allclose(written.vectors, expected.wv.vectors, rtol=1e-5, atol=1e-6)
    assert out == "" and str(expected) in err
    assert f"{len(expected.wv)} of 300 words, {expected.wv.vector_size} of 16 dimensions" in err
    if "words" in how:
        kept = np.sort(large.frequent_rows(how["words"]))
        assert written.index_to_key == [large.index_to_key[row] for row in kept]


def test_subwords_are_lost_by_smaller_vectors(tmp_path, capsys):
    model = FastText(min_count=1, vector_size=4, epochs=1, sample=0, workers=1, bucket=50)
    model.fit([["tea", "cup", "rain"]] * 20).wv.save(tmp_path / "v.safetensors")
    assert run(tmp_path / "v.safetensors", tmp_path / "s.txt", "--dimensions", "2") == 0
    assert "does not store the vectors of n-grams" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "target", "options", "message"),
    [
        ("v.safetensors", "s.txt", ["--dtype", "int8"], "'word2vec' does not store such numbers"),
        ("v.safetensors", "s.safetensors", ["--dtype", "int8"], "give --to model2vec, or leave"),
        ("v.safetensors", "s.txt", ["--min-count", "600"], "so often: give at most 599"),
        ("v.txt", "s.npz", ["--min-count", "3"], "v.txt has no counts of words: give --top"),
        ("v.safetensors", "s.txt", ["--dimensions", "17"], "at most the 16 dimensions"),
    ],
)
def test_errors_of_smaller_vectors(source, target, options, message, large, tmp_path, capsys):
    large.save(tmp_path / "v.txt")
    assert run(tmp_path / source, tmp_path / target, *options) == 1
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1
    assert not (tmp_path / target).exists()
