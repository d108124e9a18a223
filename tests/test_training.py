"""Training runs on id streams: initialization, losses, divergence, workers, Ctrl-C, odd corpora.

Tests that might hang or that interrupt training use a separate process with a time limit.
"""

import hashlib
import json

import numpy as np
import pytest
from helpers.runs import BOTH, ODD, each_kind, process, settings, topics

from w2vext import Word2Vec
from w2vext.training import hogwild
from w2vext.training import run as training
from w2vext.training.callbacks import Callback
from w2vext.training.divergence import Divergence, mean_length, untrained_loss
from w2vext.training.memory import compact, fill_uniform, matrix
from w2vext.training.pieces import Pieces
from w2vext.training.settings import Settings, huffman, outputs


def run(corpus=None, **choices):
    stream, counts = corpus or topics()
    return training.train(stream, counts, settings(**choices))


def digest(result):
    return hashlib.sha256(result.w_in.tobytes() + result.w_out.tobytes()).hexdigest()


# --- initialization -------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 16, 20])
def test_initial_weights_are_as_documented(d):
    """With a learning rate of 0 the weights keep their initial values."""
    result = run(vector_size=d, alpha=0.0, min_alpha=0.0, epochs=1)
    scaled = result.w_in * d
    assert result.w_in.shape == result.w_out.shape == (60, d)
    assert result.w_in.dtype == np.float32 and result.w_in.flags.c_contiguous
    assert -0.5 <= scaled.min() < -0.4 and 0.4 < scaled.max() < 0.5
    assert abs(scaled.mean()) < 4 * np.sqrt(1 / 12 / scaled.size)
    assert not result.w_out.any()
    # Each of five negatives and the word itself costs log 2, except for dropped negatives.
    assert 4.5 * np.log(2) < result.loss_history[0] <= 6 * np.log(2) + 1e-6


def test_hs_has_one_inner_node_fewer_than_words():
    assert run(loss="hs").w_out.shape == (59, 20)
    assert run(loss="hs+neg").w_out.shape == (119, 20)


def test_uniform_rows_do_not_depend_on_the_padding():
    a, b = matrix(5000, 16), matrix(5000, 17)
    fill_uniform(a, 16, 4)
    fill_uniform(b, 16, 4)
    np.testing.assert_array_equal(a, b[:, :16])
    assert not b[:, 16:].any()
    assert len(np.unique(a)) > 0.95 * a.size


