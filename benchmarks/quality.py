"""Trains several seeds of each program and prints one table of what the vectors are worth.

    python quality.py wiki.txt --eval eval/ --words 2000000 --seeds 5 --variant kernel=pair

Every finished run is appended to a JSON-lines file and not done again: the peers are trained once.
Seeds: w2vext's and gensim's own. word2vec.c's seed is fixed, so its runs read the same words from
another starting point (the text rotated). Scores: see scores.py.
"""

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import texts
from programs import Job, parse_variant, run

import w2vext
from w2vext._estimator.parameters import first_alpha

# Each peer's own default.
ALPHA = {
    "skipgram": {"word2vec.c": 0.025, "gensim": 0.025, "fasttext": 0.05},
    "cbow": {"word2vec.c": 0.05, "gensim": 0.025, "fasttext": 0.05},
}
SCORES = ("analogies", "wordsim", "simlex")
MEMBERS = ("sg ns", "cbow ns", "sg hs", "cbow hs")
PEERS = ("gensim", "word2vec.c")


def jobs(options):
    known = {field.name for field in fields(Job)}
    for member in options.members:
        short, loss = member.split()
        architecture = "skipgram" if short == "sg" else "cbow"
        for program in options.programs:
            for variant in options.variant if program == "w2vext" else [{}]:
                settings = {name: value for name, value in variant.items() if name in known}
                more = {name: value for name, value in variant.items() if name not in known}
                alpha = options.alpha or ALPHA[architecture].get(program)
                if architecture == "skipgram" and options.alpha is None:
                    alpha = 0.025  # skip-gram is compared at equal parameters
                settings.setdefault("alpha", alpha)
                if program == "w2vext" and settings["alpha"] is None:
                    settings["alpha"] = default_alpha(architecture, loss, more)
                for seed in range(1, options.seeds + 1):
                    yield Job(
                        program, "", "", "", "neg" if loss == "ns" else loss, architecture,
                        size=options.size, epochs=options.epochs, seed=seed, more=more,
                        **{"workers": options.workers, **settings},
                    )  # fmt: skip


def default_alpha(architecture, loss, more):
    """w2vext's own."""
    loss = "neg" if loss == "ns" else loss
    return first_alpha(vars(w2vext.Trainer(architecture=architecture, loss=loss, **more)))


def identity(record):
    names = ("program", "member", "alpha", "words", "seed", "workers", "size", "epochs")
    return json.dumps([*(record[name] for name in names), record.get("more", {})], sort_keys=True)


def describe(job, words):
    return {
        "program": job.program, "member": job.member, "alpha": job.alpha, "words": words,
        "seed": job.seed, "workers": job.workers, "size": job.size, "epochs": job.epochs,
        "more": job.more | {name: getattr(job, name) for name in ("window", "negative", "sample")
                            if getattr(job, name) != getattr(Job, name)},
    }  # fmt: skip


def train_and_score(job, options, label):
    turn = job.seed - 1 if job.program == "word2vec.c" else 0
    one, lines = texts.cut(options.text, options.folder, options.words, turn, 5)
    out = str(options.folder / f"{job.program}.bin")
    figures = run(replace(job, text=one, lines=lines, out=out))
    scorer = Path(__file__).with_name("scores.py")
    asked = [sys.executable, scorer, out, "--eval", options.eval]
    scored = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
    scored.pop("file")
    return {**describe(job, label), **scored, "cpu_s": round(figures["cpu_s"], 1)}


def rows(records):
    """Records of one configuration together: {key: [records]}."""
    grouped = {}
    for record in records:
        key = (record["member"], record["program"], record["alpha"], record["workers"])
        grouped.setdefault((*key, json.dumps(record.get("more", {}), sort_keys=True)), []).append(
            record
        )
    return grouped


def bar(key, grouped):
    """The better of gensim's and word2vec.c's means for each score, and for their mean."""
    member, _, alpha, _, more = key
    own = not member.startswith("sg") and "cbow_gradient" not in more
    architecture = "cbow" if member.startswith("cbow") else "skipgram"
    means = []
    for other, records in grouped.items():
        if other[0] != member or other[1] not in PEERS:
            continue
        if other[2] == (ALPHA[architecture][other[1]] if own else alpha):
            scores = [mean(records, score) for score in SCORES]
            means.append([*scores, statistics.mean(scores)])
    return [max(column) for column in zip(*means, strict=True)]


def mean(records, score):
    return statistics.mean(record[score] for record in records)


def table(records):
    grouped = rows(records)
    lines = [
        "| member | program | alpha | workers | seeds | analogies | WordSim-353 | SimLex-999 "
        "| mean | difference to the better of gensim and word2vec.c: each, mean |",
        "|" + "---|" * 10,
    ]
    for key in sorted(grouped, key=lambda key: (MEMBERS.index(key[0]), *map(str, key[1:]))):
        found = grouped[key]
        member, program, alpha, workers, more = key
        cells = []
        for score in SCORES:
            values = [record[score] for record in found]
            spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.1f}{spread}")
        overall = statistics.mean(mean(found, score) for score in SCORES)
        better = bar(key, grouped)
        means = [*(mean(found, score) for score in SCORES), overall]
        gaps = [f"{value - best:+.1f}" for value, best in zip(means, better, strict=False)]
        gap = "" if program in PEERS or not gaps else ", ".join(gaps)
        name = ", ".join([program, *(f"{key} {value}" for key, value in json.loads(more).items())])
        lines.append(
            f"| {member} | {name} | {alpha} | {workers} | {len(found)} | "
            + " | ".join(cells) + f" | {overall:.2f} | {gap} |"
        )  # fmt: skip
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text file, words separated by spaces")
    parser.add_argument("--eval", type=Path, required=True, help="folder with the three lists")
    parser.add_argument("--words", type=int, help="only the first so many (default: all)")
    parser.add_argument("--programs", nargs="*", default=["w2vext", *PEERS])
    parser.add_argument("--members", nargs="+", default=["sg ns", "cbow ns", "sg hs"])
    parser.add_argument("--variant", type=parse_variant, action="append",
                        help="w2vext's, as kernel=pair,alpha=0.05; repeatable")  # fmt: skip
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--alpha", type=float, help="the same for all (default: see ALPHA)")
    parser.add_argument("--folder", type=Path, default=Path("bench-quality"), help="work folder")
    parser.add_argument("--records", type=Path, help="default: scores.jsonl in the work folder")
    options = parser.parse_args()
    options.variant = options.variant or [{}]
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.records or options.folder / "scores.jsonl"
    label = f"{options.words or 'all'}"
    done = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    seen = {identity(record) for record in done}
    for job in jobs(options):
        if identity(describe(job, label)) in seen:
            continue
        record = train_and_score(job, options, label)
        print(json.dumps(record), file=sys.stderr, flush=True)
        with path.open("a") as file:
            file.write(json.dumps(record) + "\n")
        done.append(record)
    asked = (label, options.size, options.epochs)
    print(table([r for r in done if (r["words"], r["size"], r["epochs"]) == asked]))


if __name__ == "__main__":
    main()
