"""Noise distribution, subsampling, Huffman paths, and the hash of positions."""

import heapq
import math
import sys
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chisquare

from w2vext.training._sampling import Noise, NoiseGroups, Tree, hash_position, keep_thresholds
from w2vext.training.settings import huffman, noise_weights

COUNTS = np.array([90_000, 7, 31, 31, 2_500, 1, 640, 12], dtype=np.int64)
ZIPF = (1e6 / np.arange(1, 2001)).astype(np.int64)


# --- noise ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [0, 0.75, 1, -0.5, 3])
@pytest.mark.parametrize("counts", [COUNTS, ZIPF, COUNTS[:1], COUNTS[:2]], ids=len)
def test_alias_probabilities_equal_the_weights(counts, exponent):
    weights = noise_weights(counts, exponent)
    np.testing.assert_allclose(weights, [float(c) ** exponent for c in counts])
    found = Noise(weights).probabilities()
    np.testing.assert_allclose(found, weights / weights.sum(), rtol=0, atol=2.0**-31)


@pytest.mark.parametrize("exponent", [0, 0.75, 1, -0.5])
def test_draws_follow_the_weights(exponent):
    weights = noise_weights(COUNTS, exponent)
    drawn = np.bincount(Noise(weights).draw(7, 200_000), minlength=len(COUNTS))
    expected = 200_000 * weights / weights.sum()
    rare = expected < 20
    drawn, expected = (np.append(x[~rare], x[rare].sum()) for x in (drawn, expected))
    often = expected > 0
    assert chisquare(drawn[often], expected[often]).pvalue > 1e-3


def test_a_word_of_weight_zero_is_never_drawn():
    drawn = Noise(np.array([0.0, 3, 0, 1, 0])).draw(5, 50_000)
    assert set(drawn) == {1, 3}


def test_draws_depend_only_on_the_seed():
    noise = Noise(np.ones(1000))
    assert noise.draw(5, 50) == noise.draw(5, 50)
    assert np.mean(np.array(noise.draw(5, 4000)) == noise.draw(6, 4000)) < 0.01


@pytest.mark.parametrize(
    "weights", [[], [1.0, -1.0], [0.0, 0.0], [1.0, np.nan], [np.inf, 1.0], [1e308, 1e308]]
)
def test_weights_that_are_not_a_distribution(weights):
    with pytest.raises(ValueError, match=r"noise (weights must be finite|distribution needs)"):
        Noise(np.array(weights))


# --- noise within groups --------------------------------------------------------------------------

GROUPED = np.array([3.0, 0, 5, 1, 2, 0.5, 4, 0, 8])
GROUPS = np.array([1, 1, 0, 1, -1, 2, 0, 3, 4], dtype=np.int32)


def grouped(word, weights=GROUPED, groups=GROUPS):
    """The probabilities of the negatives of a word, by definition."""
    own = (groups == groups[word]) & (groups >= 0)
    others = own & (np.arange(len(groups)) != word)
    found = np.where(own, weights, 0) if weights[others].any() else weights
    return found / found.sum()


def test_noise_groups_are_the_weights_restricted_to_the_group():
    """Without a group (4), alone in it (5, 7, 8), or without a weight of its own (1)."""
    noise = NoiseGroups(GROUPED, GROUPS)
    for word in range(len(GROUPS)):
        found = noise.probabilities(word)
        np.testing.assert_allclose(found, grouped(word), rtol=0, atol=2.0**-31)
    assert np.flatnonzero(noise.probabilities(1)).tolist() == [0, 3]
    assert np.flatnonzero(noise.probabilities(7)).tolist() == [0, 2, 3, 4, 5, 6, 8]


def test_noise_groups_of_one_drawable_word():
    """It gets negatives from all words, and the others of its group get only this word."""
    noise = NoiseGroups(np.array([0.0, 2, 0, 6]), np.array([0, 0, 0, 1], dtype=np.int32))
    assert [noise.probabilities(word) for word in range(4)] == [
        pytest.approx(p, abs=1e-9)
        for p in ([0, 1, 0, 0], [0, 0.25, 0, 0.75], [0, 1, 0, 0], [0, 0.25, 0, 0.75])
    ]


def test_noise_groups_of_many_words():
    rng = np.random.default_rng(4)
    weights, groups = rng.random(999), rng.integers(-1, 60, 999, dtype=np.int32)
    noise = NoiseGroups(weights, groups)
    for word in rng.choice(999, 40).tolist():
        expected = grouped(word, weights, groups)
        np.testing.assert_allclose(noise.probabilities(word), expected, rtol=0, atol=2.0**-31)


