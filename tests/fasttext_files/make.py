"""Makes the model files of this folder and expected.json with PyPI's fasttext 0.9.3.

    pip install numpy pybind11 setuptools wheel
    pip install --no-build-isolation fasttext==0.9.3
    python tests/fasttext_files/make.py

Texts and labels are random. The files differ from run to run, since fastText's threads race.
"""

import json
import random
import tempfile
from pathlib import Path

import fasttext

HERE = Path(__file__).resolve().parent
SYLLABLES = ["ka", "mo", "ri", "žu", "té", "по", "ля", "ко", "日", "本", "語", "🙂", "ß", "n", "a"]
LETTERS = [*"abkmonrižté", "по", "日", "本", "🙂", "é", "ß"]
# With fewer threads, fastText leaves a part of the table uninitialized and sometimes fails.
BASE = {
    "dim": 6,
    "epoch": 2,
    "minCount": 1,
    "bucket": 60,
    "thread": 12,
    "verbose": 0,
    "minn": 2,
    "maxn": 4,
}
UNSUPERVISED = {
    "skipgram_ns": {"model": "skipgram", "loss": "ns"},
    "skipgram_hs": {"model": "skipgram", "loss": "hs"},
    "cbow_ns": {"model": "cbow", "loss": "ns"},
    "cbow_softmax": {"model": "cbow", "loss": "softmax"},
    "no_subwords": {"model": "skipgram", "loss": "ns", "maxn": 0},
    "one_char": {"model": "skipgram", "loss": "ns", "minn": 1, "maxn": 2},
}
SUPERVISED = {
    "sup_softmax": {"loss": "softmax"},
    "sup_hs": {"loss": "hs"},
    "sup_ns": {"loss": "ns"},
    "sup_ova": {"loss": "ova"},
    "sup_ngrams": {"loss": "softmax", "wordNgrams": 3},
    "sup_plain": {"loss": "softmax", "maxn": 0, "minn": 0, "bucket": 0},
}
QUANTISED = {
    "q": ({}, {}, "labels.txt"),
    "qnorm": ({}, {"qnorm": True}, "labels.txt"),
    "cut": ({}, {"cutoff": 300}, "labels.txt"),
    "odd": ({"dim": 11}, {"dsub": 3}, "labels.txt"),
    "qout": ({}, {"qout": True}, "many.txt"),
}


def texts(folder, rng):
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(60)]
    weights = [1 / (i + 1) for i in range(len(words))]
    lines = [" ".join(rng.choices(words, weights, k=rng.randint(3, 12))) for _ in range(400)]
    cut = [line.encode() for line in lines]
    cut[::3] = [line.replace("日".encode(), b"\xe6\x97") for line in cut[::3]]
    (folder / "words.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "bytes.txt").write_bytes(b"\n".join(cut) + b"\n")
    labels = ["__label__red", "__label__green", "__label__blue", "__label__tea"]
    marked = []
    for i, line in enumerate(lines):
        first = sum(map(ord, line)) % 4
        both = f" {labels[(first + 1) % 4]}" if i % 7 == 0 else ""
        marked.append(f"{labels[first]}{both} {line}")
    (folder / "labels.txt").write_text("\n".join(marked) + "\n", encoding="utf-8")
    many = [f"__label__l{i % 290:03d} {line}" for i, line in enumerate(lines * 2)]
    (folder / "many.txt").write_text("\n".join(many) + "\n", encoding="utf-8")
    return lines


def train(folder):
    for name, options in UNSUPERVISED.items():
        model = fasttext.train_unsupervised(str(folder / "words.txt"), **{**BASE, **options})
        model.save_model(str(HERE / f"{name}.bin"))
    model = fasttext.train_unsupervised(str(folder / "bytes.txt"), model="skipgram", **BASE)
    model.save_model(str(HERE / "invalid_utf8.bin"))
    slow = {**BASE, "lr": 0.5, "epoch": 5}
    for name, options in SUPERVISED.items():
        model = fasttext.train_supervised(str(folder / "labels.txt"), **{**slow, **options})
        model.save_model(str(HERE / f"{name}.bin"))
    for loss in ("softmax", "hs", "ns", "ova"):
        for name, (options, how, text) in QUANTISED.items():
            options = {**slow, "bucket": 400, "loss": loss, **options}
            quantize(f"{name}_{loss}", options, how, str(folder / text))
    options = {**slow, "bucket": 400, "loss": "softmax", "wordNgrams": 2}
    how = {"cutoff": 300, "retrain": True, "epoch": 1, "lr": 0.1}
    quantize("cut_retrain_ngrams", options, how, str(folder / "labels.txt"))
    options = {**slow, "bucket": 400, "loss": "hs"}
    quantize("qout_qnorm_hs", options, {"qout": True, "qnorm": True}, str(folder / "many.txt"))


def quantize(name, options, how, text):
    model = fasttext.train_supervised(text, **options)
    model.quantize(text if how.get("retrain") else None, thread=1, verbose=0, **how)
    model.save_model(str(HERE / f"{name}.ftz"))


def expect(lines, rng):
    unknown = ["".join(rng.choices(LETTERS, k=rng.randint(1, 7))) for _ in range(25)]
    unknown += ["", "x", "</s>"]
    lines = lines[:20] + [" ".join(rng.choices(unknown[:20], k=5)) for _ in range(5)]
    lines += ["", "__label__red ka", "zzz  \t qq", "a </s> b"]
    models = {}
    for path in sorted([*HERE.glob("*.bin"), *HERE.glob("*.ftz")]):
        model = fasttext.load_model(str(path))
        words = unknown if path.stem == "invalid_utf8" else model.words[:15] + unknown
        seen = models[path.name] = {
            "words": words,
            "vectors": [rounded(model.get_word_vector(word)) for word in words],
            "sentences": [rounded(model.get_sentence_vector(line)) for line in lines],
        }
        if path.stem != "invalid_utf8":
            seen["subwords"] = [
                [grams, rows.tolist()] for grams, rows in map(model.get_subwords, words[10:20])
            ]
        if path.stem not in {*UNSUPERVISED, "invalid_utf8"}:
            for key, options in {"top": {"k": 3}, "above": {"k": -1, "threshold": 0.3}}.items():
                labels, values = model.predict(lines, **options)
                seen[key] = [[list(a), rounded(b)] for a, b in zip(labels, values, strict=True)]
    text = json.dumps({"lines": lines, "models": models}, ensure_ascii=False)
    (HERE / "expected.json").write_text(text + "\n", encoding="utf-8")


def rounded(values):
    return [float(f"{value:.7g}") for value in values]


if __name__ == "__main__":
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        lines = texts(Path(folder), rng)
        train(Path(folder))
    expect(lines, rng)
