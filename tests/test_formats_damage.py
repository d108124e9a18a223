"""Randomly damaged files: reading returns vectors or raises ValueError, and needs little memory.

The damage is seeded, so failures are reproducible. Messages are only checked for the file's name.
"""

import gzip
import lzma
import os
import random
import tracemalloc

import numpy as np
import pytest
from helpers import mutations

from w2vext import formats

SUFFIXES = (
    ".txt .txt.gz .txt.xz .txt.bz2 .bin .bin.gz .glove.txt .vec .safetensors .npz .tsv .model2vec "
    ".parquet .arrow"
).split()
WORDS = [f"wörd{i ^ 5}" for i in range(300)]
MEMORY = 20 << 20  # the buffer, a decompressed block, and xz's dictionary


@pytest.mark.parametrize(
    ("name", "head", "filling"),
    [
        ("v.txt.gz", b"1 3\n", b"a"),
        ("v.txt.xz", b"1 3\na ", b"0"),
        ("v.glove.txt.gz", b"a 1 2\nb ", b"1"),
        ("v.tsv.gz", b"1\t2\n", b"1"),
        ("v.bin.gz", b"1 3\n", b"a"),
    ],
)
def test_a_small_compressed_file_with_an_endless_line(name, head, filling, tmp_path):
    pack = gzip.compress if name.endswith("gz") else lzma.compress
    (tmp_path / name).write_bytes(pack(head + filling * (64 << 20)))
    (tmp_path / "v.metadata.tsv").write_text("a\nb\n")
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=f"{name}, (line|row)"):
            formats.read(tmp_path / name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * MEMORY


@pytest.mark.parametrize("damage", mutations.DAMAGES)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_files(suffix, damage, tmp_path):
    if suffix in (".parquet", ".arrow"):
        pytest.importorskip("pyarrow")
    path = tmp_path / f"v{suffix}"
    matrix = np.random.default_rng(3).normal(size=(len(WORDS), 12)).astype(np.float32)
    counts = 3 * np.arange(len(WORDS), 0, -1)
    formats.write(path, WORDS, matrix, {"counts": counts})
    files = [path] if path.is_file() else sorted(path.iterdir())
    files += [file for file in tmp_path.glob("v.metadata.tsv") if file != path]
    whole = {file: file.read_bytes() for file in files}
    formats.read(path)
    draw = random.Random(f"{suffix} {damage.__name__}")
    for _ in range(25):
        file = draw.choice(files)
        file.write_bytes(damage(whole[file], draw))
        tracemalloc.start()
        try:
            words, rows, _ = formats.read(path)
            assert rows.shape == (len(words), rows.shape[1]) and np.isfinite(rows).all()
            assert len(set(words)) == len(words)
        except ValueError as error:
            assert os.fspath(file) in str(error) or os.fspath(path) in str(error)
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < MEMORY
        file.write_bytes(whole[file])
