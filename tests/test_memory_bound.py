"""Small files that expand: they are refused before they take more memory than allowed."""

import gzip
import importlib
import io
import json
import lzma
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from w2vext import KeyedVectors, formats
from w2vext.formats import _choice, _parquet, _source

MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def _less(monkeypatch):
    """A smaller allowance, so that the files of these tests are small."""
    monkeypatch.setattr(_choice, "ALWAYS", MEGABYTE)
    monkeypatch.setattr(_source, "_XZ_WINDOW", 0)


def refused(path, most=24 * MEGABYTE, **how):
    """Reading is refused, and needs no more than the buffers; with max_memory it is not refused."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"give max_memory, a number of bytes"):
            formats.read(path, **how)
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()
    return formats.read(path, max_memory=1 << 30, **how)


def test_npz(tmp_path):
    np.savez_compressed(
        tmp_path / "v.npz", words=["a", "b"], vectors=np.zeros((2, 8_000_000), np.float32)
    )
    assert (tmp_path / "v.npz").stat().st_size < 200_000
    assert refused(tmp_path / "v.npz")[1].shape == (2, 8_000_000)


@pytest.mark.slow
def test_npz_of_long_words(tmp_path):
    words = np.array(["x" * 3_000_000, *map(str, range(9))])
    np.savez_compressed(tmp_path / "v.npz", words=words, vectors=np.ones((10, 1), np.float32))
    assert len(refused(tmp_path / "v.npz", 64 * MEGABYTE)[0]) == 10


def test_npz_of_many_members(tmp_path):
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        for i in range(20_000):
            archive.writestr(f"{i}.npy", b"")
    with pytest.raises(ValueError, match="a zip archive of many files"):
        formats.read(tmp_path / "v.npz")


@pytest.mark.parametrize("name", ["v.txt", "v.glove.txt", "v.bin"])
@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_compressed_rows(name, pack, tmp_path):
    d = 2000
    if name == "v.bin":
        rows = b"".join(b"w%d " % i + bytes(4 * d) + b"\n" for i in range(3000))
    else:
        rows = b"".join(b"w%d" % i + b" 0" * d + b"\n" for i in range(3000))
    head = b"" if "glove" in name else b"3000 %d\n" % d
    (tmp_path / name).write_bytes(pack(head + rows))
    assert refused(tmp_path / name, 40 * MEGABYTE)[1].shape == (3000, d)
    assert len(formats.read(tmp_path / name, words=["w7", "w9"])[0]) == 2
    assert len(formats.read(tmp_path / name, limit=5)[0]) == 5


def test_a_long_first_row(tmp_path):
    (tmp_path / "v.txt.xz").write_bytes(lzma.compress(b"1 6000000\na" + b" 0" * 6_000_000))
    assert refused(tmp_path / "v.txt.xz", 40 * MEGABYTE)[1].shape == (1, 6_000_000)


def test_short_rows_take_more_than_the_file(tmp_path, monkeypatch):
    text = b"".join(b"w%d 1\n" % i for i in range(30_000))
    (tmp_path / "v.txt").write_bytes(b"30000 1\n" + text)
    refused(tmp_path / "v.txt", 40 * MEGABYTE)
    monkeypatch.undo()  # a file of this size is below the true allowance
    assert len(formats.read(tmp_path / "v.txt")[0]) == 30_000


def test_max_memory(tmp_path):
    KeyedVectors([f"w{i}" for i in range(5000)], np.ones((5000, 100))).save(tmp_path / "v.txt")
    assert len(KeyedVectors.load(tmp_path / "v.txt", max_memory=10_000_000)) == 5000
    with pytest.raises(ValueError, match=r"v\.txt: .* more than max_memory=1,000,000 bytes"):
        KeyedVectors.load(tmp_path / "v.txt", max_memory=1_000_000)


def test_model2vec_with_a_mapping(tmp_path):
    path = tmp_path / "v.model2vec"
    KeyedVectors(["a"], np.ones((1, 4))).save(path)
    tokens = {f"t{i}": i for i in range(3000)}
    tokenizer = json.loads((path / "tokenizer.json").read_text())
    tokenizer["model"] |= {"vocab": tokens, "unk_token": None}
    (path / "tokenizer.json").write_text(json.dumps(tokenizer))
    with open(path / "model.safetensors", "wb") as file:
        formats._tensors.write(
            file,
            {"embeddings": np.ones((1, 3000), np.float32), "mapping": np.zeros(3000, np.int64)},
            {},
        )
    assert refused(path)[1].shape == (3000, 3000)


# ---- Parquet and Arrow


@pytest.fixture
def arrow():
    arrow = pytest.importorskip("pyarrow")
    for name in ("feather", "parquet"):
        importlib.import_module(f"pyarrow.{name}")
    return arrow


def table(arrow, words, matrix):
    matrix = np.asarray(matrix, np.float32)
    vectors = arrow.FixedSizeListArray.from_arrays(arrow.array(matrix.ravel()), matrix.shape[1])
    return arrow.table({"word": arrow.array(words), "vector": vectors})


def test_parquet(arrow, tmp_path):
    matrix = np.zeros((2, 8_000_000))
    arrow.parquet.write_table(table(arrow, ["a", "b"], matrix), tmp_path / "v.parquet")
    assert (tmp_path / "v.parquet").stat().st_size < 50_000
    assert refused(tmp_path / "v.parquet")[1].shape == (2, 8_000_000)


def test_numbers_that_a_parquet_footer_declares(arrow, tmp_path):
    path, matrix = tmp_path / "v.parquet", np.ones((50, 7))
    words = [f"w{i}" for i in range(50)]
    arrow.parquet.write_table(table(arrow, words, matrix), path, row_group_size=11)
    content = path.read_bytes()
    assert _parquet.numbers_of(memoryview(content), b"vector") == 350
    assert _parquet.numbers_of(memoryview(content), b"word") == 50
    assert _parquet.numbers_of(memoryview(content), b"other") == 0
    size = int.from_bytes(content[-8:-4], "little")
    for cut in (1, 2, size // 2, size - 1):
        footer = content[-8 - size : -8 - cut] + (size - cut).to_bytes(4, "little") + b"PAR1"
        with pytest.raises(_parquet.Damaged, match="ends too early"):
            _parquet.numbers_of(memoryview(footer), b"vector")
    for footer in (b"\x4c" * 60, b"\x1b\x01", b"\x15" + b"\xff" * 12):
        content = footer + len(footer).to_bytes(4, "little") + b"PAR1"
        with pytest.raises(_parquet.Damaged, match=r"nested|type 11|64 bits"):
            _parquet.numbers_of(memoryview(content), b"vector")


@pytest.mark.slow
def test_parquet_with_a_long_word_in_many_rows(arrow, tmp_path):
    words = ["x" * 100_000] * 50_000
    arrow.parquet.write_table(table(arrow, words, np.ones((50_000, 1))), tmp_path / "v.parquet")
    assert (tmp_path / "v.parquet").stat().st_size < 200_000
    tracemalloc.start()
    before = arrow.default_memory_pool().bytes_allocated()
    with pytest.raises(ValueError, match=r"row 2: the word 'x.* again, after row 1|max_memory"):
        formats.read(tmp_path / "v.parquet", max_memory=1 << 30)
    assert tracemalloc.get_traced_memory()[1] < 64 * MEGABYTE
    tracemalloc.stop()
    assert arrow.default_memory_pool().bytes_allocated() - before < MEGABYTE


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_arrow(compression, arrow, tmp_path):
    matrix = np.zeros((20, 800_000))
    words = [f"w{i}" for i in range(20)]
    arrow.feather.write_feather(
        table(arrow, words, matrix), tmp_path / "v.arrow", compression=compression
    )
    assert (tmp_path / "v.arrow").stat().st_size < 500_000
    assert refused(tmp_path / "v.arrow")[1].shape == (20, 800_000)


def test_an_arrow_file_without_compression_needs_no_permission(arrow, tmp_path):
    words = [f"w{i}" for i in range(2000)]
    arrow.feather.write_feather(
        table(arrow, words, np.ones((2000, 300))), tmp_path / "v.arrow", compression="uncompressed"
    )
    assert formats.read(tmp_path / "v.arrow")[1].shape == (2000, 300)


def test_dictionaries_of_words(arrow, tmp_path):
    """Words as categories, as polars and pandas write them."""
    made = table(arrow, ["ant", "bee", "cow"], np.eye(3))
    made = made.set_column(0, "word", made["word"].dictionary_encode())
    for name, write in (
        ("v.arrow", arrow.feather.write_feather),
        ("v.parquet", arrow.parquet.write_table),
    ):
        write(made, tmp_path / name)
        assert formats.read(tmp_path / name)[0] == ["ant", "bee", "cow"]


def test_other_columns_are_not_read(arrow, tmp_path):
    made = table(arrow, ["ant", "bee"], np.eye(2)).append_column("text", [["x" * 10**7] * 2])
    arrow.parquet.write_table(made, tmp_path / "v.parquet", compression="zstd")
    tracemalloc.start()
    assert formats.read(tmp_path / "v.parquet")[0] == ["ant", "bee"]
    tracemalloc.stop()


def test_lengths_in_messages_are_checked(arrow, tmp_path):
    """A message whose metadata point outside is damage, not a crash."""
    arrow.feather.write_feather(
        table(arrow, ["a"], [[1.0]]), tmp_path / "v.arrow", compression="lz4"
    )
    data = (tmp_path / "v.arrow").read_bytes()
    for at in range(8, len(data), 7):
        (tmp_path / "w.arrow").write_bytes(
            data[:at] + struct.pack("<i", 2**31 - 1) + data[at + 4 :]
        )
        try:
            formats.read(tmp_path / "w.arrow")
        except ValueError as error:
            assert "w.arrow" in str(error)


def test_archive_header_is_found_at_the_end():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", b"1")
    assert formats.npz._directory_size(file.getvalue()) == 46 + len("a.npy")
    assert formats.npz._directory_size(b"nothing") == 0
