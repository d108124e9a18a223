"""One command, one table: w2vext against gensim, fastText and word2vec.c, in words/s and memory.

    python speed.py wiki.txt --words 2000000 --members "sg ns" --sizes 100 --workers 1

The programs take turns (A B C A B C ...), each run in a process of its own, BLAS on one thread;
medians are printed. How seconds and words are counted stands in programs.py. Peak memory is the
process's largest resident set; beside it the part of it that is no file (a mapped corpus is one).
"cores got" is processor time by wall time and workers, of the whole process: with one worker, less
than about 95 % says that the machine was busy with something else. "By CPU" is the loop's rate by
the processor time of all its threads, which such company disturbs less (fastText does not tell).
"""

import argparse
import statistics
import sys
from dataclasses import replace
from pathlib import Path

import limits
import texts
from programs import PROGRAMS, Job, known_words, parse_variant, run, start

KEYS = ("rate", "cpu_rate", "total_s", "peak_mb", "peak_anonymous_mb", "share")
MEMBERS = ("sg ns", "cbow ns", "sg hs", "cbow hs")


def make(program, member, size, workers, options):
    short, loss = member.split()
    one, lines = texts.cut(options.text, options.folder, options.words)
    return Job(
        program, one, lines, str(options.folder / f"speed-{program}.bin"),
        loss="neg" if loss == "ns" else loss, architecture="skipgram" if short == "sg" else "cbow",
        size=size, epochs=options.epochs, min_count=options.min_count, workers=workers,
        more=options.set if program == "w2vext" else {},
    )  # fmt: skip


def measure(jobs, repeats, words):
    """{name: list of figures} of jobs that take turns; a job's `twin` runs two at once."""
    found = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, (job, twin) in jobs.items():
            figures = together(job) if twin else run(job)
            trained = (2 if twin else 1) * words * job.epochs
            if "rate" in figures:
                figures["rate"] *= job.workers
            else:
                figures["rate"] = trained / figures["train_s"]
            if "train_cpu_s" in figures:
                figures["cpu_rate"] = trained / figures["train_cpu_s"]
            figures["share"] = figures["cpu_s"] / figures["total_s"] / (2 if twin else job.workers)
            found[name].append(figures)
            said = f"{figures['rate'] / 1e3:,.0f} k words/s, {figures['total_s']:.1f} s"
            print(f"{job.member} d={job.size} {name}: {said}", file=sys.stderr)
    return found


def together(job):
    """Two independent processes of one worker: the slower one's times, both ones' memory."""
    watches = [start(replace(job, out=f"{job.out}.{n}")) for n in range(2)]
    both = [watch.finish() for watch in watches]
    one = {name: max(figures[name] for figures in both) for name in ("train_s", "total_s")}
    summed = ("peak_mb", "peak_anonymous_mb", "cpu_s", "train_cpu_s")
    return one | {name: sum(figures[name] for figures in both) for name in summed}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text file, words separated by spaces")
    parser.add_argument("--words", type=int, help="only the first so many (default: all)")
    parser.add_argument("--programs", nargs="+", default=PROGRAMS, choices=PROGRAMS)
    parser.add_argument("--members", nargs="+", default=MEMBERS, choices=MEMBERS)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100, 300])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--twins", action="store_true", help="also two one-worker processes")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--set",
        type=parse_variant,
        default={},
        help="parameters of w2vext.Word2Vec, as kernel=pair",
    )
    parser.add_argument("--no-limits", action="store_true", help="skip the machine's limits")
    parser.add_argument("--folder", type=Path, default=Path("bench-speed"), help="work folder")
    options = parser.parse_args()
    one, _ = texts.cut(options.text, options.folder, options.words)
    words = known_words(one, options.min_count)
    print(f"{words:,} words of the vocabulary, {options.epochs} epochs, {options.repeats} "
          f"alternating runs, medians (least to most)\n")  # fmt: skip
    print("| member | d | workers | program | training loop, k words/s | by CPU | end to end, s "
          "| peak MB | of it no file | cores got "
          "| w2vext faster: loop | by CPU | end to end |")  # fmt: skip
    print("|" + "---|" * 13)
    for member in options.members:
        for size in options.sizes:
            for workers in options.workers:
                jobs = {
                    program: (make(program, member, size, workers, options), False)
                    for program in options.programs
                }
                if options.twins and workers == 2:
                    pair = make("w2vext", member, size, 1, options)
                    jobs["w2vext, two processes of one worker"] = (pair, True)
                show(measure(jobs, options.repeats, words), member, size, workers)
    if not options.no_limits:
        print("\n| limit, one thread | measured |\n|---|---|")
        for name, figure in limits.measure([68_000], 3).items():
            print(f"| {name} | {figure} |")


def show(found, member, size, workers):
    middle = {
        name: {key: statistics.median(run[key] for run in runs) for key in KEYS if key in runs[0]}
        for name, runs in found.items()
    }
    ours = middle.get("w2vext")
    for name, figures in middle.items():
        rates = [run["rate"] / 1e3 for run in found[name]]
        by_cpu = f"{figures['cpu_rate'] / 1e3:,.0f}" if "cpu_rate" in figures else "–"
        ratios = "| | | |"
        if ours and name in PROGRAMS and name != "w2vext":
            ratios = [ours[key] / figures[key] if key in figures else None for key in KEYS[:2]]
            ratios.append(figures["total_s"] / ours["total_s"])
            ratios = "| " + " | ".join(f"{r:.1f}×" if r else "–" for r in ratios) + " |"
        print(f"| {member} | {size} | {workers} | {name} | {figures['rate'] / 1e3:,.0f} "
              f"({min(rates):,.0f}–{max(rates):,.0f}) | {by_cpu} | {figures['total_s']:.1f} "
              f"| {figures['peak_mb']:.0f} | {figures['peak_anonymous_mb']:.0f} "
              f"| {100 * figures['share']:.0f} % {ratios}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
