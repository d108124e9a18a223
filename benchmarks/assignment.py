"""Measure the CS224n assignment's training on the treebank: CPU time of one iteration.

The compiled and the NumPy engine, with our own draws and with those of the assignment; the time
includes the draws.
"""

import itertools

import results as recording
import tables
from results import alternate

from w2vext.datasets import load_sst
from w2vext.lessons.course import treebank


def main():
    made = recording.parser(__doc__)
    made.add_argument("data", help="the treebank's folder")
    made.add_argument("--repeats", type=int, default=3)
    made.add_argument("--iterations", type=int, default=1010)
    options = made.parse_args()
    sentences = load_sst(options.data).sentences

    def call(draws, engine):
        settings = {"draws": draws, "engine": engine, "iterations": options.iterations}
        return lambda: 1e3 * treebank.train(sentences, **settings).cpu_each

    pairs = itertools.product(("own", "assignment"), ("compiled", "numpy"))
    stored = recording.Results(options)
    for _, (draws, engine), taken in alternate(
        {pair: call(*pair) for pair in pairs}, options.repeats
    ):
        stored.add(draws=draws, engine=engine, iterations=options.iterations, cpu_ms=taken)
    tables.show(stored.content)


if __name__ == "__main__":
    main()
