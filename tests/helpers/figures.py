"""Stores the figures of a script of tests/ as the result of a benchmark."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent.parent / "benchmarks"


def store(options, rows):
    """Write rows, which are dicts, to the folder ``options.results``."""
    sys.path.append(str(BENCHMARKS))
    from results import Results

    options.name = None
    results = Results(options)
    for row in rows:
        results.add(**row)
