"""The vocabulary of a model under gensim's names: counting, selecting and extending words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown
from w2vext._arguments.sentences import words_of
from w2vext.gensim.models import _corpora
from w2vext.gensim.utils import RULE_DISCARD as DISCARD
from w2vext.gensim.utils import RULE_KEEP as KEEP
from w2vext.text import vocabulary as vocab
from w2vext.text.corpus import Corpus
from w2vext.text.vocabulary import Vocabulary
from w2vext.training._sampling import keep_thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from w2vext._arguments.types import Int64, TrimRule
    from w2vext.text.vocabulary import Stream

_ALL = 1 << 32  # keep_thresholds: a word with this threshold less one is always kept


class NoWords(RuntimeError):
    """The vocabulary would have no words, so that nothing can be trained."""


def counted(
    model: Any,
    corpus_iterable: Any,
    corpus_file: Any,
    *,
    earlier: Vocabulary | None,
    trim_rule: TrimRule | None,
    min_count: int,
) -> tuple[Vocabulary, Stream, int]:
    """Count and encode a corpus: (vocabulary, ids, number of sentences)."""
    corpus, counting = _corpora.opened(corpus_iterable, corpus_file)
    try:
        words, stream = vocab.build(
            corpus,
            earlier=earlier,
            min_count=min_count,
            trim_rule=trim_rule,
            workers=model.workers,
        )
    except ValueError as error:
        if "no word is left" in str(error) or "corpus is empty" in str(error):
            raise NoWords(
                f"there is no vocabulary to train: {error}; an iterator can be read only once"
            ) from None
        raise
    sentences = _corpora.count_lines(corpus) if counting is None else counting.read
    return words, stream, sentences


def scanned(
    model: Any, corpus_iterable: Any, corpus_file: Any, trim_rule: TrimRule | None
) -> tuple[dict[Any, int], int, int]:
    """Count all words of a corpus: (counts, number of words, number of sentences).

    With `max_vocab_size` rare words are dropped while reading, as gensim does.
    """
    if model.max_vocab_size is None:
        words, stream, sentences = counted(
            model, corpus_iterable, corpus_file, earlier=None, trim_rule=None, min_count=1
        )
        with stream:
            counts = dict(zip(words.words, words.counts.tolist(), strict=True))
            return counts, stream.raw_words, sentences
    corpus, _ = _corpora.opened(corpus_iterable, corpus_file)
    if corpus.kind == "files":
        corpus = Corpus("tokens", _corpora.LineSentence(corpus.files[0]))
    counts = {}
    total = sentences = 0
    least = 1  # counts up to this one are dropped next
    for sentence in corpus.sentences():
        tokens = words_of(list(sentence), f"sentence {sentences}")
        sentences += 1
        total += len(tokens)
        for token in tokens:
            counts[token] = counts.get(token, 0) + 1
        if len(counts) > model.max_vocab_size:
            counts = {w: c for w, c in counts.items() if _is_kept(w, c, least + 1, trim_rule)}
            least += 1
    return counts, total, sentences


def _is_kept(word: Any, count: int, least: int, trim_rule: TrimRule | None) -> bool:
    """Whether a word stays in the vocabulary, by the rule and by its count."""
    answer: Any = None if trim_rule is None else trim_rule(word, count, least)
    if answer in (KEEP, "keep"):
        return True
    return answer not in (DISCARD, "discard") and count >= least


def encoded(model: Any, words: Vocabulary, corpus: Any) -> Stream:
    """The ids of a corpus in a vocabulary; other words are left out."""
    return vocab.encode(corpus, words, workers=model.workers)


def selected(
    raw: Mapping[Any, int],
    *,
    earlier: Vocabulary | None,
    min_count: int,
    max_final_vocab: int | None,
    trim_rule: TrimRule | None,
) -> tuple[Vocabulary, int]:
    """The vocabulary of known counts, and the lowest count that was kept.

    The words of `earlier` keep their rows, and their counts are added.
    """
    least = max(min_count, 1)
    if max_final_vocab is not None:
        known = 0 if earlier is None else len(earlier)
        free = max_final_vocab - known
        new = [c for w, c in raw.items() if earlier is None or w not in earlier]
        new = sorted((c for c in new if c >= least), reverse=True)
        if len(new) > max(free, 0):
            # Words with the first count that does not fit are left out together.
            least = new[max(free, 0)] + 1
    if earlier is None:
        try:
            return Vocabulary.from_counts(raw, min_count=least, trim_rule=trim_rule), least
        except ValueError as error:
            raise NoWords(f"there is no vocabulary to train: {error}") from None
    fresh = {word: count for word, count in raw.items() if word not in earlier and count}
    words, counts = list(earlier.words), earlier.counts.copy()
    for word, count in raw.items():
        if word in earlier:
            counts[earlier.index[word]] += count
    try:
        more = Vocabulary.from_counts(fresh, min_count=least, trim_rule=trim_rule)
    except ValueError:
        return Vocabulary(words, counts), least
    return Vocabulary([*words, *more.words], np.concatenate([counts, more.counts])), least


def report(raw: Mapping[Any, int], words: Vocabulary, sample: float) -> dict[str, int]:
    """What `prepare_vocab` returns: how many words of `raw` are kept, and how many are drawn."""
    keep = np.empty(len(words), np.uint32)
    keep_thresholds(words.counts, sample, keep)
    rates = (keep.astype(np.float64) + 1) / _ALL
    kept = {words.index[word]: count for word, count in raw.items() if word in words}
    counts: Int64 = np.array(list(kept.values()), np.int64)
    rates = rates[list(kept)]
    return {
        "drop_unique": len(raw) - len(kept),
        "retain_total": int(counts.sum()),
        "downsample_unique": int((rates < 1).sum()),
        "downsample_total": int((rates * counts).sum()),
        "num_retained_words": len(kept),
    }


def of_vectors(kv: Any) -> Vocabulary:
    """The vocabulary of vectors, whose counts must be known."""
    if kv.counts is None:
        raise RuntimeError(
            "the words of wv have no counts, so they cannot be trained: set wv.expandos['count'], "
            "or call build_vocab"
        )
    counts: Int64 = np.asarray(kv.counts)
    if len(counts) != len(kv) or len(kv.vectors) != len(kv):
        raise RuntimeError(
            f"wv has {len(kv)} words, {len(kv.vectors)} vectors and {shown(len(counts))} counts: "
            "add words with build_vocab(update=True), which adds all of them"
        )
    return Vocabulary.of_index(kv.key_to_index, counts)
