"""Training in parts: a run that continues from the end of any part gives the same bytes.

Also the merge of replicas on arrays, and how an epoch is cut.
"""

import copy
import hashlib

import numpy as np
import pytest
from helpers.merges import tree
from helpers.runs import each_kind, settings, shorten_parts, topics
from helpers.streams import V, all_kept, only, stream, weights

from w2vext.training import hogwild, pieces
from w2vext.training import run as training
from w2vext.training._loop import Worker
from w2vext.training._merge import merge_rows
from w2vext.training._plan import Job
from w2vext.training.callbacks import Callback


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    shorten_parts(monkeypatch)


def digest(result):
    losses = np.array([*result.loss_history, *result.validation_history])
    whole = result.w_in.tobytes() + result.w_out.tobytes() + losses.tobytes()
    return hashlib.sha256(whole).hexdigest()


class Memory:
    """Keeps every snapshot."""

    def __init__(self, start=None):
        self.start, self.snapshots = start, []

    def load(self):
        return copy.deepcopy(self.start)

    def due(self):
        return True

    def save(self, snapshot):
        self.snapshots.append(copy.deepcopy(snapshot))


def continued_from_each(train, at_least, step=1):
    """Run, then continue from each snapshot; returns the snapshots."""
    memory = Memory()
    whole = digest(train(saver=memory))
    assert digest(train(saver=None)) == whole
    positions = [(s.epoch, s.unit) for s in memory.snapshots]
    assert len(positions) >= at_least and positions == sorted(positions)
    for snapshot in memory.snapshots[::step]:
        assert digest(train(saver=Memory(snapshot))) == whole, (snapshot.epoch, snapshot.unit)
    return memory.snapshots


@each_kind
@pytest.mark.parametrize("chosen", [{"workers": 1}, {"workers": 2, "deterministic": True}],
                         ids=["one worker", "deterministic"])  # fmt: skip
def test_any_part_can_be_continued(loss, architecture, kernel, chosen):
    chosen = settings(loss=loss, architecture=architecture, kernel=kernel, sample=1e-2, **chosen)
    text, counts = topics(9_000)

    def train(saver):
        return training.train(text, counts, chosen, saver=saver)

    snapshots = continued_from_each(train, 5, step=3)
    assert {s.epoch for s in snapshots} == {0, 1, 2} and any(s.unit for s in snapshots)
    assert [s.finished for s in snapshots] == [False] * (len(snapshots) - 1) + [True]


@pytest.mark.parametrize("chosen", [{"workers": 1}, {"workers": 2, "deterministic": True},
                                    {"loss": "softmax"}],
                         ids=["one worker", "deterministic", "softmax"])  # fmt: skip
def test_any_part_of_a_run_with_subwords_can_be_continued(chosen):
    text, counts = topics(9_000)
    starts = np.arange(61, dtype=np.int64) * 2
    parts = np.random.default_rng(1).integers(60, 90, 120).astype(np.int32)

    def train(saver):
        return training.train(text, counts, settings(**chosen), parts=(starts, parts), saver=saver)

    continued_from_each(train, 5, step=3)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_shuffling_validation_and_frozen_rows_continue(workers):
    text, counts = topics(6_000)
    held, _ = topics(700, seed=4)
    chosen = settings(
        workers=workers, deterministic=workers > 1, shuffle=True, epochs=6, alpha=0.1,
        schedule="cosine",
    )  # fmt: skip
    frozen = np.arange(60) % 7 == 3
    start = training.Start(np.random.default_rng(2).normal(0, 0.1, (60, 20)).astype(np.float32))

    def train(saver):
        return training.train(
            text, counts, chosen, start=start, frozen=frozen, validation=held, patience=2,
            saver=saver,
        )  # fmt: skip

    snapshots = continued_from_each(train, 8)
    assert any(s.best is not None for s in snapshots)
    result = train(Memory(snapshots[-2]))
    np.testing.assert_array_equal(result.w_in[frozen], start.w_in[frozen])


