"""Deterministic training: rounds compared with NumPy, and the same bytes for any number of workers.

The corpora are small, so tests that need many rounds reduce the sizes of shards and pieces.
"""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.merges import merged
from helpers.runs import BOTH, ODD, each_kind, process, settings, topics
from helpers.streams import (
    HALF,
    V,
    all_kept,
    both_of,
    grouped_noise,
    negatives_of,
    negatives_of_group,
    only,
    path_of,
    plain_windows,
    stream,
    tree_of,
    weights,
)

from w2vext import Word2Vec
from w2vext import reference as ref
from w2vext.training import deterministic
from w2vext.training import run as training
from w2vext.training._merger import Merger
from w2vext.training._plan import Job
from w2vext.training._sampling import Noise, NoiseGroups
from w2vext.training._shard import Shard
from w2vext.training.callbacks import Callback
from w2vext.training.pieces import Epoch


@pytest.fixture
def many_rounds(monkeypatch):
    """Eight pieces in a round, and many rounds, for a few thousand words."""
    monkeypatch.setattr(deterministic, "SHARD_WORDS", 100)
    monkeypatch.setattr(deterministic, "LONGEST", 64)


def digest(result):
    weights = result.w_in.tobytes() + result.w_out.tobytes()
    return hashlib.sha256(weights + np.array(result.loss_history).tobytes()).hexdigest()


def run(corpus=None, **choices):
    text, counts = corpus or topics(6000)
    return training.train(text, counts, settings(**{"deterministic": True, **choices}))


# --- one round compared with NumPy ----------------------------------------------------------------


def reference_round(
    ids,
    offsets,
    w_in,
    w_out,
    pieces,
    lr,
    mode,
    targets_of,
    window,
    keep,
    key,
    frozen,
    whole=None,
    saturation=(),
):
    """Both matrices after a round: pieces train copies, whose changes are merged in a tree."""
    windows = plain_windows(ids, offsets, keep, key, window, whole, shrink=True)
    deltas, loss, pairs = [], 0.0, 0
    for begin, end in pieces:
        a, b = w_in.copy(), w_out.copy()
        for pos in sorted(windows):
            centre, context = windows[pos]
            targets, labels = targets_of(centre)
            if not begin <= pos < end or not targets:
                continue
            n = len(context)
            if mode == "cbow":
                loss += ref.train_window_cbow(a, b, context, targets, labels, lr, block=True)
            elif mode == "block":
                loss += ref.train_window_block(a, b, context, targets, labels, lr)
            else:
                loss += ref.train_inputs_pair(a, b, context, [targets] * n, [labels] * n, lr)
            pairs += 1 if mode == "cbow" else n
            a[frozen] = w_in[frozen]
        deltas.append((a - w_in, b - w_out))
    deltas_in, deltas_out = zip(*deltas, strict=True)
    change_in, change_out = merged(deltas_in), merged(deltas_out, saturation)
    return w_in + change_in, w_out + change_out, loss, pairs


SENTENCES = [7, 1, 22, 3, 40, 2, 60]
PIECES = {
    "one": [(0, 135)],
    "two": [(0, 70), (70, 135)],
    "five": [(0, 20), (20, 55), (55, 55), (55, 90), (90, 135)],
    "apart": [(100, 130), (3, 31), (60, 61), (8, 20)],
}
# Of the first output rows; the saturation of the others is infinite.
SATURATION = np.geomspace(0.01, 100, V - 5).astype(np.float32)[::-1].copy()
# Tolerances relative to the largest change: for rounding, and for the sigmoid table's error.
NEAR = {"block": 2e-5, "cbow": 2e-5, "pair": 0.03}


