"""Tables from the results of cluster.py, which measures training on a cluster."""

import compared
from stored import grouped, middle, number, of_part, span, table, thousands, times


def make(part):
    """A table function for one part of the results of cluster.py."""
    return of_part(part, PARTS[part])


def quality(runs):
    rows = []
    groups = grouped(runs, "train_words", "epochs", "workers", "sync_words")
    for key in sorted(groups, key=lambda each: each[:3]):
        (words, epochs, workers, sync), some = key, groups[key]
        scores = [compared.deviation([run[name] for run in some]) for name in compared.SCORES]
        syncs = "default" if sync is None else f"{sync:,}"
        rows.append(
            [
                f"{words:,} × {epochs}",
                workers,
                syncs if workers > 1 else "",
                some[0]["merges"] if workers > 1 else "",
                len(some),
                *scores,
                compared.deviation([run["mean"] for run in some]),
                f"{sum(run['heldout'] for run in some) / len(some):.4f}",
            ]
        )
    head = ["words × epochs", "workers", "sync_words", "merges", "seeds"]
    head += [*compared.SCORES.values(), "mean of the three", "loss of other text"]
    return table(head, rows)


def vocabulary(runs):
    rows = [
        [
            run["text"],
            f"{run['mb']:.0f}",
            run["workers"],
            f"{run['vocabulary']:,}",
            *("equal" if run[name] else "**differ**" for name in ("words", "counts", "ids")),
        ]
        for run in runs
    ]
    return table(["text", "MB", "workers", "vocabulary", "words", "counts", "ids"], rows)


def speed(runs):
    groups = grouped(runs, "what")
    one = middle(groups["one process, 2 threads",], "words_per_cpu_s")
    rows = [
        [
            what,
            span([run["words_per_cpu_s"] for run in some], thousands),
            f"{middle(some, 'words_per_cpu_s') / one:.2f}",
            span([run["elapsed_s"] for run in some], number),
        ]
        for (what,), some in groups.items()
    ]
    return table(["", "k words per CPU second", "to one process", "elapsed s"], rows)


def kills(runs):
    rows = [
        [
            what,
            sum(run["killed"] for run in some),
            sum(run["repeated"] for run in some),
            sum(not run["same"] for run in some),
        ]
        for (what,), some in grouped(runs, "what").items()
    ]
    return table(["killed", "kills", "runs that went back", "with another result"], rows)


def simulated(runs):
    machines = sorted({run["machines"] for run in runs})
    rows = []
    for (size, d, words), some in grouped(runs, "rows", "vector_size", "words").items():
        row = [f"{size:,}", d, f"{words:.0e}", thousands(some[0]["words_per_s"])]
        row += [f"{some[0]['one_s'] / 60:,.0f} min"]
        found = {run["machines"]: run["one_s"] / run["seconds"] for run in some}
        rows.append(row + [times(found[n]) for n in machines])
    head = ["words in the vocabulary", "d", "words of all epochs", "k words/s of a thread"]
    head += ["one machine", *(f"{n} machines" for n in machines)]
    run = runs[0]
    about = (
        f"Measured: {run['copy'] * 1e9:.2f} s of CPU time per GB of rows, "
        f"{run['first'] * 1e9:.1f} s more per GB of all rows, once, "
        f"{run['overhead'] * 1e3:.0f} ms per merge, and the words per second of a thread. "
        f"Assumed: {run['latency'] * 1e3:.0f} ms of waiting per merge, a network of "
        f"{run['network_gbit']} Gbit/s, 16 threads at 0.8 of the speed of one."
    )
    return f"{table(head, rows)}\n\n{about}"


PARTS = {
    "quality": quality,
    "vocabulary": vocabulary,
    "speed": speed,
    "kills": kills,
    "simulated": simulated,
}
