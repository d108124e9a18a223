"""Training on a cluster, without a cluster: the plan, the counting, and replicas in one process."""

from itertools import pairwise

import numpy as np
import pytest
from helpers import clusters
from helpers.clusters import Losing, digest, locally

from w2vext import Callback, Column, FastText, Pairs, Word2Vec, distributed
from w2vext._estimator.checkpoint import Checkpoints
from w2vext._estimator.parameters import Parameters
from w2vext.distributed import job, on_ray, replica
from w2vext.distributed import plan as plans
from w2vext.distributed.engine import WorkerLost
from w2vext.distributed.local import Local
from w2vext.distributed.pace import ROUNDS, Pace
from w2vext.distributed.plan import Plan, Slice
from w2vext.text import tables
from w2vext.text._words import Run, Words
from w2vext.text.ranges import ranges
from w2vext.training import run as training
from w2vext.training._merge import merge_rows

pytestmark = pytest.mark.filterwarnings("ignore:the cluster saves little time")


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return clusters.write_texts(tmp_path_factory.mktemp("cluster") / "texts")


# ---- the plan


def plan(workers=3, rows=(100, 99), hot=7, rounds=12, epochs=2, **more):
    words = tuple(10_000 + 1_000 * i for i in range(workers))
    units = tuple(-(-n // 1024) for n in words)
    return Plan(epochs, words, units, rounds, rows, hot, **more)


@pytest.mark.parametrize("workers", [1, 2, 3, 7, 16])
@pytest.mark.parametrize("last_first", [False, True])
def test_every_row_of_a_level_is_merged_by_one_worker(workers, last_first):
    made = plan(workers, last_first=last_first)
    assert made.top == 4
    for level in range(made.top + 1):
        count = [np.zeros(rows, dtype=int) for rows in made.rows]
        for worker in range(workers):
            slices = made.slices(level, worker)
            assert set(slices) <= set(made.slices(made.top, worker))
            for matrix, begin, end, _ in slices:
                count[matrix][begin:end] += 1
        for matrix, rows in enumerate(made.rows):
            expected = np.arange(rows) < (rows if level == made.top else made.hot << level)
            if matrix and last_first:
                expected = expected[::-1]
            assert np.array_equal(count[matrix], expected.astype(int))


def test_rarer_rows_are_merged_less_often():
    made = plan()
    levels = [made.step(0, i).level for i in range(made.rounds)]
    assert levels == [0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 4]  # all rows at the end of the epoch
    assert [made.is_last(made.step(0, i)) for i in range(12)] == [False] * 11 + [True]


def test_all_rows_every_time():
    made = plan(hot=100)
    assert made.top == 0
    assert made.slices(0, 1) == [Slice(0, 33, 66, 0), Slice(1, 33, 66, 0)]


def test_the_tier_of_rows_is_the_level_from_which_they_are_merged():
    made = plan()
    for level in range(made.top + 1):
        before = made.slices(level - 1, 1) if level else []
        assert {each.tier for each in set(made.slices(level, 1)) - set(before)} == {level}


@pytest.mark.parametrize("warmup", [(), (3, 4, 2)])
def test_the_words_since_rows_were_merged(warmup):
    made = plan(workers=3, rounds=12, warmup=warmup)
    of_unit = made.all_words / sum(made.units)
    for epoch in range(2):
        alone = len(warmup) if epoch == 0 else 0
        last = [of_unit * sum(warmup) if alone else 0.0] * (made.top + 1)
        for number in range(alone, 12 + alone):
            step = made.step(epoch, number)
            done = of_unit * sum(made.part(worker, epoch, number)[1] for worker in range(3))
            for tier in range(step.level + 1):
                words = 3 * made.words_since(step, tier)
                assert words == pytest.approx(done - last[tier], abs=1)
                halfway = (done + last[tier]) / 2
                progress = (epoch + halfway / made.all_words) / made.epochs
                assert made.progress_since(step, tier) == pytest.approx(progress, abs=1e-4)
                last[tier] = done


@pytest.mark.parametrize("warmup", [(), (3, 0, 2)])
def test_the_rounds_of_an_epoch_cover_all_units(warmup):
    made = plan(workers=3, rounds=4, warmup=warmup)
    for epoch in range(2):
        rounds = 4 + (3 if warmup and not epoch else 0)
        assert [made.is_last(made.step(epoch, i)) for i in range(rounds)][-2:] == [False, True]
        for worker, units in enumerate(made.units):
            parts = [made.part(worker, epoch, i) for i in range(rounds)]
            assert parts[0][0] == 0
            assert parts[-1][1] == units
            assert all(a[1] == b[0] for a, b in pairwise(parts))
        assert made.words_before(epoch, 0) == 0
        assert made.words_before(epoch, rounds) == made.all_words


def test_in_the_warmup_one_worker_trains_and_all_rows_are_merged():
    made = plan(workers=3, warmup=(3, 4, 2))
    first = [[made.part(worker, 0, i) for worker in range(3)] for i in range(3)]
    assert first == [[(0, 3), (0, 0), (0, 0)], [(3, 3), (0, 4), (0, 0)], [(3, 3), (4, 4), (0, 2)]]
    steps = [made.step(0, i) for i in range(15)]
    assert [made.is_warmup(step) for step in steps] == [True] * 3 + [False] * 12
    assert [step.level for step in steps] == [4, 4, 4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 4]
    assert not made.is_warmup(made.step(1, 0))
    assert made.part(1, 1, 0)[0] == 0
    words = [made.words_before(0, i) for i in range(4)]
    assert words == [made.all_words * units // sum(made.units) for units in (0, 3, 7, 9)]


@pytest.mark.parametrize(
    "words, units, epochs, expected",
    [
        (40_000_000, [20_000, 19_000], 5, (1_000, 950)),  # WARMUP words
        (1_000_000, [500, 400], 5, (125, 100)),  # a share of the words of all epochs
        (1_000_000, [900], 5, ()),
        (1_000, [1, 0], 20, (1, 0)),
    ],
)
def test_the_units_of_the_warmup(words, units, epochs, expected):
    assert plans.warmup_of(words, units, epochs) == expected


def test_the_learning_rate_follows_the_words_of_all_workers():
    made = plan(workers=2)  # 10,000 and 11,000 words
    done = np.array([0.0, 5_000.0, 10_000.0])
    assert made.progress(1, 0, done).tolist() == [0.5, 0.75, 1.0]
    assert made.progress(0, 1, 1.1 * done).tolist() == [0.0, 0.25, 0.5]


@pytest.mark.parametrize(
    "sync_words, rounds", [(1_000, 10), (3_000, 3), (1, 40), (10**9, 1), (None, 40)]
)
def test_rounds_of_an_epoch(sync_words, rounds):
    assert plans.rounds_of(20_000, [40, 30], 5, sync_words) == rounds


@pytest.mark.parametrize(
    "workers, rounds", [(1, 60), (2, 60), (8, 60), (9, 64), (16, 85), (32, 120)]
)
def test_more_workers_merge_more_often(workers, rounds):
    assert plans.rounds_of(10**9, [10**6] * workers, 5, None) == rounds


@pytest.mark.parametrize("rows, hot", [(32_000, 1_000), (32_001, 1_001), (5, 1)])
def test_the_rows_of_every_merge(rows, hot):
    assert plans.hot_rows(rows, is_sparse=True) == hot
    assert plans.hot_rows(rows, is_sparse=False) == rows


def test_a_round_needs_a_unit():
    assert plans.rounds_of(20_000, [4, 3], 5, None) == 4


# ---- counting


def table_of(text, base=0):
    words, run = Words(), Run()
    ids, ends = np.empty(100, dtype=np.int32), np.empty(101, dtype=np.int32)
    run.feed(words, text, 0, len(text), base=base, more=False, limit=99, ids=ids, ends=ends)
    return words


def test_tables_merge_like_the_whole_text():
    parts = [b"the cat \xe6\x97\xa5\xe6\x9c\xac the ", b"a-word-of-more-than-eight-bytes cat "]
    whole, merged = table_of(b"".join(parts)), Words()
    second = tables.packed(table_of(parts[1], len(parts[0])))
    ids = [tables.merge(merged, second), tables.merge(merged, tables.packed(table_of(parts[0])))]
    assert [each.tolist() for each in ids] == [[0, 1], [2, 1, 3]]
    names = merged.strings(np.arange(4))
    assert names == ["a-word-of-more-than-eight-bytes", "cat", "the", "日本"]
    expected = tables.packed(whole)
    found = tables.packed(merged)
    order = np.argsort(found.first)
    assert found.counts[order].tolist() == expected.counts.tolist() == [2, 2, 1, 1]
    assert found.first[order].tolist() == expected.first.tolist()


def test_a_damaged_table_is_an_error():
    table = tables.packed(table_of(b"the cat"))
    for lengths in ([3, 4], [3, -1]):
        with pytest.raises(ValueError, match="word 1 has"):
            tables.merge(Words(), table._replace(lengths=np.array(lengths, dtype=np.int32)))
    with pytest.raises(ValueError, match="2 words with 1 counts"):
        tables.merge(Words(), table._replace(counts=table.counts[:1]))


@pytest.mark.parametrize("workers", [2, 3, 5])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"unk_token": "<unk>", "max_final_vocab": 300},
        {"tokenizer": "characters", "lowercase": True},
    ],
)
def test_the_vocabulary_is_that_of_one_machine(texts, workers, options):
    one = Word2Vec(**clusters.MODEL, workers=1, **options).set_params(epochs=1).fit(texts)
    found = locally(texts, workers, epochs=1, **options)
    assert found.words.words == list(one.vocabulary_)
    assert found.words.counts.tolist() == one.counts_.tolist()
    assert found.words.unk_token == one.unk_token_


