"""Nodes of a graph by random walks: communities found without looking at a single label.

A walk is a sentence, a node a word (DeepWalk; Perozzi, Al-Rfou, Skiena, KDD 2014). k-means on the
nodes' vectors gives communities; modularity says how far their links exceed those of chance. Prints
it, and the agreement with a known division: that of Zachary's karate club, which split while he
watched, stands below; for other graphs give one by --labels.

    python graph.py karate.edgelist
    python graph.py cora.cites --communities 7
"""

import argparse
from collections import Counter

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from w2vext import Word2Vec

# Who stayed with the instructor after the split (W. W. Zachary, J. Anthropol. Res. 33, 1977).
KARATE = {
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "11",
    "12",
    "13",
    "14",
    "17",
    "18",
    "20",
    "22",
}


def read_links(path):
    """Pairs of names, one pair a line; direction, loops and repetitions are dropped."""
    links = set()
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fields = line.split()
            if len(fields) < 2:
                raise SystemExit(f"{path}, line {number}: two names are needed, found {line!r}")
            if fields[0] != fields[1]:
                links.add(tuple(sorted(fields[:2])))
    return sorted(links)


def walks(links, per_node, length, rng):
    """Random walks from every node, each as a list of names."""
    names = sorted({name for link in links for name in link})
    row = {name: i for i, name in enumerate(names)}
    ends = np.array([(row[a], row[b]) for a, b in links])
    ends = np.concatenate([ends, ends[:, ::-1]])
    ends = ends[np.argsort(ends[:, 0], kind="stable")]
    starts = np.searchsorted(ends[:, 0], np.arange(len(names) + 1))
    degrees = np.diff(starts)
    for _ in range(per_node):
        at = rng.permutation(len(names))
        steps = [at]
        for _ in range(length - 1):  # all walks take a step at once
            at = ends[starts[at] + rng.integers(0, degrees[at]), 1]
            steps.append(at)
        for walk in np.stack(steps, axis=1).tolist():
            yield [names[node] for node in walk]


def modularity(links, community):
    """Newman's: the share of links inside communities, less the share that degrees would give."""
    inside = sum(community[a] == community[b] for a, b in links) / len(links)
    degrees = Counter(community[name] for link in links for name in link)
    return inside - sum((d / (2 * len(links))) ** 2 for d in degrees.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph", help="a file of links: two names a line")
    parser.add_argument("--communities", type=int, default=2, metavar="K")
    parser.add_argument("--labels", help="a file with a node's name and its label in each line")
    args = parser.parse_args()
    links = read_links(args.graph)
    nodes = {name for link in links for name in link}
    model = Word2Vec(
        vector_size=32,
        window=5,
        min_count=1,
        sample=0,  # walks already meet each node as often as its links say
        epochs=3,
        workers=1,
        random_state=1,
    )
    per_node = max(10, 20_000 // len(nodes))
    model.fit(walks(links, per_node, 40, np.random.default_rng(3)))
    vectors = model.vectors_ / np.linalg.norm(model.vectors_, axis=1, keepdims=True)
    groups = KMeans(args.communities, n_init=10, random_state=0).fit_predict(vectors)
    community = dict(zip(model.vocabulary_, groups.tolist(), strict=True))

    sizes = ", ".join(str(n) for _, n in Counter(groups.tolist()).most_common())
    print(f"{len(nodes):,} nodes, {len(links):,} links; communities of {sizes}")
    print(f"modularity: {modularity(links, community):.3f}")
    inside = sum(community[a] == community[b] for a, b in links) / len(links)
    print(f"links inside a community: {inside:.1%}")
    hub = Counter(name for link in links for name in link).most_common(1)[0][0]
    found = ", ".join(f"{name} {cos:.2f}" for name, cos in model.wv.most_similar(hub, topn=5))
    print(f"nearest to {hub}, which has the most links: {found}")

    known = {}
    if args.labels:
        with open(args.labels, encoding="utf-8") as file:
            known = dict(line.split()[:2] for line in file)
    elif len(links) in (77, 78) and nodes == {str(n) for n in range(1, 35)}:
        known = {name: "instructor" if name in KARATE else "officers" for name in nodes}
    both = sorted(nodes & set(known))
    if both:
        found, true = [community[n] for n in both], [known[n] for n in both]
        score = adjusted_rand_score(true, found)
        pairs = Counter(zip(found, true, strict=True))
        agree = sum(max(n for (g, _), n in pairs.items() if g == group) for group in set(found))
        print(f"agreement with the known division: {agree} of {len(both)} nodes")
        print(f"adjusted Rand index: {score:.3f} (0 is chance, 1 the same division)")


if __name__ == "__main__":
    main()
