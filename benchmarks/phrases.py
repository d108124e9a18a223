"""Phrases beside gensim's: seconds of the processor to find them and to join them, and both.

    python benchmarks/phrases.py text.txt    # one sentence per line

From lists of tokens, which both programs have before the clock starts, and from the file, which
gensim's reader parts into words. gensim joins by its `Phrases` or, faster, by the `FrozenPhrases`
made of it. The two take turns; medians.
"""

import argparse
import time
from statistics import median

from gensim.models import phrases as gensim
from gensim.models.word2vec import LineSentence

from w2vext import Phrases

HOW = {"min_count": 5, "threshold": 100}


def timed(call):
    before = time.process_time()
    result = call()
    return time.process_time() - before, result


def ours(X):
    """Seconds to fit, to transform, and to do both at once."""
    fit, model = timed(lambda: Phrases(**HOW).fit(X))
    join, _ = timed(lambda: model.transform(X))
    both, _ = timed(lambda: Phrases(**HOW).fit_transform(X))
    return {"fit": fit, "transform": join, "fit_transform": both}


def theirs(sentences):
    fit, model = timed(lambda: gensim.Phrases(sentences(), **HOW))
    join, _ = timed(lambda: [model[each] for each in sentences()])
    freeze, frozen = timed(model.freeze)
    quick, _ = timed(lambda: [frozen[each] for each in sentences()])
    return {
        "fit": {"Phrases": fit},
        "transform": {"Phrases": join, "FrozenPhrases": quick},
        "fit_transform": {"Phrases": fit + join, "FrozenPhrases": fit + freeze + quick},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with open(options.text, encoding="utf-8") as file:
        lists = [line.split() for line in file]
    print(f"{sum(map(len, lists)):,} words in {len(lists):,} sentences")
    feeds = {"token lists": (lists, lambda: lists)}
    feeds["file"] = options.text, lambda: LineSentence(options.text, max_sentence_length=10**9)
    for feed, (X, sentences) in feeds.items():
        runs = [(ours(X), theirs(sentences)) for _ in range(options.repeats)]
        for what in runs[0][0]:
            mine = median(run[0][what] for run in runs)
            others = []
            for name in runs[0][1][what]:
                other = median(run[1][what][name] for run in runs)
                others.append(f"gensim {name} {other:.2f} s ({other / mine:.1f}×)")
            print(f"{feed}, {what}: w2vext {mine:.2f} s; {'; '.join(others)}", flush=True)


if __name__ == "__main__":
    main()
