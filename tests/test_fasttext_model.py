"""fastText's model files as KeyedVectors and Word2Vec: reading, writing, further training."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from helpers.runs import with_subwords

from w2vext import FastText, KeyedVectors, Word2Vec, formats, load_fasttext
from w2vext.formats import fasttext_bin

FOLDER = Path(__file__).resolve().parent / "fasttext_files"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
UNSUPERVISED = ["skipgram_ns", "skipgram_hs", "cbow_ns", "one_char", "no_subwords", "invalid_utf8"]
ROOTS = ["tea", "ka", "mo", "日本", "ržn", "coffee", "naïve", "🙂🙂"]
ENDINGS = ["", "s", "by", "ами", "語", "cup"]
SENTENCES = [
    [ROOTS[(i * j + i) % 8] + ENDINGS[(i + j * j) % 6] for j in range(9)] for i in range(1, 90)
]
fitted = partial(with_subwords, epochs=2)


@pytest.fixture(scope="module")
def model():
    return fitted().fit(SENTENCES)


def known_and_unknown(wv):
    """Words with a vector: those of the vocabulary, and others."""
    return [*wv.index_to_key, "teapot", "kam", "日本人", "coffeebyby"]


# ---- reading


@pytest.mark.parametrize("mmap", [False, True], ids=["read", "mapped"])
@pytest.mark.parametrize("name", sorted(EXPECTED["models"]))
def test_vectors_of_keyed_vectors_are_fasttexts(name, mmap):
    seen = EXPECTED["models"][name]
    wv = KeyedVectors.load(FOLDER / name, mmap=mmap)
    theirs = load_fasttext(FOLDER / name)
    assert wv.index_to_key == theirs.words and wv.counts.tolist() == theirs.counts.tolist()
    for word, vector in zip(seen["words"], seen["vectors"], strict=True):
        if word in wv or any(vector):
            np.testing.assert_allclose(wv[word], vector, rtol=1e-5, atol=1e-6)
        else:
            with pytest.raises(KeyError):
                wv[word]
    if "top" not in seen:
        sentences = [wv.sentence_vector(line) for line in EXPECTED["lines"]]
        np.testing.assert_allclose(sentences, seen["sentences"], rtol=1e-5, atol=1e-6)


def test_an_empty_word_and_too_little_memory(tmp_path):
    data = (FOLDER / "skipgram_ns.bin").read_bytes()
    assert data.count(b"</s>\0") == 1
    (tmp_path / "m.bin").write_bytes(data.replace(b"</s>\0", b"\0"))
    with pytest.raises(ValueError, match=r"m\.bin: entry \d of the dictionary is an empty word"):
        KeyedVectors.load(tmp_path / "m.bin")
    with pytest.raises(ValueError, match="more than max_memory=100 bytes"):
        KeyedVectors.load(FOLDER / "skipgram_ns.bin", max_memory=100)
    assert len(KeyedVectors.load(FOLDER / "skipgram_ns.bin", max_memory=100_000))


def test_detection_by_content(tmp_path):
    data = (FOLDER / "skipgram_ns.bin").read_bytes()
    for name in ("m", "m.txt", "m.bin", "m.ftz"):
        (tmp_path / name).write_bytes(data)
        assert formats.detect(tmp_path / name) == "fasttext-bin"
    assert len(KeyedVectors.load_word2vec_format(tmp_path / "m.txt")) == 58
    with pytest.raises(ValueError, match="found a fastText model"):
        KeyedVectors.load(tmp_path / "m.bin", "word2vec-binary")


@pytest.mark.parametrize("name", ["sup_softmax.bin", "sup_plain.bin", "q_hs.ftz", "cut_ns.ftz"])
def test_words_of_a_classifier_have_neighbors(name):
    """As in fastText: the words have vectors, though the outputs are labels."""
    model = load_fasttext(FOLDER / name)
    word = model.words[3]
    vectors = model.word_vectors(model.words).astype(np.float64)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = units @ units[3]
    cosines[3] = -2
    for wv in (model.wv, KeyedVectors.load(FOLDER / name)):
        found = wv.most_similar(word, topn=3)
        expected = np.sort(cosines)[::-1][:3]
        np.testing.assert_allclose([cosine for _, cosine in found], expected, atol=1e-5)


def test_limit_and_words_keep_the_ngrams():
    whole = KeyedVectors.load(FOLDER / "skipgram_ns.bin")
    words = whole.index_to_key
    for options in ({"limit": 5}, {"words": [words[7], words[2], "absent"]}):
        some = KeyedVectors.load(FOLDER / "skipgram_ns.bin", **options)
        wanted = words[:5] if "limit" in options else [words[2], words[7]]
        assert some.index_to_key == wanted
        np.testing.assert_array_equal(some.vectors, whole[wanted])
        np.testing.assert_array_equal(some["kamoka"], whole["kamoka"])
    with pytest.raises(ValueError, match="limit=0"):
        KeyedVectors.load(FOLDER / "skipgram_ns.bin", limit=0)


def test_words_that_are_not_utf8(tmp_path):
    wv = KeyedVectors.load(FOLDER / "invalid_utf8.bin")
    cut = [word for word in wv if any("\udc80" <= c <= "\udcff" for c in word)]
    assert cut
    wv.save(tmp_path / "copy.bin")
    again = KeyedVectors.load(tmp_path / "copy.bin")
    assert again.index_to_key == wv.index_to_key
    np.testing.assert_array_equal(again[cut], wv[cut])


# ---- writing


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["neg", "hs", "softmax"])
def test_models_are_written_and_read(architecture, loss, tmp_path):
    if (architecture, loss) == ("cbow", "softmax"):
        pytest.skip("Word2Vec has no full softmax for CBOW")
    model = fitted(architecture=architecture, loss=loss, window=3, sample=0.01).fit(SENTENCES)
    model.save(tmp_path / "m.bin")
    theirs = load_fasttext(tmp_path / "m.bin")
    assert (theirs.model, theirs.loss) == (architecture, loss.replace("neg", "ns"))
    settings = theirs.file.settings
    assert (settings["ws"], settings["epoch"], settings["t"]) == (3, 2, 0.01)
    words = known_and_unknown(model.wv)
    np.testing.assert_allclose(theirs.word_vectors(words), model.wv[words], atol=1e-6)
    assert theirs.file.inputs.shape == (len(model.vocabulary_) + 500, 12)
    again = Word2Vec.load(tmp_path / "m.bin")
    assert again.vocabulary_ == model.vocabulary_
    for name in ("subword_vectors_", "output_vectors_", "vectors_", "counts_"):
        np.testing.assert_array_equal(getattr(again, name), getattr(model, name))
    assert again.mean_loss(SENTENCES) == pytest.approx(model.mean_loss(SENTENCES), rel=0.05)


def test_words_are_written_in_the_order_of_their_counts(tmp_path):
    """New words of partial_fit are appended, and fastText needs descending counts."""
    for loss in ("neg", "hs"):
        model = fitted(loss=loss).fit(SENTENCES)
        model.partial_fit([["teapot", "teapots", "kaby"] * 30] * 9)
        counts = model.counts_
        assert (np.diff(counts) > 0).any()
        model.save(tmp_path / "m.bin")
        again = Word2Vec.load(tmp_path / "m.bin")
        assert (np.diff(again.counts_) <= 0).all()
        words = known_and_unknown(model.wv)
        np.testing.assert_allclose(again.wv[words], model.wv[words], atol=1e-6)
        assert again.set_params(ns_exponent=0.75).mean_loss(SENTENCES) == pytest.approx(
            model.mean_loss(SENTENCES), rel=0.05
        )


def test_vectors_are_written_with_their_subwords(model, tmp_path):
    model.wv.save(tmp_path / "v.bin")
    wv = KeyedVectors.load(tmp_path / "v.bin")
    words = known_and_unknown(model.wv)
    np.testing.assert_allclose(wv[words], model.wv[words], atol=1e-6)
    assert wv.index_to_key == model.wv.index_to_key
    np.testing.assert_array_equal(wv.counts, model.wv.counts)
    model.wv.save(tmp_path / "w.bin", "word2vec-binary")
    assert KeyedVectors.load(tmp_path / "w.bin").subwords is None
    KeyedVectors(["a"], [[1.0]]).save(tmp_path / "w.bin")
    assert formats.detect(tmp_path / "w.bin") == "word2vec-binary"


@pytest.mark.parametrize("name", UNSUPERVISED)
def test_a_file_of_fasttext_goes_through_keyed_vectors(name, tmp_path):
    """All buckets are kept, also those that no word has."""
    wv = KeyedVectors.load(FOLDER / f"{name}.bin")
    wv.save(tmp_path / "v.bin", "fasttext-bin")
    old = fasttext_bin.read_model(FOLDER / f"{name}.bin")
    new = fasttext_bin.read_model(tmp_path / "v.bin")
    assert (new.words, new.counts.tolist()) == (old.words, old.counts.tolist())
    if name != "no_subwords":
        np.testing.assert_array_equal(new.inputs.take(), old.inputs.take())


def test_against_the_installed_fasttext(model, tmp_path):
    """PyPI's fasttext reads what is written, and gives the same vectors."""
    fasttext = pytest.importorskip("fasttext", reason="PyPI's fasttext is not installed")
    for loss in ("neg", "hs", "softmax"):
        ours = fitted(loss=loss).fit(SENTENCES)
        ours.save(tmp_path / "m.bin")
        theirs = fasttext.load_model(str(tmp_path / "m.bin"))
        words = known_and_unknown(ours.wv)
        vectors = np.array([theirs.get_word_vector(word) for word in words])
        np.testing.assert_allclose(ours.wv[words], vectors, atol=1e-6)
        outputs = theirs.get_output_matrix()
        sign = -1 if loss == "hs" else 1
        n = len(ours.output_vectors_)
        np.testing.assert_array_equal(outputs[:n], sign * ours.output_vectors_)
    big = KeyedVectors(
        [f"w{i}" for i in range(300)],
        np.random.default_rng(1).normal(size=(300, 8)).astype(np.float32),
    )
    big.quantize().wv.save(tmp_path / "q.ftz")
    theirs = fasttext.load_model(str(tmp_path / "q.ftz"))
    ours = KeyedVectors.load(tmp_path / "q.ftz")
    np.testing.assert_allclose(theirs.get_word_vector("w7"), ours["w7"], atol=1e-6)