@pytest.mark.parametrize("keep", [all_kept(), HALF], ids=["all", "half"])
@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize("loss", ["neg", "groups", "hs", BOTH])
@pytest.mark.parametrize("mode", NEAR)
def test_a_round_equals_the_reference(mode, loss, pieces, keep, global_context=None):
    """Steps on copies, then a merge in the order of the shards; unused rows do not change."""
    ids, offsets = stream(SENTENCES)
    kind, targets_of, rows = {
        "neg": ({"noise": only(4)}, negatives_of(4, 3), V),
        "groups": (grouped_noise(), negatives_of_group(3), V),
        "hs": ({"tree": tree_of()}, path_of(tree_of()), V - 1),
        "hs+neg": (
            {"noise": only(4), "tree": tree_of(first=V)}, both_of(tree_of(), 4, 3), 2 * V - 1
        ),
    }[loss]  # fmt: skip
    w_in, w_out = weights(V, 16, 3), weights(rows, 16, 4)
    frozen = np.zeros(V, dtype=np.uint8)
    frozen[[2, 9]] = 1
    before = w_in.astype(float), w_out.astype(float)
    job = Job(
        ids, offsets, w_in, w_out, dim=16, keep=keep, window=3, shrink_windows=True, negative=3,
        block=mode != "pair", cbow=mode == "cbow", frozen=frozen, global_context=global_context,
        saturation_per_word=SATURATION,
        **kind,
    )  # fmt: skip
    shards = [Shard(job, 135, 5) for _ in pieces]
    merger = Merger(job, shards)
    expected = before
    for _ in range(2):  # the second round starts without copies of the first
        *expected, losses, pairs = reference_round(
            ids,
            offsets,
            *expected,
            pieces,
            0.05,
            mode,
            targets_of,
            3,
            keep,
            55,
            [2, 9],
            global_context,
            SATURATION * 1.5,
        )
        for number, (shard, piece) in enumerate(zip(shards, pieces, strict=True)):
            shard.train(*piece, number, 0.05, 0.05, 55)
        for part in (4, 0, 3, 1, 2):
            merger.merge(part, 5, 1.5)
        assert sum(shard.pairs for shard in shards) == pairs
        found = sum(shard.loss for shard in shards) / pairs
        assert found == pytest.approx(losses / pairs, abs=0.03 if mode == "pair" else 0.002)
    near = NEAR[mode] * max(
        np.abs(now - then).max() for now, then in zip(expected, before, strict=True)
    )
    np.testing.assert_allclose(w_in, expected[0], rtol=0, atol=near)
    np.testing.assert_allclose(w_out, expected[1], rtol=0, atol=near)
    np.testing.assert_array_equal(w_in[[2, 9]], before[0][[2, 9]])


@pytest.mark.parametrize("keep", [all_kept(), HALF], ids=["all", "half"])
@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize("global_context", ["first", "last"])
@pytest.mark.parametrize(("loss", "mode"), [("groups", "block"), ("hs", "cbow"), ("neg", "pair")])
def test_a_round_with_a_global_context_equals_the_reference(
    loss, mode, global_context, pieces, keep
):
    test_a_round_equals_the_reference(mode, loss, pieces, keep, global_context)


def test_a_round_with_both_losses_equals_the_reference():
    """The slow tests have more cases."""
    test_a_round_equals_the_reference("block", "hs+neg", PIECES["apart"], HALF)


def test_the_result_depends_on_the_order_of_the_merge():
    """The order changes the result, so it has to be fixed."""
    ids, offsets = stream([90])
    found = []
    for order in ((0, 1, 2), (2, 1, 0)):
        w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
        job = Job(ids, offsets, w_in, w_out, dim=16, keep=all_kept(), noise=only(4))
        some = [Shard(job, 30, 5) for _ in order]
        merger = Merger(job, some)
        for i, shard in zip(order, some, strict=True):
            shard.train(30 * i, 30 * i + 30, i, 0.05, 0.05, 55)
        merger.merge(0, 1, 1.0)
        found.append(w_in)
    assert not np.array_equal(*found)
    np.testing.assert_allclose(*found, atol=0.2)


def test_negatives_of_a_pool_follow_the_noise():
    """Output vectors of words that neither the noise nor the text contains do not change."""
    ids, offsets = stream([400], words=5)
    noise = Noise(np.where(np.arange(V) < 15, 1.0, 0.0))
    w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
    before = w_out.copy()
    job = Job(ids, offsets, w_in, w_out, dim=16, keep=all_kept(), noise=noise)
    shard = Shard(job, 400, 200)
    shard.train(0, 400, 0, 0.05, 0.05, 55)
    merger = Merger(job, [shard])
    merger.merge(0, 1, 1.0)
    moved = (w_out != before).any(axis=1)
    np.testing.assert_array_equal(moved, np.arange(V) < 15)


