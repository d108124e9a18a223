"""Measure import times: CPU seconds of a new interpreter, with and without w2vext."""

import subprocess
import sys
import tempfile

import tables
from results import Results, alternate, children_cpu, environment, parser

IMPORTED = {
    "Python alone": "pass",
    "`import numpy`": "import numpy",
    "`import scipy.linalg`": "import scipy.linalg",
    "`import sklearn.base`": "import sklearn.base",
    "`import w2vext`": "import w2vext",
    "`w2vext --help`": "from w2vext.cli import main; main(['--help'])",
    "`from w2vext import KeyedVectors`": "from w2vext import KeyedVectors",
    "`w2vext train --help`": "from w2vext.cli import main; main(['train', '--help'])",
    "`from w2vext import Word2Vec`": "from w2vext import Word2Vec",
}


def process(code, folder):
    """A call that runs `code` in a new interpreter; returns its CPU seconds."""
    command = [sys.executable, "-c", code]
    settings = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, "env": environment()}
    return lambda: children_cpu(lambda: subprocess.run(command, **settings))[0]


def main():
    made = parser(__doc__)
    made.add_argument("--repeats", type=int, default=9)
    options = made.parse_args()
    results = Results(options)
    with tempfile.TemporaryDirectory() as folder:
        calls = {what: process(code, folder) for what, code in IMPORTED.items()}
        for _, what, seconds in alternate(calls, options.repeats):
            results.add(what=what, cpu_s=seconds)
    tables.show(results.content)


if __name__ == "__main__":
    main()
