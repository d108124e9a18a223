"""Ranges: the shares of a corpus together give the words, counts and ids of the whole."""

import gzip
import io
import pickle
import random
from itertools import chain

import numpy as np
import pytest
from helpers.clusters import in_python
from hypothesis import given, settings
from hypothesis import strategies as st

from w2vext.text import pieces, ranges
from w2vext.text.corpus import open_corpus
from w2vext.text.ranges import Range, corpus_of, deal
from w2vext.text.scan import Scan
from w2vext.text.vocabulary import build


def lines(seed, n):
    draw = random.Random(seed)
    words = [f"w{i}" for i in range(40)] + ["a word", "\u00e9t\u00e9"]
    return "".join(
        " ".join(draw.choices(words, k=draw.randrange(12))) + "\n" for _ in range(n)
    ).encode()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of plain and compressed files, which are cut into small ranges and pieces."""
    monkeypatch.setattr(ranges, "SMALLEST", 50)
    monkeypatch.setattr(pieces, "PIECE", 150)
    path = tmp_path / "texts"
    path.mkdir()
    (path / "b.txt").write_bytes(lines(1, 60).rstrip(b"\n"))
    (path / "c.txt.gz").write_bytes(gzip.compress(lines(2, 30)))
    (path / "a.txt").write_bytes(lines(3, 90))
    (path / "empty.txt").write_bytes(b"")
    return path


def together(shares, rows, workers):
    """The words in the order of a vocabulary, their counts, ids and offsets, of all shares."""
    table, ids, offsets = {}, [], [0]
    for share in shares:
        with Scan(corpus_of(share), workers, None, 1 << 30, None) as read:
            words = read.read()
            counts, first = read.tally()
            strings = words.strings(np.arange(len(counts)))
            for word, count, at in zip(strings, counts.tolist(), first.tolist(), strict=True):
                before = table.get(word, (0, 1 << 63))
                table[word] = (before[0] + count, min(before[1], at))
            final = np.array([rows[word] for word in strings] + [-1], dtype=np.int32)
            part, ends, _ = read.stream(final, int(counts.sum()))
            offsets += (ends[1:] + len(ids)).tolist()
            ids += part.tolist()
    order = sorted(table, key=lambda word: (-table[word][0], table[word][1]))
    return order, [table[word][0] for word in order], ids, offsets


@pytest.mark.parametrize(("parts", "workers"), [(1, 1), (2, 2), (3, 1), (7, 1)])
def test_shares_together_are_the_whole(folder, parts, workers):
    vocabulary, stream = build(open_corpus(folder), min_count=1)
    cuts = ranges.ranges(folder, parts)
    shares = pickle.loads(pickle.dumps(deal(cuts, [1] * parts)))
    assert len(shares) == parts and len(cuts) >= 3 * parts
    found, id_of = together(shares, vocabulary.index, workers), vocabulary.index.__getitem__
    assert found[:2] == (list(vocabulary.words), vocabulary.counts.tolist())
    assert found[2:] == in_python(chain(*shares), id_of)
    assert in_python(cuts, id_of) == (stream.ids.tolist(), stream.offsets.tolist())


def test_ranges_begin_at_lines(folder):
    content = (folder / "a.txt").read_bytes()
    cuts = ranges.ranges(folder / "a.txt", largest=100)
    assert len(cuts) > 5
    assert [cut.start for cut in cuts[1:]] == [cut.stop for cut in cuts[:-1]]
    assert (cuts[0].start, cuts[-1].stop) == (0, len(content))
    assert all(content[cut.start - 1 : cut.start] == b"\n" for cut in cuts[1:])
    assert sum(cut.size for cut in cuts) == len(content)
    assert {cut.number for cut in cuts} == {0}


def test_a_long_line_is_cut_between_words(tmp_path, monkeypatch):
    monkeypatch.setattr(ranges, "LOOK_AHEAD", 8)
    path = tmp_path / "line.txt"
    content = b"one two three four five six seven eight nine ten " * 3000
    path.write_bytes(content)
    cuts = ranges.ranges(path, largest=20_000)
    assert len(cuts) == 8
    for cut in cuts[1:]:
        assert content[cut.start - 1] == ord(" ") and content[cut.start] != ord(" ")
    words, stream = build(open_corpus(path), min_count=1)
    shares = deal(cuts, [1, 2, 1])
    found, id_of = together(shares, words.index, 1), words.index.__getitem__
    assert found[:2] == (list(words.words), words.counts.tolist())
    assert found[2] == in_python(chain(*shares), id_of)[0]
    assert in_python(cuts, id_of)[0] == stream.ids.tolist()


@pytest.mark.parametrize(
    ("content", "at", "expected"),
    [
        (b"ab\ncd", 3, 3), (b"ab\ncd", 2, 3), (b"ab cd ef", 3, 3), (b"ab cd ef", 4, 6),
        (b"abcdefgh", 3, None), (b"ab cd\n", 3, 6),
    ],
)  # fmt: skip
def test_next_start(content, at, expected):
    assert ranges._next_start(io.BytesIO(content), at) == expected


def parts_of(sizes):
    return [Range("/f", 0, i, i + 1, size, 10**6) for i, size in enumerate(sizes)]


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
    st.lists(st.floats(0.1, 10), min_size=1, max_size=12),
)
def test_every_range_is_dealt(sizes, weights):
    cuts = parts_of(sizes)
    if len(cuts) < len(weights):
        with pytest.raises(ValueError, match=f"{len(cuts)} ranges? for {len(weights)} workers"):
            deal(cuts, weights)
        return
    shares = deal(cuts, weights)
    in_order = [sorted(share, key=lambda cut: cut.start) for share in shares]
    assert shares == in_order
    assert sorted((cut for share in shares for cut in share), key=lambda cut: cut.start) == cuts
    assert all(shares) and len(shares) == len(weights)
    # No machine has more than its part of the bytes and one range.
    of_one = (sum(sizes) + len(cuts)) / sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        rest = sum(cut.size + 1 for cut in share[:-1])
        assert rest <= weight * of_one * (1 + 1e-9)


def test_deal_by_speed():
    shares = deal(parts_of([10] * 120), [1, 3, 2])
    assert [len(share) for share in shares] == [20, 60, 40]
    shares = deal(parts_of([100, 1, 1, 1]), [1, 1])
    assert [len(share) for share in shares] == [1, 3]


def test_adjacent_ranges_go_to_different_machines():
    shares = deal(parts_of([10] * 12), [1, 1, 1])
    assert [[cut.start for cut in share] for share in shares] == [
        [0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11],
    ]  # fmt: skip


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf")])
def test_a_speed_is_above_0(weight):
    with pytest.raises(ValueError, match=r"weights=.*above 0"):
        deal(parts_of([1, 1]), [1, weight])


def test_a_file_that_differs_on_another_machine(folder):
    cuts = ranges.ranges(folder / "a.txt", parts=3)
    with (folder / "a.txt").open("ab") as file:
        file.write(b"more\n")
    with pytest.raises(ValueError, match=r"a\.txt: the file has 1,890 bytes here and had 1,885"):
        corpus_of(cuts[2:])
    (folder / "a.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"no file '.*a\.txt' on this machine"):
        corpus_of(cuts[2:])


@pytest.mark.parametrize("source", [[["a", "b"]], io.BytesIO(b"a b\n")], ids=["lists", "file"])
def test_what_other_machines_cannot_read(source):
    with pytest.raises(TypeError, match="other machines cannot read: give paths or URLs"):
        ranges.ranges(source)
