"""The native format: its contents, files of version 1, and damaged files."""

import base64
import hashlib
import json
import lzma
import re
import tracemalloc

import numpy as np
import pytest
from helpers.runs import with_subwords
from safetensors.numpy import load_file, save_file

from w2vext import convert, formats
from w2vext.formats import _tensors, native
from w2vext.keyedvectors import KeyedVectors

# A file in version 1 of the format (xz, base64), which every later version must read.
VERSION_1 = lzma.decompress(
    base64.b64decode(
        "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AOTAhBdABwAvBszgXBOomBSjJ8Ta7Ld0HuvM1OsEn1XwnEefyNBWGuw"
        "ITlJ1qa+tZVpoP8GgGUL2xMbppK4ANnPfnIUw+MAUaQhvBkeHdpV/uz/aVVBTgH11fDc0Nng1Qr2+LSIf+11q4Go"
        "DrooloFxjqnjCPfo0hXNDq5vbXETDyJgjRse+fw8jnAYoX/N8np6JcOvUsmSweZx7/7k2IKmdfC5/tzSHaFlgRXT"
        "HsVOilLk4yNfSdguTYV+ACsYV2No6VMCP6YwmNZOGHz5PGzvIaE5UaUkZA+ctB/RnNA1raH484XXoOMJc2yr9Tgq"
        "uQDrUQqVwXR+V5iQBMFfCCB65XghieYsDc8rwZDVJijIdQDHQIiKLWUG2wBDNp1/SAkEH4q4OxaTEJhOe4A0oRdR"
        "2SPmgkaBnmJKc2A3w1PPQP11tpQVL5Zqvj5GhxuOR3JJTexthsdX5FbWPkithlebgrgicz3cn4ghmiYsHw1k8xEj"
        "yYt2tIGnoGaSIfGDsdw72l42iqAebFpq3AIpexaPddy7fQQ1oQhdo+Xgedp/dXx1vOfMaYQy20qTMVihEbkGtG+W"
        "JZmQGW8S2jWsTW/gvpj9diBKABTkmKNesL/79JAnIyjpKJLa3euIuhxr6FIvxzlqbeCLMyurV3zjldH3TlT+49Q9"
        "Zihw9fyWT0BJnwhp/lWcXWNUDatJNwtPEH3Zb0FdNgAw+yl5QRgyUQABrASUBwAA/sNmb7HEZ/sCAAAAAARZWg=="
    )
)

WORDS = ["wörd17", "New York", "a\tb", 42, "-1.5", ""]


@pytest.fixture
def model():
    rng = np.random.default_rng(29)
    matrix = rng.normal(size=(6, 7)).astype(np.float32)
    meta = {
        "output_vectors": rng.normal(size=(5, 7)).astype(np.float32),
        "counts": np.array([2**40, 5, 4, 3, 2, 1]),
        "parameters": {"loss": "hs", "window": 5, "sample": 1e-3, "seed": None, "name": "ü"},
    }
    return WORDS, matrix, meta


