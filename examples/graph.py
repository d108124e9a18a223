"""Random walks on a graph: find communities of nodes without labels.

A walk is a sentence and a node is a word (DeepWalk; Perozzi, Al-Rfou, Skiena, KDD 2014). k-means on
the vectors of the nodes gives communities. The script prints their modularity, which compares the
share of links inside communities with that of random links, and the agreement with a known
division. For Zachary's karate club the division is included; for other graphs use --labels.

    python graph.py karate.edgelist
    python graph.py cora.cites --communities 7
"""

import argparse
from collections import Counter

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from w2vext import Word2Vec

# Members who stayed with the instructor (W. W. Zachary, J. Anthropol. Res. 33, 1977).
KARATE = set("1 2 3 4 5 6 7 8 9 11 12 13 14 17 18 20 22".split())


def read_links(path):
    """Read one pair of names per line; ignore direction, loops and repetitions."""
    links = set()
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fields = line.split()
            if len(fields) < 2:
                raise SystemExit(f"{path}, line {number}: expected two names, found {line[:60]!r}")
            if fields[0] != fields[1]:
                links.add(tuple(sorted(fields[:2])))
    return sorted(links)


def walks(links, per_node, length, rng):
    """Yield random walks from every node, as lists of names."""
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
        for _ in range(length - 1):  # one step of all walks
            at = ends[starts[at] + rng.integers(0, degrees[at]), 1]
            steps.append(at)
        for walk in np.stack(steps, axis=1).tolist():
            yield [names[node] for node in walk]


def modularity(links, community):
    """Newman's modularity: the share of links inside communities minus that of random links."""
    inside = sum(community[a] == community[b] for a, b in links) / len(links)
    degrees = Counter(community[name] for link in links for name in link)
    return inside - sum((d / (2 * len(links))) ** 2 for d in degrees.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph", help="a file of links, two names per line")
    parser.add_argument("--communities", type=int, default=2, metavar="K")
    parser.add_argument("--labels", help="a file with a node and its label per line")
    args = parser.parse_args()
    links = read_links(args.graph)
    nodes = {name for link in links for name in link}
    model = Word2Vec(
        vector_size=32,
        window=5,
        min_count=1,
        sample=0,  # keep all visits of nodes with many links
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
        print(f"adjusted Rand index: {score:.3f} (0: random, 1: identical)")


if __name__ == "__main__":
    main()
