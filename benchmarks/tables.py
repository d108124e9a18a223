"""Turn stored results into Markdown tables and single figures.

`TABLES` names every table and the results that it is made of; `figures` gives single figures by
name, for sentences. This module does not measure anything.
"""

from statistics import median

import clusters
import compared
import frontier_tables
import graphs
from compared import SCORES
from stored import (
    caption,
    day,
    deviation,
    grouped,
    machine_name,
    middle,
    number,
    of_part,
    span,
    table,
    thousands,
    times,
)  # fmt: skip


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


def fasttext_files(machines):
    """Opening a fastText model: CPU seconds, and peak memory with and without the mapped file."""
    parts = []
    for named in machines:
        (content,) = named.values()
        rows = [
            [
                what,
                program,
                span([run["cpu_s"] for run in runs], number),
                *(
                    f"{middle(runs, name):,.0f}" if name in runs[0] else ""
                    for name in ("peak_mb", "anonymous_mb")
                ),
            ]
            for (what, program), runs in grouped(content["runs"], "what", "program").items()
        ]
        size = f"A model of {content['runs'][0]['file_mb']:,.0f} MB; memory includes imports."
        head = ["what", "program", "CPU s", "peak MB", "not of files"]
        parts += [caption(content, size), table(head, rows)]
    return "\n\n".join(parts)


# The last three are over pairs with a word that the text, or the vocabulary, does not have.
SUBWORD_SCORES = {
    **SCORES,
    "held_wordsim353": "WordSim-353, removed words",
    "held_simlex999": "SimLex-999, removed words",
    "unknown_rw": "rare words, unknown",
}


def subwords(machines):
    """Training with subwords: CPU seconds of a fit, memory, and the scores where there are some."""
    parts = []
    for named in machines:
        for content in named.values():
            groups = grouped(content["runs"], "what")
            ours = middle(groups["w2vext",], "fit_cpu_s")
            measured = [name for name in SUBWORD_SCORES if name in content["runs"][0]]
            rows = [
                [
                    what,
                    span([run["fit_cpu_s"] for run in runs], number),
                    compared.times(middle(runs, "fit_cpu_s") / ours),
                    number(middle(runs, "fit_s")),
                    f"{middle(runs, 'peak_mb'):,.0f}",
                    *(
                        compared.deviation([run[name] for run in runs]) if name in runs[0] else ""
                        for name in measured
                    ),
                ]
                for (what,), runs in groups.items()
            ]
            run = content["runs"][0]
            about = f"The first {run['words']:,} words, epochs: {run['epochs']}."
            head = ["program", "CPU s", "to w2vext", "elapsed s", "peak MB"]
            head += [SUBWORD_SCORES[name] for name in measured]
            parts += [caption(content, about), table(head, rows)]
    return "\n\n".join(parts)


def checkpoints(machines):
    """Runs that were killed and continued, and what checkpoints cost."""
    parts = []
    for named in machines:
        (content,) = named.values()
        killed = [run for run in content["runs"] if "kills" in run]
        rows = [
            [run[k] for k in ("case", "kills", "continued", "runs", "different")] for run in killed
        ]
        heads = ["runs that are killed", "kills", "continued", "finished", "with another result"]
        parts += [caption(content), *([table(heads, rows)] if rows else [])]
        rows = [
            [
                case,
                f"{runs[0]['words']:,}",
                number(runs[0]["mb"]),
                span([run["each_s"] for run in runs], number),
                span([100 * run["share"] for run in runs], number),
                span([run["with_cpu_s"] / run["without_cpu_s"] for run in runs], number),
            ]
            for (case,), runs in grouped(
                [run for run in content["runs"] if run.get("written")], "case"
            ).items()
        ]
        heads = [
            "checkpoints",
            "words",
            "MB",
            "s to write",
            "share of the time, %",
            "CPU time of a fit, with / without",
        ]
        parts += [table(heads, rows)] if rows else []
    return "\n\n".join(parts)


def columns(machines):
    """CPU time of columns, and how many times faster they are than Python lists of the same run."""
    parts = []
    for named in machines:
        for content in named.values():
            rows = []
            for (kind,), runs in grouped(content["runs"], "kind").items():
                spent = {
                    each: {run["repeat"]: run["cpu_s"] for run in runs if run["source"] == each}
                    for each in ("to_pylist()", "Python lists")
                }
                for (source, workers), same in grouped(runs, "source", "workers").items():
                    ratios = [[], []]
                    for run in same:
                        lists = spent["Python lists"][run["repeat"]]
                        made = lists + spent["to_pylist()"][run["repeat"]]
                        ratios[0].append(lists / run["cpu_s"])
                        ratios[1].append(made / run["cpu_s"])
                    faster = [times(median(each)) for each in ratios]
                    if source in spent or workers != 1:
                        faster = ["", ""]
                    cpu = span([run["cpu_s"] for run in same], number)
                    elapsed = number(median(run["elapsed_s"] for run in same))
                    rows.append([kind, source, workers or "", cpu, elapsed, *faster])
            head = ["values", "source", "workers", "CPU s", "elapsed s",
                    "faster than lists", "and their conversion"]  # fmt: skip
            words = max(run.get("words", 0) for run in content["runs"])
            known = max(run.get("vocabulary", 0) for run in content["runs"])
            fact = f"{words:,} words in rows of 20; {known:,} in the vocabulary."
            parts += [caption(content, fact), table(head, rows)]
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


