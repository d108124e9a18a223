"""Measure quality against training time for many settings, with gensim, fastText and word2vec.c.

    python benchmarks/frontier.py wiki.txt --eval eval/ --words 5000000 --seeds 2

The settings are chosen by the mean of analogies, WordSim-353 and SimLex-999 (scores.py). If the
folder also holds men.txt, mturk.txt and rw.txt (lines of two words and a score, separated by
tabs), the vectors are scored by these too, which were not used to choose. Seconds are processor
time of the whole training, counting included. `--only alpha` compares learning rates of every
model. With `--resume` a call that was interrupted continues.
"""

import re
import tempfile
from pathlib import Path

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
# Settings next to the defaults, which are skip-gram with negative sampling. `seeds` is the number
# of models of which the mean is taken; `combined` and `centered` are the methods of these names.
BOTH = {"combined": True, "centered": True}
MORE = {"negative": 10, "ns_exponent": 0.65, "sample": 1e-4, "epochs": 6, **BOTH}
TRIED = [
    {},
    MORE,
    {"subwords": True},
    BOTH,
    {"seeds": 2, **BOTH},
    {**MORE, "epochs": 12},
    {"epochs": 10, "negative": 10, "ns_exponent": 0.65, **BOTH},
    {"epochs": 1},
    {"epochs": 2},
    {"epochs": 10},
    {"negative": 10},
    {"ns_exponent": 0.65},
    {"architecture": "cbow"},
    {"seeds": 2},
    {"loss": "hs"},
    {"loss": "hs+neg"},
    {"window": 10},
    {"window": 3},
    {"sample": 1e-4},
    {"vector_size": 200},
    {"alpha": 0.025},
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
    return ", ".join(f"{name}={value!r}" for name, value in setting.items()) or "defaults"


def trained(setting, path, seed):
    """(processor seconds, words, vectors) of our training with a setting."""
    options = {"workers": 1, "deterministic": False} | setting
    count = options.pop("seeds", 1)
    kind = FastText if options.pop("subwords", False) else Word2Vec
    combined, centered = (options.pop(name, False) for name in BOTH)

    def one(seed):
        model = kind(**options, random_state=seed).fit(path)
        return model.combined() if combined else model.wv

    def fit():
        models = [one(seed + 100 * k) for k in range(count)]
        wv = models[0] if count == 1 else KeyedVectors.mean_of(models).wv
        return wv.centered() if centered else wv

    _, seconds, wv = clocked(fit)
    return seconds, wv.index_to_key, wv.vectors


def ours(options, path, results, settings):
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for group, setting in settings:
            run = {
                "group": group, "program": "w2vext", "setting": shown(setting), "seed": seed,
                "words": options.words,
            }  # fmt: skip
            if results.needs(**run):
                seconds, words, vectors = trained(setting, path, seed)
                results.add(**run, cpu_s=seconds, **evaluate(words, vectors, options.eval))


def peers(options, results, work):
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for program, setting in PEERS:
            if options.programs and program not in options.programs:
                continue
            if not re.search(options.match, shown(setting)):
                continue
            run = {
                "group": "peers", "program": program, "setting": shown(setting), "seed": seed,
                "words": options.words,
            }  # fmt: skip
            if not results.needs(**run):
                continue
            # fastText's and word2vec.c's seeds are fixed, so their text begins elsewhere instead.
            turn = (seed - 1) % TURNS if program in FIXED_SEED else 0
            text, lines = cut(options.text, work, options.words, turn, TURNS)
            job = Job(program, str(text), str(lines), str(work / "vectors"), seed=seed, **setting)
            figures = programs.run(job)
            scores = evaluate(*read_vectors(work / "vectors"), options.eval)
            results.add(**run, cpu_s=figures["cpu_s"], **scores)


def main():
    made = recording.parser(__doc__, resume=True)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--eval", type=Path, required=True, help="folder with the lists")
    made.add_argument("--words", type=int, default=5_000_000)
    made.add_argument("--seeds", type=int, default=2)
    made.add_argument("--first-seed", type=int, default=1)
    made.add_argument("--only", choices=("alpha", "settings", "peers"), nargs="+")
    made.add_argument("--models", choices=MODELS, nargs="+", default=list(MODELS))
    made.add_argument("--programs", choices=programs.PROGRAMS[1:], nargs="+")
    made.add_argument(
        "--match", default="", help="a regular expression for settings, ours and of other programs"
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
            tried = [setting for setting in TRIED if re.search(options.match, shown(setting))]
            ours(options, lines, results, [("settings", setting) for setting in tried])
        if "peers" in only:
            peers(options, results, work)
    tables.show(results.content)


if __name__ == "__main__":
    main()
