"""Measure the effect of each parameter of Word2Vec, changed one at a time, with several seeds.

    python benchmarks/parameters.py wiki.txt --eval eval/

The scores are those of scores.py; seconds are CPU time of `fit`, counting included. The full
softmax is compared with a vocabulary of 5,000 words, on a fifth of the text. With `--resume` a call
that was interrupted continues.
"""

from pathlib import Path

import results as recording
import tables
from results import clocked
from scores import evaluate

from w2vext import Word2Vec

# Group: the settings that are compared.
TRIED = {
    "vector_size": [{"vector_size": d} for d in (25, 50, 100, 200, 300)],
    "window": [{"window": w} for w in (2, 5, 10, 15)],
    "shrink_windows": [
        {"shrink_windows": True, "window": 5},
        {"shrink_windows": False, "window": 5},
        {"shrink_windows": False, "window": 3},
    ],
    "negative": [{"negative": k} for k in (1, 2, 5, 10, 20)],
    "ns_exponent": [{"ns_exponent": x} for x in (0.0, 0.5, 0.75, 1.0)],
    "sample": [{"sample": s} for s in (0, 1e-2, 1e-3, 1e-4, 1e-5)],
    "epochs": [{"epochs": n} for n in (1, 2, 5, 10, 20)],
    "alpha": [{"alpha": a} for a in (0.0125, 0.025, 0.05, 0.1)],
    "min_count": [{"min_count": n} for n in (2, 5, 10, 20)],
    "schedule": [{"schedule": name} for name in ("linear", "cosine", "constant")],
    "shuffle": [{"shuffle": False}, {"shuffle": True}],
    "kernel": [{"kernel": "block"}, {"kernel": "pair"}],
    "workers": [
        {"workers": 1, "deterministic": False},
        {"workers": 2, "deterministic": False},
        {"workers": 2, "deterministic": True},
    ],
    "models": [
        {"architecture": "skipgram", "loss": "neg"},
        {"architecture": "skipgram", "loss": "hs"},
        {"architecture": "skipgram", "loss": "hs+neg"},
        {"architecture": "cbow", "loss": "neg"},
        {"architecture": "cbow", "loss": "neg", "cbow_gradient": "word2vec"},
        {"architecture": "cbow", "loss": "hs"},
    ],
    "softmax": [{"max_final_vocab": 5000, "loss": name} for name in ("neg", "hs", "softmax")],
}
# A setting that equals the defaults is trained only once for all groups.
DEFAULTS = {
    "vector_size": 100, "window": 5, "shrink_windows": True, "negative": 5, "ns_exponent": 0.75,
    "sample": 1e-3, "epochs": 5, "alpha": 0.05, "min_count": 5, "schedule": "linear",
    "shuffle": False, "kernel": "block", "workers": 1, "deterministic": False,
    "architecture": "skipgram", "loss": "neg",
}  # fmt: skip


def first_words(path, number):
    """The first `number` words of a text, in sentences of 1,000."""
    with open(path, encoding="utf-8") as file:
        words = file.read(number * 12).split()[:number]
    return [words[at : at + 1000] for at in range(0, len(words), 1000)]


def measured(sentences, setting, seed, folder):
    _, seconds, model = clocked(
        lambda: Word2Vec(**{"workers": 1} | setting, random_state=seed).fit(sentences)
    )
    loss = model.loss_history_[-1]
    scores = evaluate(model.wv.index_to_key, model.vectors_, folder)
    return {"cpu_s": seconds, "loss": loss, **scores}


def shown(setting):
    return ", ".join(f"{name}={value!r}" for name, value in setting.items())


def main():
    made = recording.parser(__doc__, resume=True)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--eval", type=Path, required=True, help="folder with the three lists")
    made.add_argument("--words", type=int, default=5_000_000)
    made.add_argument("--seeds", type=int, default=3)
    made.add_argument("--only", nargs="+", choices=TRIED, default=list(TRIED), metavar="GROUP")
    options = made.parse_args()
    sentences = first_words(options.text, options.words)
    small = first_words(options.text, options.words // 5)
    results, done = recording.Results(options), {}
    for seed in range(1, options.seeds + 1):
        for group in options.only:
            for setting in TRIED[group]:
                known = {"group": group, "setting": shown(setting), "seed": seed}
                if not results.needs(**known):
                    continue
                text = small if group == "softmax" else sentences
                key = shown(DEFAULTS | setting), seed, len(text)
                if key not in done:
                    done[key] = measured(text, setting, seed, options.eval)
                results.add(**known, words=sum(map(len, text)), **done[key])
    tables.show(results.content)


if __name__ == "__main__":
    main()
