"""Pairs in place of windows: the kernels against the reference, vocabularies, weights, noise."""

import json

import numpy as np
import pytest
from helpers.merges import merged
from helpers.streams import (
    V,
    all_kept,
    both_of,
    grouped_noise,
    negatives_of,
    negatives_of_group,
    only,
    path_of,
    tree_of,
    weights,
)

from w2vext import FastText, Pairs, Vocabulary, Word2Vec, cli, tune
from w2vext import reference as ref
from w2vext.training._loop import CHUNK, Worker
from w2vext.training._merger import Merger
from w2vext.training._plan import Job
from w2vext.training._shard import Shard

OPTIONS = {"vector_size": 8, "min_count": 1, "workers": 1, "random_state": 1}

# --- the kernels compared with the reference ------------------------------------------------------

LOSSES = {
    "neg": ({"noise": only(4)}, negatives_of(4, 3), V),
    "groups": (grouped_noise(), negatives_of_group(3), V),
    "hs": ({"tree": tree_of()}, path_of(tree_of()), V - 1),
    "hs+neg": ({"noise": only(4), "tree": tree_of(first=V)}, both_of(tree_of(), 4, 3), 2 * V - 1),
}
# Tolerances relative to the largest change, as in test_loop.py.
NEAR = {"block": 2e-5, "pair": 0.03}


def listed(n, seed=1):
    """The centres, context words and weights of n pairs; a pair may have the same word twice."""
    rng = np.random.default_rng(seed)
    ids, contexts = rng.integers(0, V, (2, n), dtype=np.int32)
    return ids, contexts, (rng.random(n) * 2).astype(np.float32)


def job_of(n, w_in, w_out, *, weighted, mode, d, **options):
    ids, contexts, factors = listed(n)
    return Job(
        ids, np.array([0, n]), w_in, w_out, dim=d, keep=all_kept(), contexts=contexts, window=1,
        weights=factors if weighted else None, negative=3, block=mode == "block", **options,
    )  # fmt: skip


def expected_of(n, before, targets_of, lr, *, weighted, mode, pieces=None, frozen=()):
    """Both matrices, the loss and the sum of the weights after a round of pieces."""
    ids, contexts, factors = listed(n)
    factors = factors.astype(float) if weighted else np.ones(n)
    deltas, loss, total = [], 0.0, 0.0
    for begin, end in pieces or [(0, n)]:
        w_in, w_out = (w.copy() for w in before)
        for i in range(begin, end):
            targets, labels = targets_of(int(ids[i]))
            one = [contexts[i]], [targets], [labels], [factors[i]]
            loss += ref.train_pairs(w_in, w_out, *one, lr, mode == "block")
            w_in[list(frozen)] = before[0][list(frozen)]
        total += factors[begin:end].sum()
        deltas.append((w_in - before[0], w_out - before[1]))
    changes = deltas[0] if pieces is None else map(merged, zip(*deltas, strict=True))
    return [w + change for w, change in zip(before, changes, strict=True)], loss, total


def assert_near(found, expected, before, d, mode):
    near = NEAR[mode] * max(np.abs(e - b).max() for e, b in zip(expected, before, strict=True))
    for w, values in zip(found, expected, strict=True):
        np.testing.assert_allclose(w[:, :d], values, rtol=0, atol=near)
        assert not w[:, d:].any()


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("d", [1, 20])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("mode", NEAR)
def test_a_pass_equals_the_reference(mode, loss, d, weighted):
    kind, targets_of, rows = LOSSES[loss]
    found = [weights(V, d, 3), weights(rows, d, 4)]
    before = [w[:, :d].astype(float) for w in found]
    frozen = np.zeros(V, dtype=np.uint8)
    frozen[[2, 9]] = 1
    how = {"weighted": weighted, "mode": mode}
    expected, losses, total = expected_of(70, before, targets_of, 0.05, frozen=[2, 9], **how)
    worker = Worker(job_of(70, *found, d=d, frozen=frozen, **how, **kind))
    worker.train(0, 70, 0, 0.05, 0.05, 5)
    assert_near(found, expected, before, d, mode)
    loss_sum, pairs = worker.take_loss()
    assert pairs == pytest.approx(total, rel=1e-6)
    assert loss_sum / pairs == pytest.approx(losses / total, abs=0.03 if mode == "pair" else 2e-3)
    assert worker.take_loss() == (0, 0)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("mode", NEAR)