@pytest.mark.parametrize("columns", [1, 7, 16])
def test_uniform_rows_are_one_sequence_for_any_number_of_workers(columns):
    expected = (np.random.default_rng(4).random((9000, columns), np.float32) - 0.5) * 3 / columns
    for workers in (1, 2, 3):
        w = matrix(9000, columns)
        fill_uniform(w, columns, 4, 3.0, workers)
        np.testing.assert_allclose(w[:, :columns], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("columns", [1, 3, 15, 16, 17, 32, 50])
@pytest.mark.parametrize("rows", [1, 2, 4096, 4097, 9001])
def test_compact_removes_the_padding_in_place(rows, columns):
    w = matrix(rows, columns)
    assert w.shape == (rows, -(-columns // 16) * 16) and not w.any()
    w[:, :columns] = np.random.default_rng(1).random((rows, columns))
    expected, address = w[:, :columns].copy(), w.ctypes.data
    compacted = compact(w, columns)
    np.testing.assert_array_equal(compacted, expected)
    assert compacted.ctypes.data == address
    assert compacted.shape == (rows, columns) and compacted.flags.c_contiguous


def test_the_mean_length_of_rows():
    w = matrix(9000, 16)
    assert mean_length(w) == 0
    for bad in (np.nan, np.inf, -np.inf, 3e38):
        for place in ((0, 0), (4095, 15), (4096, 3), (8999, 15)):
            w[place] = bad
            assert not np.isfinite(mean_length(w))
            w[place] = 0
    w[:, :3] = rows = np.random.default_rng(4).normal(size=(9000, 3))
    assert mean_length(w) == pytest.approx(np.sqrt((rows**2).sum(1).mean()), rel=1e-6)


# --- learning -------------------------------------------------------------------------------------


@each_kind
def test_words_of_a_topic_become_neighbours(loss, architecture, kernel):
    result = run(
        loss=loss, architecture=architecture, kernel=kernel, epochs=5, alpha=0.05, negative=4
    )
    assert len(result.loss_history) == 5 and not result.interrupted
    assert result.loss_history[-1] < result.loss_history[0] - 0.04
    unit = result.w_in / np.linalg.norm(result.w_in, axis=1, keepdims=True)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -1)
    same_topic = alike.argmax(axis=1) % 3 == np.arange(60) % 3
    assert same_topic.mean() > 0.9


@each_kind
def test_one_worker_and_one_seed_give_the_same_bytes(loss, architecture, kernel):
    choices = {"loss": loss, "architecture": architecture, "kernel": kernel, "sample": 1e-2}
    first, again, other = run(**choices), run(**choices), run(**choices, seed=9)
    assert digest(first) == digest(again) != digest(other)
    assert first.loss_history == again.loss_history


def pieces_of(run, epochs):
    return [Pieces(run.epoch(number)) for number in range(epochs)]


def test_the_last_epoch_ends_at_min_alpha():
    run = training.Run(*topics(50_000), settings(epochs=3, alpha=0.3, min_alpha=0.03))
    trained = [pieces[i] for pieces in pieces_of(run, 3) for i in range(len(pieces))]
    lengths = [end - begin for begin, end, *_ in trained]
    done = np.cumsum([0, *lengths])
    assert done[-1] == 150_000
    lrs = 0.3 - 0.27 * done / 150_000
    np.testing.assert_allclose([lr for *_, lr, _ in trained], lrs[:-1])
    np.testing.assert_allclose([lr for *_, lr in trained], lrs[1:])


def test_every_epoch_trains_each_piece_once_in_its_own_order():
    run = training.Run(*topics(50_000), settings(epochs=3))
    orders = [[pieces[i][:3] for i in range(len(pieces))] for pieces in pieces_of(run, 3)]
    for order in orders:
        begins, ends, numbers = zip(*sorted(order), strict=True)
        assert begins == (0, *ends[:-1]) and ends[-1] == 50_000
        assert numbers == tuple(range(len(order)))
        assert len(order) == 49 and sorted(order) != order
    assert orders[0] != orders[1] != orders[2]
    again = Pieces(training.Run(*topics(50_000), settings(epochs=3)).epoch(1))
    assert [again[i][:3] for i in range(49)] == orders[1]


def test_every_epoch_has_its_own_draws():
    """With a learning rate of 0, only the draws change the loss."""
    stream, counts = topics(2000)
    start = training.Start(*(np.random.default_rng(i).normal(size=(60, 20)) for i in (1, 2)))
    still = settings(alpha=0.0, min_alpha=0.0, epochs=3)
    assert len(set(training.train(stream, counts, still, start=start).loss_history)) == 3


# --- progress, workers ----------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 3, 20])
def test_workers_train_every_word_once(workers):
    """Without subsampling and shrinking, the number of pairs is known."""
    stream, counts = topics(100_000)
    run = training.Run(stream, counts, settings(workers=workers, shrink_windows=False))
    strategy, reported = run.strategy(), []
    assert len(strategy.workers) == min(workers, 98)
    for number in range(2):
        epoch = run.epoch(number)
        _, pairs = strategy.part(
            epoch, 0, len(epoch.pieces), lambda done, loss=None: reported.append(done)
        )
        # Ten words a sentence, three neighbours on either side: 60 - 2 (1 + 2 + 3) pairs.
        assert pairs == 10_000 * 48
        assert reported[-1] == 100_000 and sorted(reported) == reported
        reported.clear()
    assert sum(worker.done for worker in strategy.workers) == 200_000


def test_the_losses_of_all_workers_are_summed():
    run = training.Run(*topics(60_000), settings(workers=3, shrink_windows=False, alpha=1e-9))
    loss, pairs = run.strategy().part(run.epoch(0), 0, 59, lambda done, loss=None: None)
    assert pairs == 6000 * 48
    assert loss / pairs == pytest.approx(6 * np.log(2), rel=0.05)


@pytest.mark.parametrize("loss", ["neg", "hs"])
def test_two_workers_learn_like_one(loss):
    corpus = topics(40_000)
    one, two = (run(corpus, loss=loss, workers=n, epochs=4).loss_history for n in (1, 2))
    assert two[-1] < 0.97 * two[0] and two[-1] == pytest.approx(one[-1], rel=0.05)


@pytest.mark.parametrize(("loss", "rows"), [("neg", 32), ("hs", 256), ("hs+neg", 256)])
def test_workers_have_replicas_if_an_epoch_has_enough_merges(loss, rows):
    enough = hogwild.MIN_MERGES * hogwild.MERGE_EVERY
    assert hogwild.replicas(loss, 3 * enough, workers=3) == rows
    assert hogwild.replicas(loss, 3 * enough - 1, workers=3) == 0
    assert hogwild.replicas(loss, 3 * enough, workers=1) == 0


@pytest.mark.parametrize("loss", ["neg", "hs", BOTH])
def test_workers_with_replicas_learn_like_one_worker(loss, monkeypatch):
    corpus = topics(40_000)
    one = run(corpus, loss=loss, workers=1, epochs=4).loss_history
    monkeypatch.setattr(hogwild, "MERGE_EVERY", 64)
    assert hogwild.replicas(loss, 40_000, workers=2)
    two = run(corpus, loss=loss, workers=2, epochs=4).loss_history
    assert two[-1] < 0.97 * two[0] and two[-1] == pytest.approx(one[-1], rel=0.05)


@pytest.mark.parametrize("loss", ["neg", "hs"])
def test_a_stopped_run_merges_its_replicas(loss, monkeypatch):
    """All rows are replicated, and none is merged before the stop."""
    monkeypatch.setattr(hogwild, "REPLICAS", {loss: 60})
    monkeypatch.setattr(hogwild, "MIN_MERGES", 0)
    monkeypatch.setattr(hogwild, "MERGE_EVERY", 1 << 40)

    class Stop(Callback):
        every_words = 1

        def on_words(self, state):
            state.stop()

    stream, counts = topics(40_000)
    chosen = settings(loss=loss, workers=2, epochs=1000)
    assert training.train(stream, counts, chosen, callbacks=[Stop()]).w_out.any()


# --- divergence -----------------------------------------------------------------------------------


@each_kind
def test_divergence_names_the_epoch_and_the_learning_rate(loss, architecture, kernel):
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError) as raised,
    ):
        run(loss=loss, architecture=architecture, kernel=kernel, alpha=1e37, epochs=3)
    message = str(raised.value)
    assert "training diverged in epoch 1 of 3 at learning rate 1e+37" in message
    assert "use a smaller alpha than 1e+37" in message