@pytest.mark.slow
@pytest.mark.parametrize("tokens", [False, True])
def test_row_groups_of_a_parquet_file(texts, tmp_path, tokens):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    lines = [line for path in sorted(texts.iterdir()) for line in path.read_text().splitlines()]
    values = [line.split() for line in lines] if tokens else lines
    parquet.write_table(pyarrow.table({"text": values}), tmp_path / "a.parquet", row_group_size=300)
    column = Column(tmp_path / "a.parquet", "text")
    one = Word2Vec(**clusters.MODEL, workers=1).fit(column)
    found = locally(column, 3)
    assert found.words.words == list(one.vocabulary_)
    assert found.words.counts.tolist() == one.counts_.tolist()
    assert np.array_equal(locally(column, 1).vectors, one.vectors_)


# ---- training


@pytest.mark.parametrize(
    "options", [{}, {"loss": "hs"}, {"loss": "hs+neg"}, {"deterministic": True, "shuffle": True}]
)
def test_one_worker_trains_like_one_machine(texts, options):
    one = Word2Vec(**clusters.MODEL, workers=1, **options).fit(texts)
    found = locally(texts, 1, **options)
    assert np.array_equal(found.vectors, one.vectors_)
    assert np.array_equal(found.output_vectors, one.output_vectors_)
    assert found.loss_history == pytest.approx(one.loss_history_, rel=1e-9)
    assert set(found.attributes()) == {name for name in vars(one) if name.endswith("_")}


