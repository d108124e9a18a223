"""Training controls: held-out loss, validation, callbacks, schedules, training further, init."""

import signal
import threading
from itertools import pairwise

import numpy as np
import pytest
from helpers.topics import TOPICS, each_model, topical
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from w2vext import Callback, KeyedVectors, Vocabulary, Word2Vec
from w2vext import _threads as workers
from w2vext.training import schedule as schedules
from w2vext.training._sampling import Tree
from w2vext.training.shuffle import Shuffled


def mixed(sentences=200):
    """The same words, but the words of a sentence alternate between the two topics."""
    swapped = [[a, b] for a, b in zip(*TOPICS, strict=True)]
    halves = [[w for pair in half for w in pair] for half in (swapped[:3], swapped[3:])]
    return topical(sentences, topics=halves)


def small(**params):
    params = {"vector_size": 16, "min_count": 1, "workers": 1, "random_state": 7, **params}
    return Word2Vec(**{"sample": 0, "alpha": 0.05, **params})


def rows_of(model):
    return model.vectors_.astype(np.float64), model.output_vectors_.astype(np.float64)


def pairs_of(model, text, window):
    """(context row, centre row) of every pair, with full windows."""
    ids = [[model.vocabulary_[w] for w in s] for s in text]
    return [
        (s[j], s[i])
        for s in ids
        for i in range(len(s))
        for j in range(max(0, i - window), min(len(s), i + window + 1))
        if i != j
    ]


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


# ---- mean_loss and score


def test_mean_loss_of_softmax_equals_the_formula():
    model = small(loss="softmax", epochs=3, window=2, shrink_windows=False).fit(topical())
    w_in, w_out = rows_of(model)
    text = mixed(10)
    # The centre is the input and the context word the target (D1); the set of pairs is symmetric.
    losses = []
    for context, centre in pairs_of(model, text, 2):
        scores = w_out @ w_in[centre]
        losses.append(np.logaddexp.reduce(scores) - scores[context])
    assert model.mean_loss(text) == pytest.approx(np.mean(losses), rel=1e-5)


def test_mean_loss_of_hs_equals_the_formula():
    model = small(loss="hs", epochs=3, window=2, shrink_windows=False).fit(topical())
    w_in, w_out = rows_of(model)
    tree = Tree(model.counts_)
    losses = []
    for context, centre in pairs_of(model, mixed(10), 2):
        nodes, code = tree.path(centre)
        signs = 1 - 2 * np.array(code)
        losses.append(-log_sigmoid(signs * (w_out[nodes] @ w_in[context])).sum())
    assert model.mean_loss(mixed(10)) == pytest.approx(np.mean(losses), rel=1e-3)


def test_mean_loss_of_both_is_the_sum():
    """The noise has one word, whose own windows have no negatives."""
    words = Vocabulary(["king", "snow", "rain"], [10**9, 1, 1])
    text = [["snow", "rain", "snow"]] * 9
    how = dict(epochs=3, window=2, shrink_windows=False, sample=0, ns_exponent=3, negative=2)
    model = small(**how, loss="hs+neg").fit(text, vocabulary=words)
    w_in, w_out = rows_of(model)
    assert w_out.shape == (5, 16)
    tree = Tree(model.counts_)
    losses = []
    for context, centre in pairs_of(model, text, 2):
        nodes, code = tree.path(centre)
        signs = np.array([1, -1, -1, *(1 - 2 * np.array(code))])
        rows = [centre, 0, 0, *(3 + np.array(nodes))]
        losses.append(-log_sigmoid(signs * (w_out[rows] @ w_in[context])).sum())
    assert model.mean_loss(text) == pytest.approx(np.mean(losses), rel=1e-3)


def test_mean_loss_of_negative_sampling_is_near_its_expectation():
    model = small(epochs=3, window=2, shrink_windows=False, ns_exponent=0).fit(topical())
    w_in, w_out = rows_of(model)
    losses = []
    for context, centre in pairs_of(model, mixed(10), 2):
        scores = w_out @ w_in[context]
        others = np.delete(scores, centre)
        losses.append(-log_sigmoid(scores[centre]) - 5 / 12 * log_sigmoid(-others).sum())
    # The same ten sentences 200 times, so that the mean over negatives is exact enough.
    assert model.mean_loss(mixed(10) * 200) == pytest.approx(np.mean(losses), rel=0.01)


