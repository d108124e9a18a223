"""Measure counting and encoding of tables' columns next to lists of Python objects.

    python benchmarks/columns.py wiki.txt --words 5000000 --repeats 5

A column of lists of words is given in the formats of Arrow, by one and by two workers, and as the
Python lists that a user would make of it. The sources take turns in one process.
"""

import statistics
from pathlib import Path

import tables
from results import Results, clocked, parser

LENGTH = 20  # words of a row


def columns(path, words):
    """{name: column} of the first words of a text: as strings, views, codes and integers."""
    import numpy as np
    import pyarrow as pa

    with open(path, encoding="utf-8") as file:
        flat = pa.array(file.read(words * 12).split()[:words])
    ends = np.append(np.arange(0, len(flat), LENGTH), len(flat)).astype(np.int32)
    codes = flat.dictionary_encode()

    def rows(values):
        return pa.ListArray.from_arrays(ends, values)

    return {
        "strings": rows(flat),
        "string views": rows(flat.cast(pa.string_view())),
        "dictionary codes": rows(codes),
        "integers": rows(codes.indices.cast(pa.int64())),
    }


def encode(source, workers):
    """(elapsed seconds, CPU seconds, number of words) of counting and encoding."""
    from w2vext.text.corpus import open_corpus
    from w2vext.text.vocabulary import build

    call = clocked(lambda: build(open_corpus(source), min_count=5, workers=workers))
    return *call[:2], len(call[2][0])


def main():
    made = parser(__doc__)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--words", type=int, default=5_000_000)
    made.add_argument("--repeats", type=int, default=5)
    options = made.parse_args()
    made_of = columns(options.text, options.words)
    results = Results(options)
    for repeat in range(1, options.repeats + 1):
        for kind in ("strings", "integers"):
            elapsed, cpu, lists = clocked(made_of[kind].to_pylist)
            results.add(
                kind=kind, source="to_pylist()", cpu_s=cpu, elapsed_s=elapsed, repeat=repeat
            )
            elapsed, cpu, known = encode(lists, 1)
            results.add(
                kind=kind, source="Python lists", workers=1, cpu_s=cpu, elapsed_s=elapsed,
                words=options.words, vocabulary=known, repeat=repeat,
            )  # fmt: skip
            del lists
            for name, column in made_of.items():
                if (name == "integers") == (kind == "integers"):
                    for workers in (1, 2):
                        elapsed, cpu, known = encode(column, workers)
                        results.add(
                            kind=kind, source=name, workers=workers, cpu_s=cpu,
                            elapsed_s=elapsed, words=options.words, vocabulary=known,
                            repeat=repeat,
                        )  # fmt: skip
    tables.show(results.content)
    for kind in ("strings", "integers"):
        print(
            kind, {name: round(ratio, 1) for name, ratio in ratios(results.content, kind).items()}
        )


def ratios(content, kind):
    """{source: CPU seconds of the Python lists / those of the source}, of the same repeat."""
    runs = [run for run in content["runs"] if run["kind"] == kind and run.get("workers") == 1]
    lists = {run["repeat"]: run["cpu_s"] for run in runs if run["source"] == "Python lists"}
    found = {}
    for run in runs:
        found.setdefault(run["source"], []).append(lists[run["repeat"]] / run["cpu_s"])
    return {source: statistics.median(values) for source, values in found.items()}


if __name__ == "__main__":
    main()
