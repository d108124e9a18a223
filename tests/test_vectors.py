"""KeyedVectors: look-up, and neighbours compared with a float64 reference and gensim."""

import pickle
import threading

import numpy as np
import pytest
from helpers import waiting

from w2vext.keyedvectors import KeyedVectors
from w2vext.search import UnknownWordError, exact

N, D = 300, 24


@pytest.fixture(scope="module")
def wv():
    rng = np.random.default_rng(23)
    vectors = rng.normal(size=(N, D)).astype(np.float32)
    vectors[41] = 0
    vectors *= rng.uniform(0.1, 5, size=(N, 1)).astype(np.float32)
    words = [f"w{(i * 7 + 3) % N}" for i in range(N)]
    return KeyedVectors(words, vectors, counts=np.arange(N, 0, -1))


def reference_cosines(vectors, query):
    vectors, query = vectors.astype(np.float64), np.asarray(query, np.float64)
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return np.divide(vectors @ query, norms, out=np.zeros(len(vectors)), where=norms > 0)


def unit(v):
    return np.asarray(v, np.float64) / np.linalg.norm(v)


# ---- look-up


def test_look_up(wv):
    word = wv.index_to_key[5]
    assert wv.key_to_index[word] == 5 == wv.get_index(word)
    np.testing.assert_array_equal(wv[word], wv.vectors[5])
    np.testing.assert_array_equal(wv[[word, "w3"]], wv.vectors[[5, 0]])
    assert word in wv
    assert "nothing" not in wv
    assert len(wv) == N
    assert wv.vector_size == D
    assert wv.get_vecattr(word, "count") == N - 5
    assert list(wv)[:2] == ["w3", "w10"]
    assert wv[[]].shape == (0, D)


def test_the_row_of_an_unknown_word(wv):
    assert wv.get_index("king", -1) == wv.get_index("king", default=-1) == -1
    assert wv.get_index("king", 0) == 0
    assert wv.get_index("w10", -1) == 1
    assert wv.has_index_for("w10")
    assert not wv.has_index_for("king")
    replaced = KeyedVectors(["a", "<unk>"], np.eye(2), unk_token="<unk>")
    assert not replaced.has_index_for("b")


def test_a_vector_is_read_only(wv):
    with pytest.raises(ValueError):
        wv["w3"][0] = 1
    assert wv.vectors.flags.writeable


def test_vectors_are_not_copied():
    vectors = np.eye(3, dtype=np.float32)
    assert KeyedVectors("xyz", vectors).vectors is vectors


def test_words_may_be_anything_hashable():
    wv = KeyedVectors([7, ("a", 2), b"x", "7"], np.eye(4))
    assert wv.most_similar(7, topn=4)[0][1] == 0
    assert wv.get_index(("a", 2)) == 1
    assert {word for word, _ in wv.most_similar(("a", 2))} == {7, b"x", "7"}
    np.testing.assert_array_equal(wv[b"x"], [0, 0, 1, 0])


@pytest.mark.parametrize("call", ["__getitem__", "get_index", "get_vector", "most_similar"])
def test_the_error_names_an_unknown_word(wv, call):
    with pytest.raises(KeyError, match=r"'king' is not among the 300 words: .*min_count") as error:
        getattr(wv, call)("king")
    assert isinstance(error.value, UnknownWordError)
    assert str(error.value).startswith("the word 'king'")
    with pytest.raises(KeyError, match="'w10' is: check the spelling"):
        getattr(wv, call)("W10")


def test_words_that_are_not_hashable(wv):
    for word in (["w3"], {"w3", "w4"}, {"w3": 1}):
        with pytest.raises(TypeError, match="hashable: give a word, such as a str, or a list"):
            wv.get_index(word)


def test_several_words_in_other_containers():
    wv = KeyedVectors(["zebra", "ant", "bee"], np.eye(3) + 0.1)
    words = ["zebra", "bee"]
    for given in (np.array(words), np.array(words, object), tuple(words), {"zebra": 1, "bee": 2}):
        assert wv.most_similar(given) == wv.most_similar(words)
        assert wv.doesnt_match(given) == wv.doesnt_match(words)
        assert wv.n_similarity(given, "ant") == wv.n_similarity(words, "ant")
        np.testing.assert_array_equal(wv[given], wv[words])
    assert wv.similar_by_word(tuple(words)) == [wv.most_similar("zebra"), wv.most_similar("bee")]
    for given in (iter(words), set(words), frozenset(words)):
        assert [word for word, _ in wv.most_similar(given)] == ["ant"]
    assert wv[set(words)].shape == wv[frozenset(words)].shape == (2, 3)
    pandas = pytest.importorskip("pandas")
    for given in (pandas.Series(words, index=[4, 7]), pandas.Index(words)):
        assert wv.most_similar(given) == wv.most_similar(words)
        np.testing.assert_array_equal(wv[given], wv[words])