def documents(runs):
    """Document vectors by each pooling: means over seeds."""
    tasks = list(dict.fromkeys(run["task"] for run in runs))
    rows = [
        [vectors or "w2vext", f"`{what}`" if vectors != "Model2Vec" else what]
        + [deviation([run["value"] for run in some if run["task"] == task]) for task in tasks]
        for (vectors, what), some in grouped(runs, "vectors", "what").items()
    ]
    return table(["vectors", "pooling", *tasks], rows)


def smaller(runs):
    """The size of compressed vectors, and what they lose: means over seeds."""
    rows = [
        [
            what,
            f"{middle(some, 'size'):.1f} %",
            f"{middle(some, 'cosine'):.4f}",
            f"{middle(some, 'neighbors'):.1f} %",
            deviation([run["quality"] for run in some]),
        ]
        for (what,), some in grouped(runs, "what").items()
    ]
    heads = ["vectors", "size", "mean cosine", "same of 10 neighbours", "mean of three scores"]
    return table(heads, rows)


DOCUMENTS = of_part("documents", documents), of_part("smaller", smaller)


def sessions(machines):
    """The hit rate of the next item, by the default and by tuned parameters: means over seeds."""
    parts = []
    for named in machines:
        (content,) = named.values()
        rows = []
        for (data,), runs in grouped(content["runs"], "data").items():
            gains = [100 * (run["tuned"] / run["default"] - 1) for run in runs]
            names = ("few", "default", "tuned")
            rates = [deviation([run[name] for run in runs]) for name in names]
            rows.append([data, f"{runs[0]['sessions']:,}", *rates, f"{deviation(gains)} %"])
        heads = ["data", "sessions", "default, 5 epochs, %", "default, %", "tuned, %", "gain"]
        parts += [caption(content), table(heads, rows)]
    return "\n\n".join(parts)


def noise_groups(machines):
    """The hit rate with negatives of all items and of the item's group: means over seeds."""
    parts = []
    for named in machines:
        (content,) = named.values()
        names = ("without", "with_groups", "within_without", "within_with_groups")
        rows = [
            [data, f"{runs[0]['number']} of {groups}", how]
            + [deviation([run[name] for run in runs]) for name in names]
            for (data, how, groups), runs in grouped(
                content["runs"], "data", "parameters", "groups"
            ).items()
        ]
        heads = [
            "data", "groups", "parameters", "all negatives, %", "of the group, %",
            "in the group: all negatives, %", "of the group, %",
        ]  # fmt: skip
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


def versions(machines):
    """The machines and the versions of all programs in the newest comparisons."""
    heads = [machine_name(content) for named in machines for content in named.values()]
    contents = [content for named in machines for content in named.values()]
    rows = [["date", *map(day, contents)]]
    for name in ("memory_gb", "caches", "system"):
        rows.append(
            [name.replace("_gb", ", GB"), *(_fact(each["machine"][name]) for each in contents)]
        )
    for name in contents[-1]["versions"]:
        rows.append([name, *(_fact(each["versions"].get(name)) for each in contents)])
    return table(["", *heads], rows)


