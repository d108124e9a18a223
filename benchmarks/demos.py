"""Run the original suite's four demo scripts, by the original programs and by `w2vext`.

    python benchmarks/demos.py wiki.txt --eval eval/ --words 5000000

Each command line is that of the script, with "w2vext " in front of it for the second run; a line
that two scripts share is run once. Where a script waits at a prompt, one word is typed. The
originals take an hour of two cores for 5,000,000 words.
"""

import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import peers
import tables
from results import Results, children_cpu, environment, parser
from texts import cut

TRAIN = "-cbow 1 -size 200 -window 8 -negative 25 -hs 0 -sample 1e-4 -threads 20"
VECTORS = f"word2vec -train text8 -output vectors.bin {TRAIN} -binary 1 -iter 15"
DEMOS = {
    "demo-word.sh": [VECTORS, "distance vectors.bin"],
    "demo-word-accuracy.sh": [VECTORS, "compute-accuracy vectors.bin 30000 < questions-words.txt"],
    "demo-classes.sh": [
        f"word2vec -train text8 -output classes.txt {TRAIN} -iter 15 -classes 500",
        "sort classes.txt -k 2 -n > classes.sorted.txt",
        "tail -n 4000 classes.sorted.txt | head -n 25",
    ],
    "demo-phrases.sh": [
        "word2phrase -train text8 -output text8-phrase0 -threshold 200 -debug 2",
        "word2phrase -train text8-phrase0 -output text8-phrase1 -threshold 100 -debug 2",
        "tr A-Z a-z < text8-phrase1 > text8-norm1-phrase1",
        "word2vec -train text8-norm1-phrase1 -output vectors-phrase.bin -cbow 1 -size 200 "
        "-window 10 -negative 25 -hs 0 -sample 1e-5 -threads 20 -binary 1 -iter 15",
        "distance vectors-phrase.bin",
    ],
}
QUESTIONS = "questions-words.txt"
PROGRAMS = {"word2vec", "word2phrase", "distance", "compute-accuracy"}
TYPED = {"distance vectors.bin": "france", "distance vectors-phrase.bin": "new_york"}


def commands():
    """{program: function from a command's name to the beginning of its command line}."""
    return {
        "word2vec.c": lambda name: shlex.quote(str(peers.programs()[name])),
        "w2vext": lambda name: f"{shlex.quote(sys.executable)} -m w2vext {name}",
    }


def run(line, command, folder):
    """(lines that a command line prints, elapsed seconds, CPU seconds)."""
    name, _, rest = line.partition(" ")
    shell = f"{command(name)} {rest}" if name in PROGRAMS else line
    typed = f"{TYPED[line]}\nEXIT\n" if line in TYPED else ""
    options = {
        "cwd": folder,
        "input": typed.encode(),
        "stdout": subprocess.PIPE,
        "env": environment(),
    }
    began = time.perf_counter()
    cpu, done = children_cpu(lambda: subprocess.run(["sh", "-c", shell], check=False, **options))
    if done.returncode not in (0, 1):  # some of the originals return 1 after success
        sys.exit(f"{shell}: status {done.returncode}")
    lines = done.stdout.decode("utf-8", "replace").rstrip().split("\n")
    shown = [line.rstrip("\r").rpartition("\r")[2] for line in lines]  # as on a terminal
    return shown, time.perf_counter() - began, cpu


def main():
    made = parser(__doc__)
    made.add_argument("text", type=Path)
    made.add_argument("--eval", type=Path, required=True, help="folder of questions-words.txt")
    made.add_argument("--words", type=int, default=5_000_000)
    made.add_argument("--lines", type=int, default=43, help="lines of each output that are kept")
    made.add_argument("--only", nargs="+", choices=DEMOS, default=list(DEMOS))
    made.add_argument("--work", type=Path, help="folder for the files [a temporary one]")
    options = made.parse_args()
    results = Results(options)
    work = (options.work or Path(tempfile.mkdtemp())).resolve()
    text, _ = cut(options.text, work / "texts", options.words)
    for program in commands():
        (work / program).mkdir(exist_ok=True)
        for name, target in [("text8", text), (QUESTIONS, options.eval / QUESTIONS)]:
            if not (work / program / name).exists():
                (work / program / name).symlink_to(Path(target).resolve())
    seen = set()
    for demo in options.only:
        for line in DEMOS[demo]:
            if line not in seen:
                seen.add(line)
                for program, command in commands().items():
                    printed, wall, cpu = run(line, command, work / program)
                    results.add(
                        demo=demo, line=line, program=program, wall_s=wall, cpu_s=cpu,
                        printed=printed[-options.lines :],
                    )  # fmt: skip
    tables.show(results.content)


if __name__ == "__main__":
    main()
