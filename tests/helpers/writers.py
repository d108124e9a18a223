"""Every writer of files, for the tests that kill it, fill the disk or let its calls fail.

`WRITERS` maps a name to (file name, make): ``make(n, salt)`` prepares content of about n rows and
returns a function (path) that writes it. The same n and salt give the same bytes.
"""

import random
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from w2vext import _files

FASTTEXT = Path(__file__).resolve().parents[1] / "fasttext_files" / "cbow_ns.bin"


def words(n):
    return [f"w{i}ö" for i in np.random.default_rng(n).permutation(n).tolist()]


def matrix(n, salt, d=8):
    return np.random.default_rng(salt).normal(size=(n, d)).astype(np.float32)


def vectors(n, salt):
    from w2vext import KeyedVectors

    return KeyedVectors(words(n), matrix(n, salt), np.arange(3 * n, 2 * n, -1))


def saved(name, **options):
    """A writer of `KeyedVectors.save`, and the file's name."""
    return name, lambda n, salt: partial(vectors(n, salt).save, **options)


def corpus(n, salt):
    """A text of n lines in a temporary file that the returned object removes in its end."""
    file = tempfile.NamedTemporaryFile("w", prefix="corpus-", suffix=".txt", encoding="utf-8")
    draw = np.random.default_rng(salt)
    for row in draw.zipf(1.3, (n, 9)) % 50:
        file.write(" ".join(f"w{i}" for i in row.tolist()) + "\n")
    file.flush()
    return file