def test_a_deterministic_round_equals_the_reference(mode, loss, weighted):
    kind, targets_of, rows = LOSSES[loss]
    found = [weights(V, 16, 3), weights(rows, 16, 4)]
    expected = before = [w.astype(float) for w in found]
    how = {"weighted": weighted, "mode": mode}
    pieces = [(0, 20), (60, 70), (20, 55), (55, 55), (55, 60)]
    job = job_of(70, *found, d=16, **how, **kind)
    shards = [Shard(job, 40, 12) for _ in pieces]
    merger = Merger(job, shards)
    for _ in range(2):
        expected, losses, total = expected_of(70, expected, targets_of, 0.05, pieces=pieces, **how)
        for number, (shard, piece) in enumerate(zip(shards, pieces, strict=True)):
            shard.train(*piece, number, 0.05, 0.05, 5)
        merger.merge(0, 1, 1.0)
        assert sum(shard.pairs for shard in shards) == pytest.approx(total, rel=1e-6)
        mean = sum(shard.loss for shard in shards) / total
        assert mean == pytest.approx(losses / total, abs=0.03 if mode == "pair" else 2e-3)
    assert_near(found, expected, before, 16, mode)


def test_frozen_outputs_do_not_change():
    found = [weights(V, 16, 3), weights(V, 16, 4)]
    job = job_of(70, *found, weighted=True, mode="block", d=16, noise=only(4), frozen_out=True)
    Worker(job).train(0, 70, 0, 0.05, 0.05, 5)
    np.testing.assert_array_equal(found[1], weights(V, 16, 4))
    assert not np.array_equal(found[0], weights(V, 16, 3))


def test_the_learning_rate_falls_from_chunk_to_chunk():
    """Only word 0 is trained; for each pair w_out[0] grows by lr / 2 times the input."""
    n = CHUNK + 300
    w_in, w_out = np.full((V, 16), 0.5, np.float32), np.zeros((V, 16), np.float32)
    ids, contexts = np.zeros(n, dtype=np.int32), np.full(n, 3, dtype=np.int32)
    job = Job(
        ids, np.array([0, n]), w_in, w_out, dim=16, keep=all_kept(), contexts=contexts,
        noise=only(0), negative=1,
    )  # fmt: skip
    Worker(job).train(0, n, 0, 2e-8, 1e-8, 5)
    total = CHUNK * 2e-8 + 300 * (2e-8 - 1e-8 * CHUNK / n)
    np.testing.assert_allclose(w_out[0], total * 0.5 * 0.5, rtol=1e-3)


def test_arguments_of_a_job_that_do_not_fit():
    w = weights(V, 16, 3), weights(V, 16, 4)
    how = {"weighted": False, "mode": "block", "d": 16, "noise": only(4)}
    for wrong in ({"cbow": True}, {"global_context": "last"}):
        with pytest.raises(ValueError, match="pairs have no windows"):
            job_of(9, *w, **how, **wrong)
    ids, contexts, factors = listed(9)
    for wrong in ({"contexts": contexts[:8]}, {"contexts": contexts, "weights": factors[:8]}):
        with pytest.raises(ValueError, match="pairs for 9 centres, or weights of others"):
            Job(ids, np.array([0, 9]), *w, dim=16, keep=all_kept(), noise=only(4), **wrong)


# --- the estimator --------------------------------------------------------------------------------


