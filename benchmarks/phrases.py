"""Phrases beside gensim's: seconds of the processor to find and join, on lists of tokens.

python benchmarks/phrases.py text.txt    # one sentence per line
"""

import sys
import time

from gensim.models import phrases as gensim

from w2vext import Phrases


def timed(call):
    before = time.process_time()
    call()
    return time.process_time() - before


def main(path):
    with open(path, encoding="utf-8") as file:
        sentences = [line.split() for line in file]
    words = sum(map(len, sentences))

    def theirs():
        model = gensim.Phrases(sentences, min_count=5, threshold=100)
        return [model[each] for each in sentences]

    def ours():
        return Phrases(min_count=5, threshold=100).fit_transform(sentences)

    for _ in range(3):
        ours_took, theirs_took = timed(ours), timed(theirs)
        print(
            f"{words:,} words: w2vext {ours_took:.2f} s, gensim {theirs_took:.2f} s, "
            f"{theirs_took / ours_took:.1f} times"
        )


if __name__ == "__main__":
    main(sys.argv[1])
