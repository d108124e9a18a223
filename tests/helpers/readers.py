"""Every reader of files that the fuzzer tests: valid files of each kind, and how each is read.

`READERS` maps a name to a function (folder) -> `Reader`, which writes the valid files there. What
is read is checked: `Accepted` is raised for values that no reader may let through.
"""

import bz2
import gzip
import lzma
import random
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np

FASTTEXT = Path(__file__).resolve().parents[1] / "fasttext_files"
FLORET = FASTTEXT.with_name("floret_files")
SMALL, LARGE = 7, 150
ENCODED = ("word2vec", "word2vec-binary", "glove", "fasttext")
SENTENCES = [["tea", "wörd", "日本", "x"], ["x", "tea"], ["wörd", "a", "tea", "b"]] * 6
PACKERS = {
    ".gz": lambda data: gzip.compress(data, 1),
    ".bz2": lambda data: bz2.compress(data, 1),
    ".xz": lambda data: lzma.compress(data, preset=0),
    ".zst": lambda data: zstd_frame(data),
}


class Accepted(Exception):
    """A reader returned values for which it must raise an error."""


class Reader(SimpleNamespace):
    """Valid files and the function that reads them.

    Attributes
    ----------
    seeds : list of (path, list of path)
        What is read, and the files of it that may be damaged.
    read : callable (path, random.Random)
        Reads and checks. Errors must be ValueError or OSError and name the file.
    """


def zstd_frame(data):
    """The data as a frame of zstd with uncompressed blocks."""
    blocks = [data[at : at + (1 << 16)] for at in range(0, len(data), 1 << 16)] or [b""]
    framed = b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little")
    for block in blocks:
        framed += (len(block) << 3 | (block is blocks[-1])).to_bytes(3, "little") + block
    return framed


def words(n):
    # The order of the words differs from that of the numbers in them.
    return [f"w{(i * 11 + 3) % n}{'ö' if i % 3 else ''}" for i in range(n)]


def matrix(n, d=5):
    return np.random.default_rng(n).normal(size=(n, d)).astype(np.float32)


def check(names, vectors, counts=None):
    """Raise `Accepted` unless words, vectors and counts are valid."""
    if len(set(names)) != len(names) or len(names) != len(vectors):
        raise Accepted(f"{len(names)} words, {len(set(names))} distinct, {len(vectors)} vectors")
    if not np.isfinite(vectors).all():
        raise Accepted("a number that is not finite")
    if counts is not None and len(counts) and (len(counts) != len(names) or min(counts) < 0):
        raise Accepted(f"the counts {counts[:5]}")


# ---- vectors


def vectors(format, *suffixes, extra=()):
    """A reader of a format of `w2vext.formats`."""

    def make(folder):
        from w2vext import formats

        seeds = []
        for n in (SMALL, LARGE):
            for suffix in (*suffixes, *extra):
                path = folder / str(n) / suffix.strip(".") / f"v{suffix}"
                path.parent.mkdir(parents=True)
                if suffix in extra:  # compressed here, since nothing writes some of them
                    plain = path.with_suffix("")
                    formats.write(plain, words(n), matrix(n), None, format)
                    path.write_bytes(PACKERS[path.suffix](plain.read_bytes()))
                    plain.unlink()
                else:
                    counts = 3 * np.arange(n, 0, -1)
                    formats.write(path, words(n), matrix(n), {"counts": counts}, format)
                files = sorted(path.iterdir() if path.is_dir() else path.parent.iterdir())
                seeds.append((path, files))
        return Reader(seeds=seeds, read=lambda path, draw: read_vectors(path, draw, format))

    return make


def read_vectors(path, draw, format=None):
    from w2vext import KeyedVectors, formats

    options = {}
    if draw.random() < 0.2:
        options["limit"] = draw.choice([1, 5, 10**9])
    if draw.random() < 0.2:
        options["words"] = draw.choice([[], words(SMALL)[:3], ["nothing"]])
    if draw.random() < 0.2:
        options["errors"] = draw.choice(["replace", "ignore", "surrogateescape"])
    if draw.random() < 0.3:
        options["on_bad_rows"] = "skip"
    if format in ENCODED and draw.random() < 0.05:
        encodings = ["latin-1", "cp1252", "shift_jis"]
        options["encoding"] = draw.choice(
            encodings if format == "word2vec-binary" else [*encodings, "utf-16"]
        )
    if draw.random() < 0.5:
        options["format"] = format
    if format == "native" and draw.random() < 0.2:  # unchecked numbers, which must not crash
        formats.read(path, "native", mmap=True)[1].sum()
        return
    if path.is_file() and format != "projector" and draw.random() < 0.1:
        with open(path, "rb") as file:
            wv = KeyedVectors.load(file, **options)
    else:
        wv = KeyedVectors.load(path, **options)
    check(wv.index_to_key, wv.vectors, wv.counts)


