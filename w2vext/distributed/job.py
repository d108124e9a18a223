"""A cluster training, from the paths of a corpus to the result of a fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from w2vext._estimator import checkpoint as checkpoints
from w2vext._estimator import fit as one_machine
from w2vext._estimator import parameters, pooling, subwords, weights
from w2vext.distributed import plan as plans
from w2vext.distributed.engine import repeated
from w2vext.distributed.replica import Setup
from w2vext.distributed.rounds import Rounds
from w2vext.text import tables
from w2vext.text._words import Words
from w2vext.text.selection import Selection
from w2vext.text.tokenizer import Tokenizer
from w2vext.text.vocabulary import selected
from w2vext.training.settings import outputs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._arguments.types import Float64, Int32
    from w2vext._estimator.checkpoint import Checkpoints
    from w2vext._estimator.fitted import Fitted
    from w2vext._estimator.parameters import Parameters
    from w2vext.distributed.engine import Engine
    from w2vext.distributed.replica import Encoded
    from w2vext.text.ranges import Range
    from w2vext.text.subwords import Subwords
    from w2vext.text.vocabulary import Vocabulary
    from w2vext.training.settings import Settings


SIMILAR = 1.5  # workers whose speeds differ by less than this factor get the same


class Text:
    """The corpus of a training: its vocabulary, and the ids that the workers store.

    Parameters
    ----------
    engine : Engine
    shares : list of list of Range
        The ranges of each worker.
    selection : Selection
    tokenizer : Tokenizer
    """

    def __init__(
        self,
        engine: Engine,
        shares: Sequence[Sequence[Range]],
        selection: Selection,
        tokenizer: Tokenizer,
    ) -> None:
        self._engine, self._shares, self._selection = engine, shares, selection
        self._tokenizer = tokenizer
        self.words: Vocabulary
        self.encoded: list[Encoded] = []  # what each worker stores

    def read(self) -> None:
        """Count the words in parallel, select the vocabulary, and encode the text in parallel.

        The vocabulary is that of one machine: counts are added, and words with equal counts are in
        the order of their first occurrence in the whole text.
        """
        counted = self._engine.each("count", self._tokenizer, own=self._shares)
        all_words = Words()
        ids = [tables.merge(all_words, each.table) for each in counted]
        read = sum(each.read for each in counted)
        make_words, rows, _ = selected(all_words, read, self._selection)
        encoded = self._engine.each("encode", own=[_own_rows(rows, each) for each in ids])
        if self.encoded and encoded != self.encoded:
            raise ValueError(
                "the corpus changed while it was trained on: it was read again after a worker was "
                "lost. Give files that do not change"
            )
        self.words, self.encoded = make_words(), encoded

    @property
    def sentence_length(self) -> float:
        """The mean length of the sentences."""
        sentences = sum(each.sentences for each in self.encoded)
        return sum(each.words for each in self.encoded) / max(sentences, 1)


def _own_rows(rows: Int32, ids: Int32) -> Int32:
    """The row of each word of one worker's table, and of other words."""
    return np.append(rows[ids], rows[-1])


def speeds(
    engine: Engine, workers: int, params: Parameters, saver: Checkpoints | None
) -> list[float]:
    """The relative share of the text of each worker: its measured speed, if they differ much.

    The shares are equal if the run can be repeated, because its result depends on them.
    """
    if saver is None and not parameters.is_whole(params.random_state):
        found: list[float] = repeated(lambda: engine.each("speed"), lambda _: engine.revive())
        if max(found) > SIMILAR * min(found):
            return found
    return [1.0] * workers