def test_tuples_that_are_not_several_words():
    """They may be a word, a word and its weight, or an unknown word."""
    wv = KeyedVectors([("a", "noun"), "a", "noun", 2], np.eye(4) + 0.1)
    np.testing.assert_array_equal(wv[("a", "noun")], wv.vectors[0])
    np.testing.assert_array_equal(wv[("noun", "a")], wv.vectors[[2, 1]])
    assert wv.most_similar(("a", 2)) == wv.most_similar([("a", 2)]) != wv.most_similar(["a", 2])
    np.testing.assert_array_equal(wv[("a", 2)], wv.vectors[[1, 3]])  # look-up has no weights


def test_several_words_that_are_unknown():
    wv = KeyedVectors(["zebra", "ant", "bee"], np.eye(3) + 0.1)
    three = np.array(["zebra", "ant", "bee"])  # as many as there are dimensions
    assert wv.most_similar(three, topn=2) == wv.most_similar(three.tolist(), topn=2)
    for call in (wv.__getitem__, wv.most_similar):
        with pytest.raises(KeyError, match=r"for several words give a list: \['yak', 'emu'\]"):
            call(("yak", "emu"))
        with pytest.raises(KeyError, match="the word 'yak' is not among"):
            call(("bee", "yak"))
    with pytest.raises(TypeError, match=r"type <U5: give real numbers, or words in a list"):
        wv.most_similar([np.array(["zebra", "ant", "bee"])])
    with pytest.raises(TypeError, match=r"type complex128"):
        wv.most_similar([np.array([1j, 2, 3])])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300, -1e39])
def test_numbers_that_are_not_finite(bad):
    rows = np.eye(3)
    rows[1, 2] = bad
    for given in (rows, rows.tolist(), rows.astype(object)):
        with pytest.raises(ValueError, match=r"vectors\[1\], the vector of 'ant', contains NaN"):
            KeyedVectors(["zebra", "ant", "bee"], given)


@pytest.mark.parametrize(
    ("vectors", "error", "message"),
    [
        ([[1j, 1], [0, 1]], TypeError, "vectors has type complex128: give real numbers"),
        ([["1", "2"], ["3", "4"]], TypeError, "vectors has type <U1"),
        ([[1, None], [3, 4]], ValueError, r"vectors\[0\], the vector of 'zebra'"),
        ([[1, object()], [3, 4]], TypeError, "vectors: not an array of numbers"),
        ([[1, 2], [3]], ValueError, "vectors: not an array of numbers with rows of one length"),
        (np.ma.masked_equal([[1.0, 2], [3, 4]], 3), ValueError, "row 1 has a masked entry"),
        (np.zeros((2, 0)), ValueError, r"shape \(2, 0\) for 2 words"),
        (np.zeros(2), ValueError, r"shape \(2,\) for 2 words"),
    ],
)
def test_vectors_that_are_not_a_matrix_of_numbers(vectors, error, message):
    with pytest.raises(error, match=message):
        KeyedVectors(["zebra", "ant"], vectors)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([3, -1], r"counts\[1\] is -1: give a number from 0 to 2\*\*63 - 1"),
        ([2**63, 3], r"counts\[0\] is 9223372036854775808: give"),
        ([3, 2**64], r"counts\[1\] is 18446744073709551616: give"),
        ([2**63, -1], r"counts\[0\] is 9223372036854775808: give"),
        (np.array([1, 2**64 - 1], np.uint64), r"counts\[1\] is 18446744073709551615: give"),
        ([1.5, 2], r"counts has shape \(2,\) and type float64 .* give one integer for each word"),
        (["1", "2"], "counts has shape"),
        ([True, False], "and type bool"),
        ([[1, 2]], r"counts has shape \(1, 2\)"),
    ],
)
def test_counts_out_of_range(counts, message):
    with pytest.raises(ValueError, match=message):
        KeyedVectors(["zebra", "ant"], np.eye(2), counts)


