"""Compare w2vext with gensim, fastText and word2vec.c: speed, memory and quality of the vectors.

    python benchmarks/compare.py wiki.txt --words 2000000 --eval eval/

The programs take turns (A B C A B C …), each run in a process of its own with BLAS on one thread.
With --eval the vectors of each run are scored as in scores.py. How time is taken and what each
program reads is described in programs.py.

Round n uses seed n. word2vec.c and fastText have a fixed seed; in round n they read the words from
another starting point. Skip-gram has the same alpha everywhere; CBOW has each program's default.

Options of w2vext are compared by --variant, for example
--variant kernel=pair --variant cbow_gradient=word2vec,alpha=0.05.
"""

import json
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import tables
import texts
from programs import MODELS, PROGRAMS, Job, known_words, parse_options, run, speeds
from results import Results, parser

# Each program's default for CBOW. None: w2vext chooses by model and gradient.
CBOW_ALPHA = {"w2vext": None, "gensim": 0.025, "fasttext": 0.05, "word2vec.c": 0.05}
FIXED_SEED = ("word2vec.c", "fasttext")
# Assumed words per second at d = 100, to estimate the length of a first run.
GUESS = {"w2vext": 1e6, "gensim": 2e5, "fasttext": 1e5, "word2vec.c": 1e5}
SETTINGS = {field.name for field in fields(Job)} - {"options"}


def read_command_line():
    made = parser(__doc__)
    add = made.add_argument
    add("text", type=Path, help="a text file, words separated by spaces")
    add("--words", type=int, help="use only this many words [all]")
    add("--programs", nargs="+", default=PROGRAMS, choices=PROGRAMS)
    add("--models", nargs="+", default=["sg-ns", "cbow-ns", "sg-hs"], choices=MODELS)
    add("--sizes", nargs="+", type=int, default=[100], help="dimensions of the vectors [100]")
    add("--workers", nargs="+", type=int, default=[1])
    add("--two-processes", action="store_true", help="also run two w2vext of one worker at once")
    add("--variant", type=parse_options, action="append", default=[], help="options of w2vext")
    add("--isa", nargs="+", default=[None], help="instruction sets, e.g. avx512 avx2 [the best]")
    add("--epochs", type=int, default=5)
    add("--min-count", type=int, default=Job.min_count)
    add("--rounds", type=int, default=2, help="runs of each program [2]")
    add(
        "--rounds-of", nargs="+", type=rounds_of, default=[], metavar="PROGRAM=N", help="exceptions"
    )
    add("--eval", type=Path, help="folder with questions-words.txt, wordsim353.txt, simlex999.txt")
    add("--minutes", type=float, help="start no run that would end later than this")
    add("--work", type=Path, default=Path("bench-compare"), help="folder for texts and vectors")
    options = made.parse_args()
    options.rounds_of = dict.fromkeys(options.programs, options.rounds) | dict(options.rounds_of)
    return options


def rounds_of(text):
    """'fasttext=1' as (program, number)."""
    program, _, number = text.partition("=")
    if program not in PROGRAMS:
        raise ValueError(text)
    return program, int(number)


def jobs(options, number):
    """(job, processes) of one round, in the order in which they run."""
    programs = [name for name in options.programs if number <= options.rounds_of[name]]
    for model in options.models:
        for size in options.sizes:
            for isa in options.isa:
                for workers in options.workers:
                    for program in programs:
                        alpha = 0.025 if model.startswith("sg") else CBOW_ALPHA[program]
                        job = Job(
                            program, "", "", "", model, size, alpha=alpha, isa=isa, seed=number,
                            epochs=options.epochs, workers=workers,
                            min_count=options.min_count,
                        )  # fmt: skip
                        yield job, 1
                        if program == "w2vext":
                            for variant in options.variant:
                                yield changed(job, variant), 1
                            if options.two_processes and workers == 2:
                                yield replace(job, workers=1), 2


def changed(job, variant):
    """A w2vext job with other settings: attributes of Job, or options of `w2vext train`."""
    settings = {name: value for name, value in variant.items() if name in SETTINGS}
    return replace(job, **settings, options={k: v for k, v in variant.items() if k not in settings})


def kind(job, processes):
    """The key of a run, which is equal for runs that differ only in the seed."""
    return json.dumps({**vars(job), "seed": 0, "processes": processes})


def measure(job, processes, options, words):
    turn = job.seed - 1 if job.program in FIXED_SEED else 0
    one, lines = texts.cut(options.text, options.work, options.words, turn, 5)
    out = str(options.work / f"{job.program}.bin")
    job = replace(job, text=one, lines=lines, out=out)
    figures = run(job, processes)
    rates = speeds(job, figures, words, processes)
    record = {
        "program": job.program, "model": job.model, "size": job.size, "epochs": job.epochs,
        "words": options.words, "known_words": words, "workers": job.workers,
        "processes": processes, "isa": job.isa, "seed": job.seed, "alpha": job.alpha,
        "options": job.options | {
            name: getattr(job, name) for name in ("window", "negative", "sample", "min_count")
            if getattr(job, name) != getattr(Job, name)
        },
    } | rates | figures  # fmt: skip
    if options.eval:
        scorer = [sys.executable, Path(__file__).with_name("scores.py"), out]
        done = subprocess.run([*scorer, "--eval", options.eval], check=True, capture_output=True)
        record |= json.loads(done.stdout)
        record.pop("file")
    Path(out).unlink()
    return record


def main():
    options = read_command_line()
    begin, took = time.monotonic(), {}
    one, _ = texts.cut(options.text, options.work, options.words)
    words = known_words(one, options.min_count)
    results = Results(options)
    for number in range(1, max(options.rounds_of.values()) + 1):
        for job, processes in jobs(options, number):
            guess = words * job.epochs / GUESS[job.program] * (job.size / 100) ** 0.7
            seconds = took.get(kind(job, processes), guess)
            if options.minutes and time.monotonic() - begin + seconds > 60 * options.minutes:
                print(f"no time for {job.program}, {job.model}, seed {job.seed}", file=sys.stderr)
                continue
            start = time.monotonic()
            try:
                results.add(**measure(job, processes, options, words))
            except RuntimeError as error:
                if job.program == "w2vext":
                    raise
                reason = str(error).strip().splitlines()[-1]
                results.fail(program=job.program, model=job.model, seed=job.seed, error=reason)
            took[kind(job, processes)] = time.monotonic() - start
    tables.show(results.content)


if __name__ == "__main__":
    main()
