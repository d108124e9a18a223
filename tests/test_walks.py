"""Random walks: their frequencies against the NumPy reference, and checks of their arguments."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chi2

from w2vext.graph import walks
from w2vext.graph._walks import Graph, pack
from w2vext.graph.random_walks import draw
from w2vext.reference.walks import step_probabilities

# Twelve nodes, two of them hubs, many triangles, a pendant node (10) and an isolated one (11).
_RNG = np.random.default_rng(8)
UNDIRECTED = np.triu(_RNG.random((12, 12)) < 0.35, 1).astype(float)
UNDIRECTED[0, 1:8] = UNDIRECTED[3, 4:10] = 1
UNDIRECTED[:, 10:] = 0
UNDIRECTED[2, 10] = 1
UNDIRECTED += UNDIRECTED.T
DIRECTED = (_RNG.random((9, 9)) < 0.4).astype(float)
DIRECTED[np.arange(9), (np.arange(9) + 1) % 9] = 1  # every node has an edge, some lead to itself
_WEIGHTS = np.triu(_RNG.exponential(size=(12, 12)), 1)
GRAPHS = {
    "undirected": UNDIRECTED,
    "weighted": UNDIRECTED * (_WEIGHTS + _WEIGHTS.T),
    "directed": DIRECTED,
    "directed-weighted": DIRECTED * _RNG.exponential(size=(9, 9)) ** 2,
}


def rows_of(matrix):
    """The arrays of compressed rows: indptr, indices and weights."""
    row, column = np.nonzero(matrix)
    indptr = np.searchsorted(row, np.arange(len(matrix) + 1))
    return indptr, column, matrix[row, column]


def arguments(name):
    indptr, indices, weights = rows_of(GRAPHS[name])
    return (indptr, indices, weights if "weighted" in name else None)


def chi_square(drawn, matrix, p, q):
    """The probability of a worse fit to the reference, over all pairs (node before, node)."""
    n = len(matrix)
    seen = np.zeros((n, n, n))
    for k in range(2, drawn.shape[1]):
        t, v, x = drawn[:, k - 2], drawn[:, k - 1], drawn[:, k]
        np.add.at(seen, (t[x >= 0], v[x >= 0], x[x >= 0]), 1)
    statistic, freedom = 0.0, 0
    for t, v in np.argwhere(seen.sum(axis=2) > 200):
        expected = step_probabilities(matrix, t, v, p, q) * seen[t, v].sum()
        assert not seen[t, v][expected == 0].any()
        rare = expected < 5
        statistic += np.sum((seen[t, v] - expected)[~rare] ** 2 / expected[~rare])
        freedom += np.count_nonzero(~rare) - (not rare.any())
    assert freedom > 50
    return chi2.sf(statistic, freedom)


def draw_many(name, p, q, seed=1):
    return walks(*arguments(name), p=p, q=q, length=25, per_node=1200, random_state=seed)


@pytest.mark.parametrize("p, q", [(1, 1), (0.25, 4), (4, 0.25), (1, 0.5), (2, 8)])
@pytest.mark.parametrize("name", GRAPHS)
def test_frequencies_fit_the_reference(name, p, q):
    assert chi_square(draw_many(name, p, q), GRAPHS[name], p, q) > 0.001


@pytest.mark.parametrize("name", GRAPHS)
def test_other_parameters_do_not_fit(name):
    drawn = draw_many(name, 0.5, 2)
    assert chi_square(drawn, GRAPHS[name], 0.5, 2) > 0.001
    for p, q in [(2, 0.5), (1, 2), (0.5, 1), (0.25, 2), (0.5, 1.5)]:
        assert chi_square(drawn, GRAPHS[name], p, q) < 1e-6
    if "weighted" in name:
        assert chi_square(drawn, np.sign(GRAPHS[name]), 0.5, 2) < 1e-6


@pytest.mark.parametrize("p, q", [(1e9, 1), (1, 1e9), (1e9, 1e9)])
def test_frequencies_of_extreme_parameters(p, q):
    """Nearly all draws are rejected, and steps are drawn in another way."""
    assert chi_square(draw_many("weighted", p, q), GRAPHS["weighted"], p, q) > 0.001


@pytest.mark.parametrize("name", GRAPHS)
def test_the_first_step_follows_the_weights(name):
    matrix = GRAPHS[name]
    drawn = walks(*arguments(name), p=0.1, q=9, length=2, per_node=4000, random_state=4)
    for v in range(len(matrix)):
        if matrix[v].any():
            seen = np.bincount(drawn[drawn[:, 0] == v, 1], minlength=len(matrix))
            expected = step_probabilities(matrix, None, v, 0.1, 9) * 4000
            assert np.all(np.abs(seen - expected) <= 5 * np.sqrt(expected))


def test_rows_and_ends():
    """Row i starts at nodes[i % len(nodes)]; a walk ends at a node without edges."""
    # 2 -> 0 -> 3, and 1 <-> 4
    indptr, indices = [0, 1, 2, 3, 3, 4], [3, 4, 0, 1]
    drawn = walks(indptr, indices, length=5, per_node=2, random_state=1)
    expected = [
        [0, 3, -1, -1, -1],
        [1, 4, 1, 4, 1],
        [2, 0, 3, -1, -1],
        [3, -1, -1, -1, -1],
        [4, 1, 4, 1, 4],
    ]
    assert drawn.dtype == np.int32
    assert drawn.tolist() == expected * 2
    some = walks(indptr, indices, length=3, per_node=1, nodes=[4, 2], random_state=1)
    assert some.tolist() == [[4, 1, 4], [2, 0, 3]]


def test_the_draws_depend_on_the_seed_and_the_number_of_the_walk_only():
    arrays = arguments("weighted")
    options = {"p": 0.5, "q": 2, "length": 30}
    first = walks(*arrays, per_node=300, workers=1, random_state=5, **options)
    assert len(first) > 3 * 1024  # several tasks
    for workers in (2, 5):
        again = walks(*arrays, per_node=300, workers=workers, random_state=5, **options)
        assert np.array_equal(first, again)
    fewer = walks(*arrays, per_node=7, random_state=5, **options)
    assert np.array_equal(first[: len(fewer)], fewer)
    assert not np.array_equal(first, walks(*arrays, per_node=300, random_state=6, **options))
    generator = np.random.default_rng(1)
    one, other = (walks(*arrays, random_state=generator, **options) for _ in range(2))
    assert not np.array_equal(one, other)


def test_part_of_the_walks():
    indptr, indices, _ = rows_of(UNDIRECTED)
    graph = Graph(indptr.astype(np.int64), indices.astype(np.int32), None, 0.5, 2)
    starts = np.array([7, 0, 3], dtype=np.int32)

    def part(first, count):
        ids, lengths = np.empty((count, 6), np.int32), np.empty(count, np.int32)
        draw(graph, starts, 9, first, ids, lengths, 2)
        assert (lengths == 6).all()
        return ids

    assert np.array_equal(part(0, 3000)[1711:2100], part(1711, 389))


def test_pack():
    ids = np.array([[4, 1, -1], [2, -1, -1], [0, 3, 4]], dtype=np.int32)
    offsets = np.full(5, -7, dtype=np.int64)
    labels = np.array([50, 51, 52, 53, 54], dtype=np.int32)
    assert pack(ids, np.array([2, 1, 3], dtype=np.int32), labels, offsets) == 6
    assert ids.reshape(-1)[:6].tolist() == [54, 51, 52, 50, 53, 54]
    assert offsets.tolist() == [0, 2, 3, 6, -7]


def test_edges_may_be_in_any_order_and_of_weight_0():
    indptr, indices, weights = rows_of(GRAPHS["weighted"])
    expected = walks(indptr, indices, weights, q=0.5, random_state=3)
    rng = np.random.default_rng(2)
    order = np.concatenate([rng.permutation(np.arange(a, b)) for a, b in pairwise(indptr)])
    mixed = walks(indptr, indices[order], weights[order], q=0.5, random_state=3)
    assert np.array_equal(mixed, expected)
    # Zeros between the edges of node 0 and of node 1, to nodes that are not neighbours.
    far = next(x for x in range(12) if not UNDIRECTED[1, x])
    where = [indptr[1], indptr[1]]
    zeros = walks(
        indptr + np.r_[0, 1, np.full(11, 2)],
        np.insert(indices, where, [11, far]),
        np.insert(weights, where, 0),
        q=0.5,
        random_state=3,
    )
    assert np.array_equal(zeros, expected)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.int16])
def test_types_of_the_arrays(kind):
    indptr, indices, _ = rows_of(UNDIRECTED)
    expected = walks(indptr, indices, random_state=3)
    got = walks(indptr.astype(kind), indices.astype(kind), random_state=3)
    assert np.array_equal(got, expected)
    assert np.array_equal(walks(list(indptr), list(indices), random_state=3), expected)


def test_empty_graphs():
    assert walks([0], [], random_state=1).shape == (0, 80)
    assert walks([0, 0, 0], [], length=2, per_node=1).tolist() == [[0, -1], [1, -1]]
    assert walks([0, 1, 2], [1, 0], nodes=[], length=3).shape == (0, 3)


@pytest.mark.parametrize(
    "change, kind, message",
    [
        ({"p": 0}, ValueError, "p=0: give a finite number above 0"),
        ({"q": -1.5}, ValueError, "q=-1.5: give a finite number above 0"),
        ({"q": math.nan}, ValueError, "q=nan"),
        ({"p": math.inf}, ValueError, "p=inf"),
        ({"p": 5e-324}, ValueError, "p=5e-324"),
        ({"p": "1"}, TypeError, "p='1' is a str: give a number"),
        ({"length": 0}, ValueError, "length=0: give an integer of at least 1"),
        ({"per_node": 1.5}, TypeError, "per_node=1.5"),
        ({"weights": [1, 2, -3, 4]}, ValueError, r"weights\[2\]=-3: give finite numbers"),
        ({"weights": [1, math.nan, 3, 4]}, ValueError, r"weights\[1\]=nan"),
        ({"weights": [1, 2, 3, 1e39]}, ValueError, r"weights\[3\]=1e\+39"),
        ({"weights": [1e-50, 2, 3, 1]}, ValueError, r"weights\[0\]=1e-50 is 0 as float32"),
        ({"weights": [1, 2, 3]}, ValueError, r"weights has shape \(3,\)"),
        ({"weights": list("abcd")}, TypeError, "weights has shape"),
        ({"indices": [1, 2, 3, 0]}, ValueError, r"indices\[2\]=3: the graph has 3 nodes"),
        ({"indices": [1, -1, 0, 1]}, ValueError, r"indices\[1\]=-1"),
        ({"indices": np.array([1, 2**32, 0, 1])}, ValueError, r"indices\[1\]=4294967296"),
        ({"indices": np.array([1, 3, 0, 1], np.int32)}, ValueError, r"indices\[1\]=3: the graph"),
        ({"indices": [1.0, 2.0, 0.0, 0.0]}, TypeError, "indices has 1 dimensions and type float64"),
        ({"indices": [[1, 2, 0, 0]]}, TypeError, "indices has 2 dimensions"),
        ({"indptr": [0, 2, 1, 4]}, ValueError, r"indptr\[2\]=1: give row offsets that rise"),
        ({"indptr": [0, 2, 9, 4]}, ValueError, r"indptr\[2\]=9"),
        ({"indptr": [1, 2, 3, 4]}, ValueError, r"indptr\[0\]=1"),
        ({"indptr": [0, 2, 3, 3]}, ValueError, r"indptr\[3\]=3"),
        ({"indptr": []}, ValueError, "indptr is empty"),
        ({"nodes": [0, 3]}, ValueError, r"nodes\[1\]=3: the graph has 3 nodes"),
        ({"nodes": [-1]}, ValueError, r"nodes\[0\]=-1"),
        ({"nodes": [0.5]}, TypeError, "nodes has 1 dimensions and type float64"),
        ({"random_state": -1}, ValueError, "random_state=-1"),
        ({"workers": 0}, ValueError, "workers=0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("weighted", [False, True])
def test_bad_input(change, kind, message, weighted):
    good = {"indptr": [0, 2, 3, 4], "indices": [1, 2, 0, 0]}
    if weighted:
        good["weights"] = [1, 0, 3, 4]
    with pytest.raises(kind, match=message):
        walks(**{**good, **change})


def test_the_graph_checks_its_arrays():
    ids = np.empty((2, 3), np.int32)
    graph = Graph(np.array([0, 1, 2]), np.array([1, 0], np.int32), None, 1, 1)
    with pytest.raises(ValueError, match="a walk starts at 2"):
        graph.draw(np.array([1, 2], np.int32), 1, 0, ids, np.empty(2, np.int32))
    with pytest.raises(ValueError, match="no starts"):
        graph.draw(np.empty(0, np.int32), 1, 0, ids, np.empty(2, np.int32))
    with pytest.raises(ValueError, match="2 walks of 3 nodes"):
        graph.draw(np.array([1], np.int32), 1, 0, ids, np.empty(1, np.int32))
    with pytest.raises(ValueError, match=r"weights\[1\]=0.0: give finite numbers above 0"):
        Graph(np.array([0, 1, 2]), np.array([1, 0], np.int32), np.array([1, 0], np.float32), 1, 1)
    with pytest.raises(ValueError, match=r"indices\[1\]=0 is less"):
        Graph(np.array([0, 2, 2]), np.array([1, 0], np.int32), None, 1, 1)


def test_ctrl_c_ends_the_draws(monkeypatch):
    monkeypatch.setattr("w2vext._threads.run_tasks", lambda *args, **options: True)
    with pytest.raises(KeyboardInterrupt):
        walks([0, 1, 2], [1, 0])
