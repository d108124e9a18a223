"""What importing costs: processor seconds of a fresh interpreter, beside numpy and scipy alone.

The least of some runs, so that what else runs on the machine counts little.
"""

import argparse
import resource
import subprocess
import sys
import tempfile

ALONE = {
    "python": "pass",
    "numpy": "import numpy",
    "scipy.linalg": "import scipy.linalg",
    "sklearn.base": "import sklearn.base",
}
OURS = {
    "import w2vext": "import w2vext",
    "w2vext --help": "from w2vext.cli import main; main(['--help'])",
    "KeyedVectors": "from w2vext import KeyedVectors",
    "Trainer": "from w2vext import Trainer",
    "w2vext train --help": "from w2vext.cli import main; main(['train', '--help'])",
    "Word2Vec": "from w2vext import Word2Vec",
}


def seconds(code, repeats, folder):
    """The least processor time of a process that runs `code`."""
    taken = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", code]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:  # the installed package, not a folder of source
        alone = {name: seconds(code, repeats, folder) for name, code in ALONE.items()}
        ours = {name: seconds(code, repeats, folder) for name, code in OURS.items()}
    for name, taken in alone.items():
        print(f"{name:22} {taken:6.3f} s")
    for name, taken in ours.items():
        print(f"{name:22} {taken:6.3f} s, {taken - alone['numpy']:+.3f} beside numpy alone")


if __name__ == "__main__":
    main()
