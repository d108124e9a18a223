"""Graphs in every form that users have, and Node2Vec compared with Word2Vec on stored walks."""

import gzip
import math

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array, csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from w2vext import Vocabulary, Word2Vec
from w2vext.graph import EdgeFeatures, Node2Vec, walks
from w2vext.graph.adjacency import adjacency_of
from w2vext.graph.walk_stream import WalkStream
from w2vext.training import pieces

SMALL = {"vector_size": 8, "walk_length": 12, "walks_per_node": 3, "window": 3, "workers": 1}
EDGES = [("d", "b"), ("a", "c"), ("b", "a"), ("c", "b"), ("c", "c")]
WEIGHTED = [(*edge, weight) for edge, weight in zip(EDGES, [2.0, 0.5, 3.0, 7.0, 4.0], strict=True)]


def found(graph, directed=None):
    """{(node, node): weight} of all edges; the weight is None if they have none."""
    rows = adjacency_of(graph, directed)
    assert (rows.indptr.dtype, rows.indices.dtype) == (np.int64, np.int32)
    edges = {}
    for v, name in enumerate(rows.names):
        row = rows.indices[rows.indptr[v] : rows.indptr[v + 1]].tolist()
        assert row == sorted(set(row))
        for at, x in enumerate(row, rows.indptr[v]):
            weight = None if rows.weights is None else float(rows.weights[at])
            edges[name, rows.names[x]] = weight
    return edges


def expected(edges, directed):
    given = {edge[:2]: edge[2] if len(edge) == 3 else None for edge in edges}
    return given if directed else given | {(v, u): w for (u, v), w in given.items()}


