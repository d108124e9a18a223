"""Random damage to the bytes of a file, or to its contents before compression and checksums.

Every function takes a `random.Random`, so that a seed reproduces the damage.
"""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import re
import struct
import zipfile

# ---- damage to bytes


def cut(data, draw):
    return data[: draw.randrange(len(data))]


def flip(data, draw):
    data = bytearray(data)
    for _ in range(draw.randrange(1, 4)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data)


def insert(data, draw):
    at = draw.randrange(len(data))
    return data[:at] + draw.randbytes(draw.randrange(1, 20)) + data[at:]


def remove(data, draw):
    at = draw.randrange(len(data))
    return data[:at] + data[at + draw.randrange(1, 30) :]


def inflate(data, draw):
    at = draw.randrange(min(20, len(data)))
    return data[:at] + b"99999999999" + data[at + 1 :]


def enlarge(data, draw):
    at = draw.randrange(len(data))
    return data[:at] + b"\xff\xff\xff\x7f" + data[at + 4 :]


def repeat(data, draw):
    return data + data[: draw.randrange(200)]


def copy(data, draw):
    at, to = draw.randrange(len(data)), draw.randrange(len(data))
    return data[:to] + data[at : at + 40] + data[to + 40 :]


DAMAGES = [cut, flip, insert, remove, inflate, enlarge, repeat, copy]

PACKED = [
    struct.pack(layout, value)
    for layout, values in (
        ("<i", (0, 1, -1, 2**31 - 1, -(2**31))),
        ("<q", (0, 1, -1, 2**31, 2**63 - 1, -(2**63))),
        ("<f", (float("nan"), float("inf"), float("-inf"), -0.0, 3.4e38, 1e-45)),
    )
    for value in values
]
NUMBERS = [
    b"nan", b"inf", b"-inf", b"NaN", b"-1", b"0", b"1", b"1e39", b"-1e400", b"1e-400", b"0x1p3",
    b"1_0", b"9223372036854775807", b"9223372036854775808", b"18446744073709551615", b"4294967296",
    b"99999999999999999999999", b"1.", b".5", b"-", b"1e", b"1,5", b"\xd9\xa1", b"", b"null",
    b'"1"',
]  # fmt: skip
ODD = [
    b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xe2\x80\xa8", b"\xc2\x85", b"\r", b"\r\n", b"\n\n", b"\t", b" ", b"  ", b"</s>",
    b"x" * 3000, b"\x1b[31m", b": ",
]  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def overwrite(data, draw):
    """Overwrite a place, in half of the cases in the head, by a binary number at a limit."""
    packed = draw.choice(PACKED)
    at = draw.randrange(min(200, len(data)) if draw.random() < 0.5 else len(data))
    if draw.random() < 0.5:
        at -= at % 4
    return data[:at] + packed + data[at + len(packed) :]


def renumber(data, draw):
    """Replace a number that is written in digits."""
    found = list(_NUMBER.finditer(data, 0, 1 << 14))
    if not found:
        return overwrite(data, draw)
    place = draw.choice(found[:3] if draw.random() < 0.3 else found)
    return data[: place.start()] + draw.choice(NUMBERS) + data[place.end() :]


def odd_bytes(data, draw):
    at = 0 if draw.random() < 0.2 else draw.randrange(len(data))
    return data[:at] + draw.choice(ODD) + data[at + draw.randrange(2) :]


def lines(data, draw):
    """Remove, repeat, exchange or join lines."""
    found = data.split(b"\n")
    i, j = draw.randrange(len(found)), draw.randrange(len(found))
    what = draw.randrange(4)
    if what == 0:
        del found[i]
    elif what == 1:
        found.insert(j, found[i])
    elif what == 2:
        found[i], found[j] = found[j], found[i]
    else:
        found[i : i + 2] = [draw.choice([b" ", b"\t", b"", b"\0"]).join(found[i : i + 2])]
    return b"\n".join(found)


ALL = [*DAMAGES, overwrite, renumber, odd_bytes, lines]


def damaged(data, draw):
    """The data after one to three damages."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        if data:
            data = draw.choice(ALL)(data, draw)
    return data


# ---- damage to the contents of a container, which is then written again


def in_gzip(data, draw):
    return gzip.compress(damaged(gzip.decompress(data), draw), 1)


def in_bzip2(data, draw):
    return bz2.compress(damaged(bz2.decompress(data), draw), 1)


def in_xz(data, draw):
    return lzma.compress(damaged(lzma.decompress(data), draw), preset=0)


def in_zip(data, draw):
    """Damage a member, or remove or rename one."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw.choice(sorted(members))
    what = draw.random()
    if what < 0.05:
        del members[name]
    elif what < 0.1:
        members[draw.choice(sorted(members))] = members.pop(name)
    elif what < 0.3:  # the header, which is text
        head, rest = members[name][:128], members[name][128:]
        members[name] = damaged(head, draw) + rest
    else:
        head, rest = members[name][:128], members[name][128:]
        members[name] = head + (overwrite if draw.random() < 0.7 else damaged)(rest, draw)
    made = io.BytesIO()
    method = draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(made, "w", method) as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return made.getvalue()