GROUPS = {f"w{i}": f"group {i % 7}" for i in range(900) if i % 5}


@pytest.mark.parametrize(
    "negatives",
    [
        {"noise_groups": GROUPS},
        {"noise": {f"w{i}": i % 3 for i in range(900)}, "noise_groups": GROUPS},
    ],
)
def test_one_worker_draws_the_negatives_of_one_machine(texts, negatives):
    one = Word2Vec(**clusters.MODEL, workers=1).fit(texts, **negatives)
    found = locally(texts, 1, **negatives)
    assert np.array_equal(found.vectors, one.vectors_)
    assert np.array_equal(found.output_vectors, one.output_vectors_)
    assert set(found.attributes()) == {name for name in vars(one) if name.endswith("_")}
    for name in negatives:
        assert np.array_equal(getattr(found, name), getattr(one, f"{name}_"))
    assert digest(found) != digest(locally(texts, 1))


def test_all_workers_draw_the_given_negatives(tmp_path):
    """Only targets of pairs and negatives are changed; here all pairs are of two words."""
    lines = "milk tea\n" * 500 + "salt\noil\negg\n" * 200
    for name in ("0.txt", "1.txt"):
        (tmp_path / name).write_text(lines, encoding="utf-8")
    groups = {"milk": 1, "tea": 1, "egg": 1, "salt": 2}
    for negatives in ({"noise": {"egg": 2, "unheard": 1}}, {"noise_groups": groups}):
        found = locally(tmp_path, 2, sample=0, sync=500, **negatives)
        changed = np.abs(found.output_vectors).sum(axis=1) > 0
        assert {found.words.words[row] for row in np.flatnonzero(changed)} == {"milk", "tea", "egg"}
    assert (np.abs(locally(tmp_path, 2, sample=0, sync=500).output_vectors).sum(axis=1) > 0).all()


