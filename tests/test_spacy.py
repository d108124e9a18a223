"""Folders for spaCy: what spaCy loads, what is read of its own folders, and errors."""

import json
import sys

import numpy as np
import pytest

from w2vext import KeyedVectors, convert, formats
from w2vext.text.tokenizer import Tokenizer

WORDS = ["tea", "New York", "日本", "rain", "</s>"]


@pytest.fixture
def spacy():
    return pytest.importorskip("spacy", reason="spaCy is not installed")


@pytest.fixture
def wv():
    return KeyedVectors(WORDS, np.random.default_rng(3).normal(size=(5, 4)))


def test_spacy_loads_our_folders(spacy, wv, tmp_path):
    wv.save(tmp_path / "m", format="spacy")
    nlp = spacy.load(tmp_path / "m")
    alone = spacy.vocab.Vocab().from_disk(tmp_path / "m" / "vocab")
    assert nlp.lang == "xx" and nlp.pipe_names == []
    for vocabulary in (nlp.vocab, alone):
        assert vocabulary.vectors.shape == (5, 4)
        for word in WORDS:
            assert vocabulary.has_vector(word)
            np.testing.assert_array_equal(vocabulary.get_vector(word), wv[word])
        assert not vocabulary.has_vector("Tea")
    document = nlp("tea rain tea unknown")
    expected = (2 * wv["tea"] + wv["rain"]) / 4  # spaCy counts unknown words as zeros
    np.testing.assert_allclose(document.vector, expected, rtol=1e-6)


def test_the_language_and_the_lowercase_form(spacy, wv, tmp_path):
    wv.tokenizer = Tokenizer("words", lowercase=True)
    wv.save(tmp_path / "m", format="spacy", lang="en")
    nlp = spacy.load(tmp_path / "m")
    assert nlp.lang == "en"
    assert [token.text for token in nlp("don't")] == ["do", "n't"]
    np.testing.assert_array_equal(nlp("TEA")[0].vector, wv["tea"])
    with pytest.raises(ValueError, match="lang='klingon': spaCy has no such language: give 'xx'"):
        wv.save(tmp_path / "m", format="spacy", lang="klingon")


def test_our_folders_are_read(spacy, wv, tmp_path):
    wv.save(tmp_path / "m", format="spacy")
    for path in (tmp_path / "m", tmp_path / "m" / "vocab"):
        assert formats.detect(path) == "spacy"
        found = KeyedVectors.load(path)
        assert found.index_to_key == WORDS
        np.testing.assert_array_equal(found.vectors, wv.vectors)
    chosen = KeyedVectors.load(tmp_path / "m", words=["rain", "tea"], limit=1)
    assert chosen.index_to_key == ["tea"]
    done = convert(tmp_path / "m", tmp_path / "v.npz")
    assert (done["source"], done["words"], done["lost"]) == ("spacy", 5, [])
    with pytest.raises(TypeError, match="stores Unicode"):
        KeyedVectors.load(tmp_path / "m", encoding="latin-1")
    with pytest.raises(ValueError, match="more than max_memory=10 bytes"):
        KeyedVectors.load(tmp_path / "m", max_memory=10)


def test_pruned_vectors_of_spacy_are_read(spacy, tmp_path):
    nlp = spacy.blank("en")
    matrix = np.arange(1, 7, dtype=np.float32).reshape(3, 2)
    nlp.vocab.vectors = spacy.vectors.Vectors(
        strings=nlp.vocab.strings, data=matrix, keys=["b", "c", "a"]
    )
    nlp.vocab.vectors.add("z", row=1)  # a second word of a row
    for word in "abcz":
        nlp.vocab.strings.add(word)
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "m")
    found = KeyedVectors.load(tmp_path / "m")
    assert sorted(found.index_to_key) == ["a", "b", "c", "z"]
    for word, row in {"b": 0, "c": 1, "z": 1, "a": 2}.items():
        np.testing.assert_array_equal(found[word], matrix[row])
    with pytest.raises(
        FileExistsError, match=r"contains 'sentencizer\.json', which vectors for spa"
    ):
        found.save(tmp_path / "m", format="spacy")
    assert spacy.load(tmp_path / "m").pipe_names == ["sentencizer"]