def tree(value, draw):
    """A JSON value with one of its parts replaced."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        name = draw.choice(sorted(value))
        if draw.random() < 0.1:
            return {key: each for key, each in value.items() if key != name}
        return {**value, name: tree(value[name], draw)}
    if isinstance(value, list) and value and draw.random() < 0.9:
        at = draw.randrange(len(value))
        if draw.random() < 0.1:
            return value[:at] + value[at + 1 :]
        return [*value[:at], tree(value[at], draw), *value[at + 1 :]]
    return draw.choice(
        [None, True, -1, 0, 1, 2**31, 2**63, 2**64, 10**400, 1.5, -0.0, float("nan"), float("inf"),
         "", "x", "\ud800", "\0", "neg", [], [[]], [0], {}, {"": 0}]
    )  # fmt: skip


def in_json(data, draw):
    return json.dumps(tree(json.loads(data), draw)).encode()


def in_safetensors(data, draw):
    """Damage the header, a tensor or the metadata, with checksums that fit again."""
    size = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + size]), bytearray(data[8 + size :])
    metadata = header.get("__metadata__", {})
    places = {name: entry for name, entry in header.items() if name != "__metadata__"}
    what = draw.random()
    kind = next((each for each in ("parameters", "content") if each in metadata), None)
    if what < 0.15:
        name = draw.choice(sorted(header))
        header[name] = tree(header[name], draw)
    elif what < 0.45 and kind is not None:
        metadata[kind] = json.dumps(tree(json.loads(metadata[kind]), draw))
    else:
        name = draw.choice(sorted(places))
        start, end = places[name]["data_offsets"]
        tensor = bytes(body[start:end])
        damage = overwrite if draw.random() < 0.7 else draw.choice([flip, odd_bytes, renumber])
        if tensor:
            tensor = damage(tensor, draw)[: end - start].ljust(end - start, b" ")
            body[start:end] = tensor
    if "checksum" in metadata:
        sums = {
            name: hashlib.sha256(body[slice(*entry["data_offsets"])]).hexdigest()
            for name, entry in places.items()
        }
        text = str(metadata.get(kind, "")).encode("utf-8", "replace")
        if kind == "content":  # a checkpoint
            changed = {name: each for name, each in header.items() if isinstance(each, dict)}
            shapes = {name: changed.get(name, {}).get("shape") for name in sums}
            sums = {"arrays": {name: [shapes[name], each] for name, each in sums.items()}}
        sums[kind] = hashlib.sha256(text).hexdigest()
        metadata["checksum"] = json.dumps(sums)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(body)


def in_table(data, draw):
    """Change values or the type of a column of a Parquet or Arrow table."""
    import pyarrow as arrow
    from pyarrow import feather, parquet

    packed = data[:4] == b"PAR1"
    reader = arrow.BufferReader(data)
    table = parquet.read_table(reader) if packed else feather.read_table(reader)
    columns = table.to_pydict()
    name = draw.choice(sorted(columns))
    values = columns[name]
    at = draw.randrange(len(values))
    types = {
        "word": [arrow.string(), arrow.large_string(), arrow.binary(), arrow.string_view()],
        "vector": [arrow.list_(t) for t in (arrow.float16(), arrow.float64(), arrow.float32())],
        "count": [arrow.int64(), arrow.uint64(), arrow.int32(), arrow.float64(), arrow.string()],
    }[name]
    if name == "word":
        values[at] = draw.choice([None, "", values[at - 1], "\0", " ", "a\nb"])
    elif name == "count":
        values[at] = draw.choice([None, -1, 0, 2**31, 2**63 - 1, 2**63, 2**64 - 1, 0.5, "many"])
    elif draw.random() < 0.3:
        values[at] = draw.choice([None, [], values[at][1:], [*values[at], 1.0], [None] * 5])
    else:
        number = draw.choice([float("nan"), float("inf"), 1e39, 1e300, -0.0, None, 65504.0])
        values[at] = [number, *values[at][1:]]
    try:
        changed = arrow.array(values, draw.choice(types)) if draw.random() < 0.7 else values
        table = arrow.table({**columns, name: changed})
        made = io.BytesIO()
        if packed:
            parquet.write_table(table, made, compression=draw.choice(["none", "snappy", "gzip"]))
        else:
            feather.write_feather(table, made, compression=draw.choice(["uncompressed", "zstd"]))
    except (arrow.ArrowException, OverflowError, TypeError, ValueError):
        return damaged(data, draw)  # no table holds this
    return made.getvalue()


def container_damages(data):
    """The functions that damage the contents of a file of this kind."""
    if data[:2] == b"\x1f\x8b":
        return [in_gzip]
    if data[:3] == b"BZh":
        return [in_bzip2]
    if data[:6] == b"\xfd7zXZ\0":
        return [in_xz]
    if data[:2] == b"PK":
        return [in_zip]
    if data[:4] == b"PAR1" or data[:6] == b"ARROW1":
        return [in_table]
    if data[8:9] == b"{":
        return [in_safetensors]
    if data[:1] == b"{":
        return [in_json]
    return []


def mutated(data, draw):
    """The bytes of a file, damaged directly or, as often, in its contents."""
    inner = container_damages(data)
    if inner and draw.random() < 0.5:
        return draw.choice(inner)(data, draw)
    return damaged(data, draw)
