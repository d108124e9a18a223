"""Tables from the results of graph.py, which measures random walks and node2vec."""

from statistics import mean, stdev

from stored import deviation, grouped, middle, number, of_part, span, table, times


def make(part):
    """A table function for one part of the results of graph.py."""
    return of_part(part, PARTS[part])


def walks(runs):
    rows = [
        [
            p,
            q,
            "yes" if weighted else "no",
            span([run["ids"] / run["cpu_s"] / 1e6 for run in some], number),
        ]
        for (p, q, weighted), some in grouped(runs, "p", "q", "weighted").items()
    ]
    return table(["p", "q", "weights", "M nodes of walks per CPU second"], rows)


def memory(runs):
    rows = [
        [run["workers"], *(f"{run[name]:.0f}" for name in ("matrices_mb", "peak_mb", "beyond_mb"))]
        for run in runs
    ]
    return table(
        ["workers", "both matrices, MB", "peak, MB", "beyond graph and matrices, MB"], rows
    )


def train(runs):
    groups = grouped(runs, "program")
    ours = middle(groups["w2vext",], "cpu_s")
    rows = [
        [
            program,
            f"{some[0]['ids']:,}",
            span([run["cpu_s"] for run in some], number),
            times(middle(some, "cpu_s") / ours),
        ]
        for (program,), some in groups.items()
    ]
    return table(["program", "nodes of measured walks", "CPU s for 80,000,000", "to w2vext"], rows)


def large(runs):
    rows = [
        [
            f"{run['nodes']:,}",
            f"{run['edges']:,}",
            f"{run['ids']:,}",
            number(run["cpu_s"]),
            number(run["cpu_s"] * 100 / 3600),
            f"{run['peak_mb']:,.0f}",
        ]
        for run in runs
    ]
    head = ["nodes", "edges", "nodes of walks", "CPU s", "CPU hours from all nodes", "peak, MB"]
    return table(head, rows)


def links(runs):
    groups = grouped(runs, "p", "q", "program")
    rows = []
    for (p, q, program), some in groups.items():
        base = {run["seed"]: run["auc"] for run in groups.get((p, q, "node2vec + gensim"), ())}
        gains = [100 * (run["auc"] - base[run["seed"]]) for run in some if run["seed"] in base]
        apart = ""
        if program == "w2vext" and len(gains) > 1:
            apart = f"{mean(gains):+.1f} ± {stdev(gains) / len(gains) ** 0.5:.1f}"
        rows.append(
            [
                p,
                q,
                program,
                some[0].get("alpha", 0.025),
                len(some),
                deviation([100 * run["auc"] for run in some]),
                apart,
                span([run["cpu_s"] for run in some], number),
            ]
        )
    head = [
        "p",
        "q",
        "program",
        "alpha",
        "seeds",
        "area, %",
        "difference with the same edges hidden",
    ]
    return table([*head, "CPU s"], rows)


PARTS = {"walks": walks, "memory": memory, "train": train, "large": large, "links": links}
