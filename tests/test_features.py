"""The table of docs/features.md: a tiny model is trained for every cell.

In a cell with "yes" the call works and the feature has its effect. In one with "no" the call raises
an error, and in one with "–" it works but the feature does not apply: the result is the same.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from helpers.clusters import Local

from w2vext import Callback, Column, FastText, Pairs, Word2Vec, cli, distributed, tune
from w2vext.distributed import on_ray
from w2vext.graph import Node2Vec

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

PAGE = Path(__file__).resolve().parent.parent / "docs" / "features.md"
WORDS = [f"w{i}" for i in range(12)]
SENTENCES = [[WORDS[i] for i in row] for row in np.random.default_rng(4).integers(12, size=(60, 5))]
MODEL = {
    "vector_size": 6,
    "min_count": 1,
    "sample": 0,
    "workers": 1,
    "random_state": 3,
    "epochs": 2,
}
SUBWORDS = {"min_n": 2, "max_n": 3, "bucket": 50}
GIVEN = {word: np.full(6, 0.01 * i, np.float32) for i, word in enumerate(WORDS)}


class Counting(Callback):
    """Counts the epochs of all models."""

    epochs = 0

    def on_epoch_end(self, state):
        Counting.epochs += 1


# ---- the columns of the table: ways to train


def sentences(form):
    """The sentences as `fit` takes them."""
    if form == "text":
        return [", ".join(sentence).upper() + "!" for sentence in SENTENCES]
    if form == "column":
        return pytest.importorskip("pyarrow").array(SENTENCES)
    return SENTENCES


def files(form, folder):
    """The sentences as `fit` takes them, in one file."""
    path = folder / ("x.parquet" if form == "column" else "x.txt")
    if form == "column":
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        table = pyarrow.table({"items": pyarrow.array(SENTENCES)})
        parquet.write_table(table, path)  # one row group, which one worker reads
        return Column(path, "items")
    lines = sentences(form) if form == "text" else map(" ".join, SENTENCES)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def by_fit(folder, form, params, given):
    return Word2Vec(**MODEL | params).fit(sentences(form), **given)


def by_fasttext(folder, form, params, given):
    return FastText(**MODEL | SUBWORDS | params).fit(sentences(form), **given)


def by_partial_fit(folder, form, params, given):
    if "freeze_output" in given:  # the output vectors are those of the first fit
        given = {"freeze_output": True}
    model = Word2Vec(**MODEL | params).fit(sentences(form))
    return model.partial_fit(sentences(form), **given)


def by_pairs(folder, form, params, given):
    couples = [couple for each in SENTENCES for couple in pairwise(each)]
    columns = list(zip(*couples, strict=True))
    if form == "column":
        columns = [pytest.importorskip("pyarrow").array(column) for column in columns]
    if form == "text":
        columns = [[f"{word.upper()}!" for word in column] for column in columns]
    if "sample_weight" in given:
        given = given | {"sample_weight": np.arange(len(couples)) % 3}
    return Word2Vec(**MODEL | params).fit(Pairs(*columns), **given)


def by_cluster(folder, form, params, given):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_ray, "Ray", LocalEngine)
        model, corpus = Word2Vec(**MODEL | params), files(form, folder)
        corpus = Column([corpus.source] * 2, corpus.name) if form == "column" else [corpus] * 2
        return distributed.fit(model, corpus, 2, threads=1, sync_words=50, **given)


class LocalEngine(Local):
    def __init__(self, workers, threads, address):
        super().__init__(workers, threads)
        self.threads = threads


def by_command(folder, form, params, given):
    corpus = files(form, folder)
    arguments = [corpus, "-o", folder / "model.safetensors"]
    if form == "column":
        arguments = [corpus.source, "--column", corpus.name, *arguments[1:]]
    for name, value in (MODEL | params).items():
        arguments.append(f"--{name.replace('_', '-')}")
        if name == "deterministic":
            arguments.append("yes" if value else "no")
        elif value is not True:
            arguments.append(value)
    for name, value in given.items():
        if isinstance(value, dict) and name != "vocabulary":
            (folder / name).write_text("".join(f"{k}\t{v}\n" for k, v in value.items()))
            value = folder / name
        arguments += [f"--{name.replace('_', '-')}", value]
    if cli.main(["train", *map(str, arguments)]):
        raise ValueError("the command ended with an error")
    return Word2Vec.load(folder / "model.safetensors")


def by_tune(folder, form, params, given):
    options = {"budget": 1, "parameters": {"window": [5]}, "random_state": 1}
    if "validation" in given:  # would be the sessions that tune predicts
        raise ValueError("tune has no text for early stopping")
    model = Word2Vec(**MODEL | params)
    return tune(model, sentences(form), validation=sentences(form), **options, **given).model


def by_node2vec(folder, form, params, given):
    edges = [couple for each in SENTENCES for couple in pairwise(each)]
    options = {name: value for name, value in MODEL.items() if name != "min_count"}
    if form == "column":
        edges = pytest.importorskip("pyarrow").table(
            dict(zip("ab", map(list, zip(*edges, strict=True)), strict=True))
        )
    return Node2Vec(**options | params).fit(edges, **given).model_


WAYS = {
    "`FastText.fit`": by_fasttext,
    "`partial_fit`": by_partial_fit,
    "`Pairs`": by_pairs,
    "`distributed.fit`": by_cluster,
    "`w2vext train`": by_command,
    "`tune`": by_tune,
    "`Node2Vec`": by_node2vec,
}

# ---- the rows: features


def vectors_change(model, plain):
    return not np.array_equal(model.vectors_, plain.vectors_)


def same_vectors(model, plain):
    return np.array_equal(model.vectors_, plain.vectors_)


def has(name):
    return lambda model, plain: hasattr(model, name)


def words_are(words):
    return lambda model, plain: set(model.vocabulary_) == set(words)


def fewer_words(model, plain):
    return len(model.vocabulary_) < len(plain.vocabulary_)


def counted_epochs(model, plain):
    return Counting.epochs > 0


@dataclass
class Feature:
    params: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)
    form: str = "lists"
    effect: object = vectors_change


def split(text):
    return [word.strip(",!") for word in text.lower().split()]


RAW = Feature({"tokenizer": "words", "lowercase": True}, form="text", effect=words_are(WORDS))
FEATURES = {
    '`architecture="cbow"`': Feature({"architecture": "cbow"}),
    '`loss="hs"`': Feature({"loss": "hs"}),
    '`loss="hs+neg"`': Feature({"loss": "hs+neg"}),
    '`loss="softmax"`': Feature({"loss": "softmax"}),
    "subwords": Feature({"min_n": 3, "max_n": 3, "bucket": 40}),
    '`tokenizer="words"`': RAW,
    "`tokenizer=function`": Feature({"tokenizer": split}, form="text", effect=words_are(WORDS)),
    "columns of tables": Feature(form="column", effect=same_vectors),
    "`global_context`": Feature({"global_context": "last"}),
    "`sample_weight`": Feature(given={"sample_weight": np.arange(60) % 3}),
    "`noise`": Feature(given={"noise": {word: 1 + i % 3 for i, word in enumerate(WORDS)}}),
    "`noise_groups`": Feature(given={"noise_groups": {w: i % 2 for i, w in enumerate(WORDS)}}),
    "`vocabulary`": Feature(given={"vocabulary": dict.fromkeys(WORDS[:7], 9)}, effect=fewer_words),
    "`init`": Feature(given={"init": GIVEN}),
    "`freeze`": Feature(given={"freeze": ["w1", "w5"]}),
    "`freeze_output`": Feature(given={"freeze_output": True}),
    "`validation`, `patience`": Feature(
        {"patience": 1}, {"validation": SENTENCES}, effect=has("validation_loss_history_")
    ),
    "`callbacks`": Feature({"callbacks": [Counting()]}, effect=counted_epochs),
    '`pooling="idf"`': Feature({"pooling": "idf"}, effect=has("idf_")),
    '`pooling="sif"`': Feature({"pooling": "sif"}, effect=has("sif_component_")),
    "`unk_token`": Feature(
        {"unk_token": "<unk>", "max_final_vocab": 5},
        effect=lambda model, plain: "<unk>" in model.vocabulary_,
    ),
    "`max_final_vocab`": Feature({"max_final_vocab": 5}, effect=fewer_words),
    "`max_vocab_size`": Feature({"max_vocab_size": 5}, effect=fewer_words),
    "`trim_rule`": Feature(
        {"trim_rule": lambda word, count, min_count: "discard" if word == "w1" else "keep"},
        effect=fewer_words,
    ),
    "`shuffle`": Feature({"shuffle": True}),
    "`deterministic`, 2 workers": Feature({"deterministic": True, "workers": 2}),
    "`checkpoint`": Feature(given={"checkpoint": "run"}, effect=same_vectors),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """For each column of the table: the model without the feature."""
    return {
        way: train(tmp_path_factory.mktemp("plain"), "lists", {}, {}) for way, train in WAYS.items()
    }


def outcome(way, name, plain, folder):
    """What the cell of the table must say."""
    feature = FEATURES[name]
    given = dict(feature.given)
    if "freeze_output" in given and way != "`distributed.fit`":
        earlier = Word2Vec(**MODEL).fit(SENTENCES)
        given |= {"init": earlier, "vocabulary": dict.fromkeys(WORDS, 9)}
    if "checkpoint" in given:
        given["checkpoint"] = folder / "run"
    Counting.epochs = 0
    try:
        model = WAYS[way](folder, feature.form, feature.params, given)
    except (TypeError, ValueError, SystemExit):
        return "no"
    assert "checkpoint" not in given or any((folder / "run").iterdir())
    if feature.effect(model, plain[way]):
        return "yes"
    assert same_vectors(model, plain[way])
    return "–"


def table():
    """{(feature, way): cell} of the page."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    heads, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {
        (row[0], way): cell for row in rows for way, cell in zip(heads[1:], row[1:], strict=True)
    }


def test_the_table_has_every_feature_and_way():
    assert list(table()) == [(name, way) for name in FEATURES for way in WAYS]


@pytest.mark.slow
@pytest.mark.parametrize("name", FEATURES)
def test_each_cell_of_the_table(name, plain, tmp_path, capsys):
    expected = {way: cell for (feature, way), cell in table().items() if feature == name}
    found = {}
    for number, way in enumerate(WAYS):
        folder = tmp_path / str(number)
        folder.mkdir()
        found[way] = outcome(way, name, plain, folder)
    assert found == expected