@pytest.mark.parametrize("groups", [3, 11])
def test_negatives_of_the_pools_of_groups_follow_the_noise(groups):
    """The mean over pieces of the negatives of each word, as in the training loop's tests."""
    ids, offsets = stream([12_000], seed=9)
    weights_of_noise, labels = np.arange(1.0, V + 1), (np.arange(V) % groups - 1).astype(np.int32)
    noise = {"noise": Noise(weights_of_noise), "groups": NoiseGroups(weights_of_noise, labels)}
    w_in, w_out = np.full((V, 16), 0.5, np.float32), np.zeros((V, 16), np.float32)
    job = Job(
        ids, offsets, w_in, w_out, dim=16, keep=all_kept(), negative=4, window=1, cbow=True,
        shrink_windows=False, **noise,
    )  # fmt: skip
    shard = Shard(job, 60, 20)
    merger = Merger(job, [shard])
    for piece in range(200):
        shard.train(60 * piece, 60 * piece + 60, piece, 1e-6, 1e-6, 5)
        merger.merge(0, 1, 1.0)
    targets = np.bincount(ids, minlength=V)
    found = targets - w_out[:, 0] / (1e-6 * 0.5 * 0.5)
    p = np.array([noise["groups"].probabilities(word) for word in range(V)])
    np.fill_diagonal(p, 0)
    expected = 4 * targets @ p
    # A negative of a pool is used up to 12 times, so the counts vary that much more.
    assert np.sum((found - expected) ** 2 / (12 * expected)) < 49.7
    assert found.sum() == pytest.approx(expected.sum(), rel=0.03)


def test_read_only_matrices_are_not_merged():
    ids, offsets = stream([9])
    w = weights(V, 16, 3)
    w.flags.writeable = False
    job = Job(ids, offsets, w, w, dim=16, keep=all_kept(), noise=only(4), read_only=True)
    with pytest.raises(ValueError, match="read-only"):
        Merger(job, [Shard(job, 9, 5)])


def test_a_merger_needs_shards():
    ids, offsets = stream([9])
    w = weights(V, 16, 3)
    with pytest.raises(ValueError, match="0 shards"):
        Merger(Job(ids, offsets, w, w.copy(), dim=16, keep=all_kept(), noise=only(4)), [])


# --- how the stream is cut ------------------------------------------------------------------------


class Recording:
    """Shards that record the pieces, and a merger that does nothing."""

    composed = False

    def __init__(self, *arguments):
        self.loss, self.pairs, self.pieces, self.merges = 0.0, 0, [], []

    def train(self, begin, end, number, lr_begin, lr_end, key):
        self.pieces.append((begin, end, number, lr_begin, lr_end))

    def merge(self, part, parts, words_times_rate):
        self.merges.append((part, parts, words_times_rate))


