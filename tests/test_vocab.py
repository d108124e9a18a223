"""Vocabularies: every feed of the same text gives the same words, counts and ids."""

import bz2
import gzip
import lzma
import math
import os
import re
import signal
import subprocess
import sys
import textwrap
import warnings
from collections import Counter

import numpy as np
import pytest
from helpers.corpora import PROSE, sentences_of, unpacked
from hypothesis import given, settings
from hypothesis import strategies as st

import w2vext
from w2vext.text import corpus as corpus_module
from w2vext.text import pieces as _pieces
from w2vext.text import spool as _spool
from w2vext.text import vocabulary as _vocabulary
from w2vext.text import workers as _workers
from w2vext.text.corpus import open_corpus
from w2vext.text.vocabulary import Stream, Vocabulary, build, encode

PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


def expected_encoding(sentences, min_count=1, max_final_vocab=None):
    """Words, counts and encoded sentences, computed in plain Python."""
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [word for word in counts if counts[word] >= min_count]
    kept = sorted(kept, key=lambda word: -counts[word])[
        :max_final_vocab
    ]  # a stable sort keeps the order of ties
    index = {word: row for row, word in enumerate(kept)}
    encoded = [[index[t] for t in sentence if t in index] for sentence in sentences]
    return kept, [counts[word] for word in kept], [ids for ids in encoded if ids]


def built(source, min_count=1, **settings):
    return unpacked(*build(open_corpus(source), min_count=min_count, **settings))


def raw(source, **settings):
    vocabulary, stream = build(open_corpus(source), min_count=1, **settings)
    return vocabulary.words, stream.ids.tobytes(), stream.offsets.tobytes()


@pytest.fixture
def write(tmp_path):
    def write(data, name="text"):
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


@pytest.fixture
def small(monkeypatch):
    """Pieces, blocks and tables so small that a short text fills several of each."""

    def small(piece=7, block=5, room=6, words=4):
        monkeypatch.setattr(_pieces, "PIECE", piece)
        monkeypatch.setattr(_spool, "BLOCK_IDS", room)
        monkeypatch.setattr(_workers, "WORKER_WORDS", words)
        monkeypatch.setattr(_workers, "WAITING", 1)
        monkeypatch.setattr(_spool, "BLOCK", 3)
        monkeypatch.setattr(corpus_module, "BLOCK", block)

    return small


# The vocabulary: counts, order, cuts.


def test_rows_are_sorted_by_count_and_ids_follow():
    words, counts, encoded = built([["b", "a", "b"], ["c", "a", "b"]])
    assert (words, counts) == (["b", "a", "c"], [3, 2, 1])
    assert encoded == [[0, 1, 0], [2, 1, 0]]


def test_ties_are_in_order_of_first_occurrence():
    assert built([list("zyxzyxwv")])[0] == list("zyxwv")


def test_min_count_drops_words_from_sentences_and_sentences_that_are_left_empty():
    sentences = [["rare"], ["a", "rare2", "a"], [], ["rare3"], ["a"]]
    words, counts, encoded = built(sentences, min_count=2)
    assert (words, counts, encoded) == (["a"], [3], [[0, 0], [0]])


@pytest.mark.parametrize("min_count", [0, 1])
def test_min_count_that_keeps_all_words(min_count):
    assert built([list("aab")], min_count=min_count)[1] == [2, 1]


def test_max_vocab_keeps_the_most_frequent_and_the_earlier_of_ties():
    words, counts, encoded = built([list("cabbaccd")], max_final_vocab=2)
    assert (words, counts, encoded) == (["c", "a"], [3, 2], [[0, 1, 1, 0, 0]])


def test_max_vocab_larger_than_the_vocabulary():
    assert len(built([list("abc")], max_final_vocab=100)[0]) == 3


def test_raw_words_counts_what_was_dropped_too():
    _, stream = build(open_corpus([list("aab"), ["c"]]), min_count=2)
    assert stream.raw_words == 4
    assert len(stream.ids) == 2


