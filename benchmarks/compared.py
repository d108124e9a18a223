"""Tables and figures from the results of compare.py: speed, memory and quality of training."""

import json
from statistics import mean, median

from programs import MODELS, PROGRAMS
from stored import (
    ISA,
    caption,
    day,
    deviation,
    grouped,
    machine_name,
    middle,
    number,
    span,
    table,
    thousands,
    times,
)  # fmt: skip

TITLES = {name: name for name in PROGRAMS} | {"fasttext": "fastText"}
BUSY = 0.8  # of a core: with less, speeds are unreliable, and the caption says so
SCORES = {"analogies": "analogies", "wordsim": "WordSim-353", "simlex": "SimLex-999"}


def label(run):
    """The name of a program with its settings in a table."""
    parts = [TITLES[run["program"]]]
    parts += [f"{name}={value}" for name, value in run["options"].items()]
    if run["processes"] > 1:
        parts.append(f"{run['processes']} processes")
    return ", ".join(parts)


COMPARED = ("model", "size", "workers", "isa", "program", "options", "processes")


def trained(content):
    """A description of the training for a caption."""
    run = content["runs"][0]
    words = f"The first {run['words']:,} words" if run["words"] else "The whole text"
    rounds = max(len(runs) for runs in grouped(content["runs"], *COMPARED).values())
    said = f"{words}, epochs: {run['epochs']}, runs of each: up to {rounds}."
    alone = median(each["cores_used"] for each in content["runs"] if each["workers"] == 1)
    if alone < BUSY:
        said += f"\n**The machine was busy: a program got {alone:.2f} of a core.**"
    return said


def limited(content, isa):
    """{(model, size, program): runs} of one worker, default settings and one instruction set."""
    runs = [
        run
        for run in content["runs"]
        if (run["workers"], run["processes"], run["isa"], run["options"]) == (1, 1, isa, {})
    ]
    return grouped(runs, "model", "size", "program")


def plain(content):
    """{(model, size, program): runs} of one worker and default settings."""
    return limited(content, None)


# The rows of each result in the table of speeds.
OF_ROWS = {"compare": "d = 100", "compare-300": "d = 300", "isa": "AVX2"}


def speed(machines):
    """Thousand words per second of the training loop, one thread, each program a column."""
    parts = []
    for named in machines:
        rows = []
        for name, content in named.items():
            found = plain(content) if name != "isa" else limited(content, "avx2")
            about = ", AVX2 instructions" if name == "isa" else ""
            for model, size in dict.fromkeys(key[:2] for key in found):
                ours = middle(found[model, size, "w2vext"], "words_per_s")
                row = [f"{MODELS[model]}, d = {size}{about}", f"**{thousands(ours)}**"]
                for program in PROGRAMS[1:]:
                    runs = found.get((model, size, program))
                    rate = runs and middle(runs, "words_per_s")
                    row.append(f"{thousands(rate)} ({times(ours / rate)})" if runs else "")
                rows.append(row)
        content = next(iter(named.values()))
        head = [machine_name(content), *(TITLES[program] for program in PROGRAMS)]
        said = {name: f"{day(content)}. {trained(content)}" for name, content in named.items()}
        if len(set(said.values())) > 1:
            said = {name: f"{OF_ROWS[name]}: {text}" for name, text in said.items()}
        parts += [table(head, rows), "\n".join(dict.fromkeys(said.values()))]
    return "\n\n".join(parts)


def speed_details(machines):
    return "\n\n".join(
        part
        for named in machines
        for content in named.values()
        for part in (caption(content, trained(content)), _speed_details(content))
    )


def _speed_details(content):
    groups = grouped(content["runs"], *COMPARED)
    rows = []
    for key, runs in groups.items():
        run = runs[0]
        ours = groups.get((*key[:4], "w2vext", "{}", 1))
        total = middle(runs, "total_s")
        row = [MODELS[run["model"]], run["size"], run["workers"]]
        row += [
            label(run) + (f", {run['isa']}" if run["isa"] else ""),
            span([each["words_per_s"] for each in runs], thousands),
            f"{total:.1f}",
            f"{middle(runs, 'peak_mb'):,.0f}",
            f"{middle(runs, 'anonymous_mb'):,.0f}",
            f"{middle(runs, 'cores_used'):.2f}",
        ]
        if ours and run["program"] != "w2vext":
            rate = middle(ours, "words_per_s") / middle(runs, "words_per_s")
            row += [times(rate), times(total / middle(ours, "total_s"))]
        else:
            row += ["", ""]
        rows.append(row)
    head = ["model", "d", "workers", "program"]
    head += ["k words/s (least–most)", "end to end, s", "peak MB", "not of files", "cores used"]
    head += ["w2vext is faster: loop", "end to end"]
    return table(head, rows)