def bought(n=400, seed=3):
    """Users and the items that they bought, mostly of their own kind."""
    rng = np.random.default_rng(seed)
    kinds, items = rng.integers(0, 4, n), rng.integers(0, 5, n)
    users = rng.integers(0, 6, n)
    return (
        [f"item{k}.{i}" for k, i in zip(kinds, items, strict=True)],
        [f"user{k}.{u}" for k, u in zip(kinds, users, strict=True)],
        np.round(rng.random(n) * 3, 2),
    )


def test_a_context_word_learns_the_centers_of_its_pairs():
    items, users, times = bought()
    model = Word2Vec(**OPTIONS, epochs=40).fit(Pairs(items, users, times))
    names = list(model.vocabulary_)
    users, items = ([w for w in names if w.startswith(kind)] for kind in ("user", "item"))
    rows = [[model.vocabulary_[w] for w in group] for group in (users, items)]
    scores = model.vectors_[rows[0]] @ model.output_vectors_[rows[1]].T
    own = np.array([[u[4] == i[4] for i in items] for u in users])
    assert scores[own].mean() - scores[~own].mean() > 2


@pytest.mark.parametrize("options", [{}, {"loss": "hs"}, {"kernel": "pair"}, {"shuffle": True},
                                     {"deterministic": True, "workers": 3}])  # fmt: skip
def test_integer_weights_are_repetitions(options):
    items, users, times = bought()
    times = np.floor(times)
    found = Word2Vec(**OPTIONS | options).fit(Pairs(items, users, times))
    repeated = Pairs(np.repeat(items, times.astype(int)), np.repeat(users, times.astype(int)))
    expected = Word2Vec(**OPTIONS | options).fit(repeated)
    assert found.vocabulary_ == expected.vocabulary_
    assert found.counts_.tolist() == expected.counts_.tolist()
    assert found.loss_history_ == expected.loss_history_
    np.testing.assert_array_equal(found.vectors_, expected.vectors_)


def test_a_pair_is_trained_in_steps_of_at_most_its_weight():
    from w2vext._estimator import pairs
    from w2vext._estimator.parameters import Parameters

    given = Pairs(["a", "b", "c", "a"], ["x", "x", "y", "y"], [2.5, 0.3, 1, 0])
    words, stream = pairs.counted(Parameters(min_count=1), given, None, None, 7)
    names = np.array(words.words)
    found = sorted(zip(names[stream.ids], names[stream.contexts], stream.weights, strict=True))
    # The count of b is rounded to 0, so that it is left out.
    assert words.index.keys() == {"a", "c", "x", "y"}
    assert [(a, b) for a, b, _ in found] == [("a", "x")] * 3 + [("c", "y")]
    np.testing.assert_allclose([w for _, _, w in found], [2.5 / 3] * 3 + [1])


def test_the_loss_of_pairs_is_the_weighted_mean():
    """With hierarchical softmax nothing is drawn."""
    items, users, times = bought()
    model = Word2Vec(**OPTIONS, loss="hs").fit(Pairs(items, users, times))
    from w2vext.training.settings import huffman

    tree = huffman(model.counts_)
    total = 0.0
    for item, user, weight in zip(items, users, times, strict=True):
        path, codes = tree.path(model.vocabulary_[item])
        h = model.vectors_[model.vocabulary_[user]].astype(float)
        total += weight * ref.hierarchical_softmax(h, path, codes, model.output_vectors_)[0]
    expected = total / times.sum()
    assert model.mean_loss(Pairs(items, users, times)) == pytest.approx(expected, abs=1e-3)
    found = Word2Vec(**OPTIONS, loss="hs").fit(
        Pairs(items, users, times), validation=Pairs(items, users, times)
    )
    last = found.validation_loss_history_[-1]
    assert last == model.mean_loss(Pairs(items, users, times))


