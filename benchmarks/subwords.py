"""Compare training with subwords: w2vext, fastText and gensim, by speed, memory and quality.

All programs train skip-gram with negative sampling on n-grams of 3 to 6 characters and 2,000,000
buckets, with fastText's default parameters. Each run is a process of its own, and the programs take
turns. `fit_cpu_s` is the processor time from the text to a trained model, imports excluded.

With --hold-out, a third of the words of WordSim-353 and SimLex-999 are removed from the text.
`held_wordsim353` and `held_simlex999` are the correlations over the pairs with such a word, whose
vector is composed from its n-grams: this is how well a model treats words that it does not know.
`unknown_rw` is the same for the pairs of rw.txt with a word that is not in the vocabulary, if the
folder of --eval has this file.
"""

import json
import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import scores
import tables
from programs import ANONYMOUS
from results import Results, alternate, environment, parser

# {what: (program, further parameters)}
TRAINED = {
    "w2vext": ("w2vext", {}),
    "w2vext, kernel=pair": ("w2vext", {"kernel": "pair", "subword_update": "fasttext"}),
    "w2vext, workers=2": ("w2vext", {"workers": 2}),
    "w2vext, no subwords": ("w2vext", {"max_n": 0, "min_n": 0}),
    "fastText": ("fasttext", {}),
    "gensim": ("gensim", {}),
}
CODE = {
    "w2vext": """
from w2vext import FastText
def train(epochs, seed, **more):
    options = {"workers": 1, "random_state": seed, "deterministic": False, **more}
    return FastText(epochs=epochs, **options).fit(text)
def save(model):
    model.wv.save_word2vec_format(out, binary=True)
def vector(model, word):
    model.wv.unknown = "zero"  # a word without a known n-gram
    return model.wv[word]
""",
    "fasttext": """
import fasttext
def train(epochs, seed):
    return fasttext.train_unsupervised(text, epoch=epochs, thread=1, verbose=0)  # has no seed
def save(model):
    words = [word for word in model.get_words() if word != "</s>"]
    with open(out, "wb") as file:
        file.write(b"%d %d\\n" % (len(words), model.get_dimension()))
        for word in words:
            file.write(word.encode() + b" " + model.get_word_vector(word).tobytes() + b"\\n")
def vector(model, word):
    return model.get_word_vector(word)
""",
    "gensim": """
from gensim.models import FastText
def train(epochs, seed):
    return FastText(
        corpus_file=lines, sg=1, vector_size=100, window=5, min_count=5, sample=1e-4, negative=5,
        ns_exponent=0.5, alpha=0.05, min_n=3, max_n=6, bucket=2_000_000, epochs=epochs, workers=1,
        seed=seed,
    )
def save(model):
    model.wv.save_word2vec_format(out, binary=True)
def vector(model, word):
    return model.wv[word]
""",
}
CHILD = """
import json, sys, time
import numpy as np
text, lines, out, asked, options = sys.argv[1:]
asked, options = json.loads(asked), json.loads(options)
{code}
start, cpu = time.perf_counter(), time.process_time()
model = train(**options)
found = {{"fit_s": time.perf_counter() - start, "fit_cpu_s": time.process_time() - cpu}}
status = dict(row.split(":", 1) for row in open("/proc/self/status").read().splitlines())
found["peak_mb"] = int(status["VmHWM"].split()[0]) / 1024
found["anonymous_mb"] = sum(int(status[name].split()[0]) for name in {anonymous}) / 1024
if out:
    save(model)
    np.save(out + ".asked.npy", np.array([vector(model, word) for word in asked], np.float32))
print(json.dumps(found))
"""


def process(what, text, lines, out, asked, **options):
    """A call that trains in a new process; returns what that measured."""
    program, more = TRAINED[what]
    script = CHILD.format(code=CODE[program], anonymous=ANONYMOUS)
    command = [sys.executable, "-c", script, str(text), str(lines), str(out or "")]
    command += [json.dumps(asked), json.dumps(options | more)]
    variables = environment(MALLOC_MMAP_THRESHOLD_="65536" if program == "fasttext" else "")
    if program != "fasttext":
        del variables["MALLOC_MMAP_THRESHOLD_"]
    options = {"check": True, "capture_output": True, "text": True, "env": variables}
    return lambda: json.loads(subprocess.run(command, **options).stdout.splitlines()[-1])