@each_model
def test_mean_loss_is_reproducible_and_changes_nothing(loss, architecture):
    model = small(loss=loss, architecture=architecture, epochs=2, workers=2).fit(topical())
    before = model.vectors_.copy(), model.output_vectors_.copy()
    first = model.mean_loss(mixed())
    assert first > 0
    assert model.mean_loss(mixed()) == pytest.approx(first, rel=1e-9)
    assert model.set_params(workers=1).mean_loss(mixed()) == pytest.approx(first, rel=1e-9)
    np.testing.assert_array_equal(model.vectors_, before[0])
    np.testing.assert_array_equal(model.output_vectors_, before[1])


@each_model
def test_mean_loss_is_lower_for_similar_text(loss, architecture):
    model = small(loss=loss, architecture=architecture, epochs=10).fit(topical())
    assert model.mean_loss(topical(50, seed=9)) < 0.9 * model.mean_loss(mixed(50))


def test_mean_loss_is_not_subsampled():
    text = [["often"] * 9 + ["half", "rare"]] * 50
    model = small(sample=1e-3, epochs=2).fit(text)
    whole = model.mean_loss(text)
    assert model.set_params(sample=0).mean_loss(text) == whole


def test_mean_loss_reads_files_and_generators(tmp_path):
    model = small(epochs=2).fit(topical())
    path = tmp_path / "held-out.txt"
    path.write_text("\n".join(map(" ".join, mixed(20))))
    expected = model.mean_loss(mixed(20))
    assert model.mean_loss(path) == expected
    assert model.mean_loss(iter(mixed(20))) == expected


def test_mean_loss_of_nothing():
    model = small(epochs=1).fit(topical())
    with pytest.raises(ValueError, match=r"X: none of the corpus's"):
        model.mean_loss([["unseen", "words"]])
    with pytest.raises(ValueError, match=r"X: no sentence contains two words"):
        model.mean_loss([["king"], ["unseen", "queen"]])
    with pytest.raises(NotFittedError):
        small().mean_loss(topical())


def test_score_is_what_scikit_learn_maximises():
    model = small(epochs=2).fit(topical())
    assert model.score(mixed()) == -model.mean_loss(mixed())
    search = GridSearchCV(
        small(epochs=5), {"alpha": [1e-3, 0.1, 1e-2]}, cv=2, error_score="raise"
    ).fit(topical())
    assert search.best_params_ == {"alpha": 0.1}
    assert search.best_score_ == pytest.approx(max(search.cv_results_["mean_test_score"]))


# ---- validation


def test_validation_loss_of_every_epoch():
    model = small(epochs=4).fit(topical(), validation=topical(40, seed=9))
    assert len(model.validation_loss_history_) == 4
    assert model.validation_loss_history_[-1] < model.validation_loss_history_[0]
    assert model.best_epoch_ == 3
    assert model.mean_loss(topical(40, seed=9)) == pytest.approx(
        model.validation_loss_history_[3], rel=1e-9
    )


@each_model
def test_validation_does_not_change_the_training(loss, architecture):
    params = {"loss": loss, "architecture": architecture, "epochs": 3}
    plain = small(**params).fit(topical())
    watched = small(**params).fit(topical(), validation=topical(40, seed=9))
    assert watched.best_epoch_ == 2
    np.testing.assert_array_equal(plain.vectors_, watched.vectors_)
    assert plain.loss_history_ == watched.loss_history_
    assert not hasattr(plain, "validation_loss_history_")


@each_model
def test_early_stopping_keeps_the_best_weights(loss, architecture):
    # The better the model fits the training text, the higher its loss on the other text.
    model = small(loss=loss, architecture=architecture, epochs=30, patience=3)
    model.fit(topical(400), validation=mixed(40))
    history = model.validation_loss_history_
    assert model.n_iter_ == len(history) < 30
    assert model.best_epoch_ == int(np.argmin(history))
    assert len(history) == model.best_epoch_ + 1 + 3
    assert model.mean_loss(mixed(40)) == pytest.approx(min(history), rel=1e-9)


def test_without_patience_every_epoch_runs():
    model = small(epochs=8).fit(topical(400), validation=mixed(40))
    assert model.n_iter_ == 8
    assert model.best_epoch_ < 7
    assert model.mean_loss(mixed(40)) == pytest.approx(
        min(model.validation_loss_history_), rel=1e-9
    )