def test_types():
    vocabulary, stream = build(open_corpus([["a", "b"], ["a"]]), min_count=1)
    assert (stream.ids.dtype, stream.offsets.dtype) == (np.int32, np.int64)
    assert vocabulary.counts.dtype == np.int64
    assert stream.offsets.tolist() == [0, 2, 3]
    assert stream.ids.flags.c_contiguous


def test_vocabulary_index_and_lookup():
    vocabulary, _ = build(open_corpus([list("bba"), ["c"]]), min_count=1)
    assert (len(vocabulary), "b" in vocabulary, "z" in vocabulary) == (3, True, False)
    assert vocabulary.index == {"b": 0, "a": 1, "c": 2}
    for sentence in (list("zcba"), tuple("zcba"), iter("zcba"), np.array(list("zcba"))):
        rows = vocabulary.lookup(sentence)
        assert (rows.tolist(), rows.dtype) == ([2, 0, 1], np.int32)
    assert vocabulary.lookup([]).tolist() == []
    with pytest.raises(TypeError, match="split"):
        vocabulary.lookup("b a")


def test_vocabulary_of_unequal_lengths():
    with pytest.raises(ValueError, match=r"\(1,\) and type int64 for 2 words"):
        Vocabulary(["a", "b"], [1])


@pytest.mark.parametrize("source", [[], [[]], [[], []], iter([]), np.zeros((0, 3), int)])
def test_an_empty_corpus(source):
    with pytest.raises(ValueError, match="the corpus is empty"):
        built(source)


@pytest.mark.parametrize("text", ["", " \t\r\n\v\f\n ", "\ufeff", "\ufeff\n"])
def test_an_empty_file(write, text):
    with pytest.raises(ValueError, match="the corpus is empty"):
        built(write(text))


def test_the_error_for_an_empty_vocabulary_names_the_counts():
    message = "of 4 words, 3 distinct, the most frequent occurs 2 times, and min_count=5"
    with pytest.raises(ValueError, match=message):
        built([list("aabc")], min_count=5)


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_count", -1), ("max_final_vocab", 0), ("max_vocab_size", 0), ("workers", 0)],
)
def test_limits_out_of_range(name, value):
    with pytest.raises(ValueError, match=f"{name}={value}"):
        built([["a"]], **{name: value})


# from_counts and encode.