@pytest.mark.parametrize(
    "words, error, message",
    [
        (["a", 7], TypeError, "cannot write the word 7: fastText's words are str"),
        (["a", "\ud800"], ValueError, "a surrogate that does not represent"),
        (["a", "b\0c"], ValueError, "is empty or holds a NUL"),
        (["a", ""], ValueError, "is empty or holds a NUL"),
        (["b", "a", "a"], ValueError, "the word 'a': it occurs twice: rename"),
    ],
)
def test_words_that_cannot_be_written(words, error, message, tmp_path):
    with pytest.raises(error, match=message):
        formats.write(tmp_path / "v.bin", words, np.eye(len(words)), None, "fasttext-bin")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written(model, tmp_path):
    with pytest.raises(ValueError, match=r"v\.ftz: a \.ftz is quantized: call quantize\(\) first"):
        model.wv.save(tmp_path / "v.ftz")
    with pytest.raises(ValueError, match=r"not written compressed: leave out '\.gz'"):
        model.wv.save(tmp_path / "v.bin.gz")
    with pytest.raises(ValueError, match=r"a model is written as \.safetensors, or with subwords"):
        fitted(max_n=0).fit(SENTENCES).save(tmp_path / "m.bin")
    with pytest.raises(ValueError, match=r"dtype='float16': fastText's \.bin stores float32"):
        model.save(tmp_path / "m.bin", dtype="float16")
    assert list(tmp_path.iterdir()) == []


