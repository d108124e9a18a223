"""Measure quality against training time for many settings, with gensim, fastText and word2vec.c.

    python benchmarks/frontier.py wiki.txt --eval eval/ --words 5000000 --seeds 2

The settings are chosen by the mean of analogies, WordSim-353 and SimLex-999 (scores.py). If the
folder also holds men.txt, mturk.txt and rw.txt (lines of two words and a score, separated by
tabs), the vectors are scored by these too, which were not used to choose. Seconds are processor
time of the whole training, counting included. `--only alpha` compares learning rates of every
model.
"""

import re
import tempfile
from pathlib import Path

import numpy as np
import programs
import results as recording
import tables
from programs import Job
from results import clocked
from scores import evaluate, read_vectors
from texts import cut

from w2vext import FastText, KeyedVectors, Word2Vec

ALPHAS = {
    "sg-ns": (0.025, 0.05, 0.075),
    "sg-hs": (0.025, 0.05, 0.075),
    "cbow-ns": (0.1, 0.2, 0.3),
    "cbow-hs": (0.1, 0.2, 0.3),
    "subwords": (0.025, 0.05, 0.075),
}
MODELS = {
    "sg-ns": {},
    "sg-hs": {"loss": "hs"},
    "cbow-ns": {"architecture": "cbow"},
    "cbow-hs": {"architecture": "cbow", "loss": "hs"},
    "subwords": {"subwords": True},
}
# Settings of skip-gram with negative sampling; `seeds` is the number of aligned models of which the
# mean is taken.
TRIED = [
    {"alpha": 0.025},
    {"alpha": 0.05},
    {"alpha": 0.05, "epochs": 1},
    {"alpha": 0.05, "epochs": 2},
    {"alpha": 0.05, "epochs": 10},
    {"alpha": 0.05, "negative": 2},
    {"alpha": 0.05, "negative": 10},
    {"alpha": 0.05, "window": 3},
    {"alpha": 0.05, "window": 10},
    {"alpha": 0.05, "sample": 1e-4},
    {"alpha": 0.05, "ns_exponent": 0.65},
    {"alpha": 0.05, "vector_size": 200},
    {"alpha": 0.05, "seeds": 2},
    {"alpha": 0.05, "subwords": True},
    {"architecture": "cbow"},
    {"alpha": 0.05, "loss": "hs"},
]
# Other programs: the defaults of each, and the learning rate that suits gensim best.
PEERS = [
    ("gensim", {"alpha": 0.025}),
    ("gensim", {"alpha": 0.05}),
    ("gensim", {"alpha": 0.025, "model": "cbow-ns"}),
    ("fasttext", {"alpha": 0.05}),
    ("word2vec.c", {"alpha": 0.025}),
    ("word2vec.c", {"alpha": 0.05, "model": "cbow-ns"}),
]
FIXED_SEED = ("fasttext", "word2vec.c")
TURNS = 5


def shown(setting):
    return ", ".join(f"{name}={value!r}" for name, value in setting.items())


def trained(setting, path, seed):
    """(processor seconds, words, vectors) of our training with a setting."""
    options = {"workers": 1, "deterministic": False} | setting
    count = options.pop("seeds", 1)
    kind = FastText if options.pop("subwords", False) else Word2Vec

    def fit():
        models = [kind(**options, random_state=seed + 100 * k).fit(path).wv for k in range(count)]
        return models[0] if count == 1 else mean_of(models)

    _, seconds, wv = clocked(fit)
    return seconds, wv.index_to_key, wv.vectors


def mean_of(models):
    """The mean of models of the same words, each rotated to the first one."""
    first = models[0].vectors.astype(np.float64)
    total = first.copy()
    for model in models[1:]:
        other = model.vectors.astype(np.float64)
        left, _, right = np.linalg.svd(other.T @ first)
        total += other @ (left @ right)
    return KeyedVectors(models[0].index_to_key, (total / len(models)).astype(np.float32))


def ours(options, path, results, settings):
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for group, setting in settings:
            seconds, words, vectors = trained(setting, path, seed)
            results.add(
                group=group, program="w2vext", setting=shown(setting), seed=seed,
                words=options.words, cpu_s=seconds, **evaluate(words, vectors, options.eval),
            )  # fmt: skip


def peers(options, results, work):
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for program, setting in PEERS:
            if options.programs and program not in options.programs:
                continue
            if not re.search(options.match, shown(setting)):
                continue
            # fastText's and word2vec.c's seeds are fixed, so their text begins elsewhere instead.
            turn = (seed - 1) % TURNS if program in FIXED_SEED else 0
            text, lines = cut(options.text, work, options.words, turn, TURNS)
            job = Job(program, str(text), str(lines), str(work / "vectors"), seed=seed, **setting)
            figures = programs.run(job)
            results.add(
                group="peers", program=program, setting=shown(setting), seed=seed,
                words=options.words, cpu_s=figures["cpu_s"],
                **evaluate(*read_vectors(work / "vectors"), options.eval),
            )  # fmt: skip


def main():
    made = recording.parser(__doc__)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--eval", type=Path, required=True, help="folder with the lists")
    made.add_argument("--words", type=int, default=5_000_000)
    made.add_argument("--seeds", type=int, default=2)
    made.add_argument("--first-seed", type=int, default=1)
    made.add_argument("--only", choices=("alpha", "settings", "peers"), nargs="+")
    made.add_argument("--models", choices=MODELS, nargs="+", default=list(MODELS))
    made.add_argument("--programs", choices=programs.PROGRAMS[1:], nargs="+")
    made.add_argument(
        "--match", default="", help="a regular expression that settings of peers must contain"
    )
    options = made.parse_args()
    only = options.only or ("alpha", "settings", "peers")
    results = recording.Results(options)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        _, lines = cut(options.text, work, options.words)
        if "alpha" in only:
            tried = [
                (model, MODELS[model] | {"alpha": alpha})
                for model in options.models
                for alpha in ALPHAS[model]
            ]
            ours(options, lines, results, tried)
        if "settings" in only:
            ours(options, lines, results, [("settings", setting) for setting in TRIED])
        if "peers" in only:
            peers(options, results, work)
    tables.show(results.content)


if __name__ == "__main__":
    main()