def test_from_counts():
    vocabulary = Vocabulary.from_counts({"x": 2, "y": 7, "z": 2, "w": 1}, min_count=2)
    assert vocabulary.words == ["y", "x", "z"]
    assert vocabulary.counts.tolist() == [7, 2, 2]
    assert Vocabulary.from_counts(Counter("abb"), max_final_vocab=1).words == ["b"]
    assert Vocabulary.from_counts({"a": np.int64(3), 5: 2**40}).counts.tolist() == [2**40, 3]


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ([("a", 1)], TypeError, "a mapping {word: count}"),
        ({"a": 1.5}, TypeError, "the count of 'a' is 1.5"),
        ({"a": "3"}, TypeError, "the count of 'a' is '3'"),
        ({"a": -1}, ValueError, "the count of 'a' is -1"),
        (
            {"a": 2**63},
            ValueError,
            "the count of 'a' is 9223372036854775808: give a number from 0",
        ),
        (
            {"a": 2**64},
            ValueError,
            "the count of 'a' is 18446744073709551616: give a number from 0",
        ),
        (
            {"b": 7, "a": np.uint64(2**64 - 1)},
            ValueError,
            "the count of 'a' is 18446744073709551615: give",
        ),
        ({"a": 2**62, "b": 2**62}, ValueError, "the counts add up to 9223372036854775808"),
        ({}, ValueError, "the mapping is empty"),
        ({"a": 0, "b": 0}, ValueError, "the 2 counts are all 0"),
        ({"a": 1, math.nan: 2}, TypeError, "token 1 is nan, a missing value"),
    ],
)
def test_from_counts_with_invalid_counts(counts, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Vocabulary.from_counts(counts)


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ([3, -1], ValueError, "the count of 'b' is -1: give a number from 0"),
        (np.array([3, -1]), ValueError, "the count of 'b' is -1: give a number from 0"),
        ([3, 2**63], ValueError, "the count of 'b' is 9223372036854775808: give a number from 0"),
        (
            np.array([2**64 - 1, 3], np.uint64),
            ValueError,
            "the count of 'a' is 18446744073709551615: give a number from 0",
        ),
        ([2**62, 2**62], ValueError, "the counts add up to 9223372036854775808"),
        ([3, 1.5], TypeError, "the count of 'b' is 1.5: give an integer"),
        (np.array([3, 1.5]), TypeError, "the count of 'a' is np.float64(3.0): give an integer"),
        ([3], ValueError, "counts has shape (1,) and type int64 for 2 words"),
        ([[3, 1]], TypeError, "the count of 'a' is [3, 1]: give an integer"),
    ],
)
def test_a_vocabulary_with_invalid_counts(counts, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Vocabulary(["a", "b"], counts)


def test_the_largest_counts():
    largest = Vocabulary(["a", "b"], [2**63 - 2, 1])
    assert largest.counts.tolist() == [2**63 - 2, 1]
    model = w2vext.Word2Vec(vector_size=2, min_count=1, workers=1, epochs=1)
    for loss in ("neg", "hs", "softmax"):
        model.set_params(loss=loss).fit([["a", "b", "b"]] * 5, vocabulary=largest)
        assert np.isfinite(model.vectors_).all()
    with pytest.raises(
        ValueError, match=r"the 3 words of the corpus add up to more than 2\*\*63 - 1"
    ):
        model.partial_fit([["a", "b", "b"]])


def test_numbers_at_the_edge():
    text = [["a", "b", "c", "a"]] * 5
    model = w2vext.Word2Vec(vector_size=2, min_count=1, workers=1, epochs=1, loss="neg")
    with pytest.raises(ValueError, match="counts: at least one must be above 0"):
        model.fit(text, vocabulary=Vocabulary(["a", "b"], [0, 0]))
    with pytest.raises(ValueError, match="vocabulary: the count of 'b' is 0, and loss='hs' needs"):
        model.set_params(loss="hs").fit(text, vocabulary=Vocabulary(["a", "b"], [1, 0]))
    model.set_params(loss="neg").fit(text, vocabulary=Vocabulary(["a", "b"], [1, 0]))
    for exponent in (-1, 400, -5000):
        with pytest.raises(ValueError, match=f"ns_exponent={exponent}: counts from .* add up to"):
            counts = Vocabulary(["a", "b"], [9, 0 if exponent == -1 else 8])
            model.set_params(ns_exponent=exponent).fit(text, vocabulary=counts)
    with pytest.warns(UserWarning, match="nothing was learned.*give sample=0 in place of 5e-324"):
        model.set_params(ns_exponent=0.75, sample=5e-324).fit(text)


@pytest.mark.parametrize("workers", [1, 3])
def test_encode_by_a_given_vocabulary(write, small, workers):
    small()
    vocabulary = Vocabulary.from_counts({"fox": 9, "the": 5, "unseen": 4})
    sentences = sentences_of(PROSE.encode())
    expected = [[vocabulary.index[w] for w in s if w in vocabulary] for s in sentences]
    for source in (write(PROSE), sentences):
        stream = encode(open_corpus(source), vocabulary, workers=workers)
        assert unpacked(vocabulary, stream)[2] == [ids for ids in expected if ids]
        assert stream.raw_words == len(PROSE.split())


def test_encode_with_no_known_word():
    message = r"none of the corpus's 3 words \(2 distinct\).*among the 1 of the vocabulary: check"
    with pytest.raises(ValueError, match=message):
        encode(open_corpus([list("aab")]), Vocabulary(["z"], [1]))


# The same text through every feed.


@pytest.mark.parametrize("spill", [1 << 30, 40, 0])
@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize(
    "feed", ["lists", "generator", "plain", "gzip", "bzip2", "xz", "crlf", "bom"]
)
def test_all_feeds_give_the_same_result(write, small, feed, workers, spill):
    small()
    sentences = sentences_of(PROSE.encode())
    source = {
        "lists": lambda: sentences,
        "generator": lambda: (iter(s) for s in sentences),
        "plain": lambda: write(PROSE),
        "crlf": lambda: write(PROSE.replace("\n", "\r\n")),
        "bom": lambda: write("\ufeff" + PROSE),
    }.get(feed) or (lambda: write(PACK[feed](PROSE.encode())))
    for min_count in (1, 2, 3):
        expected = expected_encoding(sentences, min_count)
        assert built(source(), min_count, workers=workers, spill_bytes=spill) == expected


@pytest.mark.parametrize("piece", range(1, 40))
def test_pieces_of_every_size(write, small, piece):
    small(piece=piece, room=1 + piece % 5, words=1 + piece)
    assert built(write(PROSE), workers=3) == expected_encoding(sentences_of(PROSE.encode()))


@pytest.mark.parametrize("block", range(3, 40))
def test_blocks_of_every_size(write, small, block):
    small(block=block)
    path = write(gzip.compress(b"\xef\xbb\xbf" + PROSE.encode()))
    assert built(path) == expected_encoding(sentences_of(PROSE.encode()))


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_many_files_of_all_kinds(tmp_path, small, workers):
    small()
    texts = [PROSE, "", "one line", "\n\n", "end\n", PROSE[::-1], "a b c\nd"]
    packs = [bytes, gzip.compress, bytes, lzma.compress, bytes, bz2.compress, bytes]
    for i, (text, pack) in enumerate(zip(texts, packs, strict=True)):
        (tmp_path / str(i)).write_bytes(pack(text.encode()))
    sentences = [s for text in texts for s in sentences_of(text.encode())]
    assert built(tmp_path, workers=workers) == expected_encoding(sentences)


def test_bytes_do_not_depend_on_workers(write, small):
    small(piece=64, room=50, words=30)
    rng = np.random.default_rng(3)
    text = " ".join(f"w{i}" for i in rng.zipf(1.3, 20_000) % 3000)
    path = write(text)
    first = raw(path)
    for workers in (1, 2, 5):
        assert raw(path, workers=workers) == first
    assert raw([text.split()]) == first


def test_several_workers_have_several_pieces_each(write, monkeypatch):
    monkeypatch.setattr(_pieces, "SMALL_PIECE", 100)
    path, text = write("ab cd\n" * 1000), corpus_module.open_corpus
    sizes = {n: [p.size for (p,) in _pieces.cut(text(path), n)] for n in (1, 2, 5, 50)}
    assert sizes[1] == [6000]
    assert sizes[2] == [750] * 8 and sizes[5] == [300] * 20 and sizes[50] == [100] * 60


def test_small_files_are_read_in_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(_pieces, "SMALL_PIECE", 100)
    monkeypatch.setattr(_spool, "BLOCK_IDS", 7)
    texts = [" ".join(f"w{i * j % 17}" for j in range(1, 11 + i % 3)) for i in range(40)]
    for i, text in enumerate(texts):
        tmp_path.joinpath(f"{i:02}").write_text(text if i % 4 else text + "\n")
    tmp_path.joinpath("20").write_text("w1 " * 100)  # longer than a group
    texts[20] = "w1 " * 100
    corpus = corpus_module.open_corpus(tmp_path)
    groups = [[piece.number for piece in group] for group in _pieces.cut(corpus, 3)]
    read = [number for group in groups for number in group]
    assert read == [*range(20), 20, 20, 20, *range(21, 40)]
    assert len(groups[0]) > 1 and groups.count([20]) == 3 and len(groups) > 12
    expected = raw([text.split() for text in texts])
    for workers in (1, 2, 3):
        assert raw(tmp_path, workers=workers) == expected
    tmp_path.joinpath("22").write_bytes(b"w1 w2\nw3 \xff w4")
    with pytest.raises(ValueError, match=r"22, line 2, byte 4 \(offset 9\): not UTF-8"):
        raw(tmp_path, workers=2)


def test_more_workers_than_pieces(write):
    assert built(write("a b a"), workers=50) == (["a", "b"], [2, 1], [[0, 1, 0]])


def test_with_and_without_a_final_newline(write):
    assert raw(write("a b\nc")) == raw(write("a b\nc\n")) == raw(write("\n\na b\n\nc\n\n"))


def test_a_lone_carriage_return_only_separates(write):
    assert built(write("a\rb\rc\nd\r\n"))[2] == [[0, 1, 2], [3]]


def test_a_sentence_ends_with_its_file(tmp_path):
    (tmp_path / "1").write_bytes(b"a b")
    (tmp_path / "2").write_bytes(gzip.compress(b"c"))
    (tmp_path / "3").write_bytes(b"d\n")
    assert built(tmp_path)[2] == [[0, 1], [2], [3]]


def test_a_byte_order_mark_in_the_middle_is_a_word(write):
    assert built(write("\ufeffa \ufeffa"))[0] == ["a", "\ufeffa"]


def test_unicode_spaces_are_not_separators(write):
    words = ["a\u00a0b", "\u3000", "c\u2028d\x85e\x1cf"]
    assert built(write(" ".join(words)))[0] == words


@pytest.mark.parametrize("workers", [1, 3])
def test_a_word_longer_than_many_pieces(write, small, workers):
    small(piece=64, block=64)
    text = f"a {'w' * 5000} b {'w' * 5000} a {'w' * 5001}"
    for data in (text.encode(), gzip.compress(text.encode())):
        words, counts, encoded = built(write(data), workers=workers)
        assert [len(word) for word in words] == [1, 5000, 1, 5001]
        assert (counts, encoded) == ([2, 2, 1, 1], [[0, 1, 2, 1, 0, 3]])


def test_a_sentence_longer_than_any_buffer(write, small):
    small(room=10)
    text = "x y z " * 5000
    assert built(write(text))[2] == built([text.split()])[2] == [[0, 1, 2] * 5000]


def test_tokens_of_other_kinds():
    sentences = [[("x", 1), 5, b"five"], [5, 1.5, ("x", 1)], [2**70, 5]]
    assert built(sentences) == expected_encoding(sentences)


@pytest.mark.parametrize(
    "shape",
    [
        lambda a: a,
        lambda a: list(a),
        lambda a: [a[0].tolist(), *a[1:]],
        lambda a: a.astype(np.int16)[:, ::-1][:, ::-1],
        lambda a: np.asfortranarray(a),
        lambda a: (row for row in a),
    ],
    ids=["2-D", "list of 1-D", "mixed with lists", "strided", "Fortran", "generator"],
)
def test_integer_arrays_equal_lists_of_ints(shape):
    array = np.array([[7, -3, 7, 300], [300, 7, 0, -3], [1, 1, 1, 1]])
    result = built(shape(array))
    assert result == expected_encoding(array.tolist())
    assert all(type(word) is int for word in result[0])


def test_a_one_dimensional_array_is_one_sentence():
    assert built(np.array([4, 9, 4])) == ([4, 9], [2, 1], [[0, 1, 0]])


def test_arrays_of_huge_integers():
    array = np.array([[2**64 - 1, 2**63, 5], [5, 2**64 - 1, 5]], np.uint64)
    assert built(array) == expected_encoding(array.tolist())


LETTERS = st.sampled_from("aab é中🐈 \t\n\r\v\f")
WORDS = st.sampled_from(
    ["the", "of", "internationalisation", "aaaaaaaa", "aaaaaaaaa", "x" * 40, "中文"]
)
TEXT = st.lists(st.one_of(LETTERS, WORDS), max_size=60).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXT, st.integers(1, 30), st.integers(1, 9), st.integers(1, 3), st.integers(0, 80))
def test_any_text_through_any_feed(tmp_path_factory, text, piece, room, min_count, spill):
    folder = tmp_path_factory.mktemp("any")
    data = text.encode()
    (folder / "plain").write_bytes(data)
    (folder / "packed").write_bytes(gzip.compress(data, 1))
    sentences = sentences_of(data)
    expected = expected_encoding(sentences, min_count)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_pieces, "PIECE", piece)
        patch.setattr(_spool, "BLOCK_IDS", room)
        patch.setattr(_workers, "WORKER_WORDS", room)
        patch.setattr(_spool, "BLOCK", room)
        patch.setattr(corpus_module, "BLOCK", piece + 2)
        for source, workers in [("plain", 1), ("plain", 3), ("packed", 1), (None, 1)]:
            corpus = open_corpus(folder / source if source else sentences)
            if not expected[0]:
                with pytest.raises(ValueError, match=r"empty|no word is left"):
                    build(corpus, min_count=min_count, workers=workers, spill_bytes=spill)
                continue
            vocabulary, stream = build(
                corpus, min_count=min_count, workers=workers, spill_bytes=spill
            )
            assert unpacked(vocabulary, stream) == expected
            assert stream.raw_words == sum(map(len, sentences))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", ["text8-prefix.txt.xz", "zhwiki-chars.txt.xz"])
