"""Compare training with subwords: w2vext, fastText and gensim, by speed, memory and quality.

All programs train skip-gram with negative sampling on n-grams of 3 to 6 characters and 2,000,000
buckets, with fastText's default parameters. Each run is a process of its own, and the programs take
turns. `fit_cpu_s` is the processor time from the text to a trained model, imports excluded.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

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
""",
}
CHILD = """
import json, sys, time
text, lines, out, options = sys.argv[1:]
options = json.loads(options)
{code}
start, cpu = time.perf_counter(), time.process_time()
model = train(**options)
found = {{"fit_s": time.perf_counter() - start, "fit_cpu_s": time.process_time() - cpu}}
status = dict(row.split(":", 1) for row in open("/proc/self/status").read().splitlines())
found["peak_mb"] = int(status["VmHWM"].split()[0]) / 1024
found["anonymous_mb"] = sum(int(status[name].split()[0]) for name in {anonymous}) / 1024
if out:
    save(model)
print(json.dumps(found))
"""


def process(what, text, lines, out, **options):
    """A call that trains in a new process; returns what that measured."""
    program, more = TRAINED[what]
    script = CHILD.format(code=CODE[program], anonymous=ANONYMOUS)
    command = [sys.executable, "-c", script, str(text), str(lines), str(out or "")]
    command.append(json.dumps(options | more))
    variables = environment(MALLOC_MMAP_THRESHOLD_="65536" if program == "fasttext" else "")
    if program != "fasttext":
        del variables["MALLOC_MMAP_THRESHOLD_"]
    options = {"check": True, "capture_output": True, "text": True, "env": variables}
    return lambda: json.loads(subprocess.run(command, **options).stdout.splitlines()[-1])


def beginning(path, words, folder):
    """The first words of a text, as one line and as lines of 1,000."""
    with open(path, encoding="utf-8") as file:
        found = file.read(16 * words).split()[:words]
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
    made.add_argument("--work", type=Path, default=Path("bench-compare"), help="work folder")
    options = made.parse_args()
    options.work.mkdir(exist_ok=True)
    results = Results(options)
    text, lines = beginning(options.text, options.words, options.work)
    out = options.work / "subwords.bin" if options.eval else None
    installed = [what for what in options.only if find_spec(TRAINED[what][0])]
    for seed in range(1, options.rounds + 1):
        calls = {
            what: process(what, text, lines, out, epochs=options.epochs, seed=seed)
            for what in installed
        }
        for _, what, found in alternate(calls, 1):
            if out:
                found |= scores.evaluate(*scores.read_vectors(out), options.eval)
            results.add(
                what=what, program=TRAINED[what][0], words=options.words, epochs=options.epochs,
                seed=seed, **found,
            )  # fmt: skip
    tables.show(results.content)


if __name__ == "__main__":
    main()