def test_invalid_validation():
    for text in ([["unseen", "words"]], [["king"]]):
        with pytest.raises(ValueError, match="validation: no"):
            small().fit(topical(), validation=text)
    with pytest.raises(TypeError, match="str"):
        small().fit(topical(), validation="no such file")


# ---- callbacks


class Log(Callback):
    def __init__(self, every_words=None):
        self.every_words = every_words
        self.events = []

    def on_train_begin(self, state):
        self.events.append(("train_begin", state.epoch, len(state.loss_history)))
        self.rates = [state.lr]

    def on_epoch_begin(self, state):
        self.events.append(("epoch_begin", state.epoch, len(state.loss_history)))
        self.rates.append(state.lr)

    def on_words(self, state):
        self.events.append(("words", state.epoch, state.words))

    def on_epoch_end(self, state):
        self.events.append(("epoch_end", state.epoch, len(state.loss_history)))
        self.last = state.vectors.copy()

    def on_train_end(self, state):
        self.events.append(("train_end", state.epoch, len(state.loss_history)))
        self.state = state


def test_callbacks_are_called_in_order():
    log = Log()
    model = small(epochs=2, callbacks=[log]).fit(topical())
    assert log.events == [
        ("train_begin", 0, 0),
        ("epoch_begin", 1, 0),
        ("epoch_end", 1, 1),
        ("epoch_begin", 2, 1),
        ("epoch_end", 2, 2),
        ("train_end", 2, 2),
    ]
    assert log.state.loss_history == tuple(model.loss_history_)
    assert log.state.words == log.state.total_words == 2 * 1200
    assert log.state.lr == pytest.approx(1e-4)
    assert log.state.index_to_key == tuple(model.vocabulary_)
    np.testing.assert_array_equal(log.last, model.vectors_)


def test_callbacks_see_the_learning_rate_from_the_start(tmp_path):
    log, again = Log(), Log()
    how = {"epochs": 2, "alpha": 0.04, "min_alpha": 0.0}
    small(callbacks=[log], **how).fit(topical())
    assert log.rates == pytest.approx([0.04, 0.04, 0.02])

    class Crash(Callback):
        def on_epoch_begin(self, state):
            if state.epoch == 2:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        small(callbacks=[Crash()], **how).fit(topical(), checkpoint=tmp_path, checkpoint_every=0)
    small(callbacks=[again], **how).fit(topical(), checkpoint=tmp_path)
    assert again.rates == pytest.approx([0.02, 0.02])