def test_real_text(data, tmp_path, name, workers):
    text = lzma.open(data / name).read()[:3_000_000].decode(errors="ignore").encode()
    (tmp_path / "plain").write_bytes(text)
    sentences = sentences_of(text)
    assert built(tmp_path / "plain", 5, workers=workers) == expected_encoding(sentences, 5)
    assert built(sentences, 5) == expected_encoding(sentences, 5)


# Invalid bytes.


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("piece", [4, 7, 1000])
@pytest.mark.parametrize(
    ("data", "place", "what"),
    [
        (b"ab c\nde\nok x\xffy z", r"line 3, byte 5 \(offset 12\)", "not UTF-8"),
        (b"\xff", r"line 1, byte 1 \(offset 0\)", "not UTF-8"),
        (b"\xef\xbb\xbfab \xc3", r"line 1, byte 7 \(offset 6\)", "not UTF-8"),
        (b"a\n\n\n\xed\xa0\x80 b\n", r"line 4, byte 1 \(offset 4\)", "not UTF-8"),
        (b"one\r\nsecond extraordinarily lo\x80ng", r"line 2, byte 26 \(offset 30\)", "not UTF-8"),
        (b"ab c\nde\n f\0g", r"line 3, byte 3 \(offset 10\)", "NUL"),
        (b"two bad: \xff\nthe first \0 counts \xff", r"line 1, byte 10 \(offset 9\)", "not UTF-8"),
        ("utf 16".encode("utf-16-le"), r"line 1, byte 2 \(offset 1\)", "NUL byte.*UTF-16"),
    ],
    ids=["line 3", "first byte", "after a mark", "surrogate", "long word", "NUL", "two", "UTF-16"],
)
def test_invalid_bytes_are_located(write, small, data, place, what, pack, piece, workers):
    small(piece=piece, block=piece)
    path = write(pack(data), "broken.txt")
    with pytest.raises(ValueError, match=f"broken.txt, {place}: .*{what}"):
        built(path, workers=workers)