def test_counts_of_any_integer_type():
    for counts in ([2**63 - 1, 0], np.array([7, 3], np.uint8), np.array([7, 3], np.uint64),
                   np.array([7, 3], object)):  # fmt: skip
        wv = KeyedVectors(["zebra", "ant"], np.eye(2), counts)
        assert wv.counts.dtype == np.int64 and wv.counts.tolist() == [int(n) for n in counts]


def test_numbers_that_became_nan_are_found_by_a_query():
    """A matrix that is used without a copy may be changed after it was checked."""
    matrix = np.eye(3, dtype=np.float32)
    wv = KeyedVectors(["zebra", "ant", "bee"], matrix)
    assert wv.most_similar("zebra")
    matrix[1, 1] = np.nan
    with pytest.raises(ValueError, match=r"vectors\[1\], the vector of 'ant', contains NaN"):
        wv.fill_norms(force=True)
    matrix[1, 1] = np.inf
    with pytest.raises(ValueError, match=r"vectors\[1\], the vector of 'ant', contains NaN"):
        wv.most_similar("zebra")


def test_invalid_arguments():
    with pytest.raises(ValueError, match="'x' more than once"):
        KeyedVectors(["x", "y", "x"], np.eye(3))
    with pytest.raises(ValueError, match=r"shape \(3, 3\) for 2 words"):
        KeyedVectors(["x", "y"], np.eye(3))
    with pytest.raises(ValueError, match="counts has shape"):
        KeyedVectors(["x", "y"], np.eye(2), counts=[1])


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("index2word", "index_to_key"),
        ("vocab", "key_to_index"),
        ("syn0", "vectors"),
        ("add_vector", r"KeyedVectors\(words, vectors\) with all words"),
        ("intersect_word2vec_format", r"Word2Vec\(\)\.fit\(text, init=path\)"),
    ],
)
def test_earlier_names_are_errors_that_name_the_new_ones(wv, name, instead):
    with pytest.raises(AttributeError, match=f"no '{name}': write {instead}$"):
        getattr(wv, name)
    assert not hasattr(wv, "nothing")


def test_a_long_word_is_shortened_in_messages(wv):
    with pytest.raises(KeyError) as error:
        wv["x" * 10_000]
    assert len(str(error.value)) < 200


def test_pickles_for_joblib(wv):
    again = pickle.loads(pickle.dumps(wv))
    assert again.most_similar("w3") == wv.most_similar("w3")


# ---- neighbours


def test_neighbours_equal_the_reference(wv):
    for word in ("w3", "w12", "w299"):
        scores = reference_cosines(wv.vectors, wv[word])
        order = [r for r in np.argsort(-scores, kind="stable") if wv.index_to_key[r] != word][:12]
        got = wv.most_similar(word, topn=12)
        assert [w for w, _ in got] == [wv.index_to_key[r] for r in order]
        np.testing.assert_allclose([s for _, s in got], scores[order], atol=1e-6)


def test_several_queries_equal_single_ones(wv):
    words = wv.index_to_key
    got = wv.most_similar([[w] for w in words], topn=5)
    for word, many in zip(words, got, strict=True):
        one = wv.most_similar(word, topn=5)
        assert [w for w, _ in one] == [w for w, _ in many]
        np.testing.assert_allclose([s for _, s in one], [s for _, s in many], atol=1e-6)
    assert wv.similar_by_word(words[:3], topn=5) == wv.most_similar(
        [[w] for w in words[:3]], topn=5
    )


def test_positive_and_negative(wv):
    query = unit(wv["w1"]) + unit(wv["w2"]) - unit(wv["w5"])
    scores = reference_cosines(wv.vectors, query)
    own = {"w1", "w2", "w5"}
    order = [r for r in np.argsort(-scores) if wv.index_to_key[r] not in own][:6]
    got = wv.most_similar(["w1", "w2"], ["w5"], topn=6)
    assert [w for w, _ in got] == [wv.index_to_key[r] for r in order]
    several = wv.most_similar([["w1", "w2"], ["w7"]], [["w5"], []], topn=6)
    assert [w for w, _ in several[0]] == [w for w, _ in got]
    assert [w for w, _ in several[1]] == [w for w, _ in wv.most_similar("w7", topn=6)]