@each_model
def test_callback_with_every_words(loss, architecture):
    log = Log(every_words=2000)
    params = {"loss": loss, "architecture": architecture}
    small(epochs=3, callbacks=[log], **params).fit(topical(1000))
    words = [done for name, _, done in log.events if name == "words"]
    assert words
    assert words == sorted(set(words))
    assert all(b // 2000 > a // 2000 for a, b in pairwise(words))
    assert words[-1] == 18000


def test_callbacks_change_nothing():
    plain = small(epochs=2).fit(topical())
    watched = small(epochs=2, callbacks=[Log(every_words=10)]).fit(topical())
    np.testing.assert_array_equal(plain.vectors_, watched.vectors_)


def test_callbacks_cannot_write():
    class Writer(Callback):
        def on_epoch_end(self, state):
            for weights in (state.vectors, state.output_vectors):
                with pytest.raises(ValueError, match="read-only"):
                    weights[0] = 1
                for array in (weights, weights.base):
                    with pytest.raises(ValueError, match=r"WRITEABLE|writeable"):
                        array.flags.writeable = True
            self.came = True

    vandal = Writer()
    small(epochs=1, callbacks=[vandal]).fit(topical())
    assert vandal.came


@pytest.mark.parametrize("event", ["on_train_begin", "on_epoch_begin", "on_epoch_end"])
def test_callback_may_stop(event):
    class Stop(Callback):
        pass

    setattr(Stop, event, lambda self, state: state.stop() if state.epoch in (0, 2) else None)
    log = Log()
    model = small(epochs=5, callbacks=[Stop(), log]).fit(topical())
    expected = {"on_train_begin": 0, "on_epoch_begin": 1, "on_epoch_end": 2}[event]
    assert model.n_iter_ == len(model.loss_history_) == expected
    assert log.events[-1][0] == "train_end"
    assert model.transform(topical(4)).shape == (4, 16)


@pytest.mark.parametrize("loss", ["neg", "hs", "softmax"])
def test_callback_may_stop_in_the_middle_of_an_epoch(loss):
    class Stop(Callback):
        every_words = 1

        def on_words(self, state):
            self.seen = state.words
            state.stop()

    stop = Stop()
    model = small(loss=loss, epochs=100_000, callbacks=[stop]).fit(topical())
    assert 0 < stop.seen < 100_000 * 1200
    assert model.n_iter_ < 100_000
    assert np.isfinite(model.vectors_).all()


@pytest.mark.parametrize("event", ["on_train_begin", "on_words", "on_epoch_end", "on_train_end"])
@pytest.mark.parametrize("loss", ["neg", "softmax"])
def test_error_in_a_callback_is_raised(event, loss):
    class Broken(Callback):
        every_words = 1

    def fail(self, state):
        raise LookupError("the callback's own")

    setattr(Broken, event, fail)
    model = small(loss=loss, epochs=3, callbacks=[Broken()], workers=2)
    with pytest.raises(LookupError, match="the callback's own"):
        model.fit(topical())
    assert not hasattr(model, "vectors_")
    model.set_params(callbacks=()).fit(topical())


def test_error_of_poll_stops_the_threads():
    stopped = threading.Event()

    def poll():
        raise LookupError("from poll")

    with pytest.raises(LookupError, match="from poll"):
        workers.run_tasks(lambda *_: stopped.wait(60), 9, 2, stop=stopped.set, poll=poll)
    assert not [t for t in threading.enumerate() if t.name.startswith("w2vext")]


# ---- Ctrl-C


@pytest.mark.parametrize(("loss", "workers"), [("neg", 1), ("neg", 2), ("hs", 2), ("softmax", 2)])
def test_ctrl_c_leaves_a_usable_model(loss, workers):
    class Interrupt(Callback):
        def on_epoch_begin(self, state):
            if state.epoch == 3:
                threading.Timer(0.05, signal.raise_signal, [signal.SIGINT]).start()

    model = small(loss=loss, workers=workers, epochs=10_000_000, callbacks=[Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        model.fit(topical())
    assert 2 <= model.n_iter_ < 10_000_000
    assert len(model.loss_history_) == model.n_iter_
    assert model.vectors_.shape == (12, 16)
    assert np.isfinite(model.transform(topical(4))).all()
    assert model.wv.most_similar("king")
    assert not [t for t in threading.enumerate() if t.name.startswith("w2vext")]


def test_ctrl_c_while_counting_leaves_it_unfitted():
    def sentences():
        yield from topical(4)
        signal.raise_signal(signal.SIGINT)
        yield from topical(4)

    model = small()
    with pytest.raises(KeyboardInterrupt):
        model.fit(sentences())
    assert not hasattr(model, "vectors_")


# ---- schedules and shuffling


def test_schedules():
    def at(schedule, progress):
        return schedules.learning_rate(schedule, 0.5, 0.1, progress)

    assert [at("linear", p) for p in (0, 0.5, 1)] == pytest.approx([0.5, 0.3, 0.1])
    assert [at("constant", p) for p in (0, 0.5, 1)] == [0.5, 0.5, 0.5]
    assert [at("cosine", p) for p in (0, 1 / 3, 0.5, 1)] == pytest.approx([0.5, 0.4, 0.3, 0.1])
    assert at(lambda p: 3 - p, 0.5) == 2.5


@each_model
def test_schedule_reaches_the_training(loss, architecture):
    # Four epochs of one piece each: a schedule is looked at between pieces.
    params = {"loss": loss, "architecture": architecture, "epochs": 4}
    by_name = {
        name: small(schedule=name, **params).fit(topical()).vectors_
        for name in ("linear", "constant", "cosine")
    }
    level = small(min_alpha=0.05, **params).fit(topical()).vectors_
    np.testing.assert_array_equal(by_name["constant"], level)
    line = small(schedule=lambda p: max(1e-4, 0.05 - (0.05 - 1e-4) * p), **params)
    np.testing.assert_array_equal(line.fit(topical()).vectors_, by_name["linear"])
    assert np.abs(by_name["linear"] - by_name["cosine"]).max() > 1e-4
    assert np.abs(by_name["linear"] - level).max() > 1e-4


def test_schedule_that_becomes_invalid():
    model = small(schedule=lambda p: 0.05 if p in (0, 1) else -1.0, epochs=3)
    with pytest.raises(ValueError, match=r"schedule=.*gave -1.0"):
        model.fit(topical())
    assert not hasattr(model, "vectors_")


@each_model
def test_shuffle(loss, architecture):
    params = {"loss": loss, "architecture": architecture, "epochs": 10}
    text = topical()
    ordered = small(**params).fit(text)
    one, two = (small(shuffle=True, **params).fit(text) for _ in range(2))
    np.testing.assert_array_equal(one.vectors_, two.vectors_)
    assert np.abs(one.vectors_ - ordered.vectors_).max() > 1e-4
    assert one.loss_history_[-1] == pytest.approx(ordered.loss_history_[-1], rel=0.1)


def test_shuffled_stream_has_the_same_sentences():
    class Stream:
        ids = np.arange(50, 20_050, dtype=np.int32)
        offsets = np.unique(
            np.append(np.random.default_rng(1).integers(1, 20_000, 9000), [0, 20_000])
        )

    def sentences(stream):
        return [tuple(s) for s in np.split(stream.ids, stream.offsets[1:-1])]

    original = sentences(Stream)
    shuffled = Shuffled(Stream)
    orders = []
    for seed, epoch in ((5, 0), (5, 1), (6, 0), (5, 0)):
        shuffled.shuffle(seed, epoch)
        orders.append(sentences(shuffled))
        assert sorted(orders[-1]) == original
        assert shuffled.offsets[0] == 0
    assert orders[0] == orders[3]
    assert orders[0] != orders[1] != orders[2] != orders[0]
    assert sentences(Stream) == original


# ---- training further


@each_model
def test_first_partial_fit_is_a_fit(loss, architecture):
    params = {"loss": loss, "architecture": architecture, "epochs": 2}
    one, two = small(**params).fit(topical()), small(**params).partial_fit(topical())
    np.testing.assert_array_equal(one.vectors_, two.vectors_)


@each_model
def test_partial_fit_continues(loss, architecture):
    model = small(loss=loss, architecture=architecture, epochs=3).fit(topical())
    before, counts = model.loss_history_[-1], model.counts_.copy()
    model.partial_fit(topical(seed=4))
    assert list(model.vocabulary_) == list(small(epochs=1).fit(topical()).vocabulary_)
    assert len(model.loss_history_) == 3
    assert model.loss_history_[-1] < before
    expected = counts if "hs" in loss else counts * 2
    np.testing.assert_array_equal(model.counts_, expected)


@each_model
def test_vocabulary_grows(loss, architecture):
    model = small(loss=loss, architecture=architecture, epochs=5, min_count=2).fit(topical())
    old, rows = list(model.vocabulary_), model.vectors_.copy()
    # Only one old word occurs in the new text; "once" is too rare to be learnt.
    new = [["tea", "cup", "king"], ["cup", "spoon", "tea", "cup"]] * 20 + [["once", "tea"]]
    model.partial_fit(new)
    assert list(model.vocabulary_) == [*old, "cup", "tea", "spoon"]
    assert model.vectors_.shape == (15, 16)
    expected = {**dict.fromkeys(old, 100), "king": 120, "cup": 60, "tea": 41, "spoon": 20}
    assert dict(zip(model.vocabulary_, model.counts_.tolist(), strict=True)) == expected
    king = model.vocabulary_["king"]
    unchanged = [row for row in range(12) if row != king]
    np.testing.assert_array_equal(model.vectors_[unchanged], rows[unchanged])
    assert np.abs(model.vectors_[king] - rows[king]).max() > 1e-4
    assert len(model.output_vectors_) == {"hs": 14, "hs+neg": 29}.get(loss, 15)
    assert model.wv.index_to_key == list(model.vocabulary_)
    assert np.isfinite(model.mean_loss([["tea", "cup", "king", "queen"]] * 5))
    # The vocabulary can grow a second time.
    model.partial_fit([["tea", "milk", "queen"]] * 5)
    assert list(model.vocabulary_)[-1] == "milk"
    assert len(model.vectors_) == 16


def test_counts_add_up_when_the_vocabulary_grows():
    model = small(epochs=1).fit([["a", "b", "a"]] * 3)
    model.partial_fit([["b", "c", "b", "c"]] * 4)
    assert model.vocabulary_ == {"a": 0, "b": 1, "c": 2}
    assert model.counts_.tolist() == [6, 11, 8]
    assert model.wv.counts.tolist() == [6, 11, 8]


def test_restrict_vocab_uses_counts_after_the_vocabulary_grew():
    model = small(epochs=1).fit([["rare", "king", "queen", "king", "queen"]] * 3)
    model.partial_fit([["tea", "cup", "tea", "king"]] * 20)
    assert list(model.vocabulary_) == ["king", "queen", "rare", "tea", "cup"]
    for search in (model.wv.most_similar, model.wv.most_similar_cosmul):
        whole = dict(search("queen"))
        found = search("queen", restrict_vocab=3)
        assert {word for word, _ in found} == {"king", "tea", "cup"}
        assert dict(found) == pytest.approx({word: whole[word] for word, _ in found}, abs=1e-6)


def test_growth_stops_at_max_final_vocab():
    model = small(epochs=1, max_final_vocab=4).fit([["a", "b", "a"]] * 3)
    model.partial_fit([["b", "c", "d", "d", "e"]] * 4)
    assert list(model.vocabulary_) == ["a", "b", "d", "c"]
    model.partial_fit([["f", "a"]] * 40)
    assert list(model.vocabulary_) == ["a", "b", "d", "c"]


def test_growth_from_a_file_equals_growth_from_lists(tmp_path):
    new = [["tea", "cup", "king"], ["cup", "spoon", "tea", "cup"]] * 20
    path = tmp_path / "new.txt"
    path.write_text("\n".join(map(" ".join, new)))
    one = small(epochs=2).fit(topical()).partial_fit(new)
    two = small(epochs=2).fit(topical()).partial_fit(path)
    assert one.vocabulary_ == two.vocabulary_
    np.testing.assert_array_equal(one.vectors_, two.vectors_)


def test_warm_start_is_partial_fit():
    one = small(epochs=2).fit(topical()).partial_fit(mixed())
    two = small(epochs=2, warm_start=True).fit(topical()).fit(mixed())
    np.testing.assert_array_equal(one.vectors_, two.vectors_)


def test_without_warm_start_fit_starts_again():
    one = small(epochs=2).fit(mixed()).fit(topical())
    np.testing.assert_array_equal(one.vectors_, small(epochs=2).fit(topical()).vectors_)


@pytest.mark.parametrize(
    ("params", "message"),
    [({"vector_size": 8}, r"vector_size=8.*set vector_size=16"), ({"loss": "hs"}, r"loss='hs'")],
)
def test_training_further_with_other_shapes(params, message):
    model = small(epochs=1).fit(topical())
    before = model.vectors_.copy()
    with pytest.raises(ValueError, match=message):
        model.set_params(**params).partial_fit(topical())
    np.testing.assert_array_equal(model.vectors_, before)


def test_training_further_with_a_vocabulary_or_init_is_an_error():
    model = small(epochs=1, warm_start=True).fit(topical())
    with pytest.raises(ValueError, match=r"vocabulary cannot be given.*warm_start=False"):
        model.fit(topical(), vocabulary={"king": 3})
    with pytest.raises(ValueError, match=r"init cannot be given.*warm_start=False"):
        model.fit(topical(), init=model.wv)


def test_a_failure_while_training_further_changes_nothing():
    model = small(epochs=1).fit(topical())
    before = {name: value for name, value in vars(model).items() if name.endswith("_")}
    rows = model.vectors_.copy()
    with pytest.raises(FloatingPointError):
        model.set_params(schedule=lambda p: 1e30, epochs=5).partial_fit(topical())
    assert {name: value for name, value in vars(model).items() if name.endswith("_")} == before
    np.testing.assert_array_equal(model.vectors_, rows)


# ---- init and freeze


def vectors_for(words, seed=2):
    rng = np.random.default_rng(seed)
    return KeyedVectors(words, rng.standard_normal((len(words), 16)).astype(np.float32))


def still(**params):
    """A model whose learning rate is too small to change the weights."""
    return small(alpha=1e-30, min_alpha=0, epochs=1, **params)


@pytest.mark.parametrize("kind", ["KeyedVectors", "mapping", "text", "binary", "str"])
def test_init(kind, tmp_path):
    given = vectors_for(["snow", "unseen", "king"])
    init = given
    if kind == "mapping":
        init = {word: given[word].tolist() for word in given}
    elif kind != "KeyedVectors":
        path = tmp_path / "vectors"
        given.save_word2vec_format(path, binary=kind == "binary")
        init = str(path) if kind == "str" else path
    model = still().fit(topical(), init=init)
    random = still().fit(topical())
    assert "unseen" not in model.vocabulary_
    for word, row in model.vocabulary_.items():
        expected = given[word] if word in given else random.vectors_[row]
        np.testing.assert_array_equal(model.vectors_[row], expected)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("neg", "neg"), ("neg", "softmax"), ("hs", "neg"), ("hs+neg", "neg"), ("neg", "hs+neg")],
)
def test_init_from_a_model(theirs, ours):
    given = small(loss=theirs, epochs=2).fit(topical())
    model = still(loss=ours).fit([*topical(), ["new", "king"]], init=given)
    rows = [model.vocabulary_[word] for word in given.vocabulary_]
    np.testing.assert_allclose(model.vectors_[rows], given.vectors_, rtol=1e-6)
    if theirs == "hs":
        assert np.abs(model.output_vectors_).max() < 1e-20
    else:
        known = given.output_vectors_[: len(rows)]
        np.testing.assert_allclose(model.output_vectors_[rows], known, rtol=1e-6)
        assert np.abs(model.output_vectors_[len(model.vocabulary_) :]).max(initial=0) < 1e-20
        assert np.abs(model.output_vectors_[model.vocabulary_["new"]]).max() < 1e-20


@pytest.mark.parametrize(
    "options",
    [
        {"workers": 1},
        pytest.param({"workers": 3, "deterministic": False}, marks=pytest.mark.slow),
        {"workers": 2, "random_state": 1},
        pytest.param({"architecture": "cbow", "kernel": "pair"}, marks=pytest.mark.slow),
        pytest.param({"min_n": 3, "max_n": 4, "bucket": 900}, marks=pytest.mark.slow),
    ],
    ids=["one", "free", "deterministic", "cbow", "subwords"],
)
def test_frozen_output_vectors(options):
    """The part of the text about one topic changes the input vectors only."""
    whole = small(epochs=2, **options).fit(topical())
    words = Vocabulary(list(whole.vocabulary_), whole.counts_)
    how = dict(vocabulary=words, init=whole, freeze_output=True)
    text = topical(topics=TOPICS[:1] * 2)
    model = small(epochs=2, **options).fit(text, **how)
    np.testing.assert_array_equal(model.output_vectors_, whole.output_vectors_)
    moved = np.abs(model.vectors_ - whole.vectors_).max(axis=1)
    assert moved[[model.vocabulary_[word] for word in TOPICS[0]]].min() > 1e-4
    assert model.mean_loss(text) < whole.mean_loss(text)
    before = model.vectors_.copy()
    model.partial_fit(topical(40), freeze_output=True)
    np.testing.assert_array_equal(model.output_vectors_, whole.output_vectors_)
    assert np.abs(model.vectors_ - before).max() > 1e-4
    model.partial_fit(topical(40))
    assert np.abs(model.output_vectors_ - whole.output_vectors_).max() > 1e-4


def test_output_vectors_that_cannot_be_frozen(tmp_path):
    model = small(epochs=1).fit(topical())
    with pytest.raises(ValueError, match="freeze_output=True needs output vectors: give a fitted"):
        small().fit(topical(), freeze_output=True)
    with pytest.raises(ValueError, match="needs output vectors"):
        small().fit(topical(), init=model.wv, freeze_output=True)
    more = [*topical(), ["tea", "milk", "king"] * 9]
    with pytest.raises(ValueError, match=r"'tea' and 1 other words have no output vector: give th"):
        small().fit(more, init=model, freeze_output=True)
    with pytest.raises(ValueError, match="'tea' and 1 other words have no output vector"):
        model.partial_fit(more, freeze_output=True)
    with pytest.raises(ValueError, match="freeze_output=True with loss='hs': give loss='neg'"):
        small(loss="hs").fit(topical(), init=model, freeze_output=True)
    with pytest.raises(TypeError, match="freeze_output='yes' is a str: give True or False"):
        small().fit(topical(), init=model, freeze_output="yes")
    small(epochs=1).fit(topical(), init=model, freeze_output=True, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="freeze_output=True in the checkpoint and None now"):
        small(epochs=1).fit(topical(), init=model, checkpoint=tmp_path)


def test_invalid_init(tmp_path):
    text = topical()
    with pytest.raises(ValueError, match=r"vectors of 3 dimensions.*vector_size=16.*vector_size=3"):
        small().fit(text, init={"king": [1, 2, 3]})
    with pytest.raises(ValueError, match=r"init: none of its 1 words"):
        small().fit(text, init=vectors_for(["unseen"]))
    with pytest.raises(ValueError, match="init contains NaN"):
        small().fit(text, init={"king": [np.nan] * 16})
    with pytest.raises(ValueError, match="all of the same length"):
        small().fit(text, init={"king": [1, 2], "rain": [1]})
    with pytest.raises(ValueError, match="all of the same length"):
        small().fit(text, init={})
    with pytest.raises(TypeError, match=r"init=3 is an int: give KeyedVectors"):
        small().fit(text, init=3)
    with pytest.raises(FileNotFoundError):
        small().fit(text, init=tmp_path / "missing.txt")


@each_model
@pytest.mark.parametrize("kernel", ["auto", "pair"])
@pytest.mark.parametrize("workers", [1, 2])
def test_freeze(loss, architecture, kernel, workers):
    params = {"loss": loss, "architecture": architecture, "kernel": kernel, "workers": workers}
    given = vectors_for(["king", "rain", "queen"])
    model = small(epochs=3, **params).fit(topical(), init=given, freeze=["king", "rain"])
    for word in ("king", "rain"):
        np.testing.assert_array_equal(model.wv[word], given[word])
    assert np.abs(model.wv["queen"] - given["queen"]).max() > 1e-3
    assert np.abs(model.output_vectors_).max(axis=1).min() > 1e-3
    free = small(epochs=3, **params).fit(topical(), init=given)
    assert np.abs(free.wv["king"] - given["king"]).max() > 1e-3


def test_freezing_no_words_has_no_effect():
    one, two = small(epochs=1).fit(topical(), freeze=[]), small(epochs=1).fit(topical())
    np.testing.assert_array_equal(one.vectors_, two.vectors_)


def test_freeze_all_given_words():
    given = vectors_for(["king", "rain", "unseen"])
    model = small(epochs=2).fit(topical(), init=given, freeze=True)
    np.testing.assert_array_equal(model.wv[["king", "rain"]], given[["king", "rain"]])
    rows = model.vectors_.copy()
    model.partial_fit([["king", "tea", "rain"]] * 9, freeze=True)
    np.testing.assert_array_equal(model.vectors_[:12], rows)
    assert "tea" in model.wv


def test_invalid_freeze():
    with pytest.raises(ValueError, match=r"freeze contains 'unseen'"):
        small().fit(topical(), freeze=["unseen"])
    with pytest.raises(ValueError, match=r"freeze=True needs init"):
        small().fit(topical(), freeze=True)
    for value in ("king", 3):
        with pytest.raises(TypeError, match=rf"freeze={value!r}.*list of words"):
            small().fit(topical(), freeze=value)


# ---- predict_output_word


@each_model
def test_predict_output_word(loss, architecture):
    model = small(loss=loss, architecture=architecture, epochs=10).fit(topical(400))
    for topic in TOPICS:
        found = model.predict_output_word([topic[0], topic[1], "unseen"], topn=6)
        # The other words of the topic come first; a word does not predict itself.
        assert {word for word, _ in found[:4]} == set(topic[2:])
        assert found == sorted(found, key=lambda pair: -pair[1])
    everything = model.predict_output_word(["king"], topn=None)
    assert len(everything) == 12
    assert sum(p for _, p in everything) == pytest.approx(1)


def test_predict_output_word_of_nothing():
    model = small(epochs=1).fit(topical())
    with pytest.raises(ValueError, match=r"context=\['unseen'\] contains no word"):
        model.predict_output_word(["unseen"])
    with pytest.raises(TypeError, match="str"):
        model.predict_output_word("king")
    with pytest.raises(NotFittedError):
        small().predict_output_word(["king"])