def test_a_table_of_floret_is_an_error(spacy, tmp_path):
    nlp = spacy.blank("xx")
    nlp.vocab.vectors = spacy.vectors.Vectors(
        strings=nlp.vocab.strings, data=np.ones((4, 2), np.float32), mode="floret",
        minn=2, maxn=3, hash_count=2, hash_seed=1,
    )  # fmt: skip
    nlp.to_disk(tmp_path / "m")
    with pytest.raises(ValueError, match="spaCy's table of floret, which has no words"):
        KeyedVectors.load(tmp_path / "m")


def test_a_folder_is_replaced_or_left_unchanged(spacy, wv, tmp_path):
    wv.save(tmp_path / "m", format="spacy")
    KeyedVectors(["a"], [[1.0, 2.0]]).save(tmp_path / "m", format="spacy")
    assert KeyedVectors.load(tmp_path / "m").index_to_key == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    for words, rows, message in (
        ([""], [[1.0]], "cannot write an empty word"),
        (["a"], [[np.nan]], "NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            formats.write(tmp_path / "m", words, np.array(rows), format="spacy")
    (tmp_path / "m" / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match=r"it contains 'notes\.txt'"):
        wv.save(tmp_path / "m", format="spacy")
    assert KeyedVectors.load(tmp_path / "m").index_to_key == ["a"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "meta.json").write_text("{}")
    with pytest.raises(FileExistsError, match=r"its meta\.json is not that of a pipeline"):
        wv.save(other, format="spacy")


@pytest.mark.parametrize("name", ["vectors", "key2row", "strings.json", "vectors.cfg"])
def test_malformed_folders(spacy, name, wv, tmp_path):
    wv.save(tmp_path / "m", format="spacy")
    path = tmp_path / "m" / "vocab" / name
    whole = path.read_bytes()
    for damaged in (b"", b"\x00 nonsense", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        try:
            KeyedVectors.load(tmp_path / "m", "spacy")
        except ValueError as error:
            assert str(tmp_path / "m") in str(error) and "download it again" in str(error)
        else:
            raise AssertionError(f"{name} with {damaged!r} was read")
    path.unlink()
    if name in ("vectors", "strings.json"):
        with pytest.raises(FileNotFoundError, match=f"not a folder of spaCy: it has no {name}"):
            KeyedVectors.load(tmp_path / "m", "spacy")


def test_a_row_beyond_the_vectors(spacy, wv, tmp_path):
    wv.save(tmp_path / "m", format="spacy")
    np.save(tmp_path / "v.npy", wv.vectors[:2])
    (tmp_path / "v.npy").replace(tmp_path / "m" / "vocab" / "vectors")
    with pytest.raises(ValueError, match=r"5 words for vectors of type float32 and shape \(2, 4\)"):
        KeyedVectors.load(tmp_path / "m")


def test_without_spacy(wv, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ImportError, match=r"m: the format 'spacy' needs spaCy: pip install 'w2ve"):
        wv.save(tmp_path / "m", format="spacy")
    assert not (tmp_path / "m").exists()
    (tmp_path / "m" / "vocab").mkdir(parents=True)
    np.save(tmp_path / "m" / "vocab" / "vectors.npy", wv.vectors)
    (tmp_path / "m" / "vocab" / "vectors.npy").rename(tmp_path / "m" / "vocab" / "vectors")
    (tmp_path / "m" / "vocab" / "strings.json").write_text(json.dumps(WORDS))
    with pytest.raises(ImportError, match="a folder of spaCy needs spaCy: pip install"):
        KeyedVectors.load(tmp_path / "m")