# ---- further training


@pytest.mark.parametrize("name", ["skipgram_ns", "skipgram_hs", "cbow_ns", "no_subwords"])
def test_training_continues_from_a_file_of_fasttext(name):
    model = FastText.load(FOLDER / f"{name}.bin")
    theirs = load_fasttext(FOLDER / f"{name}.bin")
    np.testing.assert_allclose(model.vectors_, theirs.word_vectors(theirs.words), atol=1e-6)
    before, old = model.subword_vectors_ if model.max_n else model.vectors_, len(theirs.words)
    before = before.copy()
    model.set_params(alpha=1e-30, min_alpha=0.0, sample=0, workers=1)
    model.partial_fit([[theirs.words[0], theirs.words[3], "teapot", "teapots"]] * 9)
    assert list(model.vocabulary_)[:old] == theirs.words and "teapots" in model.vocabulary_
    after = model.subword_vectors_ if model.max_n else model.vectors_
    np.testing.assert_array_equal(after[:old], before[:old])
    if model.max_n:
        np.testing.assert_array_equal(after[old + 2 :][: len(before) - old], before[old:])
    model.set_params(alpha=0.05).partial_fit([[theirs.words[0], "teapot"]] * 50)
    assert np.isfinite(model.wv["teapot"]).all()


@pytest.mark.parametrize(
    "name, message",
    [
        ("sup_softmax.bin", "a supervised model, whose outputs are labels: load_fasttext"),
        ("q_ns.ftz", "a supervised model"),
        ("cbow_softmax.bin", "cbow_softmax.bin: architecture='cbow' with loss='softmax'"),
    ],
)
def test_models_that_cannot_be_trained(name, message):
    with pytest.raises(ValueError, match=message):
        Word2Vec.load(FOLDER / name)