def test_the_best_weights_of_an_earlier_epoch_survive():
    """The last epochs are worse, so the result is that of an epoch before the interruption."""
    text, counts = topics(6_000)
    held, _ = topics(700, seed=4)

    def schedule(progress):
        return 0.05 if progress < 0.5 else 0.2

    chosen = settings(epochs=4, schedule=schedule)

    def train(saver):
        return training.train(text, counts, chosen, validation=held, saver=saver)

    memory = Memory()
    whole = train(memory)
    assert whole.best_epoch < 2
    late = [s for s in memory.snapshots if s.epoch == 3 and s.unit]
    assert late and digest(train(Memory(late[0]))) == digest(whole)


def test_a_finished_run_is_not_trained_again():
    text, counts = topics(3_000)
    memory = Memory()
    whole = training.train(text, counts, settings(), saver=memory)

    class Never(Callback):
        def on_train_begin(self, state):
            raise AssertionError

    (last,) = [s for s in memory.snapshots if s.finished]
    again = training.train(text, counts, settings(), callbacks=[Never()], saver=Memory(last))
    assert digest(again) == digest(whole) and not again.interrupted


def test_callbacks_of_a_continued_run_see_the_whole_run():
    text, counts = topics(6_000)

    class Record(Callback):
        every_words = 1_000

        def __init__(self):
            self.seen = []

        def on_words(self, state):
            self.seen.append(state.words)

        def on_epoch_begin(self, state):
            self.seen.append((state.epoch, state.words, state.loss_history))

        def on_epoch_end(self, state):
            self.seen.append(state.loss_history)

    def run(saver):
        record = Record()
        chosen = settings(workers=2, deterministic=True)
        training.train(text, counts, chosen, callbacks=[record], saver=saver)
        return record.seen

    memory = Memory()
    whole = run(memory)
    middle = next(s for s in memory.snapshots if s.epoch == 1 and s.unit)
    assert middle.words > 1_000
    rest = run(Memory(middle))
    first = whole[whole.index((middle.losses[0],)) - 1 :]
    assert rest[0] == (2, 6_000 + middle.words, tuple(middle.losses))
    assert rest[1:] == whole[-len(rest) + 1 :] and len(rest) < len(first)


def test_nothing_that_is_not_finite_is_stored():
    memory = Memory()
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="diverged in epoch 1"):
        training.train(*topics(9_000), settings(alpha=1e37), saver=memory)
    assert all(np.isfinite(s.w_in).all() and np.isfinite(s.loss) for s in memory.snapshots)


def test_a_doubt_about_an_earlier_epoch_survives(monkeypatch):
    monkeypatch.setattr(
        training.Divergence,
        "doubt",
        lambda self, losses, pairs: "odd" if len(losses) == 1 else None,
    )
    text, counts = topics(9_000)
    memory = Memory()
    whole = training.train(text, counts, settings(), saver=memory)
    assert "epoch 1 of 2" in whole.doubt
    for snapshot in memory.snapshots[-2:]:  # in the second epoch, and of the finished run
        assert snapshot.epoch > 0
        again = training.train(text, counts, settings(), saver=Memory(snapshot))
        assert again.doubt == whole.doubt


def test_an_interrupted_run_is_not_stored_as_finished():
    class Interrupt(Callback):
        def on_epoch_end(self, state):
            raise KeyboardInterrupt

    memory = Memory()
    result = training.train(*topics(9_000), settings(), callbacks=[Interrupt()], saver=memory)
    assert result.interrupted
    assert memory.snapshots and not any(s.finished for s in memory.snapshots)


# --- how an epoch is cut --------------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 2, 3, 7, 100, 101, 149, 150, 151, 12_345])
@pytest.mark.parametrize("length", [0, 1, 2, 100])
def test_parts_cover_the_epoch(units, length):
    cuts = pieces.cut(units, length)
    sizes = np.diff(cuts)
    assert cuts[0] == 0 and cuts[-1] == units and sizes.min() > 0
    assert sizes.max() - sizes.min() <= 1
    assert sizes.max() <= max(1, 1.5 * length)
    found = list(pieces.parts(cuts, 0))
    assert [first for first, _ in found] == cuts[:-1] and [stop for _, stop in found] == cuts[1:]


