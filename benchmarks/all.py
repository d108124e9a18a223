"""Run the benchmarks whose figures the pages show, within a given time.

    python benchmarks/all.py --text wiki.txt --eval eval/ --minutes 25
    python benchmarks/report.py

The steps run one after another, so that they do not disturb each other. A step that would not end
in time is left out, and its earlier results are kept. --only selects steps, --list shows their
names.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Name: (minutes on two cores of a Zen 5, command line). The names are those in tables.TABLES.
STEPS = {
    "compare": (
        13,
        "compare.py {text} --eval {eval} --words {words} --rounds-of w2vext=3 fasttext=1 "
        "--variant cbow_gradient=word2vec,alpha=0.05",
    ),
    "workers": (
        4,
        "compare.py {text} --words {words} --programs w2vext gensim word2vec.c --workers 1 2 "
        "--two-processes --variant deterministic=true --epochs 2 --rounds 1 --rounds-of w2vext=3",
    ),
    "compare-300": (
        3,
        "compare.py {text} --words {words} --models sg-ns cbow-ns --sizes 300 --epochs 1 "
        "--rounds 1 --rounds-of w2vext=3",
    ),
    "isa": (
        1.5,
        "compare.py {text} --words {words} --programs w2vext gensim word2vec.c --models sg-ns "
        "--isa avx512 avx2 --epochs 1 --rounds 1 --rounds-of w2vext=5",
    ),
    "imports": (0.5, "imports.py"),
    "limits": (0.5, "limits.py"),
    "queries": (0.5, "queries.py --analogies {eval}/questions-words.txt"),
    "softmax": (0.5, "softmax.py"),
    "fasttext_files": (1.5, "fasttext_files.py"),
    "subwords": (4, "subwords.py {text} --words {words}"),
    "subwords-quality": (
        40,
        "subwords.py {text} --eval {eval} --words {more} --epochs 5 --rounds 2 "
        "--only w2vext fastText",
    ),
    "subwords-held": (
        18,
        "subwords.py {text} --eval {eval} --words {words} --epochs 5 --rounds 2 --hold-out "
        "--only w2vext fastText",
    ),
    "exact": (2, "exact.py {work}/{stem}-{words}.txt"),
    "suite": (1, "suite.py {text} --eval {eval} --words {words}"),
    "tokenizer": (1, "tokenizer.py"),
    "phrases": (1.5, "phrases.py {work}/{stem}-{words}.lines.txt"),
    "gensim_api": (6, "gensim_api.py {text} --eval {eval} --words {words}"),
    "text": (4, "text.py {text} --words {words}"),
    "documents": (6, "documents.py {text} --eval {eval} --sts {sts} --sst {sst}"),
    "columns": (1, "columns.py {text}"),
    "treebank": (1, "treebank.py {sst}"),
    "assignment": (0.5, "assignment.py {sst}"),
    "quality": (
        6,
        "compare.py {text} --eval {eval} --words {more} --models sg-ns --rounds 1 "
        "--programs w2vext gensim word2vec.c --rounds-of w2vext=3",
    ),
    "parameters": (40, "parameters.py {text} --eval {eval} --words {more}"),
}


def main():
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--eval", type=Path, help="folder with the three lists of scores.py")
    made.add_argument("--sst", type=Path, help="the treebank's folder")
    made.add_argument("--sts", type=Path, help="the folder of STS-B")
    made.add_argument("--words", type=int, default=2_000_000)
    made.add_argument("--more", type=int, default=5_000_000, help="words of the last steps")
    made.add_argument("--minutes", type=float, help="time for all steps [no limit]")
    made.add_argument("--only", nargs="+", choices=STEPS, default=list(STEPS), metavar="STEP")
    made.add_argument("--results", type=Path, default=HERE / "results")
    made.add_argument("--work", type=Path, default=Path("bench-compare"), help="work folder")
    made.add_argument("--list", action="store_true", help="only show the steps")
    options = made.parse_args()
    if options.list:
        for name, (minutes, command) in STEPS.items():
            print(f"{name:12} {minutes:4} min  {command}")
        return
    values = vars(options) | {"stem": options.text.stem}
    begin, failed = time.monotonic(), []
    for name in options.only:
        minutes, command = STEPS[name]
        spent = (time.monotonic() - begin) / 60
        needed = [key for key in ("text", "eval", "sst", "sts") if f"{{{key}}}" in command]
        missing = [f"--{key}" for key in needed if not values[key]]
        if missing:
            print(f"{name}: left out, needs {', '.join(missing)}", flush=True)
        elif options.minutes and spent + minutes > options.minutes:
            print(f"{name}: left out, needs about {minutes} minutes", flush=True)
        else:
            script, *arguments = command.format(**values).split()
            line = [sys.executable, HERE / script, *arguments]
            line += ["--name", name, "--results", options.results]
            if script in ("compare.py", "subwords.py", "text.py"):
                line += ["--work", options.work]
            print(
                f"\n{name}, after {spent:.1f} minutes: {script} {' '.join(arguments)}", flush=True
            )
            if subprocess.run(line, check=False).returncode:
                failed.append(name)
    print(f"\n{(time.monotonic() - begin) / 60:.1f} minutes")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