def _fact(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return ", ".join(value) if isinstance(value, list) else value or ""


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


def counted(name, title, columns):
    """A table function with a row for each kind that a test of reliability counts, and their sum.

    Parameters
    ----------
    name, title : str
        The field that names a row, and the title of that column.
    columns : dict of str to str
        Title: field of a run, which holds a number.
    """

    def make(machines):
        parts = []
        for named in machines:
            for content in named.values():
                runs = content["runs"]
                rows = [
                    [run[name], *(f"{run[each]:,}" for each in columns.values())] for run in runs
                ]
                sums = [f"**{sum(run[each] for run in runs):,}**" for each in columns.values()]
                parts += [caption(content), table([title, *columns], [*rows, ["**all**", *sums]])]
        return "\n\n".join(parts)

    return make


def gensim_api(machines):
    """Training by the same call: CPU seconds of both programs, their ratio, and the scores."""
    parts = []
    for content in (content for named in machines for content in named.values()):
        groups = grouped(content["runs"], "model", "source", "program")
        rows = []
        for model, source in dict.fromkeys(key[:2] for key in groups):
            theirs, ours = (groups[model, source, program] for program in ("gensim", "w2vext"))
            scored = "mean" in ours[0]
            rows.append(
                [
                    model,
                    f"`{source}`" if source == "corpus_file" else source,
                    *(span([run["cpu_s"] for run in runs], number) for runs in (theirs, ours)),
                    times(middle(theirs, "cpu_s") / middle(ours, "cpu_s")),
                    *(
                        deviation([run["mean"] for run in runs]) if scored else ""
                        for runs in (theirs, ours)
                    ),
                ]
            )
        first = content["runs"][0]
        what = f"{first['words']:,} words, {first['epochs']} epochs, one worker."
        head = ["model", "corpus", "gensim, CPU s", "w2vext.gensim, CPU s", "w2vext is faster"]
        head += ["mean of scores, gensim", "w2vext.gensim"]
        parts += [caption(content, what), table(head, rows)]
    return "\n\n".join(parts)


FAULTS = ("crash", "hang", "wrong type", "no file name", "accepted", "memory")
FUZZ = {"cases": "cases", **{each: each for each in FAULTS}}
KILLS = {"killed": "kills", "the new file": "new", "leftovers": "leftovers", "faults": "faults"}
PARAMETERS = (
    "vector_size", "window", "shrink_windows", "negative", "ns_exponent", "sample", "epochs",
    "alpha", "min_count", "schedule", "shuffle", "kernel", "workers", "models", "softmax",
)  # fmt: skip
ENGINES = {"draws": "draws", "engine": "engine"}
PROGRAM = {"what": "what", "program": "program"}
SHARING = {"model": "architecture", "replicas": "replicas", "cores": "cores"}
# Name: (names of the results, function from the newest results of each machine to Markdown).
TABLES = {
    "speed": (("compare", "compare-300", "isa"), compared.speed),
    "speed-details": (("compare", "compare-300"), compared.speed_details),
    "fit-min-count": (("fit-min-count",), compared.speed_details),
    "workers": (("workers",), compared.workers),
    "isa": (("isa",), compared.isas),
    "quality": (("compare",), compared.quality),
    "quality-details": (("compare", "quality"), compared.quality_details),
    "versions": (("compare",), versions),
    "text": (("text",), listing(PROGRAM | {"unit": "unit"}, "value", "median")),
    "columns": (("columns",), columns),
    "limits": (("limits",), listing({"limit": "limit", "unit": "unit"}, "value", "median")),
    "softmax": (("softmax",), softmax),
    "checkpoints": (("checkpoints",), checkpoints),
    **{f"cluster-{part}": ((f"cluster-{part}",), clusters.make(part)) for part in clusters.PARTS},
    "cluster-large": (("cluster-large",), clusters.make("quality")),
    **{f"graph-{part}": ((f"graph-{part}",), graphs.make(part)) for part in graphs.PARTS},
    "queries": (("queries",), queries),
    "fasttext_files": (("fasttext_files",), fasttext_files),
    "subwords": (("subwords", "subwords-quality", "subwords-held"), subwords),
    "tokenizer": (("tokenizer",), listing(PROGRAM, "speed", "MB per CPU second")),
    "phrases": (("phrases",), listing({"from": "source"} | PROGRAM, "cpu_s", "CPU seconds")),
    "gensim_api": (("gensim_api", "gensim_api-cbow"), gensim_api),
    "imports": (("imports",), listing({"what": "what"}, "cpu_s", "CPU seconds")),
    "alpha": (
        ("alpha-2m", "alpha-5m", "alpha-17m", "alpha-17m-others"),
        frontier_tables.alphas,
    ),
    "frontier": (frontier_tables.NAMES, frontier_tables.settings),
    "frontier-leads": (frontier_tables.NAMES, frontier_tables.leads),
    "exact": (("exact",), same_bytes),
    "suite": (("suite",), same_bytes),
    "demos": (("demos",), listing({"command": "line", "program": "program"}, "cpu_s", "CPU s")),
    "sharing": (("sharing",), listing(SHARING, "words_per_s", "k words/s", thousands)),
    "documents": (("documents",), DOCUMENTS[0]),
    "smaller": (("documents",), DOCUMENTS[1]),
    "sessions": (("sessions",), sessions),
    "groups": (("groups",), noise_groups),
    "treebank": (("treebank",), accuracy),
    "assignment": (("assignment",), listing(ENGINES, "cpu_ms", "CPU ms per iteration")),
    "fuzz": (("fuzz",), counted("reader", "reader", FUZZ)),
    "kill": (("kill",), counted("writer", "writer", KILLS)),
    "faults": (("faults",), counted("kind", "what fails", {"cases": "cases", "faults": "faults"})),
    "parameters": (("parameters",), parameters_method),
    **{f"parameters/{group}": (("parameters",), parameter(group)) for group in PARAMETERS},
}
# The tables that a script prints at its end, if not only that of its name.
PRINTED = {
    "graph.py": tuple(map(graphs.make, graphs.PARTS)),
    "cluster.py": tuple(map(clusters.make, clusters.PARTS)),
    "documents.py": DOCUMENTS,
    "compare.py": (compared.speed_details, compared.quality_details),
    "parameters.py": (parameters_method, all_parameters),
    "frontier.py": (frontier_tables.everything,),
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
            found.update(compared.figures(content))
    return found