def any_format(folder):
    """Files of all formats under names with an unknown or a wrong suffix."""
    from w2vext import formats

    seeds = []
    for format, suffix in (
        ("word2vec", ".txt"), ("word2vec-binary", ".bin"), ("glove", ".txt"),
        ("native", ".safetensors"), ("parquet", ".parquet"), ("npz", ".npz"),
    ):  # fmt: skip
        formats.write(folder / f"v{suffix}", words(SMALL), matrix(SMALL), None, format)
        data = (folder / f"v{suffix}").read_bytes()
        (folder / f"v{suffix}").unlink()
        for other in (".dat", ".txt", ".bin", ".tsv", ".npz"):
            path = folder / f"{format}{other}"
            path.write_bytes(data)
            seeds.append((path, [path]))
    return Reader(seeds=seeds, read=read_vectors)


# ---- models


def models(folder):
    from w2vext import FastText, Word2Vec

    seeds = []
    options = dict(vector_size=4, min_count=1, epochs=1, workers=1, random_state=3)
    for name, model in {
        "neg": Word2Vec(**options),
        "hs": Word2Vec(**options, loss="hs", pooling="idf"),
        "softmax": Word2Vec(**options, loss="softmax", pooling="sif"),
        "subwords": FastText(**options, bucket=40),
    }.items():
        path = folder / f"{name}.safetensors"
        model.fit(SENTENCES).save(path)
        seeds.append((path, [path]))
    return Reader(seeds=seeds, read=read_model)


def read_model(path, draw):
    from w2vext import FastText, Word2Vec

    if draw.random() < 0.1:
        read_vectors(path, draw, "native")
        return
    cls = FastText if path.stem == "subwords" else Word2Vec
    if draw.random() < 0.2:
        cls.load(path, mmap=True).vectors_.sum()
        return
    model = cls.load(path)
    check(model.vocabulary_, model.vectors_)
    check(range(len(model.output_vectors_)), model.output_vectors_)
    if not np.isfinite(np.array(model.loss_history_, np.float64)).all():
        raise Accepted(f"loss_history_={model.loss_history_}")
    if draw.random() < 0.2:  # what was loaded can be trained, or says why not
        model.set_params(epochs=1, window=2, negative=2, workers=1, bucket=model.bucket)
        try:
            model.partial_fit(SENTENCES)
        except (ValueError, FloatingPointError) as error:
            if isinstance(error, UnicodeError):
                raise


def fasttext_models(folder):
    seeds = []
    for source in sorted([*FASTTEXT.glob("*.bin"), *FASTTEXT.glob("*.ftz")]):
        path = folder / source.name
        path.write_bytes(source.read_bytes())
        seeds.append((path, [path]))
    return Reader(seeds=seeds, read=read_fasttext)


def read_fasttext(path, draw):
    from w2vext import load_fasttext
    from w2vext.formats import fasttext_bin

    if draw.random() < 0.3:
        read_vectors(path, draw, "fasttext-bin")
        return
    mapped = draw.random() < 0.3
    model = load_fasttext(path, mmap=mapped)
    found = model.word_vectors(["tea", "日本", model.words[0] if model.words else ""])
    # Means of huge numbers may be infinite; the numbers of the file may not.
    file = fasttext_bin.read_model(path)
    huge = any(not (np.abs(each.take()) < 1e30).all() for each in (file.inputs, file.outputs))
    if not huge and not np.isfinite(found).all():
        raise Accepted("a number that is not finite")
    for each in (file.inputs, file.outputs):
        if isinstance(each, fasttext_bin.Dense) and not np.isfinite(each.take()).all():
            raise Accepted("a number that is not finite")
    if len(model.counts) and model.counts.min() < 0:
        raise Accepted("a count below 0")
    if model.model == "supervised":
        model.predict(["tea ka"], k=2)


