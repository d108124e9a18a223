"""The selection of words: trim_rule, unk_token and limits, for lists and for files."""

import gzip
import warnings
from collections import Counter

import numpy as np
import pytest
from helpers.corpora import PROSE, sentences_of, unpacked

from w2vext import KeyedVectors, Vocabulary, Word2Vec
from w2vext.text.corpus import open_corpus
from w2vext.text.vocabulary import build, encode

SENTENCES = [s for s in sentences_of(PROSE.encode()) if s]
FEEDS = ["lists", "generator", "file", "gzip"]


@pytest.fixture(params=FEEDS)
def source(request, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(PROSE.encode())
    packed = tmp_path / "text.gz"
    packed.write_bytes(gzip.compress(PROSE.encode()))
    return {
        "lists": lambda: SENTENCES,
        "generator": lambda: iter(SENTENCES),
        "file": lambda: path,
        "gzip": lambda: packed,
    }[request.param]


def expected_encoding(sentences, stays, unk_token=None):
    """Words, counts and encoded sentences, computed in plain Python."""
    if unk_token is not None:
        sentences = [[w if stays(w) else unk_token for w in s] for s in sentences]
        kept = list
    else:
        kept = lambda s: [w for w in s if stays(w)]  # noqa: E731
    counts = Counter(w for s in sentences for w in kept(s))
    # Among equal counts the earlier word comes first, and `unk_token` last.
    words = sorted(counts, key=lambda w: (-counts[w], w == unk_token))
    index = {word: row for row, word in enumerate(words)}
    encoded = [[index[w] for w in kept(s)] for s in sentences]
    return words, [counts[w] for w in words], [ids for ids in encoded if ids]


COUNTS = Counter(w for s in SENTENCES for w in s)


# ---- trim_rule


def test_a_rule_keeps_and_discards(source):
    def rule(word, count, min_count):
        assert (count, min_count) == (COUNTS[word], 2)
        return {"quick": "keep", "the": "discard"}.get(word, "default")

    found = unpacked(*build(open_corpus(source()), min_count=2, trim_rule=rule))
    assert "quick" in found[0] and "the" not in found[0]
    stays = lambda w: w == "quick" or (w != "the" and COUNTS[w] >= 2)  # noqa: E731
    assert found == expected_encoding(SENTENCES, stays)


@pytest.mark.parametrize("keep, discard, default", [("keep", "discard", "default"), (2, 1, 0)])
@pytest.mark.parametrize("none", [True, False])
def test_answers_of_a_rule(keep, discard, default, none):
    answers = {"a": keep, "b": discard, "c": None if none else default}
    rule = lambda word, count, min_count: answers[word]  # noqa: E731
    made = Vocabulary.from_counts({"a": 1, "b": 9, "c": 5}, min_count=5, trim_rule=rule)
    assert made.words == ["c", "a"]


def test_gensims_constants():
    utils = pytest.importorskip("gensim.utils", exc_type=ImportError)
    for answer, words in [
        (utils.RULE_KEEP, ["b", "a"]),
        (utils.RULE_DEFAULT, ["b"]),
    ]:
        made = Vocabulary.from_counts(
            {"a": 1, "b": 9}, min_count=5, trim_rule=lambda *_, answer=answer: answer
        )
        assert made.words == words
    with pytest.raises(ValueError, match=r"min_count=5: .*check trim_rule="):
        Vocabulary.from_counts({"a": 9}, min_count=5, trim_rule=lambda *_: utils.RULE_DISCARD)


@pytest.mark.parametrize("answer", [True, False, "yes", 3, [1], 1.5])
def test_an_invalid_answer(answer):
    with pytest.raises(ValueError, match=r"trim_rule=.* for 'a': let it return 'keep'"):
        Vocabulary.from_counts({"a": 1}, trim_rule=lambda *_: answer)


def test_an_error_of_the_rule_is_raised(source):
    def rule(*_):
        raise LookupError("the rule's own")

    with pytest.raises(LookupError, match="the rule's own"):
        build(open_corpus(source()), trim_rule=rule)


def test_max_final_vocab_cuts_what_the_rule_keeps_last():
    counts = {"a": 9, "b": 8, "c": 7, "d": 2, "e": 1}
    rule = lambda word, *_: "keep" if word in "de" else "default"  # noqa: E731
    made = Vocabulary.from_counts(counts, max_final_vocab=3, min_count=3, trim_rule=rule)
    assert made.words == ["a", "d", "e"]
    assert Vocabulary.from_counts(counts, max_final_vocab=1, trim_rule=rule).words == ["d"]


@pytest.mark.parametrize("feed", ["tokens", "file"])
def test_a_bounded_scan_keeps_what_the_rule_keeps(feed, tmp_path):
    numbers = [str(n) for r in range(1000, 3000) for n in (r % 5 + 11, r)]
    (tmp_path / "text").write_text(" ".join(numbers))
    source = [numbers] if feed == "tokens" else tmp_path / "text"
    kept = {"1003", "1900"}
    with pytest.warns(UserWarning, match="max_vocab_size=200"):
        vocabulary, stream = build(
            open_corpus(source), min_count=5, max_vocab_size=200,
            trim_rule=lambda word, *_: "keep" if word in kept else "default",
        )  # fmt: skip
    assert set(vocabulary.words) == {"11", "12", "13", "14", "15"} | kept
    assert np.bincount(stream.ids).tolist() == vocabulary.counts.tolist() == [400] * 5 + [1, 1]
    with pytest.warns(UserWarning), pytest.raises(ValueError, match=r"=200, and trim_rule keeps"):
        build(open_corpus(source), max_vocab_size=200, trim_rule=lambda *_: "keep")


# ---- unk_token


@pytest.mark.parametrize("min_count", [2, 3])
def test_unk_replaces_the_words_that_are_left_out(source, min_count):
    vocabulary, stream = build(open_corpus(source()), min_count=min_count, unk_token="<unk>")
    stays = lambda w: COUNTS[w] >= min_count  # noqa: E731
    assert unpacked(vocabulary, stream) == expected_encoding(SENTENCES, stays, "<unk>")
    assert len(stream.ids) == stream.raw_words == vocabulary.counts.sum()
    assert vocabulary.unk_token == "<unk>"


def test_unk_that_is_a_word_of_the_text(source):
    # "the" is frequent; as unk_token it counts itself and all other words.
    found = unpacked(*build(open_corpus(source()), min_count=2, unk_token="the"))
    stays = lambda w: w != "the" and COUNTS[w] >= 2  # noqa: E731
    assert found == expected_encoding(SENTENCES, stays, "the")


@pytest.mark.parametrize("workers", [1, 3])
def test_unk_with_a_rule_and_max_vocab(source, workers):
    how = {"min_count": 1, "max_final_vocab": 4, "unk_token": "<unk>", "workers": workers}
    found = unpacked(
        *build(
            open_corpus(source()),
            trim_rule=lambda word, *_: {"lazy": "keep", "fox": "discard"}.get(word),
            **how,
        )
    )
    others = sorted(COUNTS, key=lambda w: -COUNTS[w])
    first = [w for w in others if w not in ("fox", "lazy")][:2]
    assert found == expected_encoding(SENTENCES, {*first, "lazy"}.__contains__, "<unk>")
    assert len(found[0]) == 4


def test_max_final_vocab_counts_unk_only_if_it_occurs():
    counts = {"a": 3, "b": 2, "c": 1}
    made = Vocabulary.from_counts(counts, max_final_vocab=2, unk_token="?")
    assert (made.words, made.counts.tolist(), made.unk_token) == (["a", "?"], [3, 3], "?")
    with pytest.warns(UserWarning, match=r"unk_token='\?': every word of the text is kept"):
        made = Vocabulary.from_counts(counts, max_final_vocab=3, unk_token="?")
    assert (made.words, made.unk_token) == (["a", "b", "c"], None)
    with pytest.raises(ValueError, match="max_final_vocab=1 with unk_token="):
        Vocabulary.from_counts(counts, max_final_vocab=1, unk_token="?")


def test_a_bounded_scan_counts_discarded_words_as_unk():
    numbers = (np.random.default_rng(4).zipf(1.4, 20_000) % 997).tolist()
    with pytest.warns(UserWarning, match="approximate"):
        vocabulary, stream = build(
            open_corpus([numbers]), min_count=3, max_vocab_size=50, unk_token=-1, spill_bytes=100
        )
    assert len(stream.ids) == 20_000
    assert np.bincount(stream.ids).tolist() == vocabulary.counts.tolist()
    assert vocabulary.words[vocabulary.unk_row] == -1


def test_lookup_and_encode_by_a_vocabulary_with_unk(source):
    vocabulary = Vocabulary.from_counts(
        {"the": 9, "fox": 5, "rare": 1}, min_count=2, unk_token="<unk>"
    )
    assert (vocabulary.words, vocabulary.unk_row) == (["the", "fox", "<unk>"], 2)
    assert vocabulary.lookup(["fox", "nowhere", "the"]).tolist() == [1, 2, 0]
    stream = encode(open_corpus(source()), vocabulary)
    expected = [[vocabulary.index.get(w, 2) for w in s] for s in SENTENCES]
    assert unpacked(vocabulary, stream)[2] == expected
    with pytest.raises(ValueError, match="none of the corpus's 2 words"):
        encode(open_corpus([["nowhere", "never"]]), vocabulary)
    with pytest.raises(ValueError, match=r"unk_token='\?' is not among the 1 words"):
        Vocabulary(["a"], [1], "?")


def test_extending_with_unk():
    vocabulary = Vocabulary.from_counts({"a": 5, "b": 1}, min_count=2, unk_token="?")
    corpus = open_corpus([["a", "c", "c", "d", "?"]])
    grown, stream = build(corpus, earlier=vocabulary, min_count=2, unk_token="?")
    assert (grown.words, grown.counts.tolist(), grown.unk_token) == (
        ["a", "?", "c"],
        [6, 3, 2],
        "?",
    )
    assert stream.ids.tolist() == [0, 2, 2, 1, 1]
    # A vocabulary without unk_token gets it as the last word, unless it is full.
    for size, words, ids in [
        (None, ["a", "c", "?"], [0, 1, 1, 2, 2]),
        (4, ["a", "c", "?"], [0, 1, 1, 2, 2]),
        (2, ["a", "?"], [0, 1, 1, 1, 1]),
    ]:
        earlier = Vocabulary(["a"], [5])
        grown, stream = build(
            corpus, earlier=earlier, min_count=2, max_final_vocab=size, unk_token="?"
        )
        assert (grown.words, stream.ids.tolist()) == (words, ids)
        assert grown.counts.sum() == 5 + len(ids)
    earlier = Vocabulary(["a", "z"], [5, 5])
    grown, stream = build(corpus, earlier=earlier, max_final_vocab=2, unk_token="?")
    assert (grown.words, stream.ids.tolist(), grown.unk_token) == (["a", "z"], [0], None)


@pytest.mark.parametrize("unk, error", [([], TypeError), ("", ValueError), ("a b", ValueError)])
def test_an_invalid_unk(unk, error):
    with pytest.raises(error, match="unk_token="):
        Vocabulary.from_counts({"a": 1}, unk_token=unk)
    with pytest.raises(error, match="unk_token="):
        Word2Vec(unk_token=unk).fit([["a", "b"]])


# ---- in the estimator

TEXT = [["king", "queen", f"once{i}", "throne"] for i in range(40)]


def small(**params):
    return Word2Vec(
        **{"vector_size": 8, "min_count": 5, "workers": 1, "random_state": 3, "epochs": 2} | params
    )


@pytest.mark.parametrize("feed", ["lists", "file"])
@pytest.mark.parametrize("loss", ["neg", "hs", "softmax"])
def test_the_estimator_trains_unk(loss, feed, tmp_path):
    (tmp_path / "text").write_text("\n".join(map(" ".join, TEXT)))
    X = TEXT if feed == "lists" else tmp_path / "text"
    model = small(loss=loss, unk_token="<unk>", unknown="error").fit(X)
    replaced = [["<unk>" if w.startswith("once") else w for w in s] for s in TEXT]
    assert dict(zip(model.vocabulary_, model.counts_.tolist(), strict=True)) == {
        "king": 40, "queen": 40, "throne": 40, "<unk>": 40,
    }  # fmt: skip
    assert model.unk_token_ == "<unk>"
    # The ids equal those of a text that contains unk_token, except for the order of equal counts.
    plain = small(loss=loss).fit(replaced, vocabulary=Vocabulary(model.vocabulary_, model.counts_))
    np.testing.assert_array_equal(model.vectors_, plain.vectors_)
    assert plain.unk_token_ is None
    # Look-up: the parameter `unknown` has no effect.
    row = model.wv["<unk>"]
    np.testing.assert_array_equal(model.transform([["never"], ["king"]])[0], row)
    np.testing.assert_array_equal(model.wv["never"], row)
    assert "never" not in model.wv
    assert model.wv.similarity("never", "<unk>") == pytest.approx(1)
    assert [w for w, _ in model.wv.most_similar("never", topn=9)].count("<unk>") == 0
    assert model.mean_loss(TEXT) == pytest.approx(model.mean_loss(replaced))
    assert model.predict_output_word(["never"]) == model.predict_output_word(["<unk>"])
    assert model.wv.doesnt_match(["king", "never"]) in ("king", "never")
    model.partial_fit([["king", "new", "tea"], ["tea"] * 5])
    assert list(model.vocabulary_)[-1] == "tea"
    assert (model.unk_token_, "new" in model.vocabulary_) == ("<unk>", False)


def test_the_estimator_and_a_rule():
    model = small(trim_rule=lambda word, *_: {"once7": "keep", "king": "discard"}.get(word))
    assert list(model.fit(TEXT).vocabulary_) == ["queen", "throne", "once7"]
    model.partial_fit([["once7", "once9", "king"] * 5])
    assert list(model.vocabulary_) == ["queen", "throne", "once7", "once9"]
    counts = {"king": 9, "queen": 9, "once7": 1}
    assert list(model.fit(TEXT, vocabulary=counts).vocabulary_) == ["queen", "once7"]
    with pytest.raises(TypeError, match="trim_rule=5 is an int: give a function"):
        small(trim_rule=5).fit(TEXT)


def test_unk_is_saved_and_a_rule_is_not(tmp_path):
    model = small(unk_token="<unk>", trim_rule=lambda *_: None).fit(TEXT)
    with pytest.warns(UserWarning, match="trim_rule=.*not saved"):
        model.save(tmp_path / "m.safetensors")
    loaded = Word2Vec.load(tmp_path / "m.safetensors")
    assert (loaded.unk_token_, loaded.unk_token, loaded.trim_rule) == ("<unk>", "<unk>", None)
    np.testing.assert_array_equal(loaded.transform([["never"]]), model.transform([["never"]]))


def test_without_unk_token_unknown_words_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = small(unknown="error").fit(TEXT)
    assert model.unk_token_ is None
    with pytest.raises(KeyError, match="never"):
        model.transform([["never"]])


def test_keyed_vectors_with_unk():
    wv = KeyedVectors(["?", "b"], [[1, 0], [0, 1]], unk_token="?")
    assert wv[["b", "c"]].tolist() == [[0, 1], [1, 0]]
    assert wv.get_vector("c").tolist() == [1, 0]
    assert wv.doesnt_match(["b", "c", "d"]) == "b"
    with pytest.raises(KeyError):
        wv.get_index("c")
    with pytest.raises(ValueError, match="unk_token='x' is not among the 2 words"):
        KeyedVectors(["a", "b"], np.eye(2), unk_token="x")