def test_the_first_bad_file_is_named(tmp_path, small):
    small(piece=4)
    for i in range(20):
        (tmp_path / f"{i:02}").write_bytes(b"x\xff" if i in (7, 9) else b"fine " * 9)
    for workers in (1, 2, 5):
        with pytest.raises(ValueError, match="07, line 1, byte 2"):
            built(tmp_path, workers=workers)


def test_a_word_dropped_by_min_count_is_checked_too(write):
    with pytest.raises(ValueError, match="line 2"):
        built(write(b"a a a\nb\xff"), min_count=2)


def test_a_sentence_that_is_a_str_in_a_generator():
    with pytest.raises(TypeError, match=r"sentence 1 is a str, 'a b'.*s\.split\(\)"):
        built(iter([["a"], "a b"]))


def test_a_file_that_was_removed(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"a")
    corpus = open_corpus(path)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="text"):
        build(corpus)


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_of_a_generator_passes_through(workers):
    def sentences():
        yield ["a"]
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        built(sentences(), workers=workers)


# Bounded scans.


@pytest.mark.parametrize("feed", ["tokens", "file", "array"])
def test_max_vocab_size_keeps_frequent_words_and_warns(write, feed):
    rng = np.random.default_rng(9)
    rare = rng.permutation(np.arange(1000, 4000))
    numbers = np.array([n for i, r in enumerate(rare) for n in (i % 5 + 11, r)])
    tokens = [str(n) for n in numbers]
    source = {"tokens": [tokens], "file": write(" ".join(tokens)), "array": numbers}[feed]
    with pytest.warns(UserWarning, match="max_vocab_size=200") as caught:
        vocabulary, stream = build(
            open_corpus(source), min_count=5, max_vocab_size=200, workers=3, spill_bytes=5000
        )
    assert len(caught) == 1
    assert [str(word) for word in vocabulary.words] == ["11", "12", "13", "14", "15"]
    assert vocabulary.counts.tolist() == [600] * 5
    assert stream.ids.tolist() == [0, 1, 2, 3, 4] * 600
    assert stream.raw_words == 6000