def test_negatives_are_centers():
    items, users, times = bought()
    model = Word2Vec(**OPTIONS, ns_exponent=0.5).fit(Pairs(items, users, times))
    wanted = {
        word: sum(w for item, w in zip(items, times, strict=True) if item == word) ** 0.5
        for word in model.vocabulary_
    }
    np.testing.assert_allclose(model.noise_, list(wanted.values()), rtol=1e-6)
    changed = np.abs(model.output_vectors_).sum(axis=1) > 0
    assert {w for w, row in model.vocabulary_.items() if changed[row]} == set(items)
    uniform = Word2Vec(**OPTIONS, ns_exponent=-1).fit(Pairs(items, users, times))
    assert set(np.flatnonzero(uniform.noise_)) == set(np.flatnonzero(model.noise_))
    given = Word2Vec(**OPTIONS).fit(Pairs(items, users), noise={"item0.0": 1, "item1.0": 2})
    assert given.noise_.sum() == 3
    groups = {item: item[4] for item in items}
    grouped = Word2Vec(**OPTIONS).fit(Pairs(items, users), noise_groups=groups)
    assert grouped.mean_loss(Pairs(items, users)) > model.mean_loss(Pairs(items, users))


@pytest.mark.parametrize(
    "options",
    [{}, {"loss": "hs+neg"}, {"max_n": 4, "min_n": 3}, {"shuffle": True}, {"kernel": "pair"}],
)
def test_any_number_of_workers_gives_the_same_bytes(options, tmp_path):
    items, users, times = bought()
    pairs = Pairs(items, users, times)
    options = OPTIONS | options | {"deterministic": True}
    one, three = (
        Word2Vec(**options | {"workers": n}).fit(
            pairs, validation=pairs, freeze=["user0.0"], checkpoint=tmp_path / str(n)
        )
        for n in (1, 3)
    )
    np.testing.assert_array_equal(one.vectors_, three.vectors_)
    assert one.validation_loss_history_ == three.validation_loss_history_
    again = Word2Vec(**options).fit(
        pairs, validation=pairs, freeze=["user0.0"], checkpoint=tmp_path / "1"
    )
    np.testing.assert_array_equal(again.vectors_, one.vectors_)
    with pytest.raises(ValueError, match=r"corpus=.* pairs, checksum"):
        Word2Vec(**options).fit(
            Pairs(items, users, times + 0.01), validation=pairs, freeze=["user0.0"],
            checkpoint=tmp_path / "1",
        )  # fmt: skip


def test_workers_without_locks_train_all_pairs():
    items, users, times = bought(4000)
    model = Word2Vec(**OPTIONS | {"workers": 2, "deterministic": False}, epochs=10)
    model.fit(Pairs(items, users, times))
    assert model.loss_history_[-1] < 0.8 * model.loss_history_[0]


def test_more_pairs_and_a_saved_model(tmp_path):
    items, users, times = bought()
    model = Word2Vec(**OPTIONS, unk_token="?").fit(
        Pairs(items, users, times),
        vocabulary=Vocabulary([*dict.fromkeys(items), *dict.fromkeys(users), "?"], [5] * 45, "?"),
    )
    model.save(tmp_path / "model.safetensors")
    loaded = Word2Vec.load(tmp_path / "model.safetensors")
    assert loaded.mean_loss(Pairs(items, users)) == model.mean_loss(Pairs(items, users))
    counts = dict(zip(loaded.vocabulary_, loaded.counts_.tolist(), strict=True))
    loaded.set_params(min_count=3)
    more = Pairs(["new", items[0], "rare"], ["user9", "user9", users[0]], [4, 2.6, 1])
    loaded.partial_fit(more)
    found = dict(zip(loaded.vocabulary_, loaded.counts_.tolist(), strict=True))
    assert list(found)[:45] == list(counts) and list(found)[45:] == ["user9", "new"]
    assert found["user9"] == 7 and found["new"] == 4
    assert found[items[0]] == counts[items[0]] + 3 and found["?"] == counts["?"] + 1
    assert loaded.noise_[loaded.vocabulary_["new"]] > 0
    with pytest.raises(ValueError, match="no pair of a weight above 0 has two words of the vocab"):
        Word2Vec(**OPTIONS).fit(Pairs(items, users)).set_params(min_count=9).partial_fit(
            Pairs(["x"], ["y"])
        )


