"""Streams that are drawn part by part: trained exactly as the same ids stored."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.runs import each_kind, settings, shorten_parts, topics
from test_parts import continued_from_each, digest

from w2vext.training import pieces, softmax
from w2vext.training import run as training
from w2vext.training._sampling import hash_position
from w2vext.training.callbacks import Callback
from w2vext.training.drawn import DrawnStream
from w2vext.training.pieces import Epoch

FREE = -77  # what the stream's memory holds outside of the part


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    shorten_parts(monkeypatch)


class Copied(DrawnStream):
    """A stored stream, of which each part is copied when it is drawn."""

    def __init__(self, stored, sentences):
        self.parts = [
            (stored.ids[stored.offsets[a] : stored.offsets[b]], stored.offsets[a : b + 1])
            for a, b in pairwise(sentences)
        ]
        self.words = np.array([len(ids) for ids, _ in self.parts], dtype=np.int64)
        self.ids = np.full(self.words.max() + 5, 0, dtype=np.int32)
        self.offsets = np.zeros(max(len(offsets) for _, offsets in self.parts) + 3, dtype=np.int64)
        self.drawn = []

    def draw(self, part):
        ids, offsets = self.parts[part]
        self.ids[:] = FREE
        self.ids[: len(ids)] = ids
        self.offsets[: len(offsets)] = offsets - offsets[0]
        self.offsets[len(offsets) :] = len(ids)
        self.drawn.append(part)


def by_definition(stream, counts, chosen):
    """Every part of every epoch as a stored stream, with its own key and learning rates."""
    total = stream.words.sum()
    first = SimpleNamespace(ids=stream.parts[0][0], offsets=stream.parts[0][1])
    run = training.Run(first, counts, chosen)
    run.words = int(total)
    losses = []
    for number in range(chosen.epochs):
        loss, pairs, before = 0.0, 0, 0
        for part, (ids, offsets) in enumerate(stream.parts):
            run.stream = SimpleNamespace(ids=ids, offsets=offsets - offsets[0])
            block, number_in_block = divmod(number, chosen.window)
            key = (hash_position(chosen.seed, block) & ~255) + number_in_block
            if part:
                key = (hash_position(key & ~255, part) & ~255) + number_in_block
            start = number * total + before
            epoch = Epoch(
                key, len(ids), lambda done, start=start: run._learning_rates(start + done)
            )
            strategy = run._strategies()(len(ids))
            with strategy:
                found = strategy.part(epoch, 0, strategy.cuts(epoch)[-1], lambda *args: None)
            loss, pairs, before = loss + found[0], pairs + found[1], before + len(ids)
        losses.append(loss / pairs)
    d = chosen.vector_size
    return training.Result(run.w_in[:, :d].copy(), run.w_out[:, :d].copy(), losses)


@pytest.mark.slow
@each_kind
@pytest.mark.parametrize("deterministic", [False, True])
def test_one_part_is_trained_as_if_stored(loss, architecture, kernel, deterministic, monkeypatch):
    monkeypatch.setattr(pieces, "PART", 1 << 21)
    monkeypatch.setattr(softmax, "PART", 64)
    stored, counts = topics(3_000)
    choices = {
        "loss": loss, "architecture": architecture, "kernel": kernel, "sample": 1e-2,
        "deterministic": deterministic and loss != "softmax",
    }  # fmt: skip
    chosen = settings(**choices)
    drawn = training.train(Copied(stored, [0, 300]), counts, chosen)
    assert digest(drawn) == digest(training.train(stored, counts, chosen))


@pytest.mark.slow
@each_kind
@pytest.mark.parametrize("deterministic", [False, True])
def test_parts_are_trained_as_epochs_of_their_own(loss, architecture, kernel, deterministic):
    stored, counts = topics(7_000)
    choices = {
        "loss": loss, "architecture": architecture, "kernel": kernel, "sample": 1e-2,
        "deterministic": deterministic and loss != "softmax",
    }  # fmt: skip
    stream = Copied(stored, [0, 250, 500, 620, 700])
    drawn = training.train(stream, counts, settings(**choices))
    assert stream.drawn == [0, 1, 2, 3] * 2
    assert digest(drawn) == digest(by_definition(stream, counts, settings(**choices)))


def test_any_number_of_workers_gives_the_same_bytes():
    stored, counts = topics(9_000)
    results = {
        digest(
            training.train(
                Copied(stored, [0, 400, 800, 900]),
                counts,
                settings(deterministic=True, workers=workers),
            )
        )
        for workers in (1, 2, 3)
    }
    assert len(results) == 1


@pytest.mark.parametrize("loss", ["neg", pytest.param("softmax", marks=pytest.mark.slow)])
def test_a_run_continues_after_any_part(loss):
    stored, counts = topics(4_000)

    def train(saver):
        stream = Copied(stored, [0, 150, 300, 400])
        return training.train(stream, counts, settings(loss=loss), saver=saver)

    snapshots = continued_from_each(train, 4)
    assert [(s.epoch, s.words) for s in snapshots if s.words] == [
        (0, 1500), (0, 3000), (1, 1500), (1, 3000),
    ]  # fmt: skip


def test_progress_and_learning_rates_are_those_of_the_whole_stream():
    seen = []

    class Watch(Callback):
        every_words = 1

        def on_words(self, state):
            seen.append((state.words, state.lr))

    stored, counts = topics(6_000)
    chosen = settings(alpha=0.1, min_alpha=0.0)
    training.train(Copied(stored, [0, 200, 400, 600]), counts, chosen, callbacks=[Watch()])
    words = [words for words, _ in seen]
    assert words == sorted(words) and words[-1] == 12_000
    assert {2_000, 4_000, 6_000, 8_000, 10_000} <= set(words)
    for done, rate in seen:
        assert rate == pytest.approx(0.1 * (1 - done / 12_000), abs=1e-6)


def test_hogwild_workers_learn_from_every_part():
    stored, counts = topics(9_000)
    result = training.train(
        Copied(stored, [0, 300, 600, 900]), counts, settings(workers=3, epochs=4)
    )
    plain = training.train(stored, counts, settings(workers=1, epochs=4))
    assert result.loss_history[-1] == pytest.approx(plain.loss_history[-1], rel=0.05)