@pytest.mark.parametrize("limit", [2**31, 2**70])
def test_a_huge_max_vocab_size_is_no_limit(limit, write):
    for source in ([["a", "b", "a"]], write("a b a")):
        vocabulary, _ = build(open_corpus(source), min_count=1, max_vocab_size=limit)
        assert vocabulary.words == ["a", "b"]


def test_max_vocab_size_counts_agree_with_the_stream():
    rng = np.random.default_rng(4)
    numbers = rng.zipf(1.4, 20_000) % 997
    with pytest.warns(UserWarning, match="approximate"):
        vocabulary, stream = build(open_corpus([numbers.tolist()]), min_count=1, max_vocab_size=50)
    assert np.bincount(stream.ids).tolist() == vocabulary.counts.tolist()
    exact = Counter(numbers.tolist())
    pairs = zip(vocabulary.words, vocabulary.counts, strict=True)
    assert all(count <= exact[word] for word, count in pairs)
    assert [exact[word] for word in vocabulary.words[:3]] == vocabulary.counts[:3].tolist()
    with pytest.warns(UserWarning):
        array = build(open_corpus(numbers), min_count=1, max_vocab_size=50)
    assert unpacked(*array) == unpacked(vocabulary, stream)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_tiny_max_vocab_size_terminates(write, limit):
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="no word is left"):
        built([[str(i) for i in range(500)]], min_count=2, max_vocab_size=limit)