def test_unsupervised_models_that_cannot_be_trained(tmp_path):
    data = bytearray((FOLDER / "skipgram_ns.bin").read_bytes())
    data[8 + 24] = 4
    (tmp_path / "ova.bin").write_bytes(data)
    with pytest.raises(ValueError, match="Word2Vec does not have the loss 'ova'"):
        Word2Vec.load(tmp_path / "ova.bin")


# ---- conversion


def test_conversion_reports_lost_subwords(model, tmp_path):
    model.wv.save(tmp_path / "v.bin")
    done = formats.convert(tmp_path / "v.bin", tmp_path / "v.vec")
    assert (done["source"], done["target"]) == ("fasttext-bin", "fasttext")
    assert done["lost"] == ["counts", "output_vectors", "parameters", "subword_vectors"]
    np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "v.vec").vectors, model.vectors_)
    done = formats.convert(tmp_path / "v.bin", tmp_path / "v.safetensors")
    assert done["lost"] == []
    words = known_and_unknown(model.wv)
    for mmap in (False, True):
        again = KeyedVectors.load(tmp_path / "v.safetensors", mmap=mmap)
        np.testing.assert_allclose(again[words], model.wv[words], atol=1e-6)
    done = formats.convert(tmp_path / "v.safetensors", tmp_path / "w.bin")
    assert (done["target"], done["lost"]) == ("fasttext-bin", ["parameters"])
    old = fasttext_bin.read_model(tmp_path / "v.bin")
    new = fasttext_bin.read_model(tmp_path / "w.bin")
    assert bytes(old.inputs.data) == bytes(new.inputs.data) and new.settings == old.settings
    lost = formats.convert(FOLDER / "sup_hs.bin", tmp_path / "s.bin")["lost"]
    assert lost == ["labels", "output_vectors", "parameters"]


def test_conversion_of_models(model, tmp_path):
    model.save(tmp_path / "m.safetensors")
    done = formats.convert(tmp_path / "m.safetensors", tmp_path / "c.bin")
    assert (done["target"], done["lost"]) == ("fasttext-bin", ["parameters"])
    model.save(tmp_path / "m.bin")
    assert (tmp_path / "c.bin").read_bytes() == (tmp_path / "m.bin").read_bytes()


# ---- the native format


def test_restricted_vectors_keep_all_ngrams_in_files(model, tmp_path):
    few = model.wv.restrict(model.wv.index_to_key[3:7])
    unknown = ["teapot", "日本人", model.wv.index_to_key[20]]
    for suffix in (".safetensors", ".bin"):
        few.save(tmp_path / f"v{suffix}")
        again = KeyedVectors.load(tmp_path / f"v{suffix}")
        assert again.index_to_key == few.index_to_key
        np.testing.assert_allclose(again[unknown], few[unknown], atol=1e-6)
        np.testing.assert_allclose(again.vectors, few.vectors, atol=1e-6)