def workers(machines):
    """Speeds of one and two workers, and their ratio."""
    columns = {
        "w2vext, 1 worker": ("w2vext", 1, "{}", 1),
        "2 workers": ("w2vext", 2, "{}", 1),
        "2 processes of 1 worker": ("w2vext", 1, "{}", 2),
        "2 workers, deterministic": ("w2vext", 2, json.dumps({"deterministic": True}), 1),
        "gensim, 1 worker": ("gensim", 1, "{}", 1),
        "gensim, 2 workers": ("gensim", 2, "{}", 1),
        "word2vec.c, 1 thread": ("word2vec.c", 1, "{}", 1),
        "word2vec.c, 2 threads": ("word2vec.c", 2, "{}", 1),
    }
    parts = []
    for named in machines:
        (content,) = named.values()
        rows = []
        for (model,), runs in grouped(content["runs"], "model").items():
            found = grouped(runs, "program", "workers", "options", "processes")
            row = [MODELS[model]]
            for key in columns.values():
                rate = key in found and middle(found[key], "words_per_s")
                alone = (key[0], 1, "{}", 1)
                gain = f" ({rate / middle(found[alone], 'words_per_s'):.2f}×)" if rate else ""
                row.append((thousands(rate) + (gain if key != alone else "")) if rate else "")
            rows.append(row)
        parts += [caption(content, trained(content)), table(["k words/s", *columns], rows)]
    return "\n\n".join(parts)


def isas(machines):
    """Speeds of the programs when each is limited to some instructions of one processor."""
    return "\n\n".join(
        f"{caption(content, trained(content))}\n\n{_isas(content)}"
        for named in machines
        for content in named.values()
    )


def _isas(content):
    groups = grouped(content["runs"], "model", "program", "isa")
    isas = dict.fromkeys(key[2] for key in groups)
    rows = []
    for model, program in dict.fromkeys(key[:2] for key in groups):
        row, best = [MODELS[model], TITLES[program]], None
        for isa in isas:
            rate = middle(groups[model, program, isa], "words_per_s")
            ours = middle(groups[model, "w2vext", isa], "words_per_s")
            best = best or rate
            row.append(thousands(rate) + (f" ({rate / best:.2f}×)" if rate != best else ""))
            row.append(times(ours / rate) if program != "w2vext" else "")
        rows.append(row)
    head = ["model", "program"]
    for isa in isas:
        head += [f"only {ISA.get(isa, isa)}, k words/s", "w2vext is faster"]
    return table(head, rows)


def overall(runs):
    """The mean of the three scores of each run."""
    return [mean(run[score] for score in SCORES) for run in runs if "analogies" in run]


def quality(machines):
    """The mean of the three scores, each program a column."""
    parts = []
    for named in machines:
        for content in named.values():
            found = plain(content)
            rows = []
            for model, size in dict.fromkeys(key[:2] for key in found):
                row = [MODELS[model]]
                for program in PROGRAMS:
                    scores = overall(found.get((model, size, program), []))
                    row.append(deviation(scores) if scores else "")
                rows.append(row)
            words = f"{content['runs'][0]['words']:,} words"
            parts.append(table([words, *(TITLES[program] for program in PROGRAMS)], rows))
    return "\n\n".join(parts)


def quality_details(machines):
    return "\n\n".join(
        part
        for named in machines
        for content in named.values()
        if any("coverage" in run for run in content["runs"])
        for part in (caption(content, trained(content), _coverage(content)), _quality(content))
    )


def _coverage(content):
    share = median(run["coverage"] for run in content["runs"] if "coverage" in run)
    return f"{share:.0f} % of the analogies have only words that were compared."


def _quality(content):
    rows = []
    for runs in grouped(content["runs"], *COMPARED[:-1]).values():
        scored = [run for run in runs if "analogies" in run and run["processes"] == 1]
        if scored:
            alphas = {run["alpha"] for run in scored}
            row = [MODELS[scored[0]["model"]], label(scored[0]), *(f"{a:g}" for a in alphas)]
            row += [scored[0]["workers"], len(scored)]
            row += [deviation([run[score] for run in scored]) for score in SCORES]
            rows.append([*row, deviation(overall(scored))])
    head = ["model", "program", "alpha", "workers", "seeds", *SCORES.values(), "mean of the three"]
    return table(head, rows)


def figures(content):
    """{name: text} of single figures; see tables.figures."""
    found = {}
    groups = grouped(content["runs"], *COMPARED)
    for key, runs in groups.items():
        ours = groups.get((*key[:4], "w2vext", "{}", 1))
        run = runs[0]
        name = [content["name"], run["model"], run["size"], run["program"]]
        name += [f"{name}={value}" for name, value in run["options"].items()]
        name += [f"workers={run['workers']}"] if run["workers"] > 1 else []
        name += [f"processes={run['processes']}"] if run["processes"] > 1 else []
        name += [run["isa"]] if run["isa"] else []
        name = "/".join(map(str, name))
        rate = middle(runs, "words_per_s")
        found[f"{name}/k-words"] = thousands(rate)
        found[f"{name}/M-words"] = number(rate / 1e6, 2)
        if ours:
            found[f"{name}/ratio"] = times(middle(ours, "words_per_s") / rate)
            ratio = middle(runs, "total_s") / middle(ours, "total_s")
            found[f"{name}/end-to-end-ratio"] = times(ratio)
        if overall(runs):
            found[f"{name}/quality"] = f"{mean(overall(runs)):.1f}"
            for score in SCORES:
                found[f"{name}/{score}"] = f"{mean(run[score] for run in runs):.1f}"
    return found