def test_max_vocab_size_that_is_never_reached():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert built([list("abca")], max_vocab_size=100) == expected_encoding([list("abca")])


# The temporary file.


def spilled(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return build(open_corpus(list("abcab") * 10 for _ in range(20)), min_count=1, spill_bytes=100)


def test_a_spilled_stream_is_a_memmap(tmp_path, monkeypatch):
    vocabulary, stream = spilled(tmp_path, monkeypatch)
    assert isinstance(stream.ids, np.memmap)
    assert unpacked(vocabulary, stream) == expected_encoding(
        [list("abcab") * 10 for _ in range(20)]
    )


def test_a_stream_in_memory_has_no_file(tmp_path):
    _, stream = build(open_corpus([list("abc")]), min_count=1)
    assert not isinstance(stream.ids, np.memmap)


def test_a_spilled_stream_without_words_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="min_count=9"):
        build(open_corpus([list("abc")]), min_count=9, spill_bytes=0)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("end", ["close", "with", "collected"])
def test_the_temporary_file_is_removed(tmp_path, monkeypatch, end):
    _, stream = spilled(tmp_path, monkeypatch)
    if end == "close":
        stream.close()
        stream.close()
    elif end == "with":
        with stream as same:
            assert isinstance(same, Stream)
    else:
        del stream
    assert os.listdir(tmp_path) == []
    if end != "collected":
        assert (len(stream.ids), stream.offsets.tolist()) == (0, [0])


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_the_temporary_file_is_removed_after_an_error(tmp_path, monkeypatch, error):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(_spool, "BLOCK_IDS", 10)

    def sentences():
        for i in range(1000):
            if i == 900:
                raise error
            yield list("abcde")

    with pytest.raises(error):
        build(open_corpus(sentences()), spill_bytes=100)
    assert os.listdir(tmp_path) == []


SCRIPT = """
import os, signal, sys
from w2vext.text.corpus import open_corpus
from w2vext.text.vocabulary import build
_, stream = build(open_corpus([list("abcab") * 100]), min_count=1, spill_bytes=0)
assert type(stream.ids).__name__ == "memmap"
{end}
"""