def test_neighbours_equal_gensims(wv):
    gensim = pytest.importorskip("gensim.models")
    vectors = wv.vectors.copy()
    vectors[41] = 0.5  # gensim divides zeros by zero
    wv = KeyedVectors(wv.index_to_key, vectors)
    theirs = gensim.KeyedVectors(D)
    theirs.add_vectors(wv.index_to_key, vectors)
    vector = np.arange(D, dtype=np.float32)
    for arguments in (
        {"positive": "w3"},
        {"positive": ["w3", "w8"], "negative": ["w9"]},
        {"positive": ["w3", "w8"], "negative": "w9", "restrict_vocab": 100},
        {"positive": [("w3", 0.3), ("w8", 2)], "topn": 300},
        {"positive": vector},
        {"positive": [vector, "w8"], "topn": 4},
        {"negative": ["w8"]},
    ):
        ours = wv.most_similar(**arguments)
        others = theirs.most_similar(**arguments)
        assert len(ours) == len(others)
        assert [w for w, _ in ours] == [w for w, _ in others]
        np.testing.assert_allclose([s for _, s in ours], [s for _, s in others], atol=2e-6)
    all_ours = wv.most_similar("w3", topn=None)
    np.testing.assert_allclose(all_ours, theirs.most_similar("w3", topn=None), atol=2e-6)
    assert wv.similarity("w3", "w9") == pytest.approx(theirs.similarity("w3", "w9"), abs=1e-6)


def test_exclude_and_restrict(wv):
    first = [w for w, _ in wv.most_similar("w3", topn=3)]
    rest = [w for w, _ in wv.most_similar("w3", topn=3, exclude=first[:2])]
    assert rest[0] == first[2]
    assert not set(rest) & set(first[:2])
    assert [w for w, _ in wv.most_similar("w3", topn=1, exclude=first[0])] == [first[1]]
    for word, _ in wv.most_similar("w3", topn=50, restrict_vocab=20):
        assert wv.key_to_index[word] < 20
    assert len(wv.most_similar("w3", topn=50, restrict_vocab=20)) == 19


def test_neighbours_among_given_words(wv):
    chosen = ["w40", "w3", "w8", "w200", "w40"]  # neither in the order of the rows nor distinct
    cosines = {word: wv.similarity("w3", word) for word in chosen if word != "w3"}
    best = sorted(cosines, key=cosines.get, reverse=True)
    got = wv.most_similar("w3", among=chosen)
    assert [word for word, _ in got] == best
    np.testing.assert_allclose([s for _, s in got], [cosines[w] for w in best], atol=1e-6)
    assert wv.most_similar("w3", topn=1, among=chosen) == got[:1]
    assert wv.most_similar("w3", among=chosen, exclude=[best[0]]) == got[1:]
    every = wv.most_similar("w3", topn=None, among=chosen)
    np.testing.assert_allclose(every, [cosines["w40"], 1, *(cosines[w] for w in chosen[2:4])],
                               atol=1e-6)  # fmt: skip
    first = wv.index_to_key[:3]  # the first rows, in another order
    np.testing.assert_array_equal(
        wv.most_similar("w8", topn=None, among=first[::-1]),
        wv.most_similar("w8", topn=None, among=first)[::-1],
    )
    product = wv.most_similar_cosmul("w3", among=chosen)
    assert [word for word, _ in product] == best
    several = wv.most_similar([["w3"], ["w8"]], among=set(chosen))
    assert [word for word, _ in several[0]] == best


def test_invalid_words_to_search(wv):
    with pytest.raises(ValueError, match="among is empty"):
        wv.most_similar("w3", among=[])
    with pytest.raises(KeyError, match="'king' is not among"):
        wv.most_similar("w3", among=["w4", "king"])
    with pytest.raises(ValueError, match="among and restrict_vocab both"):
        wv.most_similar("w3", among=["w4"], restrict_vocab=5)
    with pytest.raises(ValueError, match="neither restrict_vocab nor among"):
        wv.most_similar("w3", among=["w4"], index="usearch")


def test_topn_is_checked(wv):
    assert len(wv.most_similar("w3", topn=10_000)) == N - 1
    assert wv.most_similar("w3", topn=None).shape == (N,)
    assert wv.most_similar([["w3"], ["w4"]], topn=None, restrict_vocab=9).shape == (2, 9)
    assert wv.most_similar("w3", topn=0) == wv.most_similar(np.ones(D), topn=0) == []
    assert wv.most_similar([["w3"], ["w4"]], topn=0) == [[], []]
    assert wv.most_similar_cosmul("w3", topn=0) == []
    for name, wrong in (("topn", -3), ("restrict_vocab", 0), ("restrict_vocab", -3)):
        with pytest.raises(ValueError, match=f"{name}={wrong}"):
            wv.most_similar("w3", **{name: wrong})
    for name in ("topn", "restrict_vocab"):
        for wrong in (2.5, "3", True):
            with pytest.raises(TypeError, match=f"{name}={wrong!r}"):
                wv.most_similar("w3", **{name: wrong})


