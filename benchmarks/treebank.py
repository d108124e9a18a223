"""Sentiment of the treebank's sentences, five labels: what bounds the classifier of the course.

The same logistic regression, its strength chosen on the dev sentences, on means of the assignment's
vectors, of random ones, of Word2Vec's of the training sentences, and on the words themselves.
"""

import argparse

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer

from w2vext import Word2Vec
from w2vext.datasets import load_sst
from w2vext.lessons.course import sentiment, treebank


def rows(bank, seeds):
    """(what, the classifier's result) of each."""
    for seed in range(seeds):
        run = treebank.train(bank.sentences, seed=seed)
        both = np.hstack([run.w_in, run.w_out])
        yield "the assignment's run, 10 + 10", sentiment.classify(bank, run.words, both)
    for seed in range(seeds):
        drawn = np.random.default_rng(seed).normal(size=both.shape)
        yield "random vectors, 20", sentiment.classify(bank, run.words, drawn)
    training = [s for s, split in zip(bank.sentences, bank.split, strict=True) if split == "train"]
    for size in (10, 100):
        for seed in range(seeds):
            model = Word2Vec(
                vector_size=size,
                window=10,
                min_count=2,
                epochs=20,
                alpha=0.05,
                workers=1,
                random_state=seed,
            ).fit(training)
            found = sentiment.classify(bank, model.wv.index_to_key, model.wv.vectors)
            yield f"Word2Vec, {size}", found
    # Which words occur, as a vector of each word that has them for a mean.
    counts = CountVectorizer(analyzer=lambda words: words, min_df=2)
    seen = counts.fit_transform(training)
    svd = TruncatedSVD(100, random_state=0).fit(seen)
    words = counts.get_feature_names_out().tolist()
    yield "words by sentences, SVD, 100", sentiment.classify(bank, words, svd.components_.T)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="the treebank's folder")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    found = {}
    for what, result in rows(load_sst(options.data), options.seeds):
        found.setdefault(what, []).append([*result.accuracy.values(), result.frequent])
    print("| vectors | train | dev | test |\n|---|---|---|---|")
    for what, shares in found.items():
        means = 100 * np.mean(shares, axis=0)
        print(f"| {what} | {means[0]:.1f} | {means[1]:.1f} | {means[2]:.1f} |")
    print(f"The training sentences' most frequent label each time: test {means[3]:.1f}.")


if __name__ == "__main__":
    main()