def train(
    params: Parameters,
    engine: Engine,
    shares: Sequence[Sequence[Range]],
    *,
    sync_words: int | None,
    saver: Checkpoints | None = None,
    noise: Any = None,
    noise_groups: Any = None,
) -> Fitted:
    """Train on the ranges that each worker has.

    Parameters
    ----------
    params : Parameters
        `workers` is the number of threads of each worker.
    engine : Engine
    shares : list of list of Range
    sync_words : int or None
    saver : Checkpoints, optional
    noise, noise_groups : optional
        As for `Word2Vec.fit`.
    """
    seed_of = parameters.seed_of if saver is None else saver.seed
    deterministic = parameters.is_deterministic(params)
    settings = one_machine.settings(params, seed_of(params.random_state), deterministic)
    if saver is not None:
        saver.set_parameters(params, settings)
    negatives = {"noise": noise, "noise_groups": noise_groups}
    job = Job(params, engine, shares, settings, sync_words, negatives)
    repeated(job.prepare, lambda _: engine.revive())
    if saver is not None:
        saver.agree(job.facts())
    rounds = Rounds(engine, job.plan, job.settings, job.prepare, saver)
    result = rounds.train()
    vectors = subwords.vectors(result.w_in, job.grams)
    one_machine.warn_about(params, result)
    return one_machine.fitted(
        job.text.words,
        vectors,
        result,
        job.settings,
        has_subwords=job.grams is not None,
        weights=rounds.recovering(job.pooling_weights),
    )


class Job:
    """The state of a training that is kept when workers are lost; for arguments see `train`.

    Attributes
    ----------
    text : Text
    grams : Subwords or None
    plan : Plan
        After `prepare`.
    """

    def __init__(
        self,
        params: Parameters,
        engine: Engine,
        shares: Sequence[Sequence[Range]],
        settings: Settings,
        sync_words: int | None = None,
        negatives: dict[str, Any] | None = None,
    ) -> None:
        self.params, self.engine = params, engine
        self.settings, self.sync_words = settings, sync_words
        self._negatives = negatives or {}
        selection = Selection(
            params.min_count, params.max_final_vocab, params.trim_rule, params.unk_token
        )
        self.text = Text(engine, shares, selection, Tokenizer.of(params))
        self.grams: Subwords | None = None
        self.plan: Any = None

    def prepare(self) -> None:
        """Set all workers to the state before the first round."""
        if not all(self.engine.each("is_ready")):
            self.text.read()
        words = self.text.words
        given = weights.of_negatives(words, self.params, **self._negatives)
        self.settings = replace(self.settings, **given)
        if self.grams is None:
            self.grams = subwords.of(self.params, words)
        parts = None if self.grams is None else (self.grams.starts, self.grams.parts)
        length = self.text.sentence_length
        units = self.engine.each("begin", Setup(self.settings, words.counts, length, parts))
        if self.plan is None:
            self.plan = self._plan(units)
            self.engine.expect(4 * self.settings.vector_size * sum(self.plan.rows))
        self.engine.each("follow", self.plan)

    def _plan(self, units: list[int]) -> plans.Plan:
        s, size = self.settings, len(self.text.words)
        rows = (size if self.grams is None else self.grams.n_rows, outputs(size, s.loss))
        words = [each.words for each in self.text.encoded]
        is_sparse = s.loss in ("neg", "hs") and self.grams is None
        return plans.Plan(
            epochs=s.epochs,
            words=tuple(words),
            units=tuple(units),
            rounds=plans.rounds_of(sum(words), units, s.epochs, self.sync_words),
            rows=rows,
            hot=plans.hot_rows(max(rows), is_sparse),
            last_first=s.loss == "hs",
            warmup=plans.warmup_of(sum(words), units, s.epochs),
        )

    def facts(self) -> dict[str, Any]:
        """What a checkpoint belongs to, besides the parameters."""
        corpus = "; ".join(f"{each.words:,} words, {each.checksum}" for each in self.text.encoded)
        return {
            "vocabulary": checkpoints.vocabulary_fact(self.text.words),
            **checkpoints.noise_facts(self.settings),
            "number of workers": self.plan.workers,
            "rounds of an epoch": self.plan.rounds,
            "units of the warm-up": list(self.plan.warmup),
            "corpus": corpus,
        }

    def pooling_weights(self) -> dict[str, Float64]:
        """The statistics of the corpus that `transform` needs, by field name."""
        params = self.params
        if params.pooling == "idf":
            found = self.engine.each("document_frequencies")
            frequencies = sum(each for each, _ in found)
            return {"idf": pooling.idf_weights(frequencies, sum(n for _, n in found))}
        if params.pooling == "sif":
            moments = sum(self.engine.each("second_moments", params.sif_smoothing))
            return {"sif_component": pooling.common_direction(moments)}
        return {}
