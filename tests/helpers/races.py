"""What several threads do at once, for the thread sanitizer: one scenario for each kind of work.

python tests/helpers/races.py SCENARIO FOLDER
"""

import sys
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)] if str(HERE.parent) not in sys.path else []

from helpers.together import run_together  # noqa: E402


def text(folder, lines=4000):
    path = folder / "text.txt"
    rows = np.random.default_rng(3).zipf(1.2, (lines, 12)) % 900
    path.write_text("".join(" ".join(f"w{i}" for i in row) + "\n" for row in rows.tolist()))
    return path


def counting(folder):
    """Counting and encoding by several workers, with small pieces and the ids on the disk."""
    from w2vext.text import pieces, vocabulary
    from w2vext.text.corpus import open_corpus

    path = text(folder)
    pieces.PIECE = 1 << 14
    found = []
    for workers in (1, 2, 4):
        words, stream = vocabulary.build(
            open_corpus(path), min_count=2, workers=workers, spill_bytes=1 << 14
        )
        with vocabulary.encode(open_corpus(path), words, workers=workers) as again:
            assert np.array_equal(again.ids, stream.ids)
        found.append((words.words, np.array(stream.ids)))
        stream.close()
    assert all(each[0] == found[0][0] and np.array_equal(each[1], found[0][1]) for each in found)


def deterministic(folder):
    """Training that gives the same vectors with any number of workers."""
    from w2vext import Word2Vec

    path = text(folder, 1500)
    for options in (
        dict(loss="neg"), dict(loss="neg", architecture="cbow"), dict(loss="hs"),
        dict(loss="neg", min_n=3, max_n=4, bucket=500),
    ):  # fmt: skip
        shared = dict(vector_size=16, epochs=1, random_state=5, deterministic=True, **options)
        one, four = (Word2Vec(workers=workers, **shared).fit(path) for workers in (2, 4))
        assert np.array_equal(one.vectors_, four.vectors_)


def softmax(folder):
    from w2vext import Word2Vec

    options = dict(loss="softmax", vector_size=8, epochs=1, random_state=5, min_count=20)
    Word2Vec(workers=3, **options).fit(text(folder, 300))


def queries(folder):
    """The first and all further queries of one object, by several threads."""
    from w2vext import KeyedVectors

    rows = np.random.default_rng(1).normal(size=(3000, 24)).astype(np.float32)
    for _ in range(5):
        wv = KeyedVectors([f"w{i ^ 5}" for i in range(len(rows))], rows)

        def query(wv=wv):
            for i in range(5):
                wv.most_similar([f"w{i}", f"w{i + 9}"], topn=7)
                wv.similarity("w1", f"w{i}")
                wv.evaluate_word_pairs([("w1", "w2", 3.0), ("w3", "w4", 1.0), ("w5", "w6", 2)])

        run_together([query] * 6)


def phrases(folder):
    from w2vext import Phrases

    lines = [line.split() for line in text(folder, 800).read_text().splitlines()]
    found = []

    def work():
        found.append(Phrases(min_count=2, threshold=0.5).fit(lines).transform(lines[:200]))

    run_together([work] * 3)
    assert found[0] == found[1] == found[2]


def exact(folder):
    """word2vec.c's counting in several threads; its training shares the matrices on purpose."""
    from w2vext import exact

    path = text(folder, 800)
    found = []
    run_together([lambda: found.append(exact.count_words(path))] * 3)
    assert found[0][0] == found[1][0] == found[2][0]


def hogwild(folder):
    """Workers that update the matrices without locks, which the sanitizer must report."""
    from w2vext import Word2Vec

    for options in (dict(loss="neg"), dict(loss="hs"), dict(loss="neg", architecture="cbow")):
        Word2Vec(vector_size=16, workers=4, epochs=2, **options).fit(text(folder, 1500))


SCENARIOS = {
    each.__name__: each for each in (counting, deterministic, softmax, queries, phrases, exact)
}
CONTROL = {"hogwild": hogwild}


if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parents[1])]
    warnings.simplefilter("ignore")
    (SCENARIOS | CONTROL)[sys.argv[1]](Path(sys.argv[2]))
    print("done")