def test_pairs_are_not_trained_on_a_cluster():
    with pytest.raises(TypeError, match="paths=Pairs of 1: pairs cannot be trained on a cluster"):
        distributed.fit(Word2Vec(), Pairs(["a"], ["b"]))


def test_negatives_that_cannot_be_used(texts):
    with pytest.raises(ValueError, match=r"noise=.* has no weight above 0"):
        locally(texts, 2, noise={"unheard": 1})
    with pytest.raises(ValueError, match="noise_groups with loss='hs'"):
        locally(texts, 2, noise_groups=GROUPS, loss="hs")


def test_a_global_context_on_a_cluster(texts):
    one = Word2Vec(**clusters.MODEL, workers=1, global_context="last").fit(texts)
    found = locally(texts, 1, global_context="last")
    assert np.array_equal(found.vectors, one.vectors_)
    assert digest(found) != digest(locally(texts, 1))


def test_several_workers_learn(texts):
    found = locally(texts, 3, epochs=4)
    assert found.loss_history[-1] < found.loss_history[0]
    assert digest(found) == digest(locally(texts, 3, epochs=4))


def test_threads_share_the_rows_of_a_merge(texts, monkeypatch):
    expected = digest(locally(texts, 3, deterministic=True))
    monkeypatch.setattr(replica, "BLOCK", 300)  # bytes: two rows
    found = locally(texts, 3, engine=Local(3, 3), deterministic=True)
    assert digest(found) == expected


@pytest.mark.parametrize("loss", ["neg", "hs", "hs+neg"])
def test_output_rows_are_merged_by_their_saturation(texts, monkeypatch, loss):
    """It follows from the learning rate and the words since a row was merged."""
    calls = []

    def recorded(base, replicas, out, saturation):
        calls.append((len(base), saturation))
        merge_rows(base, replicas, out, saturation)

    class Watched(Local):
        def round(self, plan, step):
            calls.clear()
            trained = super().round(plan, step)
            rows = [s for w in range(2) for s in plan.slices(step.level, w)]
            assert [n for n, _ in calls] == [s.end - s.begin for s in rows]
            for each, (_, found) in zip(rows, calls, strict=True):
                if each.matrix == 0 or loss == "hs":
                    assert found is None
                    continue
                per_word = self.replicas[0]._run.saturation_per_word
                per_word = np.append(per_word, np.full(plan.rows[1] - len(per_word), np.inf))
                words = plan.words_since(step, each.tier)
                rate = 0.03 - (0.03 - 1e-4) * plan.progress_since(step, each.tier)
                expected = per_word[each.begin : each.end] * (rate * words)
                np.testing.assert_allclose(found, expected, rtol=1e-5)
            return trained

    monkeypatch.setattr(replica, "merge_rows", recorded)
    locally(texts, 2, engine=Watched(2, 1), loss=loss, alpha=0.03)
    assert calls


