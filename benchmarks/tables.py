"""Turn stored results into Markdown tables and single figures.

`TABLES` names every table and the results that it is made of; `figures` gives single figures by
name, for sentences. Nothing here measures, and no figure is written by hand.
"""

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
BUSY = 0.8  # of a core: with less a speed says little, and the caption says so
SCORES = {"analogies": "analogies", "wordsim": "WordSim-353", "simlex": "SimLex-999"}


# ---- speed and quality of training


def label(run):
    """How a program and its settings are called in a table."""
    parts = [TITLES[run["program"]]]
    parts += [f"{name}={value}" for name, value in run["options"].items()]
    if run["processes"] > 1:
        parts.append(f"{run['processes']} processes")
    return ", ".join(parts)


COMPARED = ("model", "size", "workers", "isa", "program", "options", "processes")


def trained(content):
    """What was trained, for a caption."""
    run = content["runs"][0]
    words = f"The first {run['words']:,} words" if run["words"] else "The whole text"
    rounds = max(len(runs) for runs in grouped(content["runs"], *COMPARED).values())
    said = f"{words}, epochs: {run['epochs']}, runs of each: up to {rounds}."
    alone = median(each["cores_used"] for each in content["runs"] if each["workers"] == 1)
    if alone < BUSY:
        said += f" **The machine was busy: a program got {alone:.2f} of a core.**"
    return said


def plain(content):
    """{(model, size, program): runs} of one worker and default settings."""
    runs = [
        run
        for run in content["runs"]
        if (run["workers"], run["processes"], run["isa"], run["options"]) == (1, 1, None, {})
    ]
    return grouped(runs, "model", "size", "program")


def speed(machines):
    """Thousand words per second of the training loop, one thread, each program a column."""
    parts = []
    for named in machines:
        rows, contents = [], list(named.values())
        for content in contents:
            found = plain(content)
            for model, size in dict.fromkeys(key[:2] for key in found):
                ours = middle(found[model, size, "w2vext"], "words_per_s")
                row = [f"{MODELS[model]}, d = {size}", f"**{thousands(ours)}**"]
                for program in PROGRAMS[1:]:
                    runs = found.get((model, size, program))
                    rate = runs and middle(runs, "words_per_s")
                    row.append(f"{thousands(rate)} ({times(ours / rate)})" if runs else "")
                rows.append(row)
        head = [machine_name(contents[0]), *(TITLES[program] for program in PROGRAMS)]
        parts += [table(head, rows), f"{day(contents[0])}. {trained(contents[0])}"]
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
    head += ["k words/s (least–most)", "end to end, s", "peak MB", "without files", "cores used"]
    head += ["w2vext is faster: loop", "end to end"]
    return table(head, rows)


def workers(machines):
    """Speeds of one and two workers, and what two gain."""
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
        f"{caption(content, trained(content))}\n\n{isas_short([named])}"
        for named in machines
        for content in named.values()
    )


def isas_short(machines):
    parts = []
    for named in machines:
        (content,) = named.values()
        groups = grouped(content["runs"], "model", "program", "isa")
        rows = []
        for model, program in dict.fromkeys(key[:2] for key in groups):
            row, best = [MODELS[model], TITLES[program]], None
            for isa in dict.fromkeys(key[2] for key in groups):
                rate = middle(groups[model, program, isa], "words_per_s")
                ours = middle(groups[model, "w2vext", isa], "words_per_s")
                best = best or rate
                row.append(thousands(rate) + (f" ({rate / best:.2f}×)" if rate != best else ""))
                row.append(times(ours / rate) if program != "w2vext" else "")
            rows.append(row)
        head = ["model", "program"]
        for isa in dict.fromkeys(key[2] for key in groups):
            head += [f"only {ISA.get(isa, isa)}, k words/s", "w2vext is faster"]
        parts.append(table(head, rows))
    return "\n\n".join(parts)


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


# ---- other measurements


def listing(columns, field, title, write=number):
    """A table function with one row for each combination of `columns`: {title: field of a run}."""

    def make(machines):
        parts = []
        for named in machines:
            for content in named.values():
                rows = [
                    [*key, span([run[field] for run in runs], write)]
                    for key, runs in grouped(content["runs"], *columns.values()).items()
                ]
                parts += [caption(content), table([*columns, title], rows)]
        return "\n\n".join(parts)

    return make


def same_bytes(machines):
    """Outputs of the original and of w2vext, by their digests, and the CPU seconds of each."""
    parts = []
    for named in machines:
        (content,) = named.values()
        rows = []
        for (what,), runs in grouped(content["runs"], "model").items():
            theirs, ours = (
                [run for run in runs if run["program"] == program]
                for program in ("word2vec.c", "w2vext")
            )
            digests = {run["md5"] for run in runs}
            same = f"the same: `{digests.pop()}`" if len(digests) == 1 else "**differs**"
            seconds = [middle(some, "cpu_s") for some in (theirs, ours)]
            ratio = times(seconds[0] / seconds[1])
            rows.append([what, same, *map(number, seconds), ratio])
        head = ["", "output (MD5)", "original, CPU s", "w2vext, CPU s", "w2vext is faster"]
        parts += [caption(content), table(head, rows)]
    return "\n\n".join(parts)


def softmax(machines):
    """The full softmax step, and its share of the speed of a large sgemm."""
    parts = []
    for named in machines:
        (content,) = named.values()
        groups = grouped(content["runs"], "what", "unit")
        sgemm = middle(groups["sgemm, 2048 × 2048", "GFLOP/s"], "value")
        rows = []
        for (what, unit), runs in groups.items():
            share = f"{100 * middle(runs, 'value') / sgemm:.0f} %" if unit == "GFLOP/s" else ""
            rows.append([what, unit, span([run["value"] for run in runs], number), share])
        parts += [caption(content), table(["what", "unit", "median", "of sgemm"], rows)]
    return "\n\n".join(parts)