def model(n, salt):
    from w2vext import Word2Vec

    options = dict(vector_size=4, min_count=1, epochs=1, workers=1, random_state=salt)
    return Word2Vec(**options).fit([words(n), words(max(2, n // 2))]).save


def training(n, salt):
    """Fits on a file, with the ids on the disk, and saves."""
    from w2vext import Word2Vec
    from w2vext.text import vocabulary

    vocabulary.build.__kwdefaults__["spill_bytes"] = 1 << 9
    text = corpus(n, salt)
    estimator = Word2Vec(vector_size=4, min_count=1, epochs=2, workers=2, random_state=salt)
    return lambda path: estimator.fit(text.name).save(path)


def subwords(n, salt):
    from w2vext import FastText

    n = min(n, 100)  # a table of floret is fitted
    options = dict(vector_size=4, min_count=1, epochs=1, workers=1, random_state=salt)
    return FastText(bucket=10 * n, **options).fit([words(n)]).wv.save


def fasttext_model(n, salt):
    from w2vext.formats import fasttext_bin

    file = fasttext_bin.read_model(FASTTEXT)
    rows = len(file.words) + n
    file.settings["bucket"] = n
    numbers = matrix(rows, salt, file.settings["dim"])
    file.inputs = fasttext_bin.Dense(numbers.tobytes(), numbers.shape)
    return lambda path: fasttext_bin.write_model(path, file)


def index(n, salt):
    return vectors(n, salt).build_index().save


def clusters(n, salt):
    return vectors(n, salt).cluster(2, random_state=salt).save


def exact_vocabulary(n, salt):
    from w2vext import exact

    names = [word.encode() for word in words(n)]
    counts = np.arange(n, 0, -1) + salt
    return lambda path: exact.write_vocabulary(path, names, counts)


def exact_vectors(binary):
    def make(n, salt):
        from w2vext import exact

        names, rows = [word.encode() for word in words(n)], matrix(n, salt)
        return lambda path: exact.write_vectors(path, names, rows, binary=binary)

    return make


def exact_classes(n, salt):
    from w2vext import exact

    names = [word.encode() for word in words(n)]
    labels = np.random.default_rng(salt).integers(0, 9, n)
    return lambda path: exact.write_classes(path, names, labels)


def exact_phrases(n, salt):
    from w2vext import exact

    text = corpus(n, salt)
    return lambda path: exact.phrases(text.name, path, threshold=1.0, min_count=1)


def checkpoint(n, salt):
    from w2vext.reference import optimiser

    x = matrix(n, salt)

    def write(path):
        random.seed(salt)  # its state is in the file
        optimiser.save_checkpoint(path, x, salt, 0.3, None)

    return write


def page(n, salt):
    return vectors(max(n, 10), salt).explore(map="pca").save


def costs(n, salt):
    import contextlib
    import io
    from types import SimpleNamespace

    from w2vext.lessons import course

    run = SimpleNamespace(costs=[(i, i + 0.25 * salt) for i in range(n)], seconds=1.0)

    def write(path):
        with contextlib.redirect_stdout(io.StringIO()):
            course.report_costs(run, path)

    return write


def picture(n, salt):
    from w2vext.lessons.course import picture

    names = picture.PICTURED
    rows = matrix(len(names), salt)
    return lambda path: picture.word_picture(names, rows, path)


WRITERS = {
    "word2vec": saved("v.txt"),
    "word2vec.gz": saved("v.txt.gz"),
    "word2vec.bz2": saved("v.txt.bz2"),
    "word2vec.xz": saved("v.txt.xz"),
    "word2vec-binary": saved("v.bin"),
    "glove": saved("v.glove.txt"),
    "fasttext": saved("v.vec"),
    "native": saved("v.safetensors"),
    "npz": saved("v.npz"),
    "parquet": saved("v.parquet"),
    "arrow": saved("v.arrow"),
    "projector": saved("v.tsv"),
    "projector.gz": saved("v.tsv.gz"),
    "model2vec": saved("v.model2vec"),
    "model": ("m.safetensors", model),
    "training": ("t.safetensors", training),
    "fasttext-model": ("m.bin", fasttext_model),
    "fasttext-bin": ("f.bin", subwords),
    "floret": ("m.floret", subwords),
    "index": ("v.usearch", index),
    "clusters": ("clusters.txt", clusters),
    "exact-vocabulary": ("vocab.txt", exact_vocabulary),
    "exact-vectors": ("v.txt", exact_vectors(False)),
    "exact-vectors-binary": ("v.bin", exact_vectors(True)),
    "exact-classes": ("classes.txt", exact_classes),
    "exact-phrases": ("phrases.txt", exact_phrases),
    "checkpoint": ("state.npz", checkpoint),
    "page": ("page.html", page),
    "costs": ("costs.txt", costs),
    "picture": ("picture.png", picture),
}
# Writers that change several files, of which `recover` has to finish a change.
SETS = ("projector", "projector.gz", "model2vec")
NEEDS = {
    "parquet": "pyarrow",
    "arrow": "pyarrow",
    "index": "usearch",
    "picture": "matplotlib",
    "page": "plotly",
}


def available():
    """The names of the writers whose libraries are installed."""
    from importlib.util import find_spec

    return [name for name in WRITERS if name not in NEEDS or find_spec(NEEDS[name])]


class Target:
    """A folder in which a writer's file is the old one or the new one.

    Parameters
    ----------
    name : str
        A key of `WRITERS`.
    folder : path
        Emptied; the target is in its subfolder "there".
    n : int
        Rows.
    """

    def __init__(self, name, folder, n):
        file, make = WRITERS[name]
        self.name = name
        self.folder = Path(folder, name, "there")
        self.path = self.folder / file
        self._write = {version: make(n, salt) for salt, version in enumerate(("old", "new"), 1)}
        self._wanted = {}
        self.folder.mkdir(parents=True)
        for version in ("new", "old"):
            self.save(version)
            self._wanted[version] = self.content()
        assert self._wanted["old"] != self._wanted["new"], name

    def save(self, version):
        self._write[version](self.path)

    def content(self):
        """{path in the folder: bytes} of all files but leftovers."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            part = path.relative_to(self.folder)
            if path.is_file() and not part.parts[0].startswith(".w2vext-"):
                found[str(part)] = path.read_bytes()
        return found

    def leftovers(self):
        return sorted(path.name for path in self.folder.glob(".w2vext-*"))

    def state(self):
        """The version that is there, after what a reader does first; None if it is neither."""
        _files.recover(self.path)
        there = self.content()
        return next((name for name, each in self._wanted.items() if each == there), None)

    def largest(self):
        """Bytes of the largest file of the new version."""
        return max(map(len, self._wanted["new"].values()))