def test_all_workers_have_the_same_saturation(tmp_path):
    """It depends on the mean length of all sentences, also for a worker without words."""
    (tmp_path / "a.txt").write_text("rare words\n")
    (tmp_path / "b.txt").write_text("two three four five six seven\nfour two seven\n" * 6)
    with Local(2, 1) as engine:
        shares = [ranges(tmp_path / "a.txt", 1), ranges(tmp_path / "b.txt", 1)]
        params = Parameters.of(Word2Vec(vector_size=4, min_count=2, window=9, random_state=1))
        job.train(params, engine, shares, sync_words=20)
        first, second = engine.replicas
    assert len(first._stream.ids) == 0 < len(second._stream.ids)
    counts = second._setup.counts
    of_one = training.Run(second._stream, counts, second._setup.settings).saturation_per_word
    np.testing.assert_array_equal(first._run.saturation_per_word, of_one)
    np.testing.assert_array_equal(second._run.saturation_per_word, of_one)


def test_subwords(texts):
    options = {"min_n": 3, "max_n": 4, "bucket": 500, "alpha": 0.01}
    found = locally(texts, 2, epochs=3, **options)
    assert found.loss_history[-1] < found.loss_history[0]
    assert found.subword_vectors is not None


@pytest.mark.parametrize("pooling", ["idf", "sif"])
def test_the_statistics_for_transform(texts, pooling):
    one = Word2Vec(**clusters.MODEL, workers=1, pooling=pooling).fit(texts)
    (found,) = (getattr(locally(texts, 1, pooling=pooling), name) for name in
                (["idf"] if pooling == "idf" else ["sif_component"]))  # fmt: skip
    expected = one.idf_ if pooling == "idf" else one.sif_component_
    assert np.array_equal(found, expected)
    if pooling == "idf":  # does not depend on the number of workers
        assert np.array_equal(locally(texts, 3, pooling="idf").idf, expected)


class Speeds:
    def __init__(self, *speeds, losses=0):
        self.speeds, self.losses, self.revived = list(speeds), losses, 0

    def each(self, method):
        if self.losses > self.revived:
            raise WorkerLost("worker 1 was lost")
        return self.speeds

    def revive(self):
        self.revived += 1


def test_fast_workers_get_more_text():
    free, fixed = Parameters(), Parameters(random_state=1)
    assert job.speeds(Speeds(2e6, 1e6, 3e6), 3, free, None) == [2e6, 1e6, 3e6]
    assert job.speeds(Speeds(2e6, 1.9e6, 2.1e6), 3, free, None) == [1, 1, 1]
    assert job.speeds(Speeds(2e6, 1e6), 2, fixed, None) == [1, 1]
    assert job.speeds(Speeds(2e6, 1e6), 2, free, Checkpoints("unused")) == [1, 1]
    assert job.speeds(Speeds(2e6, 1e6, losses=2), 2, free, None) == [2e6, 1e6]
    with pytest.raises(WorkerLost):
        job.speeds(Speeds(2e6, 1e6, losses=3), 2, free, None)


@pytest.mark.parametrize(
    ("cores", "workers", "threads"),
    [
        ([8, 8, 8], 4, 4),
        ([8, 8, 8], 3, 8),
        ([24], 4, 6),
        ([0, 16, 16], 8, 4),
        ([2], 4, 1),
        ([], 1, 1),
    ],
)
def test_a_worker_runs_on_one_machine(cores, workers, threads):
    assert on_ray._most_threads(cores, workers) == threads


def test_the_speed_of_a_worker(monkeypatch):
    monkeypatch.setattr(replica, "PROBE", 1 << 12)
    assert replica.Replica(0, 2).speed() > 0


# ---- lost workers, and checkpoints


def test_a_lost_worker_does_not_change_the_result(texts, monkeypatch):
    monkeypatch.setattr(plans, "HOT", 2)  # all rows are merged every second round
    expected = digest(locally(texts, 3))
    # In the first round, between merges of all rows, and in the round of such a merge.
    for at in ({0: 1}, {3: 0, 4: 2}, {2: 2}):
        engine = Losing(3, at)
        with pytest.warns(UserWarning, match=r"was lost: the training is repeated from round"):
            assert digest(locally(texts, 3, engine=engine)) == expected
        assert engine.revived == len(at)


def test_a_round_that_always_loses_a_worker_is_an_error(texts):
    with pytest.warns(UserWarning), pytest.raises(WorkerLost):
        locally(texts, 2, engine=Losing(2, dict.fromkeys(range(9), 1)))