def split(data):
    """(header as a dict, the bytes after it)."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def join(header, rest):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + rest


# ---- contents


def test_version_1_is_still_read(tmp_path):
    (tmp_path / "v.safetensors").write_bytes(VERSION_1)
    words, matrix, meta = native.read(tmp_path / "v.safetensors")
    assert words == ["wörd17", 5, "</s>"]
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, np.array([[1.5, -0.25], [0.1, 3], [0, -7]], "f"))
    np.testing.assert_array_equal(meta["output_vectors"], [[1, 2], [3, 4]])
    assert meta["counts"].tolist() == [9, 4, 2]
    assert meta["parameters"] == {"window": 5, "loss": "hs"}
    assert meta["version"] == "1"


def test_version_1_is_still_written(tmp_path):
    path = tmp_path / "v.safetensors"
    path.write_bytes(VERSION_1)
    words, matrix, meta = native.read(path)
    native.write(tmp_path / "again", words, matrix, meta)
    assert (tmp_path / "again").read_bytes() == VERSION_1


@pytest.mark.parametrize("mmap", [False, True])
def test_everything_is_restored(model, mmap, tmp_path):
    native.write(tmp_path / "v", *model)
    words, matrix, meta = native.read(tmp_path / "v", mmap=mmap)
    assert words == WORDS
    assert [type(w) for w in words] == [type(w) for w in WORDS]
    assert matrix.tobytes() == model[1].tobytes()
    assert meta["output_vectors"].tobytes() == model[2]["output_vectors"].tobytes()
    np.testing.assert_array_equal(meta["counts"], model[2]["counts"])
    assert meta["parameters"] == model[2]["parameters"]
    assert matrix.flags.writeable is not mmap


def test_a_mapped_matrix_uses_no_memory(tmp_path):
    vectors = np.random.default_rng(3).normal(size=(20_000, 100)).astype(np.float32)
    wv = KeyedVectors([f"w{i ^ 9}" for i in range(len(vectors))], vectors)
    wv.save(tmp_path / "v.safetensors")
    tracemalloc.start()
    mapped = KeyedVectors.load(tmp_path / "v.safetensors", mmap=True)
    # Only the words may use memory, not the matrix of 8 MB.
    assert tracemalloc.get_traced_memory()[1] < 7 << 20
    tracemalloc.stop()
    assert mapped.most_similar("w5") == wv.most_similar("w5")
    assert mapped.vectors.ctypes.data % 64 == 0


def test_arrays_are_restored_unless_words_are_selected(model, tmp_path):
    words, matrix, meta = model
    arrays = {"idf": np.array([0.1, -2.5]), "one": np.array([1e-300])}
    native.write(tmp_path / "v", words, matrix, meta | {"arrays": arrays})
    for mmap in (False, True):
        back = native.read(tmp_path / "v", mmap=mmap)[2]["arrays"]
        assert sorted(back) == sorted(arrays)
        for name, array in arrays.items():
            assert back[name].tobytes() == array.tobytes()
    assert "arrays" not in native.read(tmp_path / "v", limit=2)[2]
    assert "arrays" not in native.read(tmp_path / "v", words=[42])[2]


def test_float16(model, tmp_path):
    words, matrix, meta = model
    native.write(tmp_path / "v", words, matrix, meta, dtype="float16")
    _, back, again = native.read(tmp_path / "v")
    assert back.dtype == again["output_vectors"].dtype == np.float32
    np.testing.assert_array_equal(back, matrix.astype(np.float16))
    native.read(tmp_path / "v", mmap=True)
    with pytest.raises(ValueError, match="as float16"):
        native.write(tmp_path / "w", words, matrix * 1e5, dtype="float16")
    with pytest.raises(ValueError, match="dtype='int8'"):
        native.write(tmp_path / "w", words, matrix, dtype="int8")
    assert not (tmp_path / "w").exists()


def test_the_safetensors_package_reads_ours_and_we_read_its(model, tmp_path):
    native.write(tmp_path / "v", *model)
    theirs = load_file(tmp_path / "v")
    np.testing.assert_array_equal(theirs["vectors"], model[1])
    np.testing.assert_array_equal(theirs["counts"], model[2]["counts"])
    assert json.loads(theirs["words"].tobytes()) == WORDS
    empty, half = np.zeros((0, 4), "f"), np.ones((3, 1), np.float16)
    theirs = {"x": model[1], "y": np.arange(3), "none": empty, "half": half, "b": np.eye(2)}
    save_file(theirs, tmp_path / "theirs", {"k": "v"})
    ours = _tensors.Tensors(tmp_path / "theirs")
    assert set(ours.names) == set(theirs)
    for name, tensor in theirs.items():
        assert ours.map(name).dtype == tensor.dtype
        np.testing.assert_array_equal(ours.map(name), tensor)
    assert ours.metadata == {"k": "v"}
    with pytest.raises(ValueError, match=r"not one of w2vext: its tensors are .*'x'"):
        native.read(tmp_path / "theirs")


def test_output_vectors_of_selected_words(model, tmp_path):
    words, matrix, meta = model
    native.write(tmp_path / "v", words, matrix, meta)
    assert "output_vectors" not in native.read(tmp_path / "v", limit=2)[2]  # rows of a tree
    native.write(tmp_path / "v", words, matrix, meta | {"output_vectors": matrix + 1})
    _, some, aside = native.read(tmp_path / "v", words=[42, ""])
    np.testing.assert_array_equal(aside["output_vectors"], some + 1)
    assert aside["counts"].tolist() == [3, 1]


# ---- invalid contents


@pytest.mark.parametrize(
    ("words", "meta", "message"),
    [
        (["a", b"b"], {}, "b'b': the native format holds str and int"),
        (["a", ("b",)], {}, "str and int"),
        (["a", True], {}, "str and int"),
        (["a", 1.5], {}, "str and int"),
        (["a", "a"], {}, "the word 'a': it occurs twice: rename"),
        (["a", "b"], {"counts": [1]}, "counts has shape"),
        (["a", "b"], {"counts": [1.5, 2]}, "counts has shape"),
        (["a", "b"], {"parameters": {"x": float("nan")}}, "JSON cannot hold"),
        (["a", "b"], {"parameters": {"x": object()}}, "JSON cannot hold"),
        (["a", "b"], {"parameters": {i: np.int64(i) for i in range(99)}}, r"^.{,110}: JSON.*give"),
        (["a", "b"], {"arrays": {"x": np.ones(2, "f")}}, "'x' has type float32"),
        (["a", "b"], {"arrays": {"x": np.array([np.inf])}}, "finite float64"),
        (["a", "b"], {"output_vectors": [[1, np.inf]]}, "NaN or infinity"),
    ],
)
def test_invalid_contents_are_not_written(words, meta, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        native.write(tmp_path / "v", words, np.eye(2), meta)
    assert list(tmp_path.iterdir()) == []


# ---- damage


def test_every_flipped_byte_is_detected(model, tmp_path):
    native.write(tmp_path / "v", *model)
    data = (tmp_path / "v").read_bytes()
    header = int.from_bytes(data[:8], "little")
    padding = range(8 + len(data[8 : 8 + header].rstrip()), 8 + header)
    for place in range(0, len(data), 3):
        if place in padding:
            continue
        broken = bytearray(data)
        broken[place] ^= 0x04
        (tmp_path / "broken").write_bytes(broken)
        with pytest.raises(ValueError, match="broken"):
            native.read(tmp_path / "broken")


def test_every_truncation_is_detected(model, tmp_path):
    native.write(tmp_path / "v", *model)
    data = (tmp_path / "v").read_bytes()
    for cut in range(0, len(data), 7):
        (tmp_path / "cut").write_bytes(data[:cut])
        for mmap in (False, True):
            with pytest.raises(ValueError, match="cut"):
                native.read(tmp_path / "cut", mmap=mmap)
    (tmp_path / "cut").write_bytes(data + b"x")
    with pytest.raises(ValueError, match="not a valid safetensors file"):
        native.read(tmp_path / "cut")


def edited(tmp_path, model, edit):
    native.write(tmp_path / "v", *model)
    header, rest = split((tmp_path / "v").read_bytes())
    header = edit(header) or header
    (tmp_path / "v").write_bytes(join(header, rest))
    return tmp_path / "v"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda h: h["__metadata__"].update(version="2"), "version '2' of the native format"),
        (lambda h: h["__metadata__"].pop("version") and None, "version None"),
        (lambda h: h["__metadata__"].update(format="other"), "not one of w2vext"),
        (lambda h: h["__metadata__"].update(parameters="[1]"), "parameters or checksum"),
        (
            lambda h: h["__metadata__"].update(checksum="{}"),
            "parameters or checksums are not valid",
        ),
        (lambda h: h["__metadata__"].pop("checksum") and None, "parameters or checksum"),
        (lambda h: h["vectors"].update(dtype="I32"), "'vectors' is missing or of a wrong kind"),
        (lambda h: h["vectors"].update(dtype="U32"), "'vectors' has the unsupported type U32"),
        (lambda h: h["vectors"].update(shape=[7, 6]), "differ in number"),
        (lambda h: h["vectors"].update(dtype="Q9"), "not a valid safetensors file"),
        (lambda h: h["vectors"].update(shape=[6, 2**40]), "not a valid safetensors file"),
        (lambda h: h["vectors"].update(shape=[2**40, 2**40]), "not a valid safetensors file"),
        (lambda h: h["vectors"].update(shape=[-6, -7]), "not a valid safetensors file"),
        (lambda h: h["vectors"].update(data_offsets=[0, 2**60]), "not a valid safetensors file"),
        (lambda h: h["vectors"].update(data_offsets=[0]), "not a valid safetensors file"),
        (lambda h: h["vectors"].update(data_offsets=[0, 168]), "not a valid safetensors file"),
        (lambda h: h["vectors"].update(data_offsets=[168, 0]), "not a valid safetensors file"),
        (lambda h: h.update(vectors=7), "not a valid safetensors file"),
        (lambda h: h.update(__metadata__=7), "not a valid safetensors file"),
        (lambda h: b"[1, 2]", "not a valid safetensors file"),
        (lambda h: b"{'a': 1}", "not a valid safetensors file"),
        (lambda h: b"\xff\xfe", "not a valid safetensors file"),
        (lambda h: b"[" * 5000, "not a valid safetensors file"),
        (lambda h: b"{}", "not a valid safetensors file"),
    ],
)
def test_malformed_headers(edit, message, model, tmp_path):
    path = edited(tmp_path, model, edit)
    with pytest.raises(ValueError, match=message) as error:
        native.read(path)
    assert str(path) in str(error.value)
    remedy = "copy or (download|save) it again$|w2vext that wrote it|convert it|to KeyedVectors$"
    assert re.search(remedy, str(error.value))


def test_a_header_that_declares_too_much_data(tmp_path):
    (tmp_path / "v").write_bytes((2**40).to_bytes(8, "little") + b"{}")
    with pytest.raises(ValueError, match="not a valid safetensors file"):
        native.read(tmp_path / "v")
    (tmp_path / "v").write_bytes(b"abc")
    with pytest.raises(ValueError, match=r"not a valid safetensors file .*it has 3 bytes"):
        native.read(tmp_path / "v")


@pytest.mark.parametrize(
    ("words", "matrix", "message"),
    [
        (["a", "b", "a"], np.eye(3), "row 3: the word 'a' again, after row 1"),
        (["a", "b"], np.eye(3), "2 words for 3 vectors"),
        (["a", "b", None], np.eye(3), "not a JSON array of str and int"),
        ({"a": 1}, np.eye(3), "not a JSON array"),
        (["a", "b", "c"], np.diag([1, np.nan, 1]), "row 2 .'b'.: it contains NaN"),
        (["a", "b", "c"], np.empty((3, 0)), r"shape \(3, 0\): at least one dimension"),
        (["a", "b\ud800", "c"], np.eye(3), "row 2: the word .* contains a lone surrogate"),
    ],
)
def test_contents_that_are_inconsistent(words, matrix, message, tmp_path):
    tensors = {
        "vectors": matrix.astype(np.float32),
        "words": np.frombuffer(json.dumps(words).encode(), np.uint8),
    }
    checksums = {name: hashlib.sha256(t.tobytes()).hexdigest() for name, t in tensors.items()}
    checksums["parameters"] = hashlib.sha256(b"{}").hexdigest()
    metadata = {
        "format": native.NAME,
        "version": "1",
        "parameters": "{}",
        "checksum": json.dumps(checksums),
    }
    with open(tmp_path / "v", "wb") as file:
        _tensors.write(file, tensors, metadata)
    with pytest.raises(ValueError, match=message):
        native.read(tmp_path / "v")


def test_no_words_at_all(tmp_path):
    formats.write(tmp_path / "v.safetensors", [], np.empty((0, 4)))
    words, matrix, _ = formats.read(tmp_path / "v.safetensors")
    assert words == []
    assert matrix.shape == (0, 4)


# ---- subwords


@pytest.fixture
def with_grams():
    return (
        with_subwords(epochs=2, sample=0.0)
        .fit([["tea", "teas", "coffee", "日本語"], ["tea", "teas"]])
        .wv
    )


def same_unknown(found, wv, tolerance=0.0):
    for word in ("teascup", "日本", "coffeetea"):
        assert word not in found
        np.testing.assert_allclose(found[word], wv[word], atol=tolerance)


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("options", [{}, {"limit": 2}, {"words": ["coffee", "tea", "none"]}])
def test_ngrams_are_kept(with_grams, options, dtype, mmap, tmp_path):
    wv, path, again = with_grams, tmp_path / "v.safetensors", tmp_path / "w.safetensors"
    tolerance = 0.0 if dtype == "float32" else 2e-3 * np.abs(wv.vectors).max()
    wv.save(path, dtype=dtype)
    found = KeyedVectors.load(path, mmap=mmap, **options)
    names = {"limit": wv.index_to_key[:2], "words": [w for w in wv if w in ("coffee", "tea")]}
    kept = names[next(iter(options))] if options else wv.index_to_key
    assert found.index_to_key == kept and found.counts.tolist() == [
        wv.get_vecattr(word, "count") for word in kept
    ]
    np.testing.assert_allclose(found.vectors, wv[kept], atol=tolerance)
    np.testing.assert_allclose(
        found.subwords.compose(kept)[0], wv.vectors[[wv.key_to_index[w] for w in kept]],
        atol=tolerance + 1e-6,
    )  # fmt: skip
    same_unknown(found, wv, tolerance)
    assert [gram[:2] for gram in found.ngrams("teas")] == [
        (gram, row if mmap else row - len(wv) + len(kept)) for gram, row, _ in wv.ngrams("teas")
    ]
    for name in ("w.safetensors", "w.bin"):
        found.save(tmp_path / name)
        back = KeyedVectors.load(tmp_path / name)
        assert back.index_to_key == kept
        same_unknown(back, found, 1e-6)
    assert convert(path, again, **options)["lost"] == []


def test_a_mapped_file_of_float16_stays_on_the_disk(tmp_path):
    rng, bucket = np.random.default_rng(2), 50_000
    rows = rng.normal(size=(3 + bucket, 100)).astype(np.float32)
    subwords = {
        "min_n": 3, "max_n": 6, "bucket": bucket, "count_absent": False, "buckets": None,
        "own": np.arange(3), "rows": rows,
    }  # fmt: skip
    native.write(tmp_path / "v", ["a", "b", "c"], rows[:3], {"subwords": subwords}, dtype="float16")
    assert KeyedVectors.load(tmp_path / "v", mmap=True)["other"].any()  # imports what is needed
    tracemalloc.start()
    wv = KeyedVectors.load(tmp_path / "v", mmap=True)
    found = wv["unknown"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.isfinite(found).all() and found.any()
    assert peak < rows.nbytes / 4  # of which 4 MB are a buffer


def test_a_model_of_float16_is_mapped_and_trained_on(tmp_path):
    sentences = [["tea", "teas", "coffee"], ["tea", "teas"]] * 4
    model = with_subwords(epochs=2, sample=0.0, alpha=0.5).fit(sentences)
    model.save(tmp_path / "m.safetensors", dtype="float16")
    found = type(model).load(tmp_path / "m.safetensors", mmap=True)
    np.testing.assert_allclose(found.subword_vectors_, model.subword_vectors_, atol=1e-3)
    found.partial_fit(sentences)
    assert np.abs(found.subword_vectors_ - model.subword_vectors_).max() > 1e-3


def test_bad_rows_are_skipped_and_ngrams_kept(with_grams, tmp_path):
    wv, path = with_grams, tmp_path / "v.safetensors"
    wv.save(path)
    header, rest = split(path.read_bytes())
    begin, end = header["vectors"]["data_offsets"]
    rows = np.frombuffer(rest[begin:end], "<f4").reshape(-1, 12).copy()
    rows[1, 3] = np.nan
    data = rest[:begin] + rows.tobytes() + rest[end:]
    sums = json.loads(header["__metadata__"]["checksum"])
    sums["vectors"] = hashlib.sha256(rows.tobytes()).hexdigest()
    header["__metadata__"]["checksum"] = json.dumps(sums)
    path.write_bytes(join(header, data))
    with pytest.raises(ValueError, match="row 2"):
        KeyedVectors.load(path)
    with pytest.warns(UserWarning, match="left out 1 row"):
        found = KeyedVectors.load(path, on_bad_rows="skip")
    kept = [word for word in wv if word != wv.index_to_key[1]]
    assert found.index_to_key == kept
    np.testing.assert_allclose(found.subwords.compose(kept)[0], wv[kept], atol=1e-6)
    same_unknown(found, wv)
