"""What each parameter of Word2Vec does: one setting changed at a time, several seeds, one table.

    python parameters.py wiki.txt --eval eval/ --words 5000000

The scores are those of scores.py; seconds are processor time of `fit`, counting included. Every
finished run is appended to a JSON-lines file and not done again. --only NAME ... limits the
parameters.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

from scores import evaluate

from w2vext import Word2Vec

BASE = {"workers": 1}
# Parameter: the settings that are tried; the first of each is the default.
TRIED = {
    "vector_size": [{"vector_size": d} for d in (100, 25, 50, 200, 300)],
    "window": [{"window": w} for w in (5, 2, 10, 15)],
    "shrink_windows": [{}, {"shrink_windows": False}, {"shrink_windows": False, "window": 3}],
    "negative": [{"negative": k} for k in (5, 1, 2, 10, 20)],
    "ns_exponent": [{"ns_exponent": x} for x in (0.75, 0.0, 0.5, 1.0)],
    "sample": [{"sample": s} for s in (1e-3, 0, 1e-2, 1e-4, 1e-5)],
    "epochs": [{"epochs": n} for n in (5, 1, 2, 10, 20)],
    "alpha": [{"alpha": a} for a in (0.025, 0.0125, 0.05, 0.1, 0.2)],
    "min_count": [{"min_count": n} for n in (5, 2, 10, 20)],
    "schedule": [{"schedule": name} for name in ("linear", "cosine", "constant")],
    "shuffle": [{}, {"shuffle": True}],
    "kernel": [{"kernel": "auto"}, {"kernel": "pair"}],
    "workers": [{"workers": 1}, {"workers": 2}],
    "architecture, loss": [
        {},
        {"loss": "hs"},
        {"architecture": "cbow"},
        {"architecture": "cbow", "cbow_gradient": "word2vec"},
        {"architecture": "cbow", "loss": "hs"},
    ],
    # The full softmax costs a vocabulary per word: it is compared on the 5,000 most frequent ones.
    "softmax": [{"max_vocab": 5000, "loss": name} for name in ("neg", "hs", "softmax")],
}


def first_words(path, number):
    """The first so many words of a text as sentences of 1,000, which is how long its lines are."""
    with open(path, encoding="utf-8") as file:
        words = file.read(number * 12).split()[:number]
    return [words[at : at + 1000] for at in range(0, len(words), 1000)]


def measured(sentences, setting, seed, folder):
    began = time.process_time()
    model = Word2Vec(**BASE | setting, random_state=seed).fit(sentences)
    seconds = time.process_time() - began
    return {"seconds": round(seconds, 1), "loss": model.loss_history_[-1]} | evaluate(
        model.wv.index_to_key, model.vectors_, folder
    )


def shown(setting):
    return ", ".join(f"{name}={value!r}" for name, value in setting.items()) or "defaults"


def table(records, names):
    lines = [
        "| setting | analogies | WordSim-353 | SimLex-999 | seconds |",
        "|---|---|---|---|---|",
    ]
    for setting in (shown(setting) for name in names for setting in TRIED[name]):
        found = [record for record in records if record["setting"] == setting]
        cells = []
        for score in ("analogies", "wordsim", "simlex", "seconds"):
            values = [record[score] for record in found]
            spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.1f}{spread if score != 'seconds' else ''}")
        lines.append(f"| `{setting}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text file, words separated by spaces")
    parser.add_argument("--eval", type=Path, required=True, help="folder with the three lists")
    parser.add_argument("--words", type=int, default=5_000_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=TRIED, default=list(TRIED), metavar="NAME")
    parser.add_argument("--records", type=Path, default=Path("parameters.jsonl"))
    options = parser.parse_args()
    lines = options.records.read_text().splitlines() if options.records.exists() else []
    done = [record for record in map(json.loads, lines) if record["words"] == options.words]
    seen = {(record["setting"], record["seed"]) for record in done}
    sentences = first_words(options.text, options.words)
    for name in options.only:
        for setting in TRIED[name]:
            for seed in range(1, options.seeds + 1):
                if (shown(setting), seed) in seen:
                    continue
                seen.add((shown(setting), seed))
                record = {"setting": shown(setting), "seed": seed, "words": options.words}
                record |= measured(sentences, setting, seed, options.eval)
                done.append(record)
                with options.records.open("a") as file:
                    print(json.dumps(record), file=file, flush=True)
    print(f"{options.words:,} words, seeds 1 to {options.seeds}, {os.cpu_count()} cores")
    print(table(done, options.only))


if __name__ == "__main__":
    main()