def test_the_parts_that_are_left():
    assert list(pieces.parts([0, 3, 6, 9], 3)) == [(3, 6), (6, 9)]
    assert list(pieces.parts([0, 3, 6, 9], 4)) == [(4, 6), (6, 9)]  # cut otherwise before
    assert list(pieces.parts([0, 3, 6, 9], 9)) == []


@pytest.mark.parametrize("workers", [1, 2, 16])
@pytest.mark.parametrize("count", [1, 31, 33, 1_000])
def test_calls_cover_a_part_and_end_with_short_ones(workers, count):
    calls = list(hogwild.calls_of(5, 5 + count, workers))
    assert [first for first, _ in calls] == [5, *(stop for _, stop in calls[:-1])]
    assert calls[-1][1] == 5 + count
    sizes = [stop - first for first, stop in calls]
    assert max(sizes) <= hogwild.PIECES_PER_CALL
    if workers == 1:
        assert len(calls) == -(-count // hogwild.PIECES_PER_CALL)
    else:
        assert sizes == sorted(sizes, reverse=True) and sizes[-1] == 1


def test_the_parts_of_deterministic_runs_do_not_depend_on_the_workers():
    cuts = []
    for workers in (1, 2, 5):
        run = training.Run(*topics(9_000), settings(deterministic=True, workers=workers))
        cuts.append(run.strategy().cuts(run.epoch(0)))
    assert cuts[0] == cuts[1] == cuts[2] and len(cuts[0]) > 2


@pytest.mark.parametrize("chosen", [{"workers": 1}, {"deterministic": True}, {"loss": "softmax"}])
def test_draws_and_learning_rates_come_from_outside(chosen):
    """A part follows the Epoch that it is given, whatever the seed and the schedule of the run."""

    def trained(key, lr):
        run = training.Run(*topics(9_000), settings(**chosen))
        epoch = pieces.Epoch(key, 9_000, lambda done: np.full(len(done), lr))
        with (strategy := run.strategy()):
            strategy.part(epoch, 0, 4, lambda done, loss=None: None)
        return run.w_out

    assert np.array_equal(trained(5, 0.02), trained(5, 0.02))
    assert not np.array_equal(trained(5, 0.02), trained(6, 0.02))
    assert not np.array_equal(trained(5, 0.02), trained(5, 0.03))
    assert not trained(5, 0.0).any()


# --- replicas -------------------------------------------------------------------------------------


def test_a_worker_reads_changed_rows_after_refresh():
    """The loss at a learning rate of 0 shows which rows were read."""
    ids, offsets = stream([200])
    w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
    options = {"dim": 16, "keep": all_kept(), "noise": only(4), "replicas": V, "merge_every": 10**9}
    job = Job(ids, offsets, w_in, w_out, **options)
    worker = Worker(job)

    def loss(worker):
        worker.train(0, 200, 0, 0.0, 0.0, 55)
        return worker.take_loss()

    before = loss(worker)
    w_in[:, :16] += 1
    w_out[:, :16] *= 2
    assert loss(worker) == before  # the replicas still have the earlier values
    worker.refresh()
    assert loss(worker) == loss(Worker(job)) != before


def test_replicas_are_refreshed_and_merged_in_every_part(monkeypatch):
    monkeypatch.setattr(hogwild, "REPLICAS", {"neg": 60})
    monkeypatch.setattr(hogwild, "MIN_MERGES", 0)
    monkeypatch.setattr(hogwild, "MERGE_EVERY", 1 << 40)
    run = training.Run(*topics(9_000), settings(workers=2, alpha=0.0, min_alpha=0.0))
    strategy, epoch = run.strategy(), run.epoch(0)

    def part(first, stop):
        loss, pairs = strategy.part(epoch, first, stop, lambda done, loss=None: None)
        return loss / pairs

    assert part(0, 4) <= 6 * np.log(2)  # w_out is 0
    run.w_out[:, :20] = np.random.default_rng(1).normal(size=(60, 20))
    run.w_in[:, :20] = np.random.default_rng(2).normal(size=(60, 20))
    assert part(4, 8) > 7 * np.log(2)


def replicas_of(count, seed=5):
    """A base, and replicas of it of which some rows are unchanged."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(40, 32)).astype(np.float32)
    replicas = [(base + rng.normal(size=base.shape) * 0.1).astype(np.float32) for _ in range(count)]
    for i, replica in enumerate(replicas):
        replica[i::3] = base[i::3]
    return base, replicas


@pytest.mark.parametrize("count", range(1, 10))
@pytest.mark.parametrize("saturated", [False, True])
def test_merge_of_arrays(count, saturated):
    base, replicas = replicas_of(count)
    saturation, of_row = None, np.full(40, np.inf)
    if saturated:
        of_row = np.resize([0.0, 0.3, 2.0, 50.0, np.inf], 40)
        saturation = of_row.astype(np.float32)
    originals = [base.copy(), *(replica.copy() for replica in replicas)]
    out = np.full_like(base, np.nan)
    merge_rows(base, replicas, out, saturation)
    for row in range(40):
        changes = [
            r[row].astype(float) - base[row] for r in replicas if (r[row] != base[row]).any()
        ]
        if len(changes) < 2:
            expected = [r[row] for r in replicas if (r[row] != base[row]).any()] or [base[row]]
            np.testing.assert_array_equal(out[row], expected[0])
        else:
            expected = tree(changes, of_row[row])
            np.testing.assert_allclose(out[row] - base[row], expected, rtol=0, atol=2e-6)
    for now, then in zip([base, *replicas], originals, strict=True):
        np.testing.assert_array_equal(now, then)
    merge_rows(base, replicas, base, saturation)
    np.testing.assert_array_equal(base, out)


@pytest.mark.parametrize("count", [2, 3, 8])
def test_equal_changes_add_up_if_the_saturation_is_small(count):
    """And if it is large, they count once."""
    base = np.zeros((3, 16), dtype=np.float32)
    change = np.arange(16, dtype=np.float32)
    out = np.empty_like(base)
    saturation = np.array([0, 1, 1e9], dtype=np.float32)
    merge_rows(base, [base + change for _ in range(count)], out, saturation)
    factor = out[:, 5] / change[5]
    assert factor[[0, 2]] == pytest.approx([count, 1])
    assert 1.2 < factor[1] < count / 1.2


def test_equal_changes_weigh_alike():
    """The merge of n equal changes and one other is symmetric in the place of the other one."""
    base = np.zeros((1, 16), dtype=np.float32)
    a, b = np.eye(16, dtype=np.float32)[:2]
    found = set()
    for place in range(8):
        replicas = [a[None].copy() for _ in range(8)]
        replicas[place] = (a + b)[None].copy()
        out = np.empty_like(base)
        merge_rows(base, replicas, out)
        found.add(round(float(out[0, 1]), 5))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("replicas", "out", "message"),
    [
        ([], (40, 32), "0 replicas"),
        ([(40, 16)], (40, 32), r"replica 0 has shape \(40, 16\)"),
        ([(40, 32), (39, 32)], (40, 32), r"replica 1 has shape \(39, 32\)"),
        ([(40, 32)], (41, 32), r"out has shape \(41, 32\)"),
    ],
)
def test_shapes_that_do_not_fit(replicas, out, message):
    base = np.zeros((40, 32), dtype=np.float32)
    with pytest.raises(ValueError, match=message):
        merge_rows(base, [np.zeros(s, np.float32) for s in replicas], np.zeros(out, np.float32))


def test_every_row_has_a_saturation():
    base, replicas = replicas_of(2)
    with pytest.raises(ValueError, match="saturation of 39 rows, not of 40"):
        merge_rows(base, replicas, base, np.ones(39, np.float32))


def test_rows_must_be_padded():
    x = np.zeros((4, 20), dtype=np.float32)
    with pytest.raises(ValueError, match="rows of 20 floats"):
        merge_rows(x, [x], x)
