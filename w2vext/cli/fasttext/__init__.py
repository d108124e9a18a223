"""`w2vext fasttext`: fastText's commands, with its flags, files and output."""

from __future__ import annotations

import difflib
from importlib import import_module

from w2vext.cli import complain
from w2vext.cli.fasttext.train import FLAGS as FLAGS  # for the page on commands

PROGRAM = "w2vext fasttext"
# Command -> (module in this package, its function, arguments, one line for the help).
COMMANDS = {
    "skipgram": ("train", "main", "-input FILE -output NAME ...", "train skip-gram vectors"),
    "cbow": ("train", "main", "-input FILE -output NAME ...", "train CBOW vectors"),
    "print-word-vectors": ("query", "word_vectors", "MODEL", "vectors of words from stdin"),
    "print-sentence-vectors": ("query", "sentence_vectors", "MODEL", "vectors of lines from stdin"),
    "print-ngrams": ("query", "ngrams", "MODEL WORD", "a word's n-grams and their vectors"),
    "nn": ("query", "neighbors", "MODEL [K]", "nearest words of words from stdin"),
    "analogies": ("query", "analogies", "MODEL [K]", "words nearest to A - B + C"),
    "dump": ("query", "dump", "MODEL args|dict|input|output", "what a model file holds"),
    "predict": ("predict", "main", "MODEL FILE [K] [THRESHOLD]", "most likely labels"),
    "predict-prob": ("predict", "main", "MODEL FILE [K] [THRESHOLD]", "labels and probabilities"),
    "test": ("predict", "test", "MODEL FILE [K] [THRESHOLD]", "precision and recall"),
}
# Commands of fastText that are not available, and what to use in their place.
ABSENT = {
    "supervised": "train a classifier on Word2Vec.transform with scikit-learn",
    "quantize": "KeyedVectors.quantize compresses word vectors",
    "test-label": "test prints precision and recall over all labels",
}


def usage() -> str:
    """The text of `w2vext fasttext --help`."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:{width}}  {each[3]}" for name, each in COMMANDS.items())
    return (
        f"usage: {PROGRAM} COMMAND [...]\n\n"
        "fastText's commands, with its flags, files and output.\n\n"
        f"commands:\n{rows}\n\n"
        "MODEL is a .bin or .ftz that fastText or w2vext wrote. FILE may be - for stdin.\n"
        f"`{PROGRAM} skipgram --help` shows the flags of training.\n\n"
        f"example: echo teapot | {PROGRAM} print-word-vectors model.bin"
    )


def main(argv: list[str]) -> int | None:
    name = argv[0] if argv else "--help"
    if name in ("-h", "--help"):
        print(usage())
        return None
    if name in ABSENT:
        return complain(PROGRAM, f"{name} is not available: {ABSENT[name]}", 2)
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(COMMANDS)}"
        return complain(PROGRAM, f"unknown command {name!r}: {hint}", 2)
    module, function, arguments, _ = COMMANDS[name]
    given = argv[1:]
    if module != "train":
        if not given or given[0] in ("-h", "--help"):
            print(f"usage: {PROGRAM} {name} {arguments}")
            return None
        most = len(arguments.split())
        least = len([each for each in arguments.split() if not each.startswith("[")])
        if not least <= len(given) <= most:
            return complain(PROGRAM, f"{name}: give {arguments}", 2)
    found = import_module(f"w2vext.cli.fasttext.{module}")
    status: int | None = getattr(found, function)(name, given)
    return status