PAIRS = ("wordsim353", "simlex999")


def held_out(folder):
    """A third of the words of the lists of pairs, drawn at random."""
    lines = [line for name in PAIRS for line in (folder / f"{name}.txt").read_text().splitlines()]
    words = sorted({word.lower() for line in lines for word in line.split("\t")[:2]})
    return sorted(random.Random(7).sample(words, len(words) // 3))


def words_of(path):
    """The words of a file of pairs; none if the file does not exist."""
    lines = path.read_text().lower().splitlines() if path.exists() else []
    return sorted({word for line in lines for word in line.split("\t")[:2]})


def composed_scores(out, held, asked, folder):
    """The correlations over the pairs with a word whose vector is composed from its n-grams.

    `asked` are the words whose vectors the program has written besides those of its vocabulary.
    """
    names, vectors = scores.read_vectors(out)
    vectors = np.concatenate([vectors, np.load(f"{out}.asked.npy")])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
    index = {word: row for row, word in reversed(list(enumerate([*names, *asked])))}
    unknown = set(asked) - set(names)
    found = {}
    for name, words, label in [
        *((name, held, "held") for name in PAIRS),
        ("rw", unknown, "unknown"),
    ]:
        path = out.with_suffix(f".{name}.txt")
        if not words or not (folder / f"{name}.txt").exists():
            continue
        lines = (folder / f"{name}.txt").read_text().splitlines(keepends=True)
        kept = [line for line in lines if set(line.lower().split("\t")[:2]) & set(words)]
        path.write_text("".join(kept))
        score = scores.similarity(index, vectors, path)
        if not np.isnan(score):  # without subwords all these vectors are zeros
            found[f"{label}_{name}"] = score
    return found


def beginning(path, words, folder, held=()):
    """The first words of a text without some words, as one line and as lines of 1,000."""
    with open(path, encoding="utf-8") as file:
        found = file.read(16 * words).split()[:words]
    found = [word for word in found if word not in held]
    one, many = folder / f"{words}.txt", folder / f"{words}.lines.txt"
    one.write_text(" ".join(found) + "\n", encoding="utf-8")
    parts = (" ".join(found[at : at + 1000]) + "\n" for at in range(0, len(found), 1000))
    many.write_text("".join(parts), encoding="utf-8")
    return one, many


def main():
    made = parser(__doc__)
    made.add_argument("text", type=Path)
    made.add_argument("--words", type=int, default=2_000_000)
    made.add_argument("--epochs", type=int, default=1)
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--only", nargs="+", choices=TRAINED, default=list(TRAINED))
    made.add_argument("--eval", type=Path, help="score the vectors by the lists of this folder")
    made.add_argument("--hold-out", action="store_true", help="with --eval: see above")
    made.add_argument("--work", type=Path, default=Path("bench-compare"), help="work folder")
    options = made.parse_args()
    options.work.mkdir(exist_ok=True)
    results = Results(options)
    held = held_out(options.eval) if options.hold_out else []
    asked = sorted({*held, *(words_of(options.eval / "rw.txt") if options.eval else ())})
    text, lines = beginning(options.text, options.words, options.work, set(held))
    out = options.work / "subwords.bin" if options.eval else None
    installed = [what for what in options.only if find_spec(TRAINED[what][0])]
    for seed in range(1, options.rounds + 1):
        calls = {
            what: process(what, text, lines, out, asked, epochs=options.epochs, seed=seed)
            for what in installed
        }
        for _, what, found in alternate(calls, 1):
            if out:
                found |= scores.evaluate(*scores.read_vectors(out), options.eval)
            if asked:
                found |= composed_scores(out, held, asked, options.eval)
            results.add(
                what=what, program=TRAINED[what][0], words=options.words, epochs=options.epochs,
                seed=seed, **found,
            )  # fmt: skip
    tables.show(results.content)


if __name__ == "__main__":
    main()
