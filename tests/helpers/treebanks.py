"""Writes a small treebank in the file formats of the real one."""

import random

WORDS = (
    "the film is great cool dumb boring bad a queen king man woman rain snow with -LRB- -RRB- "
    "co-writer\\/director clichÃ©s"
).split()
REAL = {
    "-LRB-": "(",
    "-RRB-": ")",
    "co-writer\\/director": "co-writer/director",
    "clichÃ©s": "clichés",
}


def tree(words, root):
    """A right-branching tree. As in the real trees, accents are kept and brackets are escaped."""
    leaves = [f"(2 {word.replace('Ã©', 'é')})" for word in words]
    text = leaves.pop()
    while leaves:
        text = f"({root if len(leaves) == 1 else 2} {leaves.pop()} {text})"
    return text


def write_treebank(folder, n=60, labels_from="trees"):
    """Write a treebank of n sentences to `folder` and return their labels."""
    rng = random.Random(41)
    folder.mkdir(parents=True, exist_ok=True)
    sentences = [[*rng.choices(WORDS, k=rng.randint(4, 12)), f"w{i}"] for i in range(n)]
    split = [(1, 1, 1, 2, 3)[i % 5] for i in range(n)]
    labels = [rng.randrange(5) for _ in range(n)]
    rows = "".join(f"{i}\t{' '.join(s)}\n" for i, s in enumerate(sentences, 1))
    (folder / "datasetSentences.txt").write_text("sentence_index\tsentence\n" + rows, "utf-8")
    rows = "".join(f"{i},{part}\n" for i, part in enumerate(split, 1))
    (folder / "datasetSplit.txt").write_text("sentence_index,splitset_label\n" + rows, "utf-8")
    if labels_from == "trees":
        (folder / "trees").mkdir(exist_ok=True)
        for part, name in ((1, "train"), (2, "test"), (3, "dev")):
            text = "".join(
                tree(s, label) + "\n"
                for s, p, label in zip(sentences, split, labels, strict=True)
                if p == part
            )
            (folder / "trees" / f"{name}.txt").write_text(text, "utf-8")
    else:
        score = [(0.1, 0.4, 0.5, 0.75, 0.95)[label] for label in labels]
        plain = [" ".join(REAL.get(word, word) for word in s) for s in sentences]
        order = list(range(n))
        rng.shuffle(order)
        text = "".join(f"{plain[i]}|{n - 1 - i}\n" for i in order)
        (folder / "dictionary.txt").write_text(text, "utf-8")
        rows = "".join(f"{n - 1 - i}|{score[i]}\n" for i in reversed(range(n)))
        text = "phrase ids|sentiment values\n" + rows
        (folder / "sentiment_labels.txt").write_text(text, "utf-8")
    return labels