def test_invalid_queries(wv):
    for positive in ([], None, [[]], [["w3"], []]):
        with pytest.raises(ValueError, match="empty"):
            wv.most_similar(positive)
    with pytest.raises(ValueError, match=r"shape \(3,\), expected \(24,\)"):
        wv.most_similar(np.ones(3))
    with pytest.raises(ValueError, match="several queries as a list of lists"):
        wv.most_similar(np.ones((2, D)))
    with pytest.raises(ValueError, match="NaN"):
        wv.most_similar(np.full(D, np.nan))
    with pytest.raises(TypeError, match="list of lists"):
        wv.most_similar([["w3"], ["w4"]], ["w5", "w6"])
    with pytest.raises(ValueError, match="2 queries and negative 1"):
        wv.most_similar([["w3"], ["w4"]], [["w5"]])
    with pytest.raises(KeyError, match="nothing"):
        wv.most_similar("w3", exclude=["nothing"])


def test_zero_vectors_never_give_nan(wv):
    zero = wv.index_to_key[41]
    assert wv.similarity(zero, "w3") == 0
    assert wv.similarity(zero, zero) == 0
    assert {s for _, s in wv.most_similar(zero, topn=7)} == {0.0}
    assert dict(wv.most_similar("w3", topn=N))[zero] == 0
    assert np.isfinite(wv.most_similar(zero, topn=None)).all()
    assert (wv.get_vector(zero, norm=True) == 0).all()


def test_tiny_and_huge_vectors_have_cosines():
    directions = np.array([[1, 0.1], [1, 0.2], [0.1, 1], [-1, 0]], np.float32)
    expected = [w for w, _ in KeyedVectors("abcd", directions).most_similar("a")]
    for scale in (1e-30, 1e-36, 1e30, 1e37):
        got = KeyedVectors("abcd", directions * np.float32(scale)).most_similar("a")
        assert [w for w, _ in got] == expected == ["b", "c", "d"]
        assert all(-1 <= s <= 1 for _, s in got)


@pytest.mark.parametrize("scale", [1e-45, 1e-40, 1e-30, 1e-20, 1e18, 1e30, 3e38])
@pytest.mark.parametrize("several", [False, True])
def test_cosines_of_rows_of_any_length(scale, several):
    """Against the cosines in double of the rows as they are stored."""
    draw = np.random.default_rng(11)
    signs = draw.choice([-1.0, 0.0, 1.0], (40, 6))
    signs[:, 0] = 1
    rows = draw.normal(size=(40, 6))
    rows[10:20] = signs[10:20] * scale
    rows = rows.astype(np.float32)
    wv = KeyedVectors([f"w{i ^ 9}" for i in range(40)], rows)
    units = rows.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    expected = units @ units.T
    for row in (3, 12):
        word = wv.index_to_key[row]
        found = wv.most_similar([[word], ["w9"]] if several else word, topn=39)
        found = dict(found[0] if several else found)
        assert len(found) == 39 and word not in found
        for other, cosine in found.items():
            assert cosine == pytest.approx(expected[row, wv.get_index(other)], abs=2e-6)
        np.testing.assert_allclose(wv.distances(word), 1 - expected[row], atol=2e-6)
        np.testing.assert_allclose(wv.most_similar(word, topn=None), expected[row], atol=2e-6)
        products = wv.most_similar_cosmul(word, topn=None)
        np.testing.assert_allclose(products, (1 + expected[row]) / 2 / (1 + 1e-6), atol=2e-6)


def test_query_vectors_of_any_length():
    wv = KeyedVectors(["zebra", "ant"], [[3, 4], [4, 3]])
    for scale in (1e-300, 1e-200, 1, 1e200, 1e300):
        found = wv.most_similar([np.array([3, 4]) * scale], topn=2)
        assert dict(found) == pytest.approx({"zebra": 1, "ant": 0.96}, abs=1e-6)
    assert wv.most_similar([(np.array([3, 4]) * 1e-5, 1e5), "ant"], topn=1)[0][0] == "zebra"
    with pytest.raises(ValueError, match="too large to add"):
        wv.most_similar([(np.array([1e300, 0]), 1e300)])


def test_an_empty_place_is_never_the_last_row():
    from w2vext.search import exact

    places = np.array([[1, -1], [-1, 0]])
    assert exact.rows_of(np.array([4, 6, 7]), places).tolist() == [[6, -1], [-1, 4]]


