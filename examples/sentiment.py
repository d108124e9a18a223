"""Sentiment of film reviews: logistic regression on the mean word vectors of sentences.

Word vectors and classifier are trained on the Stanford Sentiment Treebank (Socher et al. 2013) in
one scikit-learn pipeline. The script prints the accuracy for positive against negative sentences,
and that of always predicting the more frequent class.

    python sentiment.py sst/
"""

import argparse

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from w2vext import Word2Vec
from w2vext.datasets import load_sst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("treebank", help="the folder of the treebank")
    treebank = load_sst(parser.parse_args().treebank)
    polar = treebank.labels != 2  # neutral sentences are left out, as in the paper

    def chosen(split):
        rows = np.flatnonzero(polar & (treebank.split == split))
        return [treebank.sentences[i] for i in rows], treebank.labels[rows] > 2

    sentences, positive = chosen("train")
    model = make_pipeline(
        Word2Vec(
            vector_size=100,
            window=10,
            min_count=2,
            epochs=20,
            alpha=0.05,
            pooling="idf",
            workers=1,
            random_state=1,
        ),
        StandardScaler(),
        LogisticRegression(C=0.01, max_iter=1000),
    )
    model.fit(sentences, positive)
    for split in ("train", "test"):
        sentences, positive = chosen(split)
        frequent = max(positive.mean(), 1 - positive.mean())
        print(
            f"{split}: {len(sentences):,} sentences, accuracy "
            f"{model.score(sentences, positive):.1%}, more frequent class {frequent:.1%}"
        )
    for review in ("a moving and funny film", "a dull mess without a single idea"):
        print(f"{review!r}: {model.predict_proba([review.split()])[0, 1]:.0%} positive")


if __name__ == "__main__":
    main()