def queries(machines):
    """Elapsed milliseconds of queries, compared with a matrix-vector product and single queries."""
    parts = []
    for named in machines:
        (content,) = named.values()
        groups = {what: runs for (what,), runs in grouped(content["runs"], "what").items()}
        product, single, batch = (middle(runs, "wall_ms") for runs in list(groups.values())[:3])
        count = int(list(groups)[2].split()[0].replace(",", ""))
        against = [f"{single / product:.2f}× the product"]
        against.append(f"{times(count * single / batch)} as fast as single queries")
        rows = [
            [what, span([run["wall_ms"] for run in runs], number), note]
            for (what, runs), note in zip(groups.items(), ["", *against, ""], strict=False)
        ]
        run = content["runs"][0]
        facts = (
            f"{run['words']:,} words, d = {run['size']}, {run['blas']}, threads: {run['threads']}."
        )
        parts += [caption(content, facts), table(["what", "ms", "compared"], rows)]
    return "\n\n".join(parts)


def accuracy(machines):
    """Sentiment of the treebank's sentences: means over seeds."""
    parts = []
    for named in machines:
        (content,) = named.values()
        rows = []
        for (vectors,), runs in grouped(content["runs"], "vectors").items():
            shares = [deviation([run[split] for run in runs]) for split in ("train", "dev", "test")]
            rows.append([vectors, len(runs), *shares])
        share = median(run["frequent"] for run in content["runs"])
        rows.append(["the most frequent label in place of vectors", "", "", "", f"{share:.1f}"])
        heads = ["vectors", "seeds", "train, %", "dev, %", "test, %"]
        parts += [caption(content), table(heads, rows)]
    return "\n\n".join(parts)


def parameter(group):
    """A table function for one parameter's settings in parameters.py."""

    def make(machines):
        (content,) = machines[-1].values()
        runs = [run for run in content["runs"] if run["group"] == group]
        rows = [
            [
                f"`{setting}`",
                *(deviation([run[score] for run in some]) for score in SCORES),
                number(median(run["cpu_s"] for run in some)),
            ]
            for (setting,), some in grouped(runs, "setting").items()
        ]
        return table(["setting", *SCORES.values(), "s"], rows)

    return make


def all_parameters(machines):
    """The tables of all groups, for the script's own output."""
    (content,) = machines[-1].values()
    groups = dict.fromkeys(run["group"] for run in content["runs"])
    return "\n\n".join(f"{group}\n\n{parameter(group)(machines)}" for group in groups)


def parameters_method(machines):
    (content,) = machines[-1].values()
    words = max(run["words"] for run in content["runs"])
    seeds = max(run["seed"] for run in content["runs"])
    return caption(content, f"The first {words:,} words, {seeds} seeds of each setting.")


PARAMETERS = (
    "vector_size", "window", "shrink_windows", "negative", "ns_exponent", "sample", "epochs",
    "alpha", "min_count", "schedule", "shuffle", "kernel", "workers", "models", "softmax",
)  # fmt: skip
ENGINES = {"draws": "draws", "engine": "engine"}
PROGRAM = {"what": "what", "program": "program"}
SHARING = {"model": "architecture", "replicas": "replicas", "cores": "cores"}
# Name: (names of the results, function from the newest results of each machine to Markdown).
TABLES = {
    "speed": (("compare", "compare-300"), speed),
    "speed-details": (("compare", "compare-300"), speed_details),
    "workers": (("workers",), workers),
    "isa": (("isa",), isas),
    "isa-short": (("isa",), isas_short),
    "quality": (("compare",), quality),
    "quality-details": (("compare", "quality"), quality_details),
    "text": (("text",), listing(PROGRAM | {"unit": "unit"}, "value", "median")),
    "limits": (("limits",), listing({"limit": "limit", "unit": "unit"}, "value", "median")),
    "softmax": (("softmax",), softmax),
    "queries": (("queries",), queries),
    "phrases": (("phrases",), listing({"from": "source"} | PROGRAM, "cpu_s", "CPU seconds")),
    "imports": (("imports",), listing({"what": "what"}, "cpu_s", "CPU seconds")),
    "exact": (("exact",), same_bytes),
    "suite": (("suite",), same_bytes),
    "demos": (("demos",), listing({"command": "line", "program": "program"}, "cpu_s", "CPU s")),
    "sharing": (("sharing",), listing(SHARING, "words_per_s", "k words/s", thousands)),
    "treebank": (("treebank",), accuracy),
    "assignment": (("assignment",), listing(ENGINES, "cpu_ms", "CPU ms per iteration")),
    "parameters": (("parameters",), parameters_method),
    **{f"parameters/{group}": (("parameters",), parameter(group)) for group in PARAMETERS},
}
# What a script prints at its end, where that is not the table of its name.
PRINTED = {
    "compare.py": (speed_details, quality_details),
    "parameters.py": (parameters_method, all_parameters),
}


def show(content):
    """Print the tables of one measurement."""
    script = content["script"]
    made = PRINTED.get(script) or [TABLES[script.removesuffix(".py")][1]]
    for make in made:
        print(f"\n{make([{content['name']: content}])}")


# ---- single figures


def figures(contents):
    """{name: text} of the figures that sentences can show, from the newest results.

    Figures are those of the newest machine. Names are made of the results' name and what was
    measured: ``compare/sg-ns/100/gensim/ratio``.
    """
    found = {}
    for content in contents:
        if content["script"] == "compare.py":
            found.update(_compared(content))
    return found


def _compared(content):
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
