"""Train through w2vext.gensim and gensim with the same call: CPU seconds, and the quality.

    python benchmarks/gensim_api.py text.txt --eval eval/

Each run is the constructor, which counts the words and trains, with one worker. The corpus is a
list of token lists that exists before the clock starts, or a file (`corpus_file`), both with lines
of 1,000 words. The vectors of the lists are scored by `scores.py`.
"""

import tempfile

import results as recording
import scores
import tables
import texts
from results import alternate, clocked

from w2vext.gensim.models import Word2Vec as Ours

MODELS = {"skip-gram": {"sg": 1}, "CBOW": {"sg": 0}}


class Training:
    """A constructor and its arguments; each call has another seed and returns its times."""

    def __init__(self, made, arguments):
        self.made, self.arguments, self.seed = made, arguments, 0

    def __call__(self):
        self.seed += 1
        return clocked(lambda: self.made(**self.arguments, seed=self.seed))


def main():
    made = recording.parser(__doc__)
    made.add_argument("text")
    made.add_argument("--eval", help="folder with the three lists of scores.py")
    made.add_argument("--words", type=int, default=2_000_000)
    made.add_argument("--epochs", type=int, default=5)
    made.add_argument("--repeats", type=int, default=3)
    made.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    options = made.parse_args()
    from gensim.models import Word2Vec as Theirs  # --help does not need gensim

    with tempfile.TemporaryDirectory() as folder:
        _, path = texts.cut(options.text, folder, options.words)
        with open(path, encoding="utf-8") as file:
            lists = [line.split() for line in file]
        corpora = {"lists": {"sentences": lists}, "corpus_file": {"corpus_file": path}}
        stored = recording.Results(options)
        for model in options.models:
            settings = {"workers": 1, "epochs": options.epochs, **MODELS[model]}
            # Another seed in each round, because the quality depends on it.
            calls = {
                (source, program): Training(made, {**corpus, **settings})
                for source, corpus in corpora.items()
                for program, made in (("w2vext", Ours), ("gensim", Theirs))
            }
            for _, (source, program), (_, cpu, trained) in alternate(calls, options.repeats):
                run = {"model": model, "source": source, "program": program, "cpu_s": cpu}
                if options.eval and source == "lists":
                    wv = trained.wv
                    run |= scores.evaluate(wv.index_to_key, wv.vectors, options.eval)
                    parts = (run[name] for name in ("analogies", "wordsim", "simlex"))
                    run["mean"] = sum(parts) / 3
                stored.add(words=options.words, epochs=options.epochs, **run)
    tables.show(stored.content)


if __name__ == "__main__":
    main()
