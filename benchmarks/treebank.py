"""Measure sentiment classification of the treebank's sentences, five labels, by several vectors.

The same logistic regression, its strength chosen on the dev sentences, is trained on means of the
assignment's vectors, of random ones, of Word2Vec's of the training sentences, and of vectors from
word counts.
"""

import numpy as np
import results as recording
import tables
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer

from w2vext import Word2Vec
from w2vext.datasets import load_sst
from w2vext.lessons.course import sentiment, treebank


def classified(bank, seeds):
    """(vectors, seed, result of the classifier) of each run."""
    for seed in range(seeds):
        run = treebank.train(bank.sentences, seed=seed)
        both = np.hstack([run.w_in, run.w_out])
        yield "the assignment's run, 10 + 10", seed, sentiment.classify(bank, run.words, both)
    for seed in range(seeds):
        drawn = np.random.default_rng(seed).normal(size=both.shape)
        yield "random vectors, 20", seed, sentiment.classify(bank, run.words, drawn)
    training = [s for s, split in zip(bank.sentences, bank.split, strict=True) if split == "train"]
    for size in (10, 100):
        for seed in range(seeds):
            model = Word2Vec(
                vector_size=size, window=10, min_count=2, epochs=20, alpha=0.05, workers=1,
                random_state=seed,
            ).fit(training)  # fmt: skip
            found = sentiment.classify(bank, model.wv.index_to_key, model.wv.vectors)
            yield f"`Word2Vec`, {size}", seed, found
    counts = CountVectorizer(analyzer=lambda words: words, min_df=2)
    occurrences = counts.fit_transform(training)
    svd = TruncatedSVD(100, random_state=0).fit(occurrences)
    words = counts.get_feature_names_out().tolist()
    found = sentiment.classify(bank, words, svd.components_.T)
    yield "words by sentences, 100 singular vectors", 0, found


def main():
    made = recording.parser(__doc__)
    made.add_argument("data", help="the treebank's folder")
    made.add_argument("--seeds", type=int, default=3)
    options = made.parse_args()
    stored = recording.Results(options)
    for vectors, seed, result in classified(load_sst(options.data), options.seeds):
        shares = {split: 100 * share for split, share in result.accuracy.items()}
        stored.add(vectors=vectors, seed=seed, frequent=100 * result.frequent, **shares)
    tables.show(stored.content)


if __name__ == "__main__":
    main()