class LosingLater(Local):
    """Loses worker 1 when a method is called for the first time; `calls` counts the calls."""

    def __init__(self, workers, method):
        super().__init__(workers, 1)
        self.method, self.calls = method, 0

    def lose(self, method):
        if method != self.method:
            return
        self.calls += 1
        if self.calls == 1:
            self.replicas[1] = replica.Replica(1, 1)
            raise WorkerLost("worker 1 was lost")

    def each(self, method, *common, own=None):
        self.lose(method)
        return super().each(method, *common, own=own)

    def kept(self):
        self.lose("kept")
        return super().kept()


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("document_frequencies", {"pooling": "idf"}),
        ("second_moments", {"pooling": "sif"}),
        ("kept", {}),
    ],
)
def test_a_worker_is_lost_after_the_training(texts, method, options):
    expected = locally(texts, 3, **options)
    engine = LosingLater(3, method)
    with pytest.warns(UserWarning, match=r"worker 1 was lost, after the training: its state is"):
        found = locally(texts, 3, engine=engine, **options)
    assert engine.calls == 2
    assert digest(found) == digest(expected)
    for name in ("idf", "sif_component"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))


def test_a_worker_is_lost_while_a_checkpoint_is_stored(texts, tmp_path):
    expected = digest(locally(texts, 2))
    saver, engine = Checkpoints(tmp_path / "run", 0), LosingLater(2, "kept")
    with pytest.warns(UserWarning, match=r"was lost: the training is repeated from round"):
        assert digest(locally(texts, 2, engine=engine, saver=saver)) == expected


def test_ctrl_c_after_the_last_round(texts, tmp_path, monkeypatch):
    """The trained vectors are returned, and the same call continues."""
    expected = digest(locally(texts, 2))
    save = Checkpoints.save

    def interrupted(self, snapshot):
        if snapshot.finished:
            raise KeyboardInterrupt
        save(self, snapshot)

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoints, "save", interrupted)
        found = locally(texts, 2, saver=Checkpoints(tmp_path / "run", 0))
    assert found.interrupted
    assert digest(found) == expected
    assert digest(locally(texts, 2, saver=Checkpoints(tmp_path / "run", 0))) == expected


class Stopped(Exception):
    pass


class Stopping(Losing):
    def round(self, plan, step):
        if self.begun + 1 in self.losses:
            raise Stopped
        return super().round(plan, step)


def test_a_checkpoint_continues_with_the_same_bytes(texts, tmp_path, monkeypatch):
    monkeypatch.setattr(plans, "HOT", 4)  # all rows are merged every fourth round

    def train(stop=None):
        engine = None if stop is None else Stopping(2, {stop: 0})
        return digest(
            locally(texts, 2, sync=800, engine=engine, saver=Checkpoints(tmp_path / "run", 0))
        )

    expected = digest(locally(texts, 2, sync=800))
    for stop, kept in ((1, 1), (6, 6), (5, 10)):  # the first one is in the warm-up
        with pytest.raises(Stopped):
            train(stop)
        newest = max(path.stem for path in (tmp_path / "run").glob("at-*"))
        assert newest == f"at-000000-{kept:09}"
    assert train() == expected
    assert train(0) == expected  # the training is complete


def test_a_checkpoint_of_another_cluster(texts, tmp_path):
    locally(texts, 2, saver=Checkpoints(tmp_path / "run"))
    with pytest.raises(ValueError, match="number of workers=2 in the checkpoint and 3 now"):
        locally(texts, 3, saver=Checkpoints(tmp_path / "run"))
    with pytest.raises(ValueError, match="rounds of an epoch"):
        locally(texts, 2, sync=7_000, saver=Checkpoints(tmp_path / "run"))
    with pytest.raises(ValueError, match="noise_groups=None in the checkpoint"):
        locally(texts, 2, saver=Checkpoints(tmp_path / "run"), noise_groups=GROUPS)
    with pytest.raises(ValueError, match="corpus="):
        Word2Vec(**clusters.MODEL, workers=1).fit(texts, checkpoint=tmp_path / "run")