def test_equal_scores_rank_by_row():
    wv = KeyedVectors([f"x{i ^ 5}" for i in range(200)], np.ones((200, 3)))
    got = wv.most_similar(np.ones(3), topn=8)
    assert [w for w, _ in got] == wv.index_to_key[:8]


def test_opposite_vectors():
    wv = KeyedVectors(["north", "south"], [[1.0, 0.0], [-1.0, 0.0]])
    assert wv.most_similar("north") == [("south", -1.0)]
    assert wv.similarity("north", "south") == -1.0


def test_cosines_of_equal_directions_do_not_exceed_one():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(500, 3)).astype(np.float32)
    wv = KeyedVectors(range(1000), np.concatenate([vectors, -vectors]))
    units = exact.unit_rows(wv.vectors)
    products = units.astype(np.float64) @ units.T.astype(np.float64)
    assert products.max() > 1 and products.min() < -1  # the result of rounding without a limit
    for row in range(500):
        assert wv.similarity(row, row) <= 1
        assert wv.n_similarity([row, row], [row]) <= 1
        assert wv.distance(row, row) >= 0
        assert wv.distances(row, [row]).min() >= 0
        assert wv.similarity(row, row + 500) >= -1
    answers = wv.most_similar([[row] for row in wv.vectors], topn=1)
    assert max(score for ((_, score),) in answers) <= 1
    cosines = wv.most_similar([[row] for row in wv.vectors], topn=None)
    assert cosines.max() <= 1 and cosines.min() >= -1


def test_first_queries_from_two_threads(monkeypatch):
    """A query is answered while another thread is between the norms and their inverse."""
    wv = KeyedVectors("abc", [[1, 0], [1, 0.5], [0, 1]])
    inverse_of = exact.inverse_of
    entered, answered = threading.Event(), threading.Event()

    def paused(norms):
        if not entered.is_set():
            entered.set()
            assert answered.wait(60)
        return inverse_of(norms)

    monkeypatch.setattr(exact, "inverse_of", paused)
    first = waiting.start(wv.most_similar, "a")
    assert entered.wait(60)
    try:
        assert [word for word, _ in wv.most_similar("a")] == ["b", "c"]
    finally:
        answered.set()
        waiting.join(first)


def test_norms_are_computed_again_on_request():
    wv = KeyedVectors("ab", [[3, 4], [0, 1]])
    np.testing.assert_array_equal(wv.norms, [5, 1])
    wv.vectors[1] = [0, 2]
    wv.fill_norms(force=True)
    np.testing.assert_array_equal(wv.norms, [5, 2])


@pytest.mark.parametrize("v", [1, 31, 32, 33, 1000, 9000])
@pytest.mark.parametrize("q", [1, 2, 700])
@pytest.mark.parametrize("worth_threads", [1, 1 << 40])
def test_selection_from_several_blocks(v, q, worth_threads, monkeypatch):
    monkeypatch.setattr(exact, "_SCORES_AT_ONCE", 4096)
    monkeypatch.setattr(exact, "_QUERIES_AT_ONCE", 300)
    monkeypatch.setattr(exact, "_WORTH_THREADS", worth_threads)
    monkeypatch.setattr(exact._threads, "resolve", lambda _: 3)
    rng = np.random.default_rng(v + q)
    # With small integers the scores are exact, and many are equal.
    vectors = rng.integers(-2, 3, size=(v, 4)).astype(np.float32)
    queries = rng.integers(-2, 3, size=(q, 4)).astype(np.float32)
    n = min(v, 17)
    rows, scores = exact.nearest(vectors, np.ones(v, np.float32), queries, n)
    products = queries @ vectors.T
    expected = np.argsort(-products, axis=1, kind="stable")[:, :n]
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(scores, np.take_along_axis(products, expected, 1))


# ---- files


@pytest.mark.parametrize("binary", [False, True])
def test_word2vec_format(wv, binary, tmp_path):
    wv.save_word2vec_format(tmp_path / "v", binary=binary)
    for choice in (binary, None):
        back = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=choice)
        assert back.index_to_key == wv.index_to_key
        assert (back.vectors.view(np.uint32) == wv.vectors.view(np.uint32)).all()
    part = KeyedVectors.load_word2vec_format(
        tmp_path / "v", binary=None, limit=20, words=["w3", "w10"]
    )
    assert part.index_to_key == ["w3", "w10"]