def test_divergence_in_a_later_epoch():
    def schedule(progress):
        return 0.01 if progress <= 0.5 else 3e38

    with pytest.raises(FloatingPointError, match="diverged in epoch 2 of 2"):
        run(schedule=schedule)


@each_kind
def test_a_sound_run_is_not_doubted(loss, architecture, kernel):
    assert run(loss=loss, architecture=architecture, kernel=kernel, epochs=5).doubt is None


def fit_zipf(length=3000, **choices):
    frequencies = 1 / np.arange(1.0, 51)
    words = np.random.default_rng(0).choice(50, 3000, p=frequencies / frequencies.sum())
    how = dict(vector_size=8, min_count=1, workers=1, random_state=1, epochs=2, alpha=0.025)
    init = choices.pop("init", None)
    return Word2Vec(**how | choices).fit(words.reshape(-1, length).tolist(), init=init)


@pytest.mark.parametrize("window", [200, 1000])
def test_a_loss_far_above_that_of_the_untrained_model_is_an_error(window):
    with pytest.raises(
        FloatingPointError,
        match=r"training diverged in epoch 1 of 2 at learning rate 0.025 \(loss (inf|[\d.e+]+), "
        r"that of the untrained model is 4\.159\): use a smaller alpha than 0.025",
    ):
        fit_zipf(window=window)


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        # The limits of both warnings are narrow; these values are between them on all processors.
        ({"window": 158}, "its loss is .*, and that of the untrained model 4.159"),
        (
            {"negative": 522, "length": 20, "epochs": 5},
            "mean lengths of input and output vectors have a prod",
        ),
    ],
)
def test_a_doubtful_run_is_warned_of(choices, reason):
    with pytest.warns(
        UserWarning, match=rf"may have diverged in epoch 1 of [25] .*{reason}"
    ) as found:
        model = fit_zipf(**choices)
    assert np.isfinite(model.vectors_).all()
    assert found[0].filename == fit_zipf.__code__.co_filename