def test_a_corpus_that_changed_since_the_checkpoint(tmp_path):
    texts = clusters.write_texts(tmp_path / "texts")
    locally(texts, 2, saver=Checkpoints(tmp_path / "run"))
    first = texts / "0.txt"
    lines = first.read_text(encoding="utf-8").split("\n")
    lines[0], lines[1] = lines[1], lines[0]
    first.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match="corpus="):
        locally(texts, 2, saver=Checkpoints(tmp_path / "run"))


def test_a_corpus_that_changes_during_the_training(tmp_path):
    texts = clusters.write_texts(tmp_path / "texts")

    class Changing(Losing):
        def revive(self):
            path = texts / "1.txt"
            path.write_bytes(path.read_bytes().replace(b"w1 ", b"w2 "))

    with pytest.warns(UserWarning), pytest.raises(ValueError, match="corpus changed while"):
        locally(texts, 2, engine=Changing(2, {1: 1}))


# ---- slow workers, and the cost


def test_warnings_name_the_line_of_the_call(texts, monkeypatch):
    class Engine(Losing):
        threads = 1

    monkeypatch.setattr(on_ray, "Ray", lambda *_: Engine(2, {3: 1}))
    monkeypatch.setattr(Pace, "add", lambda *_: ["a worker is slow"])
    with pytest.warns(UserWarning) as caught:
        distributed.fit(Word2Vec(**clusters.MODEL), texts, workers=2, sync_words=clusters.SYNC)
    assert {str(each.message)[:8] for each in caught} == {"worker 1", "a worker"}
    assert {each.filename for each in caught} == {__file__}


def messages(seconds, elapsed, rounds=ROUNDS, total=100):
    pace = Pace(total)
    return [message for _ in range(rounds) for message in pace.add(seconds, elapsed)]


def test_a_slow_worker_is_reported_once():
    (message,) = messages([0.5, 1.45, 0.5, 0.5], 1.45, rounds=3 * ROUNDS)
    assert message.startswith("worker 1 needs 2.9 times the median time of the others")
    assert messages([0.5, 0.9, 0.5, 0.5], 1.0) == []
    assert messages([0.001, 0.01, 0.001], 0.011) == []  # too short to be compared


def test_a_cluster_that_saves_little_time_is_reported():
    (message,) = messages([1.0, 1.0, 1.0, 1.0], 5.0)
    assert "4 workers are 0.8 times as fast as one of them, which would need about 7 min" in message
    assert "80% of the time is spent on merging" in message
    assert messages([1.0] * 4, 1.5) == []
    assert messages([1.0], 5.0) == []


# ---- bad input


@pytest.mark.parametrize(
    "options, error, match",
    [
        ({"workers": 0}, ValueError, "workers=0: give an integer of at least 1"),
        ({"threads": 1.5}, TypeError, "threads=1.5 is a float"),
        ({"sync_words": -5}, ValueError, "sync_words=-5"),
        ({"checkpoint": 7}, TypeError, "checkpoint=7 is an int"),
    ],
)
def test_bad_arguments(texts, options, error, match):
    with pytest.raises(error, match=match):
        distributed.fit(Word2Vec(), texts, **options)


@pytest.mark.parametrize(
    "options, match",
    [
        ({"max_vocab_size": 1000}, "max_vocab_size=1000 cannot be used on a cluster"),
        ({"callbacks": [Callback()]}, "callbacks=.* cannot be used on a cluster"),
        ({"warm_start": True}, "warm_start=True cannot be used on a cluster"),
        ({"sentences": "document"}, "sentences='document' cannot be used on a cluster"),
        ({"tokenizer": str.split}, "tokenizer=.* cannot be used on a cluster"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
def test_parameters_that_a_cluster_cannot_use(texts, options, match):
    with pytest.raises(ValueError, match=match):
        distributed.fit(FastText(**options), texts)


def test_a_model_is_needed(texts):
    with pytest.raises(TypeError, match="model='x' is a str: give a Word2Vec or FastText"):
        distributed.fit("x", texts)


def test_more_workers_than_ranges(texts):
    with pytest.raises(ValueError, match="3 ranges for 8 workers"):
        distributed.fit(Word2Vec(), texts, workers=8)
