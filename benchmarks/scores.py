"""Score word vectors by analogies, WordSim-353 and SimLex-999, in the same way for every program.

Reads word2vec's text and binary files. Analogies: the share that 3CosAdd answers correctly among
the 30,000 most frequent words; the three given words are excluded, and questions with other words
are left out (`coverage` is the share that remains). WordSim-353 and SimLex-999, and men.txt,
mturk.txt and rw.txt if the folder has them: Spearman's rank correlation times 100 over the pairs
that the vocabulary contains. It uses nothing of w2vext.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

# Files of word pairs that are scored where the folder has them.
OPTIONAL = ("men", "mturk", "rw")


def read_vectors(path):
    """Words and float32 (V, d) of a word2vec file; word2vec.c's sentence mark is left out."""
    raw = Path(path).read_bytes()
    end = raw.index(b"\n")
    n_words, size = map(int, raw[:end].split())
    body = raw[end + 1 :]
    try:
        words, vectors = _binary(body, n_words, size)
    except (ValueError, UnicodeDecodeError):
        words, vectors = _text(body, size)
    keep = [row for row, word in enumerate(words) if word != "</s>"]
    return [words[row] for row in keep], vectors[keep]


def _binary(body, n_words, size):
    words, at = [], 0
    vectors = np.empty((n_words, size), np.float32)
    for row in range(n_words):
        space = body.index(b" ", at)
        words.append(body[at:space].lstrip(b"\n").decode())
        at = space + 1 + 4 * size
        vectors[row] = np.frombuffer(body, "<f4", size, space + 1)
    if body[at:].strip() or not np.isfinite(vectors).all():
        raise ValueError("not a binary word2vec file")
    return words, vectors


def _text(body, size):
    rows = [line.split() for line in body.decode().splitlines()]
    words = [row[0] for row in rows]
    return words, np.array([row[1 : size + 1] for row in rows], np.float32)


def analogies(index, unit, path, restrict=30_000, batch=512):
    """Accuracy, and the share of the questions whose words are all known, both in percent."""
    questions, total = [], 0
    for line in Path(path).read_text().lower().splitlines():
        if line.startswith(":"):
            continue
        total += 1
        rows = [index.get(word, restrict) for word in line.split()]
        if max(rows) < restrict:
            questions.append(rows)
    questions = np.array(questions)
    near = unit[:restrict]
    right = 0
    for at in range(0, len(questions), batch):
        part = questions[at : at + batch]
        a, b, c, expected = part.T
        scores = (near[b] - near[a] + near[c]) @ near.T
        scores[np.arange(len(part))[:, None], part[:, :3]] = -np.inf
        right += np.count_nonzero(scores.argmax(axis=1) == expected)
    return 100 * right / len(questions), 100 * len(questions) / total


def similarity(index, unit, path):
    """Spearman's correlation times 100 with the human scores of a file of pairs."""
    ours, theirs = [], []
    for line in Path(path).read_text().lower().splitlines():
        first, second, score = line.split("\t")
        if first in index and second in index:
            ours.append(unit[index[first]] @ unit[index[second]])
            theirs.append(float(score))
    return 100 * np.corrcoef(rankdata(ours), rankdata(theirs))[0, 1]


def evaluate(words, vectors, folder):
    """{analogies, coverage, wordsim, simlex} of vectors (V, d), most frequent word first."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    index = {word: row for row, word in reversed(list(enumerate(words)))}
    folder = Path(folder)
    right, coverage = analogies(index, unit, folder / "questions-words.txt")
    others = {name: folder / f"{name}.txt" for name in OPTIONAL}
    return {
        "analogies": round(float(right), 2),
        "coverage": round(float(coverage), 1),
        "wordsim": round(float(similarity(index, unit, folder / "wordsim353.txt")), 2),
        "simlex": round(float(similarity(index, unit, folder / "simlex999.txt")), 2),
        **{
            name: round(float(similarity(index, unit, path)), 2)
            for name, path in others.items()
            if path.exists()
        },
    }


def main():
    parser = argparse.ArgumentParser(description="Score word2vec files.")
    parser.add_argument("vectors", nargs="+", type=Path)
    parser.add_argument("--eval", type=Path, required=True, help="folder with the three lists")
    options = parser.parse_args()
    for path in options.vectors:
        print(json.dumps({"file": path.name, **evaluate(*read_vectors(path), options.eval)}))


if __name__ == "__main__":
    main()
