"""The bindings that encode text: words in bytes, Python tokens, and remapping of ids."""

import sys

import numpy as np
import pytest

from w2vext.text._tokens import Tokens, lookup
from w2vext.text._words import NO_LIMIT, BadText, Run, Words, remap, word_end


def feed(words, data, *, room=64, limit=NO_LIMIT, run=None, more=False, base=0):
    ids, ends = np.empty(room, np.int32), np.empty(room + 1, np.int32)
    out, at, run = [], 0, run or Run()
    while True:
        at, n, _ = run.feed(
            words, data, at, len(data), base=base, more=more, limit=limit, ids=ids, ends=ends
        )
        out += ids[:n].tolist()
        if at >= len(data) or len(words) >= limit:
            return out


def tally(table):
    counts, first = np.empty(len(table), np.int64), np.empty(len(table), np.uint64)
    table.tally(counts, first)
    return counts.tolist(), first.tolist()


def strings(table):
    return table.strings(np.arange(len(table)))


def fill(tokens, *, room=64, limit=NO_LIMIT):
    ids, ends = np.empty(room, np.int32), np.empty(room + 1, np.int32)
    out, closed, more = [], [], True
    while more:
        n, n_ends, more = tokens.fill(ids, ends, limit)
        closed += [len(out) + end for end in ends[:n_ends].tolist()]
        out += ids[:n].tolist()
        if len(tokens) >= limit:
            break
    return out, closed


def test_words_are_numbered_and_counted_with_their_first_position():
    words = Words()
    assert feed(words, b"b a b c a b", base=1000) == [0, 1, 0, 2, 1, 0]
    assert strings(words) == ["b", "a", "c"]
    assert tally(words) == ([3, 2, 1], [1000, 1002, 1006])


def test_words_in_a_read_only_and_in_an_empty_buffer():
    words = Words()
    assert feed(words, memoryview(b"x y")) == [0, 1]
    assert feed(words, b"") == []


@pytest.mark.parametrize("kind", [bytearray, memoryview, np.frombuffer])
def test_words_in_any_buffer(kind):
    data = kind(b"x y x") if kind is not np.frombuffer else np.frombuffer(b"x y x", np.uint8)
    assert feed(Words(), data) == [0, 1, 0]


def test_too_many_distinct_words():
    with pytest.raises(OverflowError, match="max_vocab_size"):
        feed(Words(max_words=2), b"one two three")


def test_position_of_invalid_text():
    with pytest.raises(BadText) as caught:
        feed(Words(), b"fine \xff")
    assert (caught.value.at, caught.value.kind) == (5, "UTF-8")
    with pytest.raises(BadText) as caught:
        feed(Words(), b"fine\0")
    assert (caught.value.at, caught.value.kind) == (4, "NUL")


def test_position_of_invalid_text_in_an_earlier_block():
    words, run = Words(), Run()
    assert feed(words, b"a b\xc3", run=run, more=True) == [0]
    with pytest.raises(BadText) as caught:
        feed(words, b"c d", run=run)
    assert caught.value.at == -1


def test_too_little_room_for_ends():
    ids = np.empty(4, np.int32)
    with pytest.raises(ValueError, match="room"):
        Run().feed(Words(), b"a", 0, 1, base=0, more=False, limit=9, ids=ids, ends=ids.copy())


def test_words_stop_at_the_limit():
    words = Words()
    feed(words, b" ".join(b"%d" % i for i in range(1000)), room=2000, limit=100)
    assert 100 <= len(words) < 170


def test_words_prune_and_merge():
    words, other = Words(), Words()
    feed(words, b"a b b c c c")
    feed(other, b"z c z", base=-0)
    kept, joined = np.empty(3, np.int32), np.empty(2, np.int32)
    words.prune(1, kept)
    assert kept.tolist() == [-1, 0, 1]
    words.merge(other, joined)
    assert joined.tolist() == [2, 1]
    assert strings(words) == ["b", "c", "z"]
    assert tally(words)[0] == [2, 4, 2]


