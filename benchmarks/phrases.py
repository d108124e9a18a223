"""Measure finding and joining phrases, by w2vext and gensim: CPU seconds.

    python benchmarks/phrases.py lines.txt     # one sentence per line

Both programs read lists of tokens that exist before the clock starts, and the file. gensim joins by
its `Phrases` or, faster, by the `FrozenPhrases` made of it.
"""

import results as recording
import tables
from gensim.models import phrases as gensim
from gensim.models.word2vec import LineSentence
from results import alternate, clocked

from w2vext import Phrases

SETTINGS = {"min_count": 5, "threshold": 100}


def w2vext(X):
    """{what: {program: CPU seconds}}: fit, transform, and both in one call."""
    _, fit, model = clocked(lambda: Phrases(**SETTINGS).fit(X))
    _, join, _ = clocked(lambda: model.transform(X))
    _, both, _ = clocked(lambda: Phrases(**SETTINGS).fit_transform(X))
    taken = {"fit": fit, "transform": join, "fit_transform": both}
    return {what: {"w2vext": seconds} for what, seconds in taken.items()}


def peer(sentences):
    _, fit, model = clocked(lambda: gensim.Phrases(sentences(), **SETTINGS))
    _, join, _ = clocked(lambda: [model[each] for each in sentences()])
    _, freeze, frozen = clocked(model.freeze)
    _, quick, _ = clocked(lambda: [frozen[each] for each in sentences()])
    plain, faster = "gensim `Phrases`", "gensim `FrozenPhrases`"
    return {
        "fit": {plain: fit},
        "transform": {plain: join, faster: quick},
        "fit_transform": {plain: fit + join, faster: fit + freeze + quick},
    }


def main():
    made = recording.parser(__doc__)
    made.add_argument("text")
    made.add_argument("--repeats", type=int, default=3)
    options = made.parse_args()
    with open(options.text, encoding="utf-8") as file:
        lists = [line.split() for line in file]
    words = sum(map(len, lists))
    calls = {
        "token lists, w2vext": lambda: w2vext(lists),
        "token lists, gensim": lambda: peer(lambda: lists),
        "file, w2vext": lambda: w2vext(options.text),
        "file, gensim": lambda: peer(lambda: LineSentence(options.text, max_sentence_length=10**9)),
    }
    stored = recording.Results(options)
    for _, name, taken in alternate(calls, options.repeats):
        for what, programs in taken.items():
            for program, seconds in programs.items():
                source = name.partition(",")[0]
                stored.add(source=source, what=what, program=program, words=words, cpu_s=seconds)
    tables.show(stored.content)


if __name__ == "__main__":
    main()