def trained(words, monkeypatch, key=7, parts=1):
    """The pieces of an epoch, by round; empty ones are left out."""
    monkeypatch.setattr(deterministic, "Shard", Recording)
    monkeypatch.setattr(deterministic, "Merger", Recording)
    strategy = deterministic.Deterministic(None, words, 1)
    epoch, done = Epoch(key, words, lambda done: done), []
    last = strategy.cuts(epoch)[-1]
    with strategy:
        for part in range(parts):
            strategy.part(epoch, last * part // parts, last * (part + 1) // parts, done.append)
    rounds = list(zip(*(shard.pieces for shard in strategy._shards), strict=True))
    rates = [strategy._cuts.length * (round_[0][3] + round_[0][4]) / 2 for round_ in rounds]
    assert [rate for *_, rate in strategy._merger.merges[::2]] == rates  # merged in two parts
    found = [[piece for piece in round_ if piece[0] < piece[1]] for round_ in rounds]
    assert done == [sum(e - b for r in found[: i + 1] for b, e, *_ in r) for i in range(last)]
    return found


@pytest.mark.parametrize("words", [1, 2, 7, 63, 64, 65, 1000, 24_999, 50_001, 199_999, 1_000_003])
def test_every_word_is_trained_once(monkeypatch, words):
    size, seen, before = deterministic.Cuts.of(words), np.zeros(words, dtype=int), 0
    for round_ in trained(words, monkeypatch):
        assert 0 < len(round_) <= size.shards
        for begin, end, number, lr_begin, lr_end in round_:
            assert begin == number * size.length and end <= begin + size.length
            assert lr_begin == before and lr_end == before + sum(e - b for b, e, *_ in round_)
            seen[begin:end] += 1
        before = seen.sum()
    assert (seen == 1).all()


def test_the_pieces_are_in_random_order(monkeypatch):
    """Each epoch has another one; it does not depend on the parts of the epoch."""
    first, again, parts, other = (
        [piece[0] for round_ in trained(10**6, monkeypatch, **options) for piece in round_]
        for options in ({}, {}, {"parts": 3}, {"key": 8})
    )
    assert first == again == parts
    assert abs(np.corrcoef(first, np.arange(len(first)))[0, 1]) < 0.1
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.1 and sorted(first) == sorted(other)


@pytest.mark.parametrize(
    ("words", "count", "length"),
    [(1, 1, 64), (49_999, 1, 111), (50_000, 2, 111), (200_000, 8, 223), (10**9, 8, 4096)],
)
def test_the_cuts_depend_only_on_the_number_of_words(words, count, length):
    size = deterministic.Cuts.of(words)
    assert (size.shards, size.length, size.pool) == (count, length, length // 3)


# --- the same bytes -------------------------------------------------------------------------------


@each_kind
def test_any_number_of_workers_gives_the_same_bytes(many_rounds, loss, architecture, kernel):
    kind = {"loss": loss, "architecture": architecture, "kernel": kernel, "sample": 1e-2}
    found = {digest(run(workers=n, **kind)) for n in (1, 2, 3, 5)}
    assert len(found) == 1
    assert digest(run(workers=2, **kind, seed=9)) not in found


@pytest.mark.parametrize("loss", ["neg", "hs"])
def test_larger_texts_give_the_same_bytes(loss):
    corpus = topics(210_000, words=900)
    one, three = (run(corpus, loss=loss, workers=n, epochs=1) for n in (1, 3))
    assert digest(one) == digest(three)


def test_more_workers_than_shards(many_rounds):
    assert digest(run(workers=40)) == digest(run(workers=1))


@pytest.mark.parametrize("choices", [{"shuffle": True}, {"schedule": "cosine"}, {"window": 40}])
def test_other_choices_give_the_same_bytes(many_rounds, choices):
    assert digest(run(workers=3, **choices)) == digest(run(workers=1, **choices))


FITS = """
import hashlib, sys
from w2vext import Word2Vec
from w2vext.training import deterministic
deterministic.SHARD_WORDS, deterministic.LONGEST = 100, 64
words = "the quick brown fox jumps over lazy dogs while cats watch from old walls".split()
text = [[words[(7 * i + j * j) % 14] for j in range(9)] for i in range(300)]
for loss in ("neg", "hs", "softmax"):
    model = Word2Vec(loss=loss, vector_size=20, min_count=1, epochs=2, workers=int(sys.argv[1]),
                     random_state=5, deterministic=True).fit(text)
    whole = model.vectors_.tobytes() + model.output_vectors_.tobytes()
    print(hashlib.sha256(whole).hexdigest(), model.loss_history_)
"""


@pytest.mark.slow
def test_fresh_processes_give_the_same_bytes():
    printed = [process(FITS, n, PYTHONHASHSEED=n) for n in ("1", "2", "3")]
    assert len(set(printed)) == 1 and len(set(printed[0].splitlines())) == 3


def test_validation_losses_are_the_same(many_rounds):
    stream, counts = topics(6000)
    held, _ = topics(700, seed=4)
    results = [
        training.train(stream, counts, settings(deterministic=True, workers=n, epochs=4),
                       validation=held, patience=1)
        for n in (1, 3)
    ]  # fmt: skip
    assert digest(results[0]) == digest(results[1])
    assert results[0].validation_history == results[1].validation_history


# --- learning -------------------------------------------------------------------------------------


@each_kind
def test_words_of_a_topic_become_neighbours(many_rounds, loss, architecture, kernel):
    result = run(
        topics(20_000), loss=loss, architecture=architecture, kernel=kernel, epochs=5, alpha=0.05,
        negative=4, workers=2,
    )  # fmt: skip
    assert result.loss_history[-1] < result.loss_history[0] - 0.04
    unit = result.w_in / np.linalg.norm(result.w_in, axis=1, keepdims=True)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -1)
    assert (alike.argmax(axis=1) % 3 == np.arange(60) % 3).mean() > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["neg", "hs"])
def test_deterministic_training_learns_like_one_worker(loss):
    stream, counts = topics(210_000, words=900)
    held, _ = topics(20_000, words=900, seed=9)
    plain, sharded = (
        training.train(stream, counts, settings(loss=loss, epochs=3, deterministic=d),
                       validation=held).validation_history
        for d in (False, True)
    )  # fmt: skip
    assert sharded[-1] == pytest.approx(plain[-1], rel=0.02)


