"""GloVe, npz, Parquet, projector, Model2Vec and data frames: other programs' files and damage."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.runs import with_subwords

from w2vext import Word2Vec, formats
from w2vext.formats import glove, model2vec, npz, projector
from w2vext.keyedvectors import KeyedVectors

WORDS = ["wörd17", "New York", "a", "42"]


@pytest.fixture
def matrix():
    return np.random.default_rng(41).normal(size=(4, 6)).astype(np.float32)


# ---- GloVe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"the\n", "line 1: GloVe text starts with a word and its numbers; found 'the'"),
        (b"\nthe 1 2\n", "line 1: GloVe text starts"),
        (b"2 3\na 1 2 3\nb 1 2 3\n", "line 1: '2 3' is word2vec's header.*format='word2vec'"),
        (b"a 1 2\nb 1\n", "line 2: expected 2 numbers, found 1"),
        (
            b"a 1 2\n. . . 1 2\n",
            "line 2: expected 2 numbers, found 4 .does the word contain a space",
        ),
        (b"a 1 2\nb 1 inf\n", "line 2: 'inf' is not a finite"),
        (b"a 1 2\nb 1 2\na 1 2\n", "line 3: the word 'a' again, after line 1"),
        (b"a 1 2\n\xff\xfe 1 2\n", "line 2: the word is not UTF-8"),
        (b"a 1 2\n\nb 1 2\n", "line 2: an empty line"),
        (b"a b c\n", "line 1: 'b' is not a number"),
        (pickle.dumps({}), "pickle"),
        (b"", "an empty file"),
    ],
)
def test_malformed_glove(text, message, tmp_path):
    (tmp_path / "v.glove.txt").write_bytes(text)
    with pytest.raises(ValueError, match=message) as error:
        glove.read(tmp_path / "v.glove.txt")
    assert "v.glove.txt" in str(error.value)


def test_glove_of_one_dimension(tmp_path):
    (tmp_path / "v").write_bytes(b"2 3\nb 1\n")
    words, matrix, _ = glove.read(tmp_path / "v")
    assert (words, matrix.tolist()) == (["2", "b"], [[3], [1]])


def test_glove_of_many_blocks(tmp_path):
    rows = np.random.default_rng(1).normal(size=(50_000, 20)).astype(np.float32)
    words = [f"w{i ^ 37}" for i in range(len(rows))]
    glove.write(tmp_path / "v", words, rows)
    back, again, _ = glove.read(tmp_path / "v")
    assert back == words
    assert again.tobytes() == rows.tobytes()


@pytest.mark.parametrize("format", ["glove", "projector"])
def test_a_byte_order_mark_in_the_first_word(format, tmp_path):
    words, rows, path = ["\ufeffx", "y"], np.eye(2, dtype=np.float32), tmp_path / "v.tsv"
    with pytest.raises(ValueError, match=r"the word '\\ufeffx' first.* U\+FEFF.*rename it"):
        formats.write(path, words, rows, format=format)
    assert not any(tmp_path.iterdir())
    formats.write(path, words[::-1], rows, format=format)
    assert formats.read(path, format=format)[0] == words[::-1]


def test_the_projector_keeps_a_byte_order_mark_after_the_titles(tmp_path):
    projector.write(tmp_path / "v.tsv", ["\ufeffx", "y"], np.eye(2), {"counts": [2, 1]})
    assert projector.read(tmp_path / "v.tsv")[0] == ["\ufeffx", "y"]


# ---- npz


def test_numpy_reads_our_files(matrix, tmp_path):
    npz.write(tmp_path / "v.npz", WORDS, matrix, {"counts": np.arange(4)})
    with np.load(tmp_path / "v.npz", allow_pickle=False) as archive:
        assert archive["words"].tolist() == WORDS
        np.testing.assert_array_equal(archive["vectors"], matrix)
        np.testing.assert_array_equal(archive["counts"], np.arange(4))


def test_we_read_numpys_files(matrix, tmp_path):
    np.savez_compressed(tmp_path / "v.npz", words=WORDS, vectors=np.asfortranarray(matrix, float))
    words, back, _ = npz.read(tmp_path / "v.npz")
    assert words == WORDS
    np.testing.assert_array_equal(back, matrix)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"vectors": np.eye(2)}, "it does not contain words.npy, only vectors.npy"),
        ({"words": ["a", "b"]}, "it does not contain vectors.npy"),
        (
            {"words": ["a", "b", "a"], "vectors": np.eye(3)},
            "row 3: the word 'a' again, after row 1",
        ),
        ({"words": ["a", "b"], "vectors": np.eye(3)}, r"shape \(3, 3\) for 2 words"),
        ({"words": ["a", "b"], "vectors": [1.0, 2]}, "'vectors' has type"),
        ({"words": ["a", "b"], "vectors": [["x"], ["y"]]}, "'vectors' has type"),
        ({"words": [1, 2], "vectors": np.eye(2)}, r"'words' has shape \(2,\) and type int64: save"),
        ({"words": ["a", "b"], "vectors": np.diag([np.nan, 1])}, r"row 1 \('a'\): it contains NaN"),
        (
            {"words": ["a", "b"], "vectors": np.diag([1, 1e99])},
            r"row 2 \('b'\): it contains NaN or",
        ),
        ({"words": ["a"], "vectors": [[1.0]], "counts": [1.5]}, "counts has shape"),
        ({"words": np.array(["a", None]), "vectors": np.eye(2)}, "pickled objects"),
        ({"words": ["a", ""], "vectors": np.eye(2)}, "row 2: the word is empty"),
        ({"words": ["", "a"], "vectors": np.eye(2)}, "row 1: the word is empty"),
        ({"words": ["a", "b"], "vectors": np.zeros((2, 0))}, r"shape \(2, 0\): at least one"),
        ({"words": ["a"], "vectors": [[1.0]], "counts": [-1]}, r"row 1 \('a'\): counts\[0\] is -1"),
        (
            {"words": ["a"], "vectors": [[1.0]], "counts": np.array([2**64 - 1], np.uint64)},
            r"row 1 \('a'\): counts\[0\] is 18446744073709551615",
        ),
        ({"words": ["b", "a\ud800c"], "vectors": np.eye(2)}, "row 2: character 2 .*0xd800"),
    ],
)
def test_malformed_npz(arrays, message, tmp_path):
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        npz.read(tmp_path / "v.npz")


@pytest.mark.parametrize("order", "<>")
def test_npz_words_with_numbers_that_are_not_characters(order, tmp_path):
    words = np.array(["zebra", "ant"], f"{order}U5")
    words.view(f"{order}u4")[6] = 0x110000
    np.savez(tmp_path / "v.npz", words=words, vectors=np.eye(2))
    with pytest.raises(ValueError, match=r"row 2: character 2 of .* 0x110000.* download it again$"):
        npz.read(tmp_path / "v.npz")


def test_an_npz_whose_header_declares_too_much(tmp_path):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 300)}
    )
    words = io.BytesIO()
    np.save(words, np.array(["a"]))
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("words.npy", words.getvalue())
        archive.writestr("vectors.npy", head.getvalue() + b"1234")
    with pytest.raises(
        ValueError,
        match=r"declares shape \(1000000000, 300\) .* but 4 bytes follow; .* download it again$",
    ):
        npz.read(tmp_path / "v.npz")
    (tmp_path / "v.npz").write_bytes(b"word 1 2 3\n")
    with pytest.raises(ValueError, match=r"not a numpy archive .*: copy or download it again"):
        npz.read(tmp_path / "v.npz")
    (tmp_path / "v.npz").write_bytes(pickle.dumps({}))
    with pytest.raises(ValueError, match="pickle"):
        npz.read(tmp_path / "v.npz")


def test_a_long_word_does_not_pad_all_words(tmp_path):
    words = [f"w{i}" for i in range(3000)] + ["x" * 100_000]
    with pytest.raises(ValueError, match=r"'xxxx.*choose .safetensors or .parquet"):
        npz.write(tmp_path / "v.npz", words, np.ones((3001, 1)))
    assert os.listdir(tmp_path) == []


# ---- Parquet and Arrow


@pytest.fixture
def arrow():
    return pytest.importorskip("pyarrow")


def parquet_of(arrow, path, columns):
    import pyarrow.parquet

    pyarrow.parquet.write_table(arrow.table(columns), path)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"word": ["a"], "v": [[1.0]]}, "expected one column 'vector', found"),
        ({"vector": [[1.0]]}, "expected one column 'word'"),
        (
            {"word": ["a", "b"], "vector": [[1.0, 2], [1.0]]},
            "row 2: expected 2 numbers, found 1",
        ),
        ({"word": ["a", None], "vector": [[1.0], [1.0]]}, "row 2: the column 'word' has no value"),
        ({"word": ["a", "b"], "vector": [[1.0], None]}, "row 2: the column 'vector' has no value"),
        ({"word": ["a", "b"], "vector": [[1.0], [None]]}, "row 2: a number is missing"),
        ({"word": ["a", "b"], "vector": [[1.0], [float("nan")]]}, "row 2 .'b'.: it contains NaN"),
        ({"word": ["a", "a"], "vector": [[1.0], [2.0]]}, "row 2: the word 'a' again, after row 1"),
        ({"word": ["a", ""], "vector": [[1.0], [2.0]]}, "row 2: the word is empty"),
        (
            {"word": ["a", "b"], "vector": [[1.0], [2.0]], "count": [3, -1]},
            r"row 2 \('b'\): counts\[1\] is -1: give a number from 0",
        ),
        (
            {"word": ["b"], "vector": [[2.0]], "count": np.array([2**63], np.uint64)},
            r"row 1 \('b'\): counts\[0\] is 9223372036854775808",
        ),
        ({"word": ["a"], "vector": np.array([[]], float).tolist()}, "'vector' has type list<"),
        ({"word": [1, 2], "vector": [[1.0], [2.0]]}, "'word' has type int64, expected strings"),
        ({"word": ["a"], "vector": [1.0]}, "'vector' has type double, expected lists"),
        (
            {"word": ["a"], "vector": [["x"]]},
            "'vector' has type list<.*>, expected lists of floats",
        ),
        ({"word": ["a"], "vector": [[1.0]], "count": [None]}, "'count' needs an integer"),
    ],
)
def test_malformed_parquet(columns, message, arrow, tmp_path):
    parquet_of(arrow, tmp_path / "v.parquet", columns)
    with pytest.raises(ValueError, match=message):
        formats.read(tmp_path / "v.parquet")


def test_files_that_are_not_parquet(arrow, tmp_path):
    for content, message in (
        (b"PAR1 and no more", "not a valid Parquet file .*: copy, download or write it again$"),
        (b"ARROW1 and no more", "not a valid Arrow file .*: copy, download or write it again$"),
        (b"word 1 2 3\n", "expected a Parquet or Arrow file, found something else"),
        (b"", "expected a Parquet or Arrow file, found something else"),
        (pickle.dumps({}), "expected a Parquet or Arrow file, found a Python pickle"),
    ):
        (tmp_path / "v.parquet").write_bytes(content)
        with pytest.raises(ValueError, match=message):
            formats.read(tmp_path / "v.parquet", "parquet")


def test_words_with_spaces_and_doubles(arrow, matrix, tmp_path):
    formats.write(tmp_path / "v.parquet", WORDS, matrix)
    assert formats.read(tmp_path / "v.parquet")[0] == WORDS
    parquet_of(arrow, tmp_path / "w.parquet", {"word": ["a", "b"], "vector": [[0.1, 2], [3.0, 4]]})
    np.testing.assert_array_equal(
        formats.read(tmp_path / "w.parquet")[1], np.array([[0.1, 2], [3, 4]], np.float32)
    )


def test_the_error_without_pyarrow_names_the_extra(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"w2vext\[parquet\]"):
        formats.write(tmp_path / "v.parquet", ["a"], [[1.0]])
    (tmp_path / "v.parquet").write_bytes(b"PAR1")
    with pytest.raises(ImportError, match=r"w2vext\[parquet\]"):
        formats.read(tmp_path / "v.parquet")


def _alone(code, folder):
    """(stdout, stderr) of a process that runs `code` in `folder`."""
    package = os.path.dirname(os.path.dirname(formats.__path__[0]))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": package},
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_reading_in_a_new_process(suffix, arrow, matrix, tmp_path):
    """In a new process, because another test may have imported the parts of pyarrow already."""
    KeyedVectors(WORDS, matrix).save(tmp_path / f"v{suffix}")
    code = f"from w2vext import KeyedVectors; print(len(KeyedVectors.load('v{suffix}')))"
    assert _alone(code, tmp_path) == ("4\n", "")


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="needs /proc")
@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_reading_a_table_leaves_no_threads(suffix, arrow, matrix, tmp_path):
    """A thread of pyarrow may abort a process that ends right after reading."""
    KeyedVectors(WORDS, matrix).save(tmp_path / f"v{suffix}")
    code = (
        "import os, pyarrow.feather, pyarrow.parquet\n"
        "from w2vext import KeyedVectors\n"
        "before = os.listdir('/proc/self/task')\n"
        f"KeyedVectors.load('v{suffix}')\n"
        "print(len(os.listdir('/proc/self/task')) - len(before))"
    )
    assert _alone(code, tmp_path) == ("0\n", "")


# ---- Embedding Projector


def test_projector_files(matrix, tmp_path):
    projector.write(tmp_path / "v.tsv", WORDS, matrix)
    assert (tmp_path / "v.metadata.tsv").read_text("utf-8") == "wörd17\nNew York\na\n42\n"
    assert len((tmp_path / "v.tsv").read_text().splitlines()[0].split("\t")) == 6
    projector.write(tmp_path / "v.tsv", WORDS, matrix, {"counts": [4, 3, 2, 1]})
    assert (tmp_path / "v.metadata.tsv").read_text("utf-8").startswith("word\tcount\nwörd17\t4\n")
    with pytest.raises(ValueError, match="white space"):
        projector.write(tmp_path / "w.tsv", ["a\tb"], [[1.0]])
    assert not (tmp_path / "w.tsv").exists()


@pytest.mark.parametrize(
    ("numbers", "words", "message"),
    [
        (b"1\t2\n3\t4\n", b"a\n", "metadata.tsv: 1 words for the 2 vectors of .*v.tsv"),
        (b"1\t2\n3\n", b"a\nb\n", "v.tsv, line 2: expected 2 numbers, found 1"),
        (b"1\t2\n3\tx\n", b"a\nb\n", "v.tsv, line 2: 'x' is not a number"),
        (b"1\t2\n3\tnan\n", b"a\nb\n", "v.tsv, line 2: 'nan' is not a finite"),
        (b"1\t2\n3\t4\n", b"a\n\xff\n", "metadata.tsv, line 2: not UTF-8 at its byte 0"),
        (b"1\t2\n3\t4\n", b"a\na\n", "metadata.tsv, row 2: the word 'a' again"),
        (b"1\t2\n3\t4\n", b"a\n\nb\n", "3 words for the 2 vectors"),
        (b"1\t2\n3\t4\n", b"a\n\n", "row 2: the word is empty"),
        (b"1\t2\n3\t4\n", b"word\tcount\na\t1\nb\n", "line 3: expected 2 columns, found 1"),
        (b"1\t2\n3\t4\n", b"word\tcount\na\t1\nb\tx\n", "line 3: 'x' is not a count"),
        (
            b"1\t2\n3\t4\n",
            b"word\tcount\na\t9223372036854775808\nb\t1\n",
            r"line 2: '9223372036854775808' is not a count from 0 to 2\*\*63 - 1",
        ),
        (b"\n", b"a\n", "v.tsv, line 1: "),
        (b"", b"", "empty file"),
    ],
)
def test_malformed_projector_files(numbers, words, message, tmp_path):
    (tmp_path / "v.tsv").write_bytes(numbers)
    (tmp_path / "v.metadata.tsv").write_bytes(words)
    with pytest.raises(ValueError, match=message):
        projector.read(tmp_path / "v.tsv")


def test_missing_projector_words(tmp_path):
    (tmp_path / "v.tsv").write_bytes(b"1\t2\n")
    with pytest.raises(FileNotFoundError, match=r"v\.metadata\.tsv"):
        projector.read(tmp_path / "v.tsv")


# ---- Model2Vec


def test_model2vec_loads_our_folders(matrix, tmp_path):
    library = pytest.importorskip("model2vec")
    words = ["b", "[UNK]", "wörd", "don't"]
    KeyedVectors(words, matrix).save(tmp_path / "m.model2vec")
    model = library.StaticModel.from_pretrained(str(tmp_path / "m.model2vec"))
    got = model.encode(["b  wörd nothing", "don't", "nothing"])
    np.testing.assert_allclose(
        got, [(matrix[0] + matrix[2]) / 2, matrix[3], 0 * matrix[0]], rtol=1e-6
    )
    back = KeyedVectors.load(tmp_path / "m.model2vec")
    assert back.index_to_key == words


def test_sentence_transformers_loads_our_folders(matrix, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    library = pytest.importorskip(
        "sentence_transformers", reason="too large to be a test dependency"
    )
    wv = KeyedVectors(["b", "a", "wörd", "don't"], matrix)
    wv.save(tmp_path / "m", format="sentence-transformers")
    model = library.SentenceTransformer(str(tmp_path / "m"), device="cpu")
    got = model.encode(["b  wörd", "don't", "a nothing", "nothing"])
    wanted = [(matrix[0] + matrix[2]) / 2, matrix[3], matrix[1], 0 * matrix[0]]
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


def tokens_of(folder, text):
    tokenizers = pytest.importorskip("tokenizers")
    return tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids


def test_the_tokenizer_finds_words_between_white_space(tmp_path):
    words = ["x", "▁a", "naïve", "你", "a\u00a0b", "don't"]
    model2vec.write(tmp_path / "m", words, np.eye(6))
    assert tokens_of(tmp_path / "m", " x  ▁a\tdon't\nnaïve x你 你 a\u00a0b xx a") == [
        0,
        1,
        5,
        2,
        3,
        4,
    ]
    assert tokens_of(tmp_path / "m", "") == []
    assert model2vec.read(tmp_path / "m")[0] == words


def test_lower_case_of_a_final_sigma(tmp_path):
    words = ["tea", "éclair", "σοφοσ", "σοφος", "σ"]
    rules = SimpleNamespace(described=lambda: {"lowercase": True})
    model2vec.write(tmp_path / "m", words, np.eye(5), {"tokenizer": rules})
    assert tokens_of(tmp_path / "m", "TEA Éclair ΣΟΦΟΣ Σ") == [0, 1, 3, 4]


def test_words_that_begin_with_every_mark(tmp_path):
    words = list(model2vec._hf_tokenizer.PREFIXES)
    with pytest.raises(ValueError, match="mark the beginning of words"):
        model2vec.write(tmp_path / "m", words, np.eye(5))
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(("dtype", "error"), [("float16", 1e-3), ("int8", 0.005)])
def test_folders_of_small_numbers(dtype, error, matrix, tmp_path):
    words, rows = ["b", "a", "c", "d"], matrix * np.array([[1], [100], [1e-3], [0]], np.float32)
    model2vec.write(tmp_path / "m", words, rows, dtype=dtype)
    back, got, _ = model2vec.read(tmp_path / "m")
    assert back == words and got.dtype == np.float32
    assert (np.abs(got - rows) <= error * np.abs(rows).max(axis=1, keepdims=True)).all()
    kind = {"float16": b'"F16"', "int8": b'"I8"'}[dtype]
    assert kind in (tmp_path / "m" / "model.safetensors").read_bytes()
    library = pytest.importorskip("model2vec")
    model = library.StaticModel.from_pretrained(str(tmp_path / "m"))
    np.testing.assert_allclose(model.encode(["b", "c d"]), [got[0], got[2] / 2], rtol=2e-3)


def test_numbers_that_a_folder_cannot_store(tmp_path):
    with pytest.raises(ValueError, match=r"'big' as float16 \(beyond 65504\)"):
        model2vec.write(tmp_path / "m", ["big"], [[1e5]], dtype="float16")
    with pytest.raises(ValueError, match="dtype='int4': choose 'float32', 'float16' or 'int8'"):
        model2vec.write(tmp_path / "m", ["a"], [[1.0]], dtype="int4")
    with pytest.raises(ValueError, match="for 'int8' choose the format 'model2vec'"):
        KeyedVectors(["a"], [[1.0]]).save(tmp_path / "m", "sentence-transformers", dtype="int8")
    assert not (tmp_path / "m").exists()


def test_the_model_card(tmp_path):
    meta = {"counts": np.array([30, 12]), "parameters": {"params": {"window": 5, "loss": "a|b"}}}
    model2vec.write(tmp_path / "m", ["a", "b"], [[1.0], [2.0]], meta)
    card = (tmp_path / "m" / "README.md").read_text()
    assert "2 words, 1 dimensions, float32" in card and "occur 42 times" in card
    assert "| `window` | `5` |" in card and "a\\|b" in card
    assert "SentenceTransformer" in card and "| score |" not in card
    model2vec.write(tmp_path / "m", ["a"], [[1.0]], dtype="int8")  # replaces the folder
    assert "StaticModel" in (tmp_path / "m" / "README.md").read_text()
    assert not (tmp_path / "m" / "modules.json").exists()


@pytest.mark.parametrize("form", ["model2vec", "sentence-transformers"])
def test_the_model_card_of_a_trained_model(tmp_path, form):
    model = Word2Vec(vector_size=3, window=4, min_count=1, epochs=1, trim_rule=lambda *_: None)
    wv = model.fit([["b", "a"], ["a", "c", "b"]]).wv
    scores = {"WordSim-353": 0.6789123, "a|b\nc": np.float32(2)}
    wv.restrict(["a", "c"]).save(tmp_path / "m", form, scores=scores)
    card = (tmp_path / "m" / "README.md").read_text()
    assert "| `window` | `4` |" in card and "| `epochs` | `1` |" in card and "trim_rule" not in card
    assert "| score | value |\n|---|---|\n| WordSim-353 | 0.6789 |\n| a\\|b c | 2 |\n" in card
    model = model.set_params(trim_rule=None)
    model.save(tmp_path / "m.safetensors")
    KeyedVectors.load(tmp_path / "m.safetensors").save(tmp_path / "again", form)
    assert "| `window` | `4` |" in (tmp_path / "again" / "README.md").read_text()


@pytest.mark.parametrize(
    "scores, message",
    [
        ([1], r"scores=\[1\]: give a mapping of names to numbers"),
        ({"a": "x"}, "scores: 'a' is 'x': give a number"),
        ({"a": True}, "scores: 'a' is True: give a number"),
    ],
)
def test_wrong_scores_of_a_model_card(tmp_path, scores, message):
    with pytest.raises(TypeError, match=message):
        KeyedVectors(["a"], [[1.0]]).save(tmp_path / "m", "sentence-transformers", scores=scores)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
def test_spacy_loads_our_text(suffix, tmp_path):
    pytest.importorskip("spacy", reason="too large to be a test dependency")
    import spacy

    words = ["the", "wörd", "don't", "42", "🙂", "</s>"]
    rows = np.random.default_rng(6).normal(size=(6, 5)).astype(np.float32)
    KeyedVectors(words, rows).save(tmp_path / f"v{suffix}")
    command = [sys.executable, "-m", "spacy", "init", "vectors", "en"]
    subprocess.run(
        [*command, tmp_path / f"v{suffix}", tmp_path / "made"],
        check=True,
        capture_output=True,
        timeout=600,
    )
    vocabulary = spacy.load(tmp_path / "made").vocab
    assert vocabulary.vectors.shape == rows.shape
    for word, row in zip(words, rows, strict=True):
        np.testing.assert_array_equal(vocabulary.get_vector(word), row)


def test_we_read_model2vecs_folders(matrix, tmp_path):
    library = pytest.importorskip("model2vec")
    KeyedVectors(["b", "a", "c", "d"], matrix).save(tmp_path / "m.model2vec")
    model = library.StaticModel.from_pretrained(str(tmp_path / "m.model2vec"))
    model.save_pretrained(str(tmp_path / "theirs"))
    back = KeyedVectors.load(tmp_path / "theirs")
    assert back.index_to_key == ["b", "a", "c", "d"]
    np.testing.assert_array_equal(back.vectors, matrix)


@pytest.fixture
def folder(matrix, tmp_path):
    model2vec.write(tmp_path / "m", ["b", "a", "c", "d"], matrix)
    return tmp_path / "m"


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t["model"].pop("vocab"), "has no list of tokens"),
        (lambda t: t["model"]["vocab"].update(e=9), "ids are not 0 to 4, each once"),
        (lambda t: t["model"]["vocab"].update({"▁a": 0}), "ids are not 0 to 3, each once"),
        (lambda t: t["model"]["vocab"].update(e=4), "4 embeddings for 5 tokens"),
        (lambda t: t.update(model=[]), "has no list of tokens"),
        (lambda t: t.update(added_tokens=7), "'added_tokens' is 7, expected a list"),
        (lambda t: t["model"]["vocab"].update(a=None), "the token 'a' has the id None"),
        (lambda t: t["added_tokens"].append({"content": ["x"], "id": 4}), r"the token \['x'\] has"),
        (lambda t: t["model"]["vocab"].update({"a\ud800": 4}), "a lone surrogate"),
    ],
)
def test_malformed_tokenizers(change, message, folder):
    edit(folder / "tokenizer.json", change)
    with pytest.raises(ValueError, match=message):
        model2vec.read(folder)


def test_malformed_model2vec_folders(folder):
    for name in ("tokenizer.json", "config.json"):
        good = (folder / name).read_bytes()
        for bad, message in (
            (good[:-5], "not valid JSON"),
            (b"[1]", "JSON object"),
            (b"\xff", "not valid JSON"),
        ):
            (folder / name).write_bytes(bad)
            with pytest.raises(ValueError, match=f"{message}.*: .*copy or download it again$"):
                model2vec.read(folder)
        (folder / name).write_bytes(good)
    good = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(good[:-4])
    with pytest.raises(ValueError, match=r"not a valid safetensors.* copy or download it again$"):
        model2vec.read(folder)
    (folder / "model.safetensors").write_bytes(pickle.dumps(np.eye(3)))
    with pytest.raises(ValueError, match="not a valid safetensors file"):
        model2vec.read(folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no tokenizer\.json: check the path, or"):
        model2vec.read(folder)


def test_a_folder_with_other_files_is_not_replaced(folder):
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"'thesis\.tex'"):
        model2vec.write(folder, ["x"], [[1.0]])
    assert (folder / "thesis.tex").read_text() == "years of work"
    (folder / "thesis.tex").unlink()
    model2vec.write(folder, ["x"], [[1.0]])
    assert model2vec.read(folder)[0] == ["x"]
    assert sorted(os.listdir(folder.parent)) == ["m"]
    with pytest.raises(NotADirectoryError):
        model2vec.write(folder / "config.json", ["x"], [[1.0]])


# ---- gensim's objects and data frames


def test_gensim_objects(matrix):
    pytest.importorskip("gensim")
    wv = KeyedVectors(WORDS, matrix, counts=[9, 5, 4, 1])
    theirs = wv.to_gensim()
    assert theirs.get_vecattr("a", "count") == 4
    assert np.shares_memory(theirs.vectors, wv.vectors)
    assert [w for w, _ in theirs.most_similar("a")] == [w for w, _ in wv.most_similar("a")]
    back = KeyedVectors.from_gensim(theirs)
    assert back.index_to_key == WORDS
    assert back.counts.tolist() == [9, 5, 4, 1]
    np.testing.assert_array_equal(back.vectors, matrix)
    assert KeyedVectors.from_gensim(KeyedVectors(WORDS, matrix).to_gensim()).counts is None
    with pytest.raises(TypeError, match="'index_to_key'"):
        KeyedVectors.from_gensim({})


def test_a_trained_gensim_model():
    gensim = pytest.importorskip("gensim.models")
    model = gensim.Word2Vec([["a", "b", "c"]] * 20, vector_size=4, min_count=1, workers=1, seed=1)
    wv = KeyedVectors.from_gensim(model)
    assert wv.counts.tolist() == [20, 20, 20]
    np.testing.assert_array_equal(wv["a"], model.wv["a"])


def test_gensim_gets_the_ngrams_and_gives_them_back():
    pytest.importorskip("gensim")
    wv = (
        with_subwords(epochs=2, sample=0.0)
        .fit([["tea", "teas", "coffee", "日本語"], ["tea", "teas"]])
        .wv
    )
    theirs = wv.to_gensim()
    assert type(theirs).__name__ == "FastTextKeyedVectors"
    assert np.shares_memory(theirs.vectors, wv.vectors)
    unknown = ["teascup", "日本", "coffeetea"]
    for word in unknown:
        np.testing.assert_allclose(theirs[word], wv[word], atol=1e-6)
    assert theirs.most_similar("teascup")[0][0] == wv.most_similar("teascup")[0][0]
    assert theirs.get_vecattr("tea", "count") == 2
    before = theirs.vectors.copy()
    theirs.adjust_vectors()  # composes the words again
    np.testing.assert_allclose(theirs.vectors, before, atol=1e-6)
    back = KeyedVectors.from_gensim(theirs)
    np.testing.assert_array_equal(back.vectors, theirs.vectors)
    for word in unknown:
        np.testing.assert_allclose(back[word], wv[word], atol=1e-6)
    assert back.ngrams("teas")[0][0] == wv.ngrams("teas")[0][0]
    few = wv.restrict(["tea", "日本語"]).to_gensim()
    np.testing.assert_allclose(few["teascup"], wv["teascup"], atol=1e-6)
    assert KeyedVectors(wv.index_to_key, wv.vectors).to_gensim().__class__.__name__ == (
        "KeyedVectors"
    )


def test_a_gensim_fasttext_model():
    gensim = pytest.importorskip("gensim.models")
    options = dict(vector_size=4, min_count=1, workers=1, seed=1, bucket=100, epochs=1)
    model = gensim.FastText([["tea", "teas", "coffee"]] * 20, **options)
    wv = KeyedVectors.from_gensim(model)
    for word in ("tea", "teascup", "coff"):
        np.testing.assert_allclose(wv[word], model.wv[word], atol=1e-6)
    assert "teascup" not in wv
    no_ngrams = gensim.FastText([["tea", "teas"]] * 20, **options | {"max_n": 0, "min_n": 1})
    assert KeyedVectors.from_gensim(no_ngrams).subwords is None
    model.wv.compatible_hash = False
    with pytest.raises(ValueError, match=r"hashed by gensim before version 3\.7"):
        KeyedVectors.from_gensim(model)


def test_pruned_ngrams_do_not_become_gensims():
    pytest.importorskip("gensim")
    path = Path(__file__).parent / "fasttext_files" / "cut_ns.ftz"
    with pytest.raises(ValueError, match="to_gensim: the n-grams of these vectors were pruned"):
        KeyedVectors.load(path).to_gensim()


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("counts", [None, [9, 5, 4, 1]])
def test_data_frames(library, counts, matrix):
    pytest.importorskip(library)
    wv = KeyedVectors(WORDS, matrix, counts)
    frame = getattr(wv, f"to_{library}")()
    assert len(frame) == 4
    back = KeyedVectors.from_frame(frame)
    assert back.index_to_key == WORDS
    np.testing.assert_array_equal(back.vectors, matrix)
    assert back.counts is None if counts is None else back.counts.tolist() == counts


def test_invalid_data_frames():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(TypeError, match="not a data frame"):
        KeyedVectors.from_frame([1, 2])
    with pytest.raises(ValueError, match="'b' contains NaN"):
        KeyedVectors.from_frame(pandas.DataFrame({0: [1.0, np.nan]}, index=["a", "b"]))
    with pytest.raises(ValueError, match="row 1 has 2 numbers, and row 0 has 1: give"):
        KeyedVectors.from_frame(pandas.DataFrame({"word": ["a", "b"], "vector": [[1.0], [1.0, 2]]}))
    with pytest.raises(ValueError, match="'a' more than once"):
        KeyedVectors.from_frame(pandas.DataFrame({0: [1.0, 2]}, index=["a", "a"]))


def test_folders_of_modules_of_sentence_transformers(matrix, tmp_path):
    words = ["b", "a", "c", "d"]
    inner = tmp_path / "m" / "0_StaticEmbedding"
    inner.mkdir(parents=True)
    model2vec.write(tmp_path / "flat", words, matrix)
    (tmp_path / "flat" / "tokenizer.json").rename(inner / "tokenizer.json")
    with open(inner / "model.safetensors", "wb") as file:
        model2vec._tensors.write(file, {"embedding.weight": np.float32(matrix)}, {})
    kind = "sentence_transformers.models.StaticEmbedding"
    modules = tmp_path / "m" / "modules.json"
    modules.write_text(json.dumps([{"idx": 0, "path": "0_StaticEmbedding", "type": kind}]))
    found = KeyedVectors.load(tmp_path / "m")
    assert found.index_to_key == words
    np.testing.assert_array_equal(found.vectors, np.float32(matrix))
    for path in ("", "..", "../m", "/etc", None):
        modules.write_text(json.dumps([{"path": path, "type": kind}, "x"]))
        with pytest.raises(ValueError, match="names no module StaticEmbedding with a folder"):
            KeyedVectors.load(tmp_path / "m")
    modules.write_text(json.dumps([{"path": "other", "type": kind}]))
    with pytest.raises(FileNotFoundError, match="other: not a Model2Vec folder: it has no model"):
        KeyedVectors.load(tmp_path / "m")