def test_word_end():
    assert [word_end(b"ab cd", at) for at in (0, 1, 2, 3, 5)] == [2, 2, 2, 5, 5]


@pytest.mark.parametrize("n", [0, 1, 5])
def test_remap_in_place(n):
    ids = np.array([4, 3, 4, 0, 3][:n], np.int32)
    final = np.array([0, -1, -1, -1, 7], np.int32)
    ends = np.array([min(2, n), n], np.int32)
    offsets = np.zeros(3, np.int64)
    written, sentences = remap(ids, [(n, ends, final)], ids, offsets)
    assert ids[:written].tolist() == [[], [7], [7, 7, 0]][(0, 1, 5).index(n)]
    assert offsets[: sentences + 1].tolist() == [[0], [0, 1], [0, 1, 3]][(0, 1, 5).index(n)]


def test_remap_of_chunks_with_their_own_numberings():
    ids = np.array([1, 0, 2, 0, 1, 1], np.int32)
    none = np.empty(0, np.int32)
    chunks = [
        (2, np.array([1], np.int32), np.array([5, -1], np.int32)),
        (0, none, none),
        (4, np.array([2, 2, 4], np.int32), np.array([3, 8, -1], np.int32)),
    ]
    offsets = np.array([0, 2, 0, 0, 0, 0], np.int64)
    out = np.full(6, 99, np.int32)
    assert remap(ids, chunks, out, offsets, written=2, sentences=1) == (6, 3)
    assert out[:4].tolist() == [5, 3, 8, 8]
    assert offsets.tolist()[:4] == [0, 2, 4, 6]
    with pytest.raises(ValueError, match="the chunks have 6 ids, of 5"):
        remap(ids[:5], chunks, out, offsets)


def test_remap_with_too_few_offsets():
    ids = np.zeros(2, np.int32)
    with pytest.raises(ValueError, match="offsets has 2 places, needs 3"):
        remap(ids, [(2, np.array([1, 2], np.int32), ids)], ids, np.zeros(2, np.int64))


def test_equal_tokens_get_the_same_id_as_in_a_dict():
    tokens = Tokens([["x", b"x", 1, 1.0, True, 1.5, ("x", 1)], [2**80, "x", -1]])
    assert fill(tokens)[0] == [0, 1, 2, 2, 2, 3, 4, 5, 0, 6]
    assert list(tokens.index) == ["x", b"x", 1, 1.5, ("x", 1), 2**80, -1]
    assert tally(tokens)[0] == [2, 1, 3, 1, 1, 1, 1]


@pytest.mark.parametrize("room", [1, 2, 3, 64])
def test_tokens_with_little_room(room):
    sentences = [["a", "b"], [], ("c", "a"), iter("bb"), np.array([5, 5, 6])]
    assert fill(Tokens(sentences), room=room) == ([0, 1, 2, 0, 1, 1, 3, 3, 4], [2, 2, 4, 6, 9])


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int16", "int32", "uint32", "int64", "uint64", ">i4"]
)
def test_integer_arrays_give_ints(dtype):
    values = np.array([7, 3, 7, 100, 0, 3], dtype)
    tokens = Tokens([values, values[::-1], values[::2], [3, 100]])
    plain = Tokens([v.tolist() for v in (values, values[::-1], values[::2])] + [[3, 100]])
    assert fill(tokens) == fill(plain)
    assert list(tokens.index) == list(plain.index) == [7, 3, 100, 0]
    assert {type(token) for token in tokens.index} == {int}


def test_extreme_integers():
    low, high = np.array([-(2**63), -1, 0], np.int64), np.array([2**64 - 1, 2**63, 1], np.uint64)
    tokens = Tokens([low, high, [2**64 - 1, -(2**63)]])
    assert fill(tokens)[0] == [0, 1, 2, 3, 4, 5, 3, 0]
    assert list(tokens.index) == [-(2**63), -1, 0, 2**64 - 1, 2**63, 1]