def test_frozen_rows_do_not_change(many_rounds):
    stream, counts = topics(6000)
    frozen = np.arange(60) % 4 == 1
    start = training.Start(np.random.default_rng(2).normal(size=(60, 20)).astype(np.float32))
    results = [
        training.train(stream, counts, settings(deterministic=True, workers=n), start=start,
                       frozen=frozen)
        for n in (1, 3)
    ]  # fmt: skip
    assert digest(results[0]) == digest(results[1])
    np.testing.assert_array_equal(results[0].w_in[frozen], start.w_in[frozen])
    assert (results[0].w_in[~frozen] != start.w_in[~frozen]).any(axis=1).all()


# --- odd corpora, stopping ------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in ODD if name != "one long sentence"])
@pytest.mark.parametrize("loss", ["neg", "hs", BOTH, "softmax"])
def test_odd_corpora(monkeypatch, name, loss):
    """Fewer words than shards, one or two words, more negatives than words, and wide windows."""
    monkeypatch.setattr(deterministic, "SHARD_WORDS", 1)
    sentences, choices = ODD[name]
    ids = np.array([word for sentence in sentences for word in sentence], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, sentences)], dtype=np.int64)
    corpus = SimpleNamespace(ids=ids, offsets=offsets), np.bincount(ids)
    choices = {"workers": 2, **choices, "loss": loss}
    result = run(corpus, **choices)
    assert np.isfinite(result.w_in).all() and np.isfinite(result.w_out).all()
    assert len(result.loss_history) == 2
    assert digest(result) == digest(run(corpus, **choices | {"workers": 1}))


def test_divergence_names_the_epoch_and_the_learning_rate(many_rounds):
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError) as raised:
        run(alpha=1e37, epochs=3, workers=2)
    assert "training diverged in epoch 1 of 3 at learning rate 1e+37" in str(raised.value)


class Enough(Callback):
    """Stops in the middle of an epoch."""

    every_words = 100

    def __init__(self, after):
        self.after, self.seen = after, []

    def on_words(self, state):
        self.seen.append((state.words, state.lr))
        if state.words >= self.after:
            state.stop()


def test_a_callback_sees_and_stops_at_the_same_word(many_rounds):
    stream, counts = topics(6000)
    callbacks, results = [Enough(7500), Enough(7500)], []
    for callback, workers in zip(callbacks, (1, 3), strict=True):
        choices = settings(deterministic=True, workers=workers)
        results.append(training.train(stream, counts, choices, callbacks=[callback]))
    assert callbacks[0].seen == callbacks[1].seen and 7500 <= callbacks[0].seen[-1][0] < 8200
    assert digest(results[0]) == digest(results[1])


INTERRUPT = """
import _thread, sys
import numpy as np
from test_deterministic import Callback, settings, topics, training

class Interrupt(Callback):
    every_words = 400_000
    def on_words(self, state):
        _thread.interrupt_main()

choices = settings(loss=sys.argv[1], workers=2, epochs=1_000_000, alpha=0.01, deterministic=True)
result = training.train(*topics(300_000), choices, callbacks=[Interrupt()])
assert result.interrupted and len(result.loss_history) == 1
assert np.isfinite(result.w_in).all() and result.w_out.any() and result.w_in.shape == (60, 20)
print("interrupted")
"""


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["neg", "hs"])
def test_ctrl_c_ends_a_run(loss):
    assert process(INTERRUPT, loss) == "interrupted\n"


# --- the estimator --------------------------------------------------------------------------------


def sentences(n, seed=1):
    rng = np.random.default_rng(seed)
    return [[f"w{word}" for word in rng.zipf(1.5, 12) % 40] for _ in range(n)]


def test_partial_fit_and_warm_start(many_rounds):
    def fitted(workers, **choices):
        model = Word2Vec(
            vector_size=12, min_count=1, epochs=1, random_state=3, deterministic=True,
            workers=workers, **choices,
        )  # fmt: skip
        model.fit(sentences(300))
        model = model.fit(sentences(300, 2)) if choices else model.partial_fit(sentences(300, 2))
        return hashlib.sha256(model.vectors_.tobytes()).hexdigest()

    assert fitted(1) == fitted(3)
    assert fitted(1, warm_start=True) == fitted(2, warm_start=True)


def test_the_estimator_has_the_tag_non_deterministic():
    def tags(**choices):
        return Word2Vec(**choices).__sklearn_tags__().non_deterministic

    assert tags(workers=2, deterministic=False) and not tags(workers=1, deterministic=False)
    assert not tags(workers=2) and not tags(workers=2, deterministic=True)
    assert not tags(workers=2, deterministic=False, loss="softmax")
