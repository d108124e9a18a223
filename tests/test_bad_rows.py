"""Files with bad rows: what `on_bad_rows="skip"` and `words` read, and what is reported."""

import struct
import warnings

import numpy as np
import pytest

from w2vext import KeyedVectors, formats
from w2vext.formats import native

WORDS = ["zebra", "ant", "bee", "cow"]


def load(path, format=None, **how):
    """The words, the vectors and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        wv = KeyedVectors.load(path, format, **how)
    return wv.index_to_key, wv.vectors.tolist(), [str(warning.message) for warning in caught]


# Rows that published files have: GloVe 840B, NILC, Chinese-Word-Vectors, wikipedia2vec.
FAMOUS = [
    (
        "glove",
        "the 1 2 3\n. . . 4 5 6\nat name@domain.com 7 8 9\ncat 3 2 1\n",
        {"the": [1, 2, 3], ". . .": [4, 5, 6], "at name@domain.com": [7, 8, 9], "cat": [3, 2, 1]},
        "read 2 with a word that contains blanks (first: line 2, '. . .')",
    ),
    (
        "glove",
        ". . . 4 5 6\nthe 1 2 3\ncat 3 2 1\n",
        {". . .": [4, 5, 6], "the": [1, 2, 3], "cat": [3, 2, 1]},
        "read 1 with a word that contains blanks (first: line 1, '. . .')",
    ),
    (
        "word2vec",
        "2 3\n0,0 km² 1 2 3\nb 3 4 5\n",
        {"0,0 km²": [1, 2, 3], "b": [3, 4, 5]},
        "read 1 with a word that contains blanks (first: line 2, '0,0 km²')",
    ),
    (
        "word2vec",
        "2 3\na 1 2 3\n 4 5 6\n",
        {"a": [1, 2, 3]},
        "left out 1 row: 1 with no word (first: line 3, ' 4 5 6')",
    ),
    (
        "word2vec",
        "3 2\n..... 1 2\nb 3 4\n..... 5 6\n",
        {".....": [1, 2], "b": [3, 4]},
        "left out 1 row: 1 with a word that occurred before (first: line 4, '.....')",
    ),
    (
        "fasttext",
        "2 2\na 1 2\n\t 3 4\n",
        {"a": [1, 2]},
        "left out 1 row: 1 with no word (first: line 3, '\\t 3 4')",
    ),
    (
        "word2vec",
        "2 2\na 1 2\n\n 3 4\n",
        {"a": [1, 2]},
        "left out 2 rows: 2 with no word (first: line 3, ''); it has 3 rows instead of the 2 "
        "words that its header declares",
    ),
    (
        "word2vec",
        "2 3\na 1 2 3\nword-0.5 2 3\n",
        {"a": [1, 2, 3]},
        "left out 1 row: 1 with a wrong number of numbers or something that is not a number "
        "(first: line 3, 'word-0.5 2 3')",
    ),
    (
        "word2vec",
        "3 2\nx 5 nan\na 1 2\ny 1e39 0\n",
        {"a": [1, 2]},
        "left out 2 rows: 2 with NaN or infinity (first: line 2, 'x 5 nan')",
    ),
    (
        "glove",
        "x 1 2\ny 1 o\nNew York 1e999 0\nz 3 4\n",
        {"x": [1, 2], "z": [3, 4]},
        "left out 2 rows: 1 with a wrong number of numbers or something that is not a number "
        "(first: line 2, 'y 1 o'), 1 with NaN or infinity (first: line 3, 'New York 1e999 0')",
    ),
]


@pytest.mark.parametrize(("format", "text", "expected", "message"), FAMOUS)
def test_rows_of_known_files(format, text, expected, message, tmp_path):
    (tmp_path / "v").write_text(text, "utf-8", newline="")
    with pytest.raises(ValueError, match=r"v, line \d: .*on_bad_rows='skip'"):
        KeyedVectors.load(tmp_path / "v", format)
    for named in (format, None):
        words, rows, said = load(tmp_path / "v", named, on_bad_rows="skip")
        assert dict(zip(words, rows, strict=True)) == expected
        assert said == [f"{tmp_path / 'v'}: {message}"]


@pytest.mark.parametrize(("format", "text", "expected", "message"), FAMOUS)
def test_wanted_words_need_no_other_row_to_be_sound(format, text, expected, message, tmp_path):
    (tmp_path / "v").write_text(text, "utf-8", newline="")
    plain = [word for word in expected if " " not in word and text.count(word + " ") == 1]
    assert load(tmp_path / "v", format, words=[*plain, "none"])[0] == plain
    for word in set(expected) - set(plain):
        with pytest.raises(ValueError, match=r"line \d"):
            load(tmp_path / "v", format, words=[word])
    found, _, _ = load(tmp_path / "v", format, words=expected, on_bad_rows="skip")
    assert found == list(expected)


def test_a_bad_row_of_a_wanted_word_is_an_error(tmp_path):
    (tmp_path / "v").write_text("3 2\na 1 2\nb 1 x\nNew York 3 4\n")
    for word, line in (("b", 3), ("New York", 4)):
        with pytest.raises(ValueError, match=f"v, line {line}: "):
            KeyedVectors.load(tmp_path / "v", words=["a", word])
    # It is the row of "New York", not of "New".
    assert load(tmp_path / "v", words=["New", "York", "a"])[0] == ["a"]


def row(word, *numbers):
    return word + b" " + struct.pack(f"<{len(numbers)}f", *numbers) + b"\n"


def test_binary(tmp_path):
    nan = float("nan")
    data = b"7 2\n" + b"".join(
        [row(b"x", nan, 1), row(b"a", 1, 2), row(b"b\xd1", 3, 4), row(b"x", 5, 6), row(b"a", 7, 8),
         row(b"", 1, 1), row(b"c", 9, 9)]
    )  # fmt: skip
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(ValueError, match=r"v, row 3: the word is not UTF-8 at its byte 1 .*skip"):
        KeyedVectors.load(tmp_path / "v")
    words, rows, said = load(tmp_path / "v", on_bad_rows="skip")
    assert (words, rows) == (["a", "x", "c"], [[1, 2], [5, 6], [9, 9]])
    assert said == [
        f"{tmp_path / 'v'}: left out 4 rows: 1 with a word that occurred before (first: row 5, "
        "'a'), 1 with no word (first: row 6, ''), 1 with NaN or infinity (first: row 1, 'x'), "
        "1 with a word that is not valid in the encoding (first: row 3, b'b\\xd1')"
    ]
    assert load(tmp_path / "v", words=["c"])[:2] == (["c"], [[9, 9]])
    assert load(tmp_path / "v", on_bad_rows="skip", limit=2)[0] == ["a", "x"]
    for word in ("a", "x"):
        with pytest.raises(ValueError, match="v, row"):
            KeyedVectors.load(tmp_path / "v", words=[word])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"1 2\n" + row(b"", 1, 2), "row 1: .*the word is empty"),
        (b"1 2\n" + row(b"a", float("inf"), 2), "row 1: the vector of 'a': it contains NaN"),
    ],
)
def test_bad_binary_rows_are_errors(data, message, tmp_path):
    (tmp_path / "v.bin").write_bytes(data)
    with pytest.raises(ValueError, match=message):
        KeyedVectors.load(tmp_path / "v.bin")
    with pytest.raises(ValueError, match="no row can be read: left out 1 row"):
        KeyedVectors.load(tmp_path / "v.bin", on_bad_rows="skip")


def test_a_binary_file_that_is_cut_off_is_an_error(tmp_path):
    (tmp_path / "v").write_bytes(b"3 2\n" + row(b"a", 1, 2) + row(b"b", 3, 4)[:-4])
    with pytest.raises(ValueError, match="ends in row 2"):
        KeyedVectors.load(tmp_path / "v", on_bad_rows="skip")


@pytest.mark.parametrize("format", ["npz", "native", "parquet", "projector"])
def test_formats_that_store_arrays(format, tmp_path, monkeypatch):
    if format == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / "v"
    matrix = np.arange(1.0, 13).reshape(4, 3)
    module = formats.FORMATS[format]
    # The writers check what they write; without these checks they write bad rows.
    for name in ("check_matrix", "encode_words"):
        monkeypatch.setattr(formats._rows, name, getattr(Unchecked, name))
    monkeypatch.setattr(native, "_encode", Unchecked.encode)
    matrix[2, 1] = 5 if format == "projector" else np.nan
    words = ["zebra", "ant", "bee", "ant"]
    module.write(path, words, matrix, {"counts": [9, 7, 5, 3]})
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r", row \d"):
        KeyedVectors.load(path, format)
    with pytest.warns(UserWarning, match=r"left out \d rows?: .*\(first: row 4, 'ant'\)"):
        wv = KeyedVectors.load(path, format, on_bad_rows="skip")
    kept = [0, 1, 2] if format == "projector" else [0, 1]
    assert wv.index_to_key == [words[row] for row in kept]
    np.testing.assert_array_equal(wv.vectors, matrix[kept].astype(np.float32))
    assert wv.counts.tolist() == [[9, 7, 5, 3][row] for row in kept]
    assert KeyedVectors.load(path, format, words=["zebra"]).index_to_key == ["zebra"]


class Unchecked:
    @staticmethod
    def check_matrix(words, matrix):
        return np.asarray(matrix, np.float32)

    @staticmethod
    def encode_words(words, forbidden="", *, raw=False):
        return [word.encode() for word in words]

    @staticmethod
    def encode(words):
        return formats.native.json.dumps(words).encode()


def test_many_blocks_with_bad_rows_among_them(tmp_path):
    """The same result as a plain reader of lines gives."""
    draw = np.random.default_rng(3)
    lines, words, rows = [], [], []
    for i in range(40_000):
        numbers = draw.integers(-99, 99, 3).tolist()
        text = " ".join(map(str, numbers))
        kind = draw.integers(200)
        word = f"w{i ^ 21}"
        if kind == 0:
            lines.append(f" {text}")
        elif kind == 1:
            lines.append(f"{word} {text} x")
        elif kind == 2 and words:
            lines.append(f"{words[i % len(words)]} {text}")
        else:
            word += " b" * int(kind == 3)
            lines.append(f"{word} {text}")
            words.append(word)
            rows.append(numbers)
    (tmp_path / "v").write_text(f"{len(lines)} 3\n" + "\n".join(lines) + "\n")
    found, vectors, said = load(tmp_path / "v", on_bad_rows="skip")
    assert (found, vectors) == (words, rows)
    bad = len(lines) - len(words)
    assert bad > 300 and f"left out {bad} rows: " in said[0]
    some = words[5:30_000:7]
    found, vectors, _ = load(tmp_path / "v", on_bad_rows="skip", words=some)
    assert found == some and vectors == rows[5:30_000:7]
    found, vectors, _ = load(tmp_path / "v", on_bad_rows="skip", limit=30_001)
    assert found == words[:30_001] and vectors == rows[:30_001]


def test_a_file_that_is_cut_off_is_reported(tmp_path):
    (tmp_path / "v").write_text("99 2\na 1 2\nb 3 4\n")
    assert load(tmp_path / "v", on_bad_rows="skip")[2] == [
        f"{tmp_path / 'v'}: it has 2 rows instead of the 99 words that its header declares"
    ]
    big = "".join(f"w{i} 1 2\n" for i in range(20_000))
    (tmp_path / "v").write_text(f"900000 2\n{big}")
    with pytest.raises(ValueError, match="cut off"):
        KeyedVectors.load(tmp_path / "v")
    words, _, said = load(tmp_path / "v", on_bad_rows="skip")
    assert len(words) == 20_000 and "instead of the 900,000 words" in said[0]
    assert load(tmp_path / "v", on_bad_rows="skip", limit=3)[2] == []


def test_sound_files_give_no_warning(tmp_path):
    KeyedVectors(WORDS, np.eye(4)).save(tmp_path / "v.txt")
    assert load(tmp_path / "v.txt", on_bad_rows="skip")[2] == []
    (tmp_path / "v.txt").write_text("2 2\na 1 2\nb 3 4\n\n \n\t\n")
    assert load(tmp_path / "v.txt", on_bad_rows="skip") == (["a", "b"], [[1, 2], [3, 4]], [])
    assert load(tmp_path / "v.txt", words=["b"])[0] == ["b"]


def test_the_result_of_read_and_convert(tmp_path):
    (tmp_path / "v.txt").write_text("3 2\na 1 2\na 3 4\nb 5 6\n")
    with pytest.warns(UserWarning, match="left out 1 row"):
        meta = formats.read(tmp_path / "v.txt", on_bad_rows="skip")[2]
    assert meta["bad_rows"] == {"repeated": (1, "line 3", "'a'")}
    with pytest.warns(UserWarning, match="left out 1 row"):
        done = formats.convert(tmp_path / "v.txt", tmp_path / "w.bin", on_bad_rows="skip")
    assert done["words"] == 2 and done["bad_rows"]["repeated"].rows == 1
    assert KeyedVectors.load(tmp_path / "w.bin").index_to_key == ["a", "b"]
    assert formats.convert(tmp_path / "w.bin", tmp_path / "x.txt")["bad_rows"] == {}


def test_the_warning_is_about_the_callers_line(tmp_path):
    (tmp_path / "v.txt").write_text("2 2\na 1 2\na 3 4\n")
    with pytest.warns(UserWarning) as caught:
        KeyedVectors.load_word2vec_format(tmp_path / "v.txt", on_bad_rows="skip")
    assert caught[0].filename == __file__


def test_invalid_choices(tmp_path):
    (tmp_path / "v.txt").write_text("1 1\na 1\n")
    with pytest.raises(ValueError, match="on_bad_rows='drop': choose 'error' or 'skip'"):
        KeyedVectors.load(tmp_path / "v.txt", on_bad_rows="drop")
    with pytest.raises(ValueError, match=r"errors='x': choose 'strict', .* or 'surrogateescape'"):
        KeyedVectors.load(tmp_path / "v.txt", errors="x")
    with pytest.raises(ValueError, match="max_memory=0: give a number of bytes"):
        KeyedVectors.load(tmp_path / "v.txt", max_memory=0)
