"""floret's table: the hash, the fit, reading, and vectors as spaCy and floret compute them."""

import json
from pathlib import Path

import numpy as np
import pytest

from w2vext import KeyedVectors, Word2Vec, convert, formats
from w2vext.formats import floret
from w2vext.kernels._subwords import murmur_rows
from w2vext.reference import subwords as ref

FOLDER = Path(__file__).resolve().parent / "floret_files"
TABLES = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
ROOTS = ["tea", "kam", "mor", "日本", "ržn", "coffee", "naïve", "🙂🙂", "ab"]
ENDINGS = ["", "s", "by", "ами", "語", "cup"]
SENTENCES = [
    [ROOTS[(i * j + i) % 9] + ENDINGS[(i + j * j) % 6] for j in range(9)] for i in range(1, 90)
]


@pytest.fixture(scope="module")
def wv():
    model = Word2Vec(min_n=2, max_n=4, vector_size=10, min_count=1, random_state=3, workers=1)
    return model.fit(SENTENCES).wv


def read_table(path):
    """(settings, rows) of a table, as spaCy reads it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    fields = lines[0].split(" ")
    assert len(fields) == 8 and fields[6:] == ["<", ">"] and fields[5] == "2166136261"
    n, _, min_n, max_n, hash_count = map(int, fields[:5])
    rows = [line.rstrip().split(" ") for line in lines[1:]]
    assert [int(row[0]) for row in rows] == list(range(n))
    return (min_n, max_n, hash_count), np.array([row[1:] for row in rows], np.float32)


def composed(word, settings, table):
    """A word's vector by floret's rule: the mean over the rows of "<word>" and of its n-grams."""
    min_n, max_n, hash_count = settings
    raw = word.encode()
    texts = [b"<" + raw + b">", *ref.ngrams(raw, min_n, max_n)]
    rows = murmur_rows(texts, 2166136261, hash_count, len(table))
    return table[rows.reshape(-1)].mean(axis=0)


@pytest.mark.parametrize("hash_count", [pytest.param(1, marks=pytest.mark.slow), 2, 3, 4])
def test_the_table_gives_the_vectors(wv, hash_count, tmp_path):
    options = {"hash_count": hash_count}
    if hash_count == 1:  # n-grams that share a row cannot both keep their vectors
        options["bucket"] = 1_000_000
    wv.save(tmp_path / "v.floret", **options)
    settings, table = read_table(tmp_path / "v.floret")
    assert settings == (2, 4, hash_count)
    for word in wv:
        found = composed(word, settings, table)
        np.testing.assert_allclose(found, wv[word], atol=0.02 * np.abs(wv[word]).max())
    for word in ("teascup", "kamby", "日本人") if hash_count == 1 else ():
        # Rows of unknown n-grams are zeros; with several hashes they are mostly those of others.
        found = composed(word, settings, table)
        cosine = found @ wv[word] / np.linalg.norm(found) / np.linalg.norm(wv[word])
        assert cosine > 0.99


def test_a_small_table_is_the_best_of_its_size(wv, tmp_path):
    with pytest.warns(UserWarning, match="300 rows are few for .* n-grams and words"):
        wv.save(tmp_path / "v.floret", bucket=300, hash_count=2)
    settings, table = read_table(tmp_path / "v.floret")
    assert len(table) == 300
    cosines = [
        found @ wv[word] / np.linalg.norm(found) / np.linalg.norm(wv[word])
        for word in wv
        for found in [composed(word, settings, table)]
    ]
    assert np.mean(cosines) > 0.7


def test_the_fit_is_the_least_squares_solution():
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 12, (40, 3))
    targets = rng.normal(size=(40, 2)).astype(np.float32)
    weights = rng.random(40) + 0.1
    dense = np.zeros((40, 12))
    np.add.at(dense, (np.repeat(np.arange(40), 3), rows.reshape(-1)), 1 / 3)
    scaled = np.sqrt(weights)[:, None]
    expected = np.linalg.lstsq(scaled * dense, scaled * targets, rcond=None)[0]
    table, error = floret.fitted(rows, targets, weights, 12)
    np.testing.assert_allclose(table, expected, atol=1e-3)
    residual = np.linalg.norm(dense @ expected - targets) / np.linalg.norm(targets)
    assert error == pytest.approx(residual, rel=1e-3)
    table, error = floret.fitted(rows, targets * 0, weights, 12)
    assert not table.any() and error == 0


def test_hash_of_published_values():
    assert not murmur_rows([b""], 0, 4, 2**32 - 1).any()
    known = murmur_rows([b"hello"], 0, 4, 2**32 - 1)[0].tolist()
    assert known == [0xB341BD9B02 & 0xFFFFFFFF, 0xCBD8A7B3, 0x48AE1D19, 0x5B1E906A]


def test_against_the_installed_spacy(wv, tmp_path):
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    from spacy.training.initialize import convert_vectors

    wv.save(tmp_path / "v.floret")
    nlp = spacy.blank("xx")
    convert_vectors(nlp, tmp_path / "v.floret", truncate=0, prune=-1, mode="floret")
    settings, table = read_table(tmp_path / "v.floret")
    for word in [*wv, "teascup", "kamby"]:
        found = nlp.vocab.vectors[word]
        np.testing.assert_allclose(found, composed(word, settings, table), atol=1e-5)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"hash_count": 5}, "hash_count=5: give 1, 2, 3 or 4"),
        ({"bucket": 1}, "bucket=1: give an integer from 2"),
        ({"bucket": 2**31}, "bucket=2147483648: give an integer from 2"),
        ({"bucket": 0.5}, r"bucket=0\.5: give an integer"),
    ],
)
def test_bad_options(wv, options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        wv.save(tmp_path / "v.floret", **options)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_or_read(tmp_path):
    with pytest.raises(ValueError, match="is made of subwords, and these have none"):
        KeyedVectors(["a"], [[1.0]]).save(tmp_path / "v.floret")
    model = Word2Vec(min_n=1, max_n=3, vector_size=4, min_count=1, workers=1).fit(SENTENCES)
    with pytest.raises(ValueError, match="min_n=1: spaCy takes each bracket for an n-gram"):
        model.wv.save(tmp_path / "v.floret")


# ---- reading


@pytest.mark.parametrize("name", TABLES)
def test_vectors_equal_florets(name):
    expected = TABLES[name]
    wv = KeyedVectors.load(FOLDER / f"{name}.floret")
    assert len(wv) == 0 and wv.vector_size == 6
    found = np.array([wv[word] for word in expected["words"]])
    np.testing.assert_allclose(found, expected["vectors"], atol=1e-5)  # the table has 5 digits
    chosen = KeyedVectors.load(FOLDER / f"{name}.floret", words=expected["words"])
    assert set(chosen.index_to_key) == set(expected["words"])
    for word, vector in zip(expected["words"], expected["vectors"], strict=True):
        np.testing.assert_allclose(chosen.vectors[chosen.key_to_index[word]], vector, atol=1e-5)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_was_read_is_written_as_it_was(name, tmp_path):
    wv = KeyedVectors.load(FOLDER / f"{name}.floret")
    wv.save(tmp_path / "v.floret")
    assert (tmp_path / "v.floret").read_bytes() == (FOLDER / f"{name}.floret").read_bytes()
    settings = read_table(tmp_path / "v.floret")[0]
    with pytest.raises(ValueError, match=r"bucket=71: .* a table of floret with bucket=70"):
        wv.save(tmp_path / "w.floret", bucket=71)
    wv.save(tmp_path / "w.floret", hash_count=settings[2])


def test_our_tables_are_read(wv, tmp_path):
    wv.save(tmp_path / "v.floret", hash_count=2)
    settings, table = read_table(tmp_path / "v.floret")
    words = [*wv, "teascup", "kamby", "</s>"]
    found = KeyedVectors.load(tmp_path / "v.floret")
    np.testing.assert_allclose(
        found[words], [composed(word, settings, table) for word in words], atol=1e-6
    )


def test_queries_of_a_table():
    path, words = FOLDER / "two_hashes.floret", TABLES["two_hashes"]["words"]
    wv = KeyedVectors.load(path)
    with pytest.raises(ValueError, match="no words to search: load a table of floret with words"):
        wv.most_similar(words[0])
    assert wv.similarity(words[0], words[0]) == pytest.approx(1)
    assert wv.subwords.ngrams("ka")[0][0] == "<ka>" and len(wv.subwords.ngrams("ka")) == 2 * 7
    with pytest.raises(ValueError, match="an n-gram has several rows"):
        wv.ngrams(words[0])
    chosen = KeyedVectors.load(path, words=[*words[:9], 7], limit=5)
    assert chosen.index_to_key == sorted(set(words[:9]))[:5]
    other = words[20]
    assert other not in chosen and len(chosen.most_similar(other, topn=3)) == 3
    assert chosen.restrict(chosen.index_to_key[1:])[other].tolist() == chosen[other].tolist()
    with pytest.raises(ValueError, match="limit=5: a table of floret has no words"):
        KeyedVectors.load(path, limit=5)


def test_what_a_table_cannot_become(tmp_path):
    path = FOLDER / "two_hashes.floret"
    wv = KeyedVectors.load(path, words=["ka", "mo"])
    for name, message in (
        ("v.safetensors", "table of floret, which only a .floret stores"),
        ("v.bin", "write a .floret, or only the words, with format='word2vec-binary'"),
    ):
        with pytest.raises(ValueError, match=message):
            wv.save(tmp_path / name)
    with pytest.raises(ValueError, match="quantize: a table of floret cannot be quantized"):
        wv.quantize()
    with pytest.raises(ValueError, match="has no words to write: give words"):
        convert(path, tmp_path / "v.txt")
    assert convert(path, tmp_path / "v.txt", words=["ka"])["lost"] == ["subword_vectors"]
    assert convert(path, tmp_path / "v.floret")["lost"] == []
    pytest.importorskip("gensim")
    with pytest.raises(ValueError, match="to_gensim: the n-grams are those of a table of floret"):
        wv.to_gensim()


ROWS = "0 1 0 \n1 2 -1 \n"


@pytest.mark.parametrize(
    "text, message",
    [
        ("3 2 2 3 1 5 < >\n" + ROWS, "line 4: the file ends after 2 of the 3 words|cut off"),
        ("2 2 2 3 1 5 [ >\n" + ROWS, r"line 1: words between '\[' and '>'"),
        ("2 2 2 3 5 5 < >\n" + ROWS, "line 1: .* with 5 hashes .* out of range"),
        ("2 2 2 3 1 4294967296 < >\n" + ROWS, "line 1: .*seed 4294967296: a number is out"),
        ("0 2 2 3 1 5 < >\n", "line 1: a table of 0 rows"),
        ("2 0 2 3 1 5 < >\n0 \n1 \n", "line 1: a table of 2 rows and 0 dimensions"),
        ("2 2 4 3 1 5 < >\n" + ROWS, "line 1: n-grams of 4 to 3 characters"),
        ("2 2 2147483648 0 1 5 < >\n" + ROWS, "line 1: n-grams of 2147483648 to 0 characters"),
        ("2 2 2 3 1 5\n" + ROWS, "line 1: a table of floret starts with the line 'bucket dim"),
        ("2 2 2 3 1 5 < >\n1 1 0 \n0 2 -1 \n", "line 2: expected row 0 of the table, found '1'"),
        ("2 2 2 3 1 5 < >\n0 1 0 \n0 2 -1 \n", "line 3: the word '0' again"),
        ("2 2 2 3 1 5 < >\n0 1 nan \n1 2 -1 \n", "line 2: 'nan' is not a"),
        ("2 2 2 3 1 5 < >\n0 1 0 \n1 2 \n", "line 3: expected 2 numbers, found 1"),
    ],
)
def test_malformed_tables(text, message, tmp_path):
    path = tmp_path / "v.floret"
    path.write_text(text)
    for options in ({}, {"on_bad_rows": "skip"}, {"words": ["ab"]}):
        with pytest.raises(ValueError, match=message) as caught:
            formats.read(path, "floret", **options)
        assert str(path) in str(caught.value)