@pytest.mark.parametrize("edges", [EDGES, WEIGHTED], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("directed", [None, False, True])
def test_edges_of_python(edges, directed):
    right = expected(edges, bool(directed))
    assert found(edges, directed) == right
    assert found(iter([list(edge) for edge in edges]), directed) == right
    assert found(np.array(edges, dtype=object), directed) == right


def test_arrays_of_numbers():
    assert found(np.array([[7, 3], [3, -5]])) == expected([(7, 3), (3, -5)], False)
    array = np.array([[7, 3, 0.5], [3, 5, 2]])
    edges = found(array, True)
    assert edges == {(7, 3): 0.5, (3, 5): 2}
    assert {type(node) for edge in edges for node in edge} == {int}
    assert found(np.array([[0.5, 3], [3, 2.5]])) == expected([(0.5, 3.0), (3.0, 2.5)], False)
    assert found(np.array([["x", "y"]])) == expected([("x", "y")], False)


def test_nodes_may_be_any_hashable_value():
    nodes = [("a", 1), frozenset({2}), b"x", 7, "seven"]
    edges = [(nodes[i], nodes[(i + 1) % 5]) for i in range(5)]
    assert found(edges) == expected(edges, False)
    model = Node2Vec(**SMALL).fit(edges)
    assert model.nodes_ == nodes
    assert model.transform([("a", 1), b"x"]).shape == (2, 8)


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow"])
def test_tables(name):
    library = pytest.importorskip(name)
    columns = {
        name: list(values) for name, values in zip("uvw", zip(*WEIGHTED, strict=True), strict=True)
    }
    table = library.table(columns) if name == "pyarrow" else library.DataFrame(columns)
    assert found(table) == expected(WEIGHTED, False)
    table = table.drop_columns("w") if name == "pyarrow" else table[["u", "v"]]
    assert found(table, True) == expected(EDGES, True)


@pytest.mark.parametrize("kind", [csr_array, csr_matrix, coo_array])
def test_sparse_arrays(kind):
    row, column, data = [2, 0, 1, 2, 2], [1, 2, 0, 2, 1], [2.0, 0.5, 3.0, 4.0, 5.0]
    matrix = kind((data, (row, column)), shape=(5, 5))
    right = {(2, 1): 7.0, (0, 2): 0.5, (1, 0): 3.0, (2, 2): 4.0}
    assert found(matrix) == found(matrix, True) == right
    assert found(matrix, False) == right | {(1, 2): 7.0, (2, 0): 0.5, (0, 1): 3.0}
    if kind is coo_array:
        return
    matrix.data[0] = 0  # the only edge of node 0
    assert found(matrix) == {edge: w for edge, w in right.items() if edge[0]}
    assert matrix.nnz == 5 or matrix.has_canonical_format  # the user's matrix keeps its zero


def test_sparse_arrays_without_weights():
    matrix = csr_array(([5, 5, 5], ([1, 0, 2], [0, 1, 0])), shape=(3, 3), dtype=np.int8)
    assert found(matrix) == {(1, 0): None, (0, 1): None, (2, 0): None}


def test_a_sparse_array_is_neither_copied_nor_changed():
    matrix = csr_array(np.arange(1.0, 10).reshape(3, 3))
    rows = adjacency_of(matrix, None)
    assert np.shares_memory(rows.indices, matrix.indices)
    matrix = csr_array(([1.0, 0, 2], [2, 1, 0], [0, 2, 3, 3]), shape=(3, 3))
    assert found(matrix) == {(0, 2): 1.0, (1, 0): 2.0}
    assert matrix.data.tolist() == [1, 0, 2]


def test_networkx():
    nx = pytest.importorskip("networkx")
    for directed, kind in ((False, nx.Graph), (True, nx.DiGraph)):
        graph = kind(EDGES)
        graph.add_node("alone")
        assert found(graph) == expected(EDGES, directed)
        assert adjacency_of(graph, None).names == ["d", "b", "a", "c", "alone"]
        graph = kind()
        graph.add_weighted_edges_from(WEIGHTED)
        assert found(graph) == expected(WEIGHTED, directed)
    assert found(graph, False) == expected(WEIGHTED, False)
    graph = nx.MultiGraph([("a", "b"), ("a", "b"), ("b", "c")])
    assert found(graph) == expected([("a", "b"), ("b", "c")], False)
    graph.add_edge("c", "b", weight=2.5)
    assert found(graph)["b", "c"] == 3.5
    graph.add_edge("c", "d", weight=-1)
    with pytest.raises(ValueError, match=r"the weight of the edge \('c', 'd'\), -1.0: give"):
        found(graph)
    graph["c"]["d"][0]["weight"] = None
    with pytest.raises(TypeError, match=r"edge \('c', 'd'\), None, is a NoneType: give a number"):
        found(graph)


def test_igraph():
    igraph = pytest.importorskip("igraph")
    for directed in (False, True):
        graph = igraph.Graph.TupleList(WEIGHTED, weights=True, directed=directed)
        assert found(graph) == expected(WEIGHTED, directed)
    graph = igraph.Graph([(0, 2), (2, 1)], n=4)
    assert found(graph) == expected([(0, 2), (2, 1)], False)
    assert adjacency_of(graph, None).names == [0, 1, 2, 3]
    graph.es["weight"] = [1, math.nan]
    with pytest.raises(ValueError, match=r"the weight of the edge \(1, 2\), nan"):
        found(graph)
    graph.vs["name"] = list("abca")
    with pytest.raises(ValueError, match="the same name 'a': give each its own name"):
        found(graph)


def test_repeated_edges_are_one_edge():
    assert found([("a", "b"), ("b", "a"), ("a", "b")]) == {("a", "b"): None, ("b", "a"): None}
    assert found([("a", "b"), ("b", "a"), ("a", "c")], True) == expected(
        [("a", "b"), ("b", "a"), ("a", "c")], True
    )
    edges = [("a", "b", 1), ("b", "a", 2), ("a", "c", 5), ("c", "c", 4), ("c", "c", 1)]
    assert found(edges) == expected([("a", "b", 3), ("a", "c", 5), ("c", "c", 5)], False)


# ---- files


TEXT = "# a comment with several words\n\nd b\na\tc\r\n  b a \n% another\nc b\nc c\n"


def test_text_files(tmp_path):
    path = tmp_path / "edges.txt"
    path.write_bytes(TEXT.encode())
    assert found(path) == found(str(path)) == expected(EDGES, False)
    assert found(path, True) == expected(EDGES, True)
    with gzip.open(tmp_path / "edges.gz", "wb") as file:
        file.write(TEXT.encode())
    assert found(tmp_path / "edges.gz") == expected(EDGES, False)
    with open(path, "rb") as file:
        assert found(file) == expected(EDGES, False)
    path.write_text("".join(f"{u} {v} {w}\n" for u, v, w in WEIGHTED))
    assert found(path, True) == expected(WEIGHTED, True)
    path.write_text("1 2 1\n2 3 2e0\n")  # a weight may look like a node
    assert found(path, True) == {("1", "2"): 1.0, ("2", "3"): 2.0}


@pytest.mark.parametrize(
    "text, message",
    [
        ("a b\n\n# c\na b c\nd e\n", "line 4 has 3 words: give two nodes, or two nodes and a"),
        ("a b\nc", "line 2 has 1 words"),
        ("a,b\nc,d\n", "line 1 has 1 words"),
        ("a b 1\na c\n", "line 2 has 2 words"),
        ("a b 1\n\na c x\n", "line 3: the weight is 'x', which is not a number"),
        ("source target weight\na b 1\n", "line 1: the weight is 'weight', which is not a number"),
        ("a b 1\na c -2\n", "line 2: the weight is -2.0: give finite numbers of at least 0"),
        ("a b 1\na c nan\n", "line 2: the weight is nan"),
        ("a b 1e99\na c 1\n", r"line 1: the weight is 1e\+99"),
        ("a b 1\na c 1e-99\n", "line 2: the weight is 1e-99 is 0 as float32"),
        ("", "the graph has no edges"),
        ("# only\n", "the graph has no edges"),
    ],
)
def test_bad_lines(tmp_path, text, message):
    path = tmp_path / "edges.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"edges.txt: {message}"):
        found(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file 'nothing.txt' with the edges"):
        found("nothing.txt")
    with pytest.raises(IsADirectoryError, match="is a folder: give a file of edges"):
        found(tmp_path)


def test_parquet(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "edges.parquet"
    parquet.write_table(arrow.table({"u": [7, 3], "v": [3, 9], "w": [0.5, 2]}), path)
    assert found(path, True) == {(7, 3): 0.5, (3, 9): 2.0}
    parquet.write_table(arrow.table({"u": ["a", "b"], "v": ["b", None]}), path)
    with pytest.raises(
        TypeError, match=r"edges.parquet: a node of edge 1 is None, a missing value"
    ):
        found(path)
    parquet.write_table(arrow.table({"u": ["a", "b"]}), path)
    with pytest.raises(ValueError, match=r"edges.parquet: the edges have 1 columns"):
        found(path)
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(ValueError, match=r"edges.parquet: not a valid Parquet .*write it again$"):
        found(path)


@pytest.mark.parametrize(
    "graph, kind, message",
    [
        ([], ValueError, "the graph has no edges, and 0 nodes"),
        (np.empty((0, 2), int), ValueError, "the graph has no edges"),
        (csr_array((3, 3)), ValueError, "the graph has no edges, and 3 nodes"),
        (csr_array(([0.0], ([1], [2])), shape=(3, 3)), ValueError, "the graph has no edges"),
        ([("a", "b", 0)], ValueError, "the graph has no edges"),
        (csr_array((3, 4)), ValueError, r"the sparse array has shape \(3, 4\)"),
        (csr_array(np.array([[0, -1.5], [1, 0]])), ValueError, "from 0 to 1, -1.5: give finite"),
        (csr_array(np.array([[0, 1], [math.nan, 0]])), ValueError, "edge from 1 to 0, nan"),
        (csr_array(np.array([[0, 1j], [1, 0]])), TypeError, "has type complex128: give real"),
        (np.zeros((3, 5)), ValueError, r"shape \(3, 5\)"),
        (np.zeros((4, 4)), ValueError, r"the array of edges has shape \(4, 4\)"),
        ([("a", "b"), ("a", "b", 1)], ValueError, r"edge 1 is \('a', 'b', 1\): give pairs"),
        ([("a",)], ValueError, "edge 0 is"),
        (["ab"], TypeError, "edge 0 is a str, 'ab': give"),
        ([1, 2], TypeError, "edge 0 is an int"),
        ([("a", None)], TypeError, "a node of edge 0 is None, a missing value"),
        ([("a", "b"), (math.nan, "b")], TypeError, "a node of edge 1 is nan, a missing value"),
        ([("a", ["b"])], TypeError, "a node of edge 0 is"),
        ([("a", "b", "3")], TypeError, r"edge 0, \('a', 'b', '3'\): weight '3', is a str: give a"),
        ([("a", "b", 1), ("a", "c", -3)], ValueError, r"edge 1, \('a', 'c', -3\): weight -3: give"),
        (3, TypeError, "the graph is an int, 3: give a scipy.sparse array"),
        ({"a": ["b"]}, TypeError, "the graph is a dict"),
        (b"edges.txt", TypeError, "the graph is a bytes"),
    ],
)  # fmt: skip
def test_bad_graphs(graph, kind, message):
    with pytest.raises(kind, match=message):
        Node2Vec().fit(graph)


# ---- Node2Vec


def ring(n=40, seed=1):
    """Edges of a ring with chords, with weights; the names are not the positions."""
    rng = np.random.default_rng(seed)
    names = [f"n{i}" for i in rng.permutation(n)]
    return [
        (names[i], names[(i + step) % n], float(rng.integers(1, 9)))
        for i in range(n) for step in (1, 1 + i % 7)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"architecture": "cbow", "loss": "hs", "directed": True, "epochs": 2},
        {"loss": "softmax"},
        {"deterministic": True, "sample": 0.01},
    ],
    ids=str,
)
def test_the_same_walks_stored_give_the_same_bytes(choices):
    edges = [*ring(), ("end", "n3", 1.0), ("n4", "sink", 2.0)]
    model = Node2Vec(**{**SMALL, **choices}, p=0.5, q=2, random_state=5).fit(edges)
    rows = adjacency_of(edges, choices.get("directed"))
    arrays = (rows.indptr, rows.indices, rows.weights)
    with_edges = np.flatnonzero(np.diff(rows.indptr))
    options = {"p": 0.5, "q": 2, "length": 12, "per_node": 3, "random_state": 5}
    first = WalkStream(rows, p=0.5, q=2, length=12, per_node=3, seed=5, workers=1).starts
    assert sorted(first) == with_edges.tolist() and list(first) != sorted(first)
    stored = [
        [rows.names[i] for i in walk if i >= 0] for walk in walks(*arrays, nodes=first, **options)
    ]
    assert ("sink" in {walk[-1] for walk in stored if len(walk) < 12}) == ("directed" in choices)
    same = {name: value for name, value in choices.items() if name != "directed"}
    counts = model.model_.counts_
    assert (counts[:-1] >= counts[1:]).all()
    words = Vocabulary(model.model_.vocabulary_, counts)
    plain = Word2Vec(
        **{"vector_size": 8, "window": 3, "workers": 1, "epochs": 1, "sample": 0, **same},
        min_count=1,
        random_state=5,
        alpha=None if choices.get("architecture") == "cbow" else 0.015,
    ).fit(stored, vocabulary=words)
    assert plain.vectors_.tobytes() == model.model_.vectors_.tobytes()
    assert plain.output_vectors_.tobytes() == model.model_.output_vectors_.tobytes()
    assert plain.loss_history_ == model.model_.loss_history_
    visits = Word2Vec(min_count=1, epochs=1, vector_size=1, workers=1).fit(stored)
    assert dict(zip(visits.vocabulary_, visits.counts_, strict=True)) == dict(
        zip(words.words, counts, strict=True)
    )


def test_several_parts(monkeypatch):
    """The walks do not depend on the parts in which they are drawn."""
    whole = Node2Vec(**SMALL, random_state=2).fit(ring())
    monkeypatch.setattr(pieces, "PART", 300)
    model = Node2Vec(**{**SMALL, "workers": 2}, random_state=2, deterministic=True).fit(ring())
    again = Node2Vec(**{**SMALL, "workers": 3}, random_state=2).fit(ring())
    assert model.model_.vocabulary_ == whole.model_.vocabulary_
    assert np.array_equal(model.model_.counts_, whole.model_.counts_)
    assert model.model_.vectors_.tobytes() == again.model_.vectors_.tobytes()
    assert model.model_.vectors_.tobytes() != whole.model_.vectors_.tobytes()
    assert whole.model_.deterministic_ is False and again.model_.deterministic_ is True


def test_isolated_nodes():
    matrix = csr_array(([1, 1, 1, 1], ([3, 5, 5, 1], [5, 3, 1, 5])), shape=(6, 6))
    model = Node2Vec(**SMALL, random_state=1)
    vectors = model.fit_transform(matrix)
    assert model.nodes_ == [0, 1, 2, 3, 4, 5]
    assert sorted(model.isolated_) == [0, 2, 4]
    assert vectors.shape == (6, 8) and vectors.dtype == np.float32
    assert np.flatnonzero((vectors == 0).all(axis=1)).tolist() == [0, 2, 4]
    assert np.array_equal(vectors, model.transform(np.arange(6)))
    assert np.array_equal(model.transform([5])[0], model.wv[5])
    assert 4 not in model.wv
    with pytest.raises(KeyError, match="node 6 is not in the graph"):
        model.transform([1, 6])


def test_a_node_without_edges_from_it_is_visited():
    model = Node2Vec(**SMALL, random_state=1, directed=True).fit([("a", "b"), ("c", "a")])
    assert dict(zip(model.model_.vocabulary_, model.model_.counts_, strict=True)) == {
        "a": 6, "b": 6, "c": 3,
    }  # fmt: skip
    assert model.isolated_ == []


def test_communities_are_found():
    """Two groups with many edges inside and few between them."""
    rng = np.random.default_rng(3)
    near = rng.random((60, 60)) < np.kron([[0.3, 0.01], [0.01, 0.3]], np.ones((30, 30)))
    vectors = Node2Vec(
        vector_size=16, random_state=1, workers=1, walk_length=40, alpha=0.1
    ).fit_transform(csr_array(np.triu(near, 1) + np.triu(near, 1).T))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit.T
    inside = (similar[:30, :30].mean() + similar[30:, 30:].mean()) / 2
    assert inside > similar[:30, 30:].mean() + 0.3


def test_as_an_estimator():
    model = Node2Vec(p=0.5, vector_size=4, walks_per_node=2, random_state=3, workers=1)
    assert clone(model).get_params() == model.get_params()
    assert not hasattr(model, "nodes_")
    with pytest.raises(NotFittedError):
        model.transform(["n1"])
    with pytest.raises(NotFittedError):
        model.wv  # noqa: B018
    pipeline = make_pipeline(model, StandardScaler())
    scaled = pipeline.fit_transform(ring())
    assert scaled.shape == (40, 4)
    assert pipeline.transform(["n7", "n0"]).shape == (2, 4)
    assert list(model.get_feature_names_out()) == [f"node2vec{i}" for i in range(4)]
    with pytest.raises(TypeError, match="the nodes are a str, 'n1': give a list of nodes"):
        model.transform("n1")


def test_random_state():
    generator = np.random.default_rng(4)
    first, second = (Node2Vec(**SMALL, random_state=generator).fit(ring()) for _ in range(2))
    assert first.model_.seed_ != second.model_.seed_
    same = Node2Vec(**SMALL, random_state=first.model_.seed_).fit(ring())
    assert same.model_.vectors_.tobytes() == first.model_.vectors_.tobytes()
    assert not Node2Vec(**{**SMALL, "workers": 2}).fit(ring()).model_.deterministic_


def test_checkpoints(tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PART", 300)
    whole = Node2Vec(**SMALL, random_state=2).fit(ring())
    model = Node2Vec(**SMALL, random_state=2)
    model.fit(ring(), checkpoint=tmp_path / "run", checkpoint_every=0)
    again = Node2Vec(**SMALL, random_state=2).fit(ring(), checkpoint=tmp_path / "run")
    for each in (model, again):
        assert each.model_.vectors_.tobytes() == whole.model_.vectors_.tobytes()
    with pytest.raises(ValueError, match="corpus"):
        Node2Vec(**{**SMALL, "walk_length": 13}, random_state=2).fit(
            ring(), checkpoint=tmp_path / "run"
        )
    with pytest.raises(ValueError, match="random_state=None with checkpoint"):
        Node2Vec(**SMALL).fit(ring(), checkpoint=tmp_path / "other")


@pytest.mark.parametrize(
    "name, value, kind",
    [
        ("p", 0, ValueError),
        ("q", -1, ValueError),
        ("p", True, TypeError),
        ("walk_length", 1, ValueError),
        ("walk_length", 10.0, TypeError),
        ("walks_per_node", 0, ValueError),
        ("directed", "yes", TypeError),
        ("vector_size", 0, ValueError),
        ("loss", "ns", ValueError),
        ("workers", 0, ValueError),
        ("random_state", -1, ValueError),
    ],
)
def test_bad_parameters(name, value, kind):
    with pytest.raises(kind, match=f"^{name}={value!r}"):
        Node2Vec(**{name: value}).fit(ring())


# ---- EdgeFeatures


@pytest.fixture(scope="module")
def fitted():
    return Node2Vec(**SMALL, random_state=1).fit(ring())


@pytest.mark.parametrize("kind", ["Node2Vec", "KeyedVectors"])
def test_edge_features(fitted, kind):
    vectors = fitted if kind == "Node2Vec" else fitted.wv
    pairs = [("n3", "n1"), ("n5", "n5")]
    u, v = fitted.transform(["n3", "n5"]), fitted.transform(["n1", "n5"])
    right = {"hadamard": u * v, "average": (u + v) / 2, "l1": abs(u - v), "l2": (u - v) ** 2}
    for name, features in right.items():
        transformer = EdgeFeatures(vectors, name).fit(pairs)
        for form in (pairs, np.array(pairs), iter(pairs), np.array(pairs, dtype=object)):
            assert np.array_equal(transformer.transform(form), features)
        assert transformer.transform(pairs).dtype == np.float32
    assert EdgeFeatures(vectors).transform([]).shape == (0, 8)
    assert len(EdgeFeatures(vectors).get_feature_names_out()) == 8


def test_edge_features_in_a_pipeline(fitted):
    features = EdgeFeatures(fitted)
    assert clone(features).vectors is fitted
    linked = [edge[:2] for edge in ring()]
    others = [(u, v) for u, v in zip(*[iter(fitted.nodes_)] * 2, strict=True)]
    X, y = linked + others, [1] * len(linked) + [0] * len(others)
    search = GridSearchCV(
        make_pipeline(features, LogisticRegression()),
        {"edgefeatures__operator": ["hadamard", "l2"]},
        cv=2,
    ).fit(X, y)
    assert search.best_estimator_[0].vectors is fitted
    assert search.predict(X).shape == (len(X),)


def test_edge_features_of_isolated_and_unknown_nodes(fitted):
    matrix = csr_array(([1, 1], ([0, 2], [2, 0])), shape=(3, 3))
    model = Node2Vec(**SMALL, random_state=1).fit(matrix)
    assert not EdgeFeatures(model).transform([(1, 2)]).any()
    with pytest.raises(KeyError, match="node 3 is not in the graph"):
        EdgeFeatures(model).transform([(0, 3)])
    with pytest.raises(KeyError, match="node 1 has no vector"):
        EdgeFeatures(model.wv).transform(np.array([[0, 2], [2, 1]]))


@pytest.mark.parametrize(
    "vectors, operator, pairs, kind, message",
    [
        (None, "max", [], ValueError, "operator='max' is unknown: give 'hadamard', "),
        (None, 2, [], TypeError, "operator=2 is an int"),
        (Node2Vec(), "l1", [], TypeError, r"vectors=Node2Vec\(\) is a Node2Vec: give a fitted"),
        ({"a": [1]}, "l1", [], TypeError, "vectors={'a': .* is a dict"),
        (None, "l1", [("n1", "n2", "n3")], ValueError, "pair 0 is .* give pairs of nodes"),
        (None, "l1", ["n1"], ValueError, "pair 0 is 'n1'"),
        (None, "l1", [("n1", "n2"), 7], ValueError, "pair 1 is 7"),
    ],
)
def test_bad_edge_features(fitted, vectors, operator, pairs, kind, message):
    features = EdgeFeatures(fitted if vectors is None else vectors, operator)
    with pytest.raises(kind, match=message):
        features.transform(pairs)