@pytest.mark.parametrize(
    ("weights", "groups", "message"),
    [
        ([1.0, 1.0], [0], "groups of 1 words for weights of 2"),
        ([], [], "groups of 0 words"),
        ([1.0, 1.0], [0, 2], "group 2 of 2"),
        ([1.0, 1.0], [-2, 0], "group -2 of 2"),
        ([0.0, 0.0], [0, 0], "noise weights must be finite"),
        ([1.0, np.inf], [0, 0], "noise weights must be finite"),
    ],
)
def test_noise_groups_that_do_not_fit(weights, groups, message):
    with pytest.raises(ValueError, match=message):
        NoiseGroups(np.array(weights), np.array(groups, dtype=np.int32))


# --- subsampling ----------------------------------------------------------------------------------


def keep_probability(counts, sample):
    """word2vec.c: (sqrt(f / sample) + 1) sample / f, at most 1."""
    f = counts / counts.sum()
    return np.minimum(1, (np.sqrt(f / sample) + 1) * sample / f)


@pytest.mark.parametrize("sample", [1e-6, 1e-3, 1e-2, 0.5])
@pytest.mark.parametrize("counts", [COUNTS, ZIPF], ids=len)
def test_thresholds_equal_the_formula(counts, sample):
    out = np.empty(len(counts), dtype=np.uint32)
    keep_thresholds(counts, sample, out)
    np.testing.assert_allclose(
        (out + 1.0) / 2**32, keep_probability(counts, sample), rtol=1e-9, atol=2**-31
    )


def test_sample_zero_keeps_everything():
    out = np.zeros(len(COUNTS), dtype=np.uint32)
    keep_thresholds(COUNTS, 0.0, out)
    assert np.all(out == 2**32 - 1)


@pytest.mark.parametrize("sample", [5e-324, 1e-320, 1e-310])
def test_the_smallest_samples_keep_nothing(sample):
    """f / sample overflows, so an occurrence is kept with the smallest probability."""
    out = np.ones(len(COUNTS), dtype=np.uint32)
    keep_thresholds(COUNTS, sample, out)
    assert not out.any()


def test_a_word_that_does_not_occur_has_a_threshold():
    out = np.zeros(3, dtype=np.uint32)
    keep_thresholds(np.array([5, 0, 3]), 1e-3, out)
    assert out[1] == 2**32 - 1


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([0, 0], "at least one must be above 0"),
        ([3, -1], r"counts\[1\] = -1"),
        ([], "at least one"),
    ],
)
@pytest.mark.parametrize("sample", [0.0, 1e-3])
def test_counts_without_frequencies_are_an_error(counts, message, sample):
    out = np.empty(len(counts), dtype=np.uint32)
    with pytest.raises(ValueError, match=message):
        keep_thresholds(np.array(counts, dtype=np.int64), sample, out)


def test_more_frequent_words_are_kept_less_often():
    out = np.empty(len(ZIPF), dtype=np.uint32)
    keep_thresholds(ZIPF, 1e-4, out)
    assert np.all(np.diff(out.astype(np.int64)) >= 0) and out[0] < out[-1] == 2**32 - 1


def test_the_share_of_kept_occurrences_is_the_probability():
    out = np.empty(len(COUNTS), dtype=np.uint32)
    keep_thresholds(COUNTS, 1e-3, out)
    draws = np.array([hash_position(77, pos) >> 32 for pos in range(60_000)])
    for threshold, p in zip(out, keep_probability(COUNTS, 1e-3), strict=True):
        kept = np.sum(draws <= threshold)
        assert abs(kept - 60_000 * p) <= 4 * math.sqrt(60_000 * p * (1 - p)) + 1e-3


# --- the hash of a position -----------------------------------------------------------------------


def hashes(key, positions):
    return np.array([hash_position(key, pos) for pos in positions], dtype=np.uint64)


def bits(numbers):
    return np.unpackbits(numbers.view(np.uint8).reshape(-1, 8), axis=1)


def test_every_bit_of_the_hash_is_even():
    ones = bits(hashes(3, range(20_000))).mean(axis=0)
    assert np.max(np.abs(ones - 0.5)) < 4.5 * 0.5 / math.sqrt(20_000)