def test_many_distinct_integers():
    values = np.random.default_rng(5).permutation(np.arange(-50_000, 50_000) * 1_000_003)
    tokens = Tokens([values, values[::-1], values[:10].tolist()])
    ids = fill(tokens, room=1000)[0]
    n = len(values)
    assert ids == [*range(n), *range(n - 1, -1, -1), *range(10)]
    assert list(tokens.index) == values.tolist()


def test_other_arrays_give_python_tokens():
    tokens = Tokens([np.array(["a", "b"]), np.array([1.5, 2]), np.array(["c", "d"], object)])
    fill(tokens)
    assert list(tokens.index) == ["a", "b", 1.5, 2.0, "c", "d"]
    assert [type(token) for token in tokens.index][:3] == [str, str, float]


def test_long_array_and_generator_sentences():
    values = np.arange(200_000) % 1000
    ids, ends = fill(Tokens([values, (v for v in range(100_000))]), room=4096)
    assert ids[:200_000] == values.tolist()
    assert ends == [200_000, 300_000]


def test_tokens_stop_at_the_limit_and_prune():
    tokens = Tokens([["a", "b", "b"], np.array([1, 2, 2, 3])])
    ids = fill(tokens, limit=4)[0]
    assert ids == [0, 1, 1, 2, 3]  # stops at the token that fills the table
    kept = np.empty(4, np.int32)
    tokens.prune(1, kept)
    assert kept.tolist() == [-1, 0, -1, -1]
    assert fill(tokens)[0] == [1, 2]
    assert list(tokens.index) == ["b", 2, 3]


def test_unhashable_token_is_named():
    with pytest.raises(TypeError, match=r"sentence 1, token 2 is a list, \['x'\].*hash"):
        fill(Tokens([["a"], ["b", "c", ["x"]]]))


def test_unhashable_token_late_in_an_iterable_is_named():
    sentence = (["x"] if i == 70_000 else i for i in range(80_000))
    with pytest.raises(TypeError, match="sentence 0, token 70000 is a list"):
        fill(Tokens([sentence]), room=1000)


def test_an_error_raised_by_a_token_passes_through():
    class Odd:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            raise TypeError("cannot compare")

    with pytest.raises(TypeError, match=r"^cannot compare$"):
        fill(Tokens([[Odd(), Odd()]]))


def test_a_list_that_shrinks_while_it_is_being_read():
    sentence = []

    class Shrinking:
        def __hash__(self):
            sentence.clear()
            return 3

    shrinking = Shrinking()
    sentence += ["a", shrinking, "b", "c"]
    assert fill(Tokens([sentence, ["d"]])) == ([0, 1, 2], [2, 3])


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("a b", r"is a str, 'a b'.*s\.split\(\)"),
        (b"a b", "is a bytes"),
        ({"a": 1}, "is a dict"),
        (7, r"is an int, 7.*\[tokens\]"),
        (None, "is None, a missing value"),
        (np.zeros((2, 2), int), "2 dimensions"),
        (np.int64(3), "0 dimensions"),
        ([{"a"}], "token 0 is a set"),
    ],
)
def test_not_a_sentence(sentence, message):
    with pytest.raises(TypeError, match="sentence 1.*" + message):
        fill(Tokens([["fine"], sentence]))


def test_references_to_tokens_are_released():
    class Token:
        pass

    token = Token()
    before = sys.getrefcount(token)
    tokens = Tokens([[token] * 10, (token,), iter([token])])
    fill(tokens)
    del tokens
    assert sys.getrefcount(token) == before


def test_lookup_skips_unknown_tokens():
    ids = np.empty(4, np.int32)
    assert lookup({"a": 5, "b": 9}, ["b", "z", "a", "b"], ids) == 3
    assert ids[:3].tolist() == [9, 5, 9]