def test_vocabularies_of_pairs():
    items, users, times = bought()
    kept = Word2Vec(**OPTIONS | {"min_count": 20}).fit(Pairs(items, users, times))
    sums = {word: 0.0 for word in [*items, *users]}
    for item, user, weight in zip(items, users, times, strict=True):
        sums[item] += weight
        sums[user] += weight
    assert dict(zip(kept.vocabulary_, kept.counts_, strict=True)) == {
        word: np.rint(count) for word, count in sums.items() if np.rint(count) >= 20
    }
    few = Word2Vec(**OPTIONS).fit(Pairs(items, users), vocabulary={"item0.0": 9, "user0.1": 3})
    assert few.counts_.tolist() == [9, 3]
    composed = FastText(**OPTIONS).fit(Pairs(items, users, times))
    assert composed.wv["item7.7"].any()


def test_pairs_in_every_form():
    items, users, times = bought(50)
    expected = Word2Vec(**OPTIONS).fit(Pairs(items, users, times)).vectors_
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    table = pandas.DataFrame({"item": items, "user": users, "times": times})
    tuples = zip(items, users, times.tolist(), strict=True)
    forms = [
        Pairs(np.array(items), np.array(users), times.tolist()),
        Pairs(table["item"], table["user"], table["times"]),
        Pairs(pyarrow.array(items), pyarrow.array(users), pyarrow.array(times)),
        Pairs.from_tuples(tuples),
        Pairs.from_tuples(table.itertuples(index=False)),
    ]
    for pairs in forms:
        assert len(pairs) == 50 and repr(pairs) == "Pairs of 50"
        np.testing.assert_array_equal(Word2Vec(**OPTIONS).fit(pairs).vectors_, expected)
    numbers = Word2Vec(**OPTIONS).fit(Pairs.from_tuples(np.array([[1, 2], [1, 3], [4, 2]])))
    assert numbers.vocabulary_.keys() == {1, 2, 3, 4}


@pytest.fixture
def table(tmp_path):
    """A function: suffix -> a file with the columns item, n and user."""
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    csv = pytest.importorskip("pyarrow.csv")
    items, users, times = bought(50)
    columns = pyarrow.table({"item": items, "n": times, "user": users})

    def write(suffix):
        path = tmp_path / f"bought{suffix}"
        if suffix == ".parquet":
            parquet.write_table(columns, path)
        elif suffix == ".csv":
            csv.write_csv(columns, path)
        else:
            lines = [json.dumps(row) for row in columns.to_pylist()]
            path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_pairs_of_files(table, suffix):
    items, users, times = bought(50)
    path = table(suffix)
    found = Pairs.from_files(path, "item", "user", "n")
    assert (found.center, found.context, found.weight) == (items, users, times.tolist())
    twice = Pairs.from_files([str(path), path], "user", "item")
    assert (twice.center, twice.context, twice.weight) == (users * 2, items * 2, None)
    for wrong in (("item", "name"), ("name", "item"), ("item", "user", "name")):
        with pytest.raises(ValueError, match=rf"bought\{suffix} has no column 'name': choose one"):
            Pairs.from_files(path, *wrong)
    with pytest.raises(TypeError, match="5 is an int: give the name of a column"):
        Pairs.from_files(path, "item", 5)
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        Pairs.from_files(path.with_name("nothing.csv"), "item", "user")


