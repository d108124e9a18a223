"""xz files are read as lzma reads them, within a bound on memory."""

import io
import lzma

import pytest

from w2vext._files import compression

DATA = b"".join(b"row %d\n" % (i ^ 77) for i in range(50_000))


def unpacked(packed, size=1000):
    file = compression.decompressing(io.BytesIO(packed), "xz", "v.xz")
    parts = []
    while part := file.read(size):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("size", [1, 7, 65_536, 1 << 22])
def test_the_same_bytes(size):
    some = DATA[:3000] if size == 1 else DATA
    assert unpacked(lzma.compress(some), size) == some
    assert unpacked(lzma.compress(b""), size) == b""


@pytest.mark.parametrize("preset", [0, 6, 9, 9 | lzma.PRESET_EXTREME])
def test_every_preset(preset):
    assert unpacked(lzma.compress(DATA, preset=preset)) == DATA


@pytest.mark.parametrize("padding", [b"", bytes(4), bytes(100_000)])
def test_several_streams(padding):
    packed = [lzma.compress(part) for part in (DATA, b"", DATA[:99])]
    assert unpacked(padding.join(packed) + padding) == DATA + DATA[:99]


def test_damage():
    packed = lzma.compress(DATA)
    for bad in (packed[:-1], packed[:20], packed[:100] + b"\xff" + packed[101:]):
        with pytest.raises(compression.ERRORS) as error:
            unpacked(bad)
        assert compression.is_damage(error.value)


def test_a_large_window_is_refused():
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 256 << 20}]
    packed = lzma.compress(DATA[:1000], filters=filters)
    with pytest.raises(ValueError, match=r"v\.xz: unpacking it takes more memory"):
        unpacked(packed)