def floret(folder):
    """Tables of floret, from which words are composed."""
    seeds = []
    for source in sorted(FLORET.glob("*.floret")):
        path = folder / source.name
        path.write_bytes(source.read_bytes())
        seeds.append((path, [path]))

    def read(path, draw):
        from w2vext import KeyedVectors

        asked = ["tea", "日本", "", "ka"]
        options = draw.choice([{}, {"words": asked}, {"words": asked, "limit": 2}])
        if draw.random() < 0.5:
            options = {**options, "format": "floret"}
        wv = KeyedVectors.load(path, **options)
        check(wv.index_to_key, wv.vectors)
        if wv.subwords is not None and hasattr(wv.subwords, "hash_count"):
            found, _ = wv.subwords.compose(asked)
            table = wv.subwords.rows
            if not np.isfinite(table).all():
                raise Accepted("a number that is not finite")
            if (np.abs(table) < 1e30).all() and not np.isfinite(found).all():
                raise Accepted("a vector that is not finite")

    return Reader(seeds=seeds, read=read)


def index(folder):
    from w2vext import KeyedVectors

    rows = matrix(LARGE)
    path = folder / "v.usearch"
    KeyedVectors(words(LARGE), rows).build_index().save(path)

    def read(path, draw):
        from w2vext.search import ann

        found = ann.load(path, rows, mmap=draw.random() < 0.5)
        found.search(rows[:3], 4)

    return Reader(seeds=[(path, [path])], read=read)


def checkpoint(folder):
    from w2vext.reference import optimiser

    path = folder / "state.npz"
    optimiser.save_checkpoint(path, matrix(4), 7, 0.3, 1.5)

    def read(path, draw):
        state = random.getstate()
        try:
            x, iteration, lr, smoothed = optimiser.load_checkpoint(path, (4, 5))
        finally:
            random.setstate(state)
        numbers = [float(each or 0) for each in (iteration, lr, smoothed)]
        if not np.isfinite(x).all() or not np.isfinite(numbers).all() or iteration < 0:
            raise Accepted(f"x or {numbers}")

    return Reader(seeds=[(path, [path])], read=read)


def training(folder):
    """Checkpoints of a training run, from which the same run continues."""
    from w2vext import Word2Vec

    options = dict(vector_size=4, min_count=1, epochs=2, workers=1, random_state=3)
    seeds = []
    for loss in ("neg", "hs", "softmax"):
        kept = folder / loss
        Word2Vec(loss=loss, **options).fit(SENTENCES, checkpoint=kept, checkpoint_every=0)
        seeds.append((kept, sorted(kept.glob("at-*"))))

    def read(path, draw):
        run = path / "run"
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir()
        for file in path.glob("at-*"):
            shutil.copy(file, run)
        model = Word2Vec(loss=path.name, **options).fit(SENTENCES, checkpoint=run)
        check(model.vocabulary_, model.vectors_)
        check(range(len(model.output_vectors_)), model.output_vectors_)

    return Reader(seeds=seeds, read=read)


# ---- text


def texts(folder, names, content):
    """Seeds of one file each, packed as the suffix says."""
    seeds = []
    for name in names:
        path = folder / name
        pack = PACKERS.get(path.suffix, bytes)
        path.write_bytes(pack(content.encode()))
        seeds.append((path, [path]))
    return seeds


TEXT = "".join(" ".join(sentence) + "\n" for sentence in SENTENCES)


def corpus(folder):
    names = ["t.txt", "t.gz", "t.bz2", "t.xz", "t.zst"]

    def read(path, draw):
        from w2vext.text.corpus import open_corpus
        from w2vext.text.scan import Scan

        with Scan(open_corpus(path), draw.choice((1, 2)), None, 1 << 30, None) as scan:
            table = scan.read()
            counts, _ = scan.tally()
            found = table.strings(np.arange(len(counts)))
            if len(set(found)) != len(found) or (len(counts) and counts.min() < 1):
                raise Accepted("words that repeat, or counts below 1")
            final = np.arange(len(counts) + 1, dtype=np.int32)
            final[-1] = -1
            ids, offsets, _ = scan.stream(final, int(counts.sum()))
            if len(ids) and not 0 <= ids.min() <= ids.max() < len(counts):
                raise Accepted("ids out of range")
            if offsets[-1] != len(ids) or (np.diff(offsets) < 1).any():
                raise Accepted("offsets that do not fit")

    return Reader(seeds=texts(folder, names, TEXT), read=read)


def exact_corpus(folder):
    def read(path, draw):
        from w2vext import exact

        faithful = draw.random() < 0.5
        if draw.random() < 0.5:
            names, counts = exact.count_words(path, min_count=1, faithful=faithful)
            if len(set(names)) != len(names) or counts.min() < 0:
                raise Accepted("words that repeat, or counts below 0")
        else:
            exact.phrases(path, folder / "out", threshold=0.1, min_count=1, faithful=faithful)

    return Reader(seeds=texts(folder, ["t.txt"], TEXT), read=read)