def test_words_of_csv_files_are_strings(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "t.csv"
    path.write_text("a,b,w\n007,1.0,2\n8,x,0.5\n", encoding="utf-8")
    found = Pairs.from_files(path, "a", "b", "w")
    assert (found.center, found.context, found.weight) == (["007", "8"], ["1.0", "x"], [2, 0.5])
    path.write_text("a,b,w\n007,1.0,many\n", encoding="utf-8")
    with pytest.raises(TypeError, match="weight: weight 0 is 'many': give numbers"):
        Word2Vec(**OPTIONS).fit(Pairs.from_files(path, "a", "b", "w"))


def test_the_command_trains_pairs(table, tmp_path, capsys):
    path, output = str(table(".csv")), str(tmp_path / "model.safetensors")
    arguments = [path, "-o", output, "--min-count", "1", "--workers", "1", "--random-state", "1"]
    assert cli.main(["train", "--pairs", "item,user,n", *arguments]) == 0
    found = Word2Vec.load(output)
    expected = Word2Vec(min_count=1, workers=1, random_state=1).fit(Pairs(*bought(50)))
    np.testing.assert_array_equal(found.vectors_, expected.vectors_)
    assert cli.main(["train", "--pairs", "item,buyer", *arguments]) == 1
    assert "has no column 'buyer': choose one of 'item', 'n', 'user'" in capsys.readouterr().err
    for wrong, message in (
        (["--pairs", "item"], "'item': give the names of two or three columns"),
        (["--pairs", "item,user", "--column", "n"], "not allowed with argument --pairs"),
    ):
        assert cli.main(["train", *arguments, *wrong]) == 2
        assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((["a"], ["b", "c"]), ValueError, "center has 1 words, and context 2: give as many"),
        (("ab", ["b"]), TypeError, "center='ab' is a str: give a list or an array"),
        ((["a"], 3), TypeError, "context=3 is an int: give a list or an array"),
        ((["a", None], ["b", "c"]), ValueError, "center: the word of pair 1 is None"),
        ((["a"], [float("nan")]), ValueError, "context: the word of pair 0 is nan"),
        ((["a"], [["b"]]), ValueError, r"context: the word of pair 0 is \['b'\], a list"),
        (([], []), ValueError, "X has no pairs"),
        ((["a"], ["b"], [-1]), ValueError, "weight: weight 0 is -1: give finite numbers of at"),
        ((["a"], ["b"], [np.nan]), ValueError, "weight: weight 0 is nan"),
        ((["a"], ["b"], ["x"]), TypeError, "weight: weight 0 is 'x': give numbers"),
        ((["a"], ["b"], [1, 2]), ValueError, "weight has 2 numbers for 1 pairs"),
        ((["a"], ["b"], [0.2]), ValueError, "weight: the weighted counts of all words are rounded"),
    ],
)
def test_bad_pairs(arguments, error, message):
    with pytest.raises(error, match=message):
        Word2Vec(**OPTIONS).fit(Pairs(*arguments))


@pytest.mark.parametrize("rows", [[1, 2], [("a", "b"), ("a",)], [("a", "b"), ("a", "b", 1)], []])
def test_bad_tuples(rows):
    with pytest.raises(ValueError, match="give tuples"):
        Pairs.from_tuples(rows)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"architecture": "cbow"}, "architecture='cbow' with Pairs: give architecture='skipgram'"),
        ({"loss": "softmax"}, "loss='softmax' with Pairs: give loss='neg' or loss='hs'"),
        ({"max_vocab_size": 9}, "max_vocab_size=9 with Pairs, whose words are all held in memory"),
        ({"global_context": "last"}, "global_context='last' with Pairs"),
        ({"pooling": "sif"}, "pooling='sif' with Pairs"),
    ],
)
def test_parameters_that_need_windows(options, message):
    with pytest.raises(ValueError, match=message):
        Word2Vec(**OPTIONS | options).fit(Pairs(["a"], ["b"]))


def test_pairs_are_not_documents():
    pairs = Pairs(["a", "b"], ["b", "c"])
    model = Word2Vec(**OPTIONS).fit(pairs)
    with pytest.raises(TypeError, match="the corpus is a Pairs"):
        model.transform(pairs)
    with pytest.raises(TypeError, match="X=Pairs of 2: tune needs sentences"):
        tune(model, pairs, validation=[["a", "b"]])
    with pytest.raises(ValueError, match="sample_weight with Pairs: give the weights to Pairs"):
        model.fit(pairs, sample_weight=[1, 2])
    with pytest.raises(ValueError, match="X: no pair of a weight above 0 has two words"):
        model.mean_loss(Pairs(["a"], ["unheard"]))
