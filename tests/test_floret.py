"""floret's table: the hash, the fit, and vectors as spaCy and floret compute them from it."""

import numpy as np
import pytest

from w2vext import KeyedVectors, Word2Vec, formats
from w2vext.formats import floret
from w2vext.kernels._subwords import murmur_rows
from w2vext.reference import subwords as ref

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


@pytest.mark.parametrize("hash_count", [1, 2, 3, 4])
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
    (tmp_path / "v.floret").write_text("2 1 2 3 1 2166136261 < >\n0 1 \n1 2 \n")
    with pytest.raises(ValueError, match=r"v\.floret: a table of floret holds no words"):
        formats.read(tmp_path / "v.floret")
