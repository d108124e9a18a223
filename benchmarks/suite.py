"""Compare `w2vext word2phrase` and `w2vext compute-accuracy` with the originals: output and time.

    python benchmarks/suite.py wiki.txt --eval eval/

The text is cut and gets a final newline; phrases are joined twice, with thresholds 100 and 50; the
analogies are answered with vectors that the original trained. Equal digests are equal outputs.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import peers
import tables
from results import Results, children_cpu, environment, parser
from texts import cut


def run(*command, **options):
    """(CPU seconds of a command, what it prints)."""
    call = [str(part) for part in command]
    seconds, done = children_cpu(
        lambda: subprocess.run(call, stdout=subprocess.PIPE, env=environment(), **options)
    )
    if done.returncode not in (0, 1):  # some of the originals return 1 after success
        sys.exit(f"{call[0]}: status {done.returncode}")
    return seconds, done.stdout


def commands(name):
    """{program: the beginning of its command line} for one of the original's programs."""
    ours = [sys.executable, "-m", "w2vext", name]
    return {"word2vec.c": [peers.programs()[name]], "w2vext": ours}


def phrases(text, folder):
    """Measurements of two passes; the second reads what the first one of the same program wrote."""
    sources = {"word2vec.c": text, "w2vext": text}
    for threshold in (100, 50):
        for program, command in commands("word2phrase").items():
            output = folder / f"{program}-{threshold}"
            options = ["-train", sources[program], "-output", output, "-threshold", threshold]
            seconds, _ = run(*command, *options)
            sources[program] = output
            what = f"word2phrase, threshold {threshold}"
            yield what, program, seconds, output.read_bytes()


def accuracy(text, folder, questions):
    """Measurements of compute-accuracy with all words and with the 30,000 most frequent."""
    vectors = folder / "vectors.bin"
    options = "-cbow 0 -size 100 -binary 1 -threads 4 -iter 3 -debug 0".split()
    run(peers.programs()["word2vec"], "-train", text, "-output", vectors, *options)
    for words, said in (("30000", "30,000 words"), ("0", "all words")):
        for program, command in commands("compute-accuracy").items():
            with open(questions, "rb") as file:
                seconds, printed = run(*command, vectors, words, stdin=file)
            yield f"compute-accuracy, {said}", program, seconds, printed


def main():
    made = parser(__doc__)
    made.add_argument("text", type=Path)
    made.add_argument("--eval", type=Path, required=True, help="folder of questions-words.txt")
    made.add_argument("--words", type=int, default=2_000_000)
    options = made.parse_args()
    results = Results(options)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text, _ = cut(options.text, folder / "texts", options.words)
        with open(text, "ab") as file:
            file.write(b"\n")
        for measurements in (
            phrases(text, folder),
            accuracy(text, folder, options.eval / "questions-words.txt"),
        ):
            for what, program, seconds, output in measurements:
                md5 = hashlib.md5(output).hexdigest()
                results.add(model=what, program=program, md5=md5, cpu_s=seconds)
    tables.show(results.content)


if __name__ == "__main__":
    main()