@pytest.mark.parametrize(
    ("a", "b"), [((3, 0), (3, 1)), ((3, 0), (4, 0)), ((0, 0), (1, 0)), ((3, 0), (3, 2**40))]
)
def test_neighbouring_positions_and_keys_are_independent(a, b):
    one, two = (hashes(key, range(first, first + 20_000)) for key, first in (a, b))
    ones = bits(one ^ two).mean(axis=0)
    assert np.max(np.abs(ones - 0.5)) < 4.5 * 0.5 / math.sqrt(20_000)


def test_hashes_do_not_collide():
    assert len({hash_position(k, pos) for k in range(20) for pos in range(2000)}) == 40_000


# --- the Huffman tree -----------------------------------------------------------------------------


def optimal(counts):
    """The minimum of Σ count · length over all prefix codes: the sum of all merged weights."""
    heap, total = [int(c) for c in counts], 0
    heapq.heapify(heap)
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


def check_tree(tree, counts):
    V = len(counts)
    paths = [tree.path(word) for word in range(V)]
    codes = ["".join(map(str, code)) for _, code in paths]
    if V > 1:
        in_order = sorted(codes)
        assert all(not b.startswith(a) for a, b in pairwise(in_order))
        assert sum(2.0 ** -len(code) for code in codes) == pytest.approx(1)
    nodes = {}
    for path, code in paths:
        assert len(path) == len(code) <= tree.depth and set(code) <= {0, 1}
        for depth, node in enumerate(path):
            assert 0 <= node < V - 1
            # Each node has one prefix of the code, the same for all words below it.
            assert nodes.setdefault(node, code[:depth]) == code[:depth]
    assert len(nodes) == V - 1
    assert len({tuple(prefix) for prefix in nodes.values()}) == V - 1
    assert sum(c * len(code) for c, code in zip(counts, codes, strict=True)) == optimal(counts)
    assert tree.depth == max(map(len, codes))
    return codes


@pytest.mark.parametrize(
    "counts",
    [[5], [5, 5], [9, 2], [4, 4, 4], [9, 5, 2], [1] * 37, [2**k for k in range(40, -1, -1)],
     ZIPF[:700], sorted(COUNTS, reverse=True)],
    ids=lambda counts: f"{len(counts)}-{max(counts)}",
)  # fmt: skip
def test_paths_are_an_optimal_prefix_code(counts):
    check_tree(Tree(np.array(counts, dtype=np.int64)), counts)


@pytest.mark.parametrize("seed", range(5))
def test_trees_of_random_counts(seed):
    rng = np.random.default_rng(seed)
    counts = -np.sort(-rng.integers(1, 4 ** (seed + 1), size=3 + 20 * seed))
    check_tree(Tree(counts), counts)


def test_codes_of_small_trees():
    assert Tree(np.array([6])).path(0) == ([], [])
    assert check_tree(Tree(np.array([9, 2])), [9, 2]) == ["1", "0"]
    assert check_tree(Tree(np.array([9, 5, 2])), [9, 5, 2]) == ["1", "01", "00"]


def test_words_that_are_not_in_the_order_of_their_counts():
    codes = check_tree(huffman(COUNTS), COUNTS)
    assert len(codes[0]) == 1 and len(codes[5]) == max(map(len, codes))


@pytest.mark.skipif(sys.platform != "linux", reason="the sparse file would take 8 GiB")
def test_too_many_words_for_a_tree(tmp_path):
    counts = np.memmap(tmp_path / "counts", np.int64, "w+", shape=2**30 + 1)
    with pytest.raises(ValueError, match=r"at most 1,073,741,824 words, got 1,073,741,825: raise"):
        Tree(counts)


def test_counts_that_do_not_give_a_tree():
    for counts in ([2, 3], [3, 0], [3, -1]):
        with pytest.raises(ValueError, match="must be at least 1 and must not ascend"):
            Tree(np.array(counts, dtype=np.int64))
    with pytest.raises(ValueError, match="at least one word"):
        Tree(np.array([], dtype=np.int64))
    with pytest.raises(ValueError, match="each position once"):
        Tree(np.array([3, 2]), np.array([1, 1], dtype=np.int32))
    for rank in ([0], [0, 2], [-1, 0], [0, 1, 2]):
        with pytest.raises(ValueError, match="each position once"):
            Tree(np.array([3, 2]), np.array(rank, dtype=np.int32))
    for word in (-1, 2):
        with pytest.raises(IndexError, match=f"word {word} of 2"):
            Tree(np.array([3, 2])).path(word)