def exact_vocabulary(folder):
    content = "".join(f"{word} {3 * i + 1}\n" for i, word in enumerate(["</s>", *words(20)]))

    def read(path, draw):
        from w2vext import exact

        names, counts = exact.read_vocabulary(path)
        if len(names) != len(counts) or min(counts) < 0 or not all(names):
            raise Accepted(f"{names[:3]}, {counts[:3]}")

    return Reader(seeds=texts(folder, ["vocab.txt"], content), read=read)


QUESTIONS = {
    "analogies": ": capitals\nAthens Greece Oslo Norway\n: verbs\ngo went sée saw\n",
    "pairs": "# word pairs\ntea\tcoffee\t7.35\ncar\tTee\t0.5\n日本\tx\t-1e-3\n",
    "categories": "tea\tdrink\ncat\tanimal\n# x\nwörd\tanimal\n",
}


def questions(kind):
    def make(folder):
        def read(path, draw):
            from w2vext.evaluation import testsets

            one = getattr(testsets, f"read_{kind}")
            found = (testsets.read if draw.random() < 0.5 else one)(path)
            if (
                isinstance(found, testsets.Pairs)
                and not np.isfinite([p[2] for p in found[1]]).all()
            ):
                raise Accepted("a score that is not finite")

        return Reader(seeds=texts(folder, [f"{kind}.txt"], QUESTIONS[kind]), read=read)

    return make


def treebank(folder):
    """The published archive's files, and the trees, each in a folder of its own."""
    lines = ["Tea is good", "cliché is so-so", "A car ."]
    for kind in ("dictionary", "trees"):
        path = folder / kind
        path.mkdir()
        body = "".join(f"{i}\t{line}\n" for i, line in enumerate(lines, 1))
        (path / "datasetSentences.txt").write_text(f"sentence_index\tsentence\n{body}", "utf-8")
        (path / "datasetSplit.txt").write_text("sentence_index,splitset_label\n1,1\n2,2\n3,3\n")
        if kind == "dictionary":
            body = "".join(f"{line}|{2 - i}\n" for i, line in enumerate(lines))
            (path / "dictionary.txt").write_text(body, "utf-8")
            labels = "phrase ids|sentiment values\n0|0.25\n1|0.5\n2|1.0\n"
            (path / "sentiment_labels.txt").write_text(labels)
        else:
            (path / "trees").mkdir()
            for name, line in zip(("train", "test", "dev"), lines, strict=True):
                tree = " ".join(f"(2 {word})" for word in line.split())
                (path / "trees" / f"{name}.txt").write_text(f"(3 {tree})\n", "utf-8")

    def read(path, draw):
        from w2vext.datasets import load_sst

        found = load_sst(path)
        if not 0 <= found.labels.min() <= found.labels.max() <= 4:
            raise Accepted(f"the labels {found.labels}")

    seeds = [
        (folder / kind, sorted(each for each in (folder / kind).rglob("*") if each.is_file()))
        for kind in ("dictionary", "trees")
    ]
    return Reader(seeds=seeds, read=read)


READERS = {
    "word2vec": vectors("word2vec", ".txt", ".txt.gz", ".txt.bz2", ".txt.xz", extra=[".txt.zst"]),
    "word2vec-binary": vectors("word2vec-binary", ".bin", ".bin.gz"),
    "glove": vectors("glove", ".glove.txt", ".glove.txt.xz"),
    "fasttext": vectors("fasttext", ".vec", ".vec.bz2"),
    "native": vectors("native", ".safetensors"),
    "npz": vectors("npz", ".npz"),
    "parquet": vectors("parquet", ".parquet", ".arrow"),
    "projector": vectors("projector", ".tsv", ".tsv.gz"),
    "model2vec": vectors("model2vec", ".model2vec"),
    "detect": any_format,
    "model": models,
    "fasttext-bin": fasttext_models,
    "floret": floret,
    "index": index,
    "checkpoint": checkpoint,
    "training": training,
    "corpus": corpus,
    "exact-corpus": exact_corpus,
    "exact-vocabulary": exact_vocabulary,
    **{kind: questions(kind) for kind in QUESTIONS},
    "treebank": treebank,
}
NEEDS = {"parquet": "pyarrow", "detect": "pyarrow", "index": "usearch"}