@pytest.mark.parametrize("scale", [1e2, 1e5, 1e10])
def test_initial_vectors_that_are_too_long_are_an_error(scale):
    vectors = np.random.default_rng(3).normal(size=(50, 8)) * scale
    with pytest.raises(FloatingPointError, match="training diverged in epoch 1 of 2"):
        fit_zipf(20, init=dict(enumerate(vectors)))


def test_what_is_judged_after_an_epoch():
    w_in, w_out = matrix(10, 4), matrix(10, 4)
    divergence = Divergence(Settings(), np.arange(10, 0, -1), w_in, w_out)
    untrained = 6 * np.log(2)
    assert divergence.untrained == pytest.approx(untrained)

    def doubt(*losses):
        assert not divergence.is_lost(losses[-1])
        return divergence.doubt(list(losses))

    assert doubt(untrained) is doubt(3.0, 2.5, 2.6) is doubt(0.1, 2.0) is None
    assert doubt(0.0, 3.0) is None
    assert divergence.doubt([2.0, 5.0], pairs=500) is None
    assert "its loss is 6.5, and that of the untrained model 4.159" in doubt(4.0, 6.5)
    assert "its loss rose to 3.9, after 2.5 in an earlier epoch" in doubt(3.0, 2.5, 3.9)
    assert divergence.is_lost(42.0)
    w_in[:, 0], w_out[:, 0] = 20, 10
    assert "have a product of 231" in doubt(3.0)
    w_in[:, 0] = 1e6
    assert divergence.is_lost(3.0)
    w_in[:, 0], w_out[3, 2] = 0, np.nan
    assert divergence.is_lost(3.0)


@pytest.mark.parametrize("size", [2, 7, 1000])
def test_the_loss_of_the_untrained_model(size):
    """For hierarchical softmax it is an estimate from above."""
    counts = np.arange(size, 0, -1)
    assert untrained_loss(Settings(loss="softmax"), counts) == pytest.approx(np.log(size))
    tree = huffman(counts)
    bits = sum(len(tree.path(word)[0]) * counts[word] for word in range(size)) / counts.sum()
    found = untrained_loss(Settings(loss="hs"), counts)
    assert bits * np.log(2) <= found <= 2.1 * bits * np.log(2)
    negatives = untrained_loss(Settings(loss="neg", negative=3), counts)
    assert negatives == pytest.approx(4 * np.log(2))
    both = untrained_loss(Settings(loss="hs+neg", negative=3), counts)
    assert both == pytest.approx(found + negatives)


# --- in separate processes ------------------------------------------------------------------------


