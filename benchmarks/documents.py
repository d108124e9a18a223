"""Measure document vectors by STS-B and the treebank, and what smaller vectors lose.

    python benchmarks/documents.py wiki.txt --eval eval/ --sts sts/ --sst sst/

STS-B: Spearman's rank correlation times 100 of the cosine of two sentences with human scores.
Treebank: the accuracy of a logistic regression with two classes, negative and positive, on the test
sentences. The text is cut into lines of 25 words, because "idf" and "sif" need sentences.
"""

import re
from pathlib import Path

import numpy as np
import results as recording
import scores
import tables
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression

from w2vext import Word2Vec
from w2vext.datasets import load_sst

LINE = 25  # words
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
POOLINGS = ("mean", "idf", "sif", "zipf")


def words_of(text):
    """The words of a sentence, written as in the corpus: a to z, digits spelt out."""
    spelt = re.sub(r"\d", lambda digit: f" {DIGITS[int(digit[0])]} ", text.lower())
    return re.findall("[a-z]+", spelt)


def pairs_of(path):
    """(scores, first sentences, second sentences) of a file of STS-B."""
    rows = [line.split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return (
        np.array([float(row[4]) for row in rows]),
        [words_of(row[5]) for row in rows],
        [words_of(row[6]) for row in rows],
    )


def correlation(model, path):
    wanted, first, second = pairs_of(path)
    one, other = (model.transform(texts).astype(np.float64) for texts in (first, second))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines = np.einsum("ij,ij->i", one, other) / np.maximum(lengths, 1e-12)
    return 100 * spearmanr(cosines, wanted)[0]


def accuracy(model, bank):
    """The accuracy in percent with the strength that is best on the dev sentences."""
    documents = [words_of(" ".join(sentence)) for sentence in bank.sentences]
    features = model.transform(documents).astype(np.float64)
    features /= features.std()
    clear = bank.labels != 2  # neutral sentences are left out
    part = {name: clear & (bank.split == name) for name in ("train", "dev", "test")}
    positive = bank.labels > 2
    fitted = [
        LogisticRegression(C=strength, max_iter=2000).fit(
            features[part["train"]], positive[part["train"]]
        )
        for strength in (0.01, 0.1, 1)
    ]
    best = max(fitted, key=lambda each: each.score(features[part["dev"]], positive[part["dev"]]))
    return 100 * best.score(features[part["test"]], positive[part["test"]])


def quality(wv, folder):
    """The mean of analogies, WordSim-353 and SimLex-999."""
    found = scores.evaluate(wv.index_to_key, wv.vectors, folder)
    return float(np.mean([found[name] for name in ("analogies", "wordsim", "simlex")]))


def main():
    made = recording.parser(__doc__)
    made.add_argument("text")
    made.add_argument("--eval", required=True, type=Path)
    made.add_argument("--sts", required=True, type=Path, help="the folder of STS-B")
    made.add_argument("--sst", required=True, help="the treebank's folder")
    made.add_argument("--words", type=int, default=0, help="the first words of the text [all]")
    made.add_argument("--epochs", type=int, default=5)
    made.add_argument("--seeds", type=int, default=3)
    options = made.parse_args()
    words = Path(options.text).read_text(encoding="utf-8").split()[: options.words or None]
    sentences = [words[at : at + LINE] for at in range(0, len(words), LINE)]
    bank, stored = load_sst(options.sst), recording.Results(options)
    for seed in range(options.seeds):
        model = Word2Vec(
            alpha=0.05, epochs=options.epochs, workers=2, random_state=seed, pooling="sif"
        ).fit(sentences)
        idf = Word2Vec(alpha=0.05, epochs=1, workers=2, random_state=seed, pooling="idf")
        model.idf_ = idf.fit(sentences).idf_
        for pooling in POOLINGS:
            model.set_params(pooling=pooling)
            found = {
                "STS-B dev": correlation(model, options.sts / "sts-dev.csv"),
                "STS-B test": correlation(model, options.sts / "sts-test.csv"),
                "treebank": accuracy(model, bank),
            }
            for task, value in found.items():
                stored.add(part="documents", what=pooling, task=task, seed=seed, value=value)
        for name, how in SMALLER.items():
            small = model.wv.compress(**how)
            stored.add(
                part="smaller", what=name, seed=seed, size=100 * small.size / small.size_before,
                cosine=small.cosine, neighbors=100 * small.neighbors,
                quality=quality(small.wv, options.eval),
            )  # fmt: skip
    tables.show(stored.content)


SMALLER = {
    "float32": {},
    "float16": {"dtype": "float16"},
    "int8": {"dtype": "int8"},
    "int8, 64 dimensions": {"dtype": "int8", "dimensions": 64},
    "float32, 20,000 words": {"words": 20_000},
}


if __name__ == "__main__":
    main()
