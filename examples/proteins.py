"""Protein families: classify sequences by vectors of their 3-mers.

A protein becomes three sentences, its 3-mers in each of the three reading frames (Asgari, Mofrad,
PLoS ONE 2015). The script generates the families: the members of each are mutations of one random
sequence. The model is trained on some of the proteins without their families. Each of the others
is then assigned the family of its nearest neighbour, and the script prints how many are correct.

    python proteins.py
"""

import numpy as np

from w2vext import Word2Vec

AMINO_ACIDS = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
FAMILIES, MEMBERS, LENGTH = 24, 20, 180
SUBSTITUTED, INSERTED, DELETED = 0.35, 0.03, 0.03


def descendant(ancestor, rng):
    """Mutate a sequence by substitutions, deletions and insertions."""
    child = np.where(
        rng.random(len(ancestor)) < SUBSTITUTED, rng.choice(AMINO_ACIDS, len(ancestor)), ancestor
    )
    child = child[rng.random(len(child)) >= DELETED]
    places = np.flatnonzero(rng.random(len(child)) < INSERTED)
    return "".join(np.insert(child, places, rng.choice(AMINO_ACIDS, len(places))))


def threes(protein):
    """The overlapping 3-mers of a protein."""
    return [protein[i : i + 3] for i in range(len(protein) - 2)]


def frames(protein):
    """The 3-mers of a protein in its three reading frames."""
    return [threes(protein)[k::3] for k in range(3)]


def main():
    rng = np.random.default_rng(11)
    ancestors = [rng.choice(AMINO_ACIDS, LENGTH) for _ in range(FAMILIES)]
    proteins = [(descendant(a, rng), f) for f, a in enumerate(ancestors) for _ in range(MEMBERS)]
    known = [pair for i, pair in enumerate(proteins) if i % 4]
    new = [pair for i, pair in enumerate(proteins) if i % 4 == 0]

    model = Word2Vec(
        vector_size=64,
        window=10,
        min_count=2,
        sample=0,
        epochs=10,
        alpha=0.05,
        workers=1,
        random_state=1,
        pooling="sif",
    )
    model.fit([sentence for protein, _ in known for sentence in frames(protein)])

    def vectors(pairs):
        found = model.transform([threes(protein) for protein, _ in pairs])
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    nearest = (vectors(new) @ vectors(known).T).argmax(axis=1)
    right = sum(known[i][1] == family for i, (_, family) in zip(nearest, new, strict=True))
    one, other = (set(threes(protein)) for protein, _ in known[:2])
    shared = len(one & other) / len(one)
    print(
        f"{len(model.vocabulary_):,} 3-mers; two members of one family share {shared:.0%} of them"
    )
    print(
        f"family of the nearest known protein is correct: {right} of {len(new)} "
        f"(by chance {len(new) / FAMILIES:.0f})"
    )


if __name__ == "__main__":
    main()