def script(text, tmp_path, **more):
    root = os.path.dirname(os.path.dirname(w2vext.__file__))
    env = {**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "PYTHONPATH": root}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)],
        env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "end", ["pass", "sys.exit(3)", "raise SystemError", "os._exit(3)", "os.kill(os.getpid(), 9)"]
)
def test_the_temporary_file_is_gone_after_any_exit(tmp_path, end):
    if sys.platform == "win32" and "kill" in end:
        pytest.skip("no such signal here")
    folder = tmp_path / "temporary"
    folder.mkdir()
    done = script(SCRIPT.format(end=end), folder)
    assert (done.returncode == 0) == (end == "pass"), done.stderr
    assert os.listdir(folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to set here")
def test_a_full_disk_is_an_error_that_says_so(tmp_path):
    done = script(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
        from w2vext.text.corpus import open_corpus
        from w2vext.text.vocabulary import build
        try:
            build(open_corpus([["a"] * 100_000]), min_count=1, spill_bytes=0)
        except OSError as error:
            print("OSError", error.errno)
        """,
        tmp_path,
    )
    assert done.stdout.startswith("OSError"), done.stderr
    assert done.returncode == 0


# Progress and Ctrl-C.


def test_progress_of_files_ends_at_their_bytes(write):
    calls = []
    path = write(PROSE)
    build(open_corpus([path, path]), min_count=1, workers=2, progress=lambda *a: calls.append(a))
    size = path.stat().st_size
    assert calls[-1] == (2 * size, 2 * size)
    assert all(done <= total == 2 * size for done, total in calls)


def test_progress_of_tokens_counts_them(monkeypatch):
    monkeypatch.setattr(_spool, "BLOCK_IDS", 4)
    calls = []
    build(open_corpus([list("abc")] * 4), min_count=1, progress=lambda *a: calls.append(a))
    assert calls[-1] == (12, None)
    assert len(calls) >= 3


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes here")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("flow", ["endless", "silent"])
def test_ctrl_c_ends_the_scan_of_a_pipe(tmp_path, workers, flow):
    done = script(
        f"""
        import os, signal, threading
        from w2vext.text.corpus import open_corpus
        from w2vext.text.vocabulary import build
        os.mkfifo("pipe")
        def write():
            with open("pipe", "wb") as file:
                try:
                    while {flow == "endless"}:
                        file.write(b"some words ever again " * 10000)
                    threading.Event().wait()
                except BrokenPipeError:
                    pass
        threading.Thread(target=write, daemon=True).start()
        def progress(done, total):
            os.kill(os.getpid(), signal.SIGINT)
        try:
            build(open_corpus("pipe"), workers={workers}, spill_bytes=0, progress=progress)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
            os._exit(0)
        """,
        tmp_path,
    )
    assert done.stdout == "interrupted\n", done.stderr


def test_ctrl_c_ends_a_long_sentence_of_tokens():
    def tokens():
        for i in range(10**9):
            if i == 100_000:
                signal.raise_signal(signal.SIGINT)
            yield i % 7

    with pytest.raises(KeyboardInterrupt):
        build(open_corpus([tokens()]))


def test_a_large_corpus_is_renumbered_while_its_words_become_strings(tmp_path, monkeypatch):
    path = tmp_path / "text"
    path.write_text(" ".join(f"w{(i * i) % 911}" for i in range(40_000)))
    expected, alone = build(open_corpus(path), min_count=20, workers=1)
    monkeypatch.setattr(_vocabulary, "LARGE", 1)
    words, stream = build(open_corpus(path), min_count=20, workers=2)
    assert words.words == expected.words
    assert words.counts.tolist() == expected.counts.tolist()
    assert stream.ids.tolist() == alone.ids.tolist()
    assert stream.offsets.tolist() == alone.offsets.tolist()
    with pytest.raises(ValueError, match="no word is left"):
        build(open_corpus(path), min_count=20_000, workers=2)
    monkeypatch.setattr(_spool, "remap", None)
    with pytest.raises(TypeError, match="not callable"):  # an error of the other thread
        build(open_corpus(path), min_count=20, workers=2)