FITS = """
import hashlib
from w2vext import Word2Vec
words = "the quick brown fox jumps over lazy dogs while cats watch from old walls".split()
text = [[words[(7 * i + j * j) % 14] for j in range(9)] for i in range(300)]
choices = {"kernel": "pair"}, {"architecture": "cbow"}, {"loss": "hs"}, {"loss": "softmax"}
for choice in ({}, *choices):
    model = Word2Vec(vector_size=20, min_count=1, epochs=2, workers=1, random_state=5, **choice)
    model.fit(text)
    whole = model.vectors_.tobytes() + model.output_vectors_.tobytes()
    print(hashlib.sha256(whole).hexdigest(), list(model.vocabulary_)[:3], model.loss_history_)
"""


@pytest.mark.slow
def test_new_processes_give_the_same_bytes_for_any_pythonhashseed():
    printed = [process(FITS, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert printed[0] == printed[1]
    assert len(set(printed[0].splitlines())) == 5


INTERRUPT = """
import _thread, sys
import numpy as np
from helpers.runs import settings, topics, training
from w2vext.training.callbacks import Callback

class Interrupt(Callback):
    every_words = 1
    def on_words(self, state):
        if not getattr(self, "done", False):
            self.done = True
            self.words = state.words
            _thread.interrupt_main()

callback = Interrupt()
choices = settings(loss=sys.argv[1], workers=int(sys.argv[2]), epochs=1_000_000, alpha=0.01)
result = training.train(*topics(300_000), choices, callbacks=[callback])
assert result.interrupted and callback.words > 0
assert np.all(np.isfinite(result.w_in)) and np.all(np.isfinite(result.w_out))
assert result.w_out.any() and result.w_in.shape == (60, 20)
assert len(result.loss_history) < 1000
print("interrupted")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "workers"), [("neg", 1), ("neg", 2), ("hs", 2), ("softmax", 2)])
def test_ctrl_c_ends_a_run_of_a_million_epochs(loss, workers):
    assert process(INTERRUPT, loss, str(workers)) == "interrupted\n"


TRAIN_ODD = """
import json
from types import SimpleNamespace
from helpers.runs import KINDS
from test_training import *

for name, (sentences, choices) in ODD.items():
    ids = np.array([word for sentence in sentences for word in sentence], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, sentences)])
    stream = SimpleNamespace(ids=ids, offsets=offsets)
    for loss, architecture, kernel in (kind.values for kind in KINDS):
        kind = {"loss": loss, "architecture": architecture, "kernel": kernel}
        result = run((stream, np.bincount(ids)), **{"epochs": 2, **kind, **choices})
        finite = all(bool(np.all(np.isfinite(w))) for w in (result.w_in, result.w_out))
        print(json.dumps([name, [loss, architecture, kernel], finite, result.loss_history,
                          list(result.w_in.shape), list(result.w_out.shape)]), flush=True)
"""


@pytest.fixture(scope="module")
def odd():
    """The results of training each model on each odd corpus."""
    lines = [json.loads(line) for line in process(TRAIN_ODD).splitlines()]
    return {(name, *kind): rest for name, kind, *rest in lines}


@pytest.mark.parametrize("name", ODD)
@each_kind
def test_odd_corpora_train(odd, loss, architecture, kernel, name):
    finite, losses, in_shape, out_shape = odd[name, loss, architecture, kernel]
    sentences, choices = ODD[name]
    words = 1 + max(map(max, sentences))
    d = choices.get("vector_size", 20)
    assert finite and len(losses) == choices.get("epochs", 2)
    assert in_shape == [words, d]
    assert out_shape == [outputs(words, loss), d]
    if name in ("one word once", "sentences of one word", "everything subsampled"):
        assert losses == [0.0, 0.0]
    elif name == "one word" and loss in ("hs", "softmax"):
        assert np.allclose(losses, 0)  # its probability is 1
    else:
        assert np.all(np.array(losses) > 0)