@pytest.mark.parametrize(
    "entry, message",
    [
        ({"min_n": 0}, "entry on subwords is not valid"),
        ({"bucket": "x"}, "entry on subwords is not valid"),
        ({"bucket": 3}, "subword_buckets are out of range or repeated"),
    ],
)
def test_damaged_subwords_of_a_native_file(model, entry, message, tmp_path):
    path = tmp_path / "v.safetensors"
    model.wv.save(path)
    data = path.read_bytes()
    n = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + n])
    meta = header["__metadata__"]
    meta["subwords"] = json.dumps(json.loads(meta["subwords"]) | entry)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + n :])
    with pytest.raises(ValueError, match=f"{message}; the file is damaged: copy or save it again$"):
        KeyedVectors.load(path)


# ---- quantization


def test_quantized_vectors(tmp_path):
    rng = np.random.default_rng(3)
    words = ["".join(rng.choice([*"abcdef"], 6)) for _ in range(400)]
    text = [list(rng.choice(words, 12)) for _ in range(300)]
    wv = fitted(vector_size=9, bucket=3000, alpha=0.025).fit(text).wv
    small = wv.quantize(sample=512)
    assert small.size < small.size_before / 2
    assert 0.8 < small.cosine <= 1 and 0.3 < small.neighbors <= 1
    assert "mean cosine" in str(small)
    better, worse = wv.quantize(1, qnorm=True, sample=512), wv.quantize(4, sample=512)
    assert better.cosine > small.cosine > worse.cosine
    known = [*wv.index_to_key[:50]]
    for each in (small, better):
        each.wv.save(tmp_path / "q.ftz")
        again = KeyedVectors.load(tmp_path / "q.ftz")
        assert again.index_to_key == wv.index_to_key
        np.testing.assert_array_equal(again[[*known, "abcabc"]], each.wv[[*known, "abcabc"]])
        assert again.similarity(known[0], "abcabc") == pytest.approx(
            wv.similarity(known[0], "abcabc"), abs=0.2
        )
        file = fasttext_bin.read_model(tmp_path / "q.ftz")
        assert file.quantized and (file.inputs.norm_codes is not None) == (each is better)
        again.save(tmp_path / "r.ftz")
        assert (tmp_path / "r.ftz").read_bytes() == (tmp_path / "q.ftz").read_bytes()
    small.wv.save(tmp_path / "q.safetensors")
    np.testing.assert_allclose(
        KeyedVectors.load(tmp_path / "q.safetensors")["abcabc"], small.wv["abcabc"], atol=1e-6
    )


def test_quantized_vectors_without_subwords(tmp_path):
    rng = np.random.default_rng(3)
    wv = KeyedVectors([f"w{i}" for i in range(400)], rng.normal(size=(400, 8)), np.arange(400))
    small = wv.quantize(random_state=np.random.default_rng(2))
    assert small.cosine > 0.9
    with pytest.raises(KeyError, match="test with `word in wv`"):
        small.wv["unknown"]
    with pytest.raises(ValueError, match="have no subwords"):
        small.wv.ngrams("w1")
    small.wv.save(tmp_path / "q.ftz")
    again = KeyedVectors.load(tmp_path / "q.ftz")
    np.testing.assert_array_equal(again[wv.index_to_key], small.wv[wv.index_to_key])
    small.wv.save(tmp_path / "q.safetensors")
    assert KeyedVectors.load(tmp_path / "q.safetensors").subwords is None


@pytest.mark.parametrize(
    "options, message",
    [
        ({"dsub": 0}, "dsub=0: give an integer of at least 1"),
        ({"dsub": 13}, "dsub=13: give at most the 12 dimensions"),
        ({"sample": 255}, "sample=255: give an integer of at least 256"),
        ({}, "quantize needs at least 256 rows, but these vectors have 1"),
    ],
)
def test_bad_arguments_of_quantize(options, message):
    wv = KeyedVectors(["a"], [[1.0] * 12])
    with pytest.raises(ValueError, match=message):
        wv.quantize(**options)
    with pytest.raises(TypeError, match="qnorm=1 is an int"):
        wv.quantize(qnorm=1)
