"""fastText's files: vectors, subwords, predictions and bytes equal those of PyPI's fasttext.

tests/fasttext_files/make.py made the files and expected.json.
"""

import json
import random
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from w2vext import KeyedVectors, Word2Vec, formats
from w2vext.fasttext import FastTextModel, load_fasttext
from w2vext.formats import fasttext_bin
from w2vext.kernels import _subwords
from w2vext.reference import subwords as ref

FOLDER = Path(__file__).resolve().parent / "fasttext_files"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
LINES = EXPECTED["lines"]
MODELS = sorted(EXPECTED["models"])
SUPERVISED = [name for name in MODELS if "top" in EXPECTED["models"][name]]
WORDS = [
    "tea",
    "a",
    "",
    "aaaaa",
    "日本語",
    "naïve",
    "e\u0301",
    "🙂🙂",
    "x" * 40,
    "</s>",
    "\udc80x",
    "té\udcc3",
]


def raw(word):
    return word.encode("utf-8", "surrogateescape")


# ---- n-grams


@pytest.mark.parametrize("lengths", [(1, 1), (1, 6), (2, 4), (3, 6), (5, 5), (6, 3), (3, 0)])
@pytest.mark.parametrize("word", WORDS)
def test_ngrams_equal_the_reference(word, lengths):
    grams = ref.ngrams(raw(word), *lengths)
    assert _subwords.ngrams(raw(word), *lengths) == [(g, ref.ngram_hash(g)) for g in grams]


def test_rows_of_words_in_a_batch():
    table = _subwords.NgramRows(2, 4, 50, 7)
    words = [raw(word) for word in WORDS]
    own = np.arange(len(words), dtype=np.int64) + 3
    own[::2] = -1
    offsets, rows = table.rows(words, own)
    for i, word in enumerate(words):
        wanted = [int(own[i])] if own[i] >= 0 else []
        if word != b"</s>":
            wanted += [7 + ref.ngram_hash(g) % 50 for g in ref.ngrams(word, 2, 4)]
        assert rows[offsets[i] : offsets[i + 1]].tolist() == wanted


def test_means_count_absent_rows_on_request():
    matrix = np.arange(8, dtype=np.float32).reshape(4, 2)
    offsets, rows = np.array([0, 3, 3]), np.array([3, -1, 0])
    out = np.full((2, 2), 9, dtype=np.float32)
    _subwords.means(matrix.tobytes(), 2, offsets, rows, out)
    np.testing.assert_array_equal(out, [[3, 4], [0, 0]])
    _subwords.means(matrix.tobytes(), 2, offsets, rows, out, count_absent=True)
    np.testing.assert_allclose(out, [[2, 8 / 3], [0, 0]])
    with pytest.raises(ValueError, match="row 4 of a matrix of 4 rows"):
        _subwords.means(matrix.tobytes(), 2, offsets, rows + 1, out)


# ---- against fastText


@pytest.fixture(params=[False, True], ids=["read", "mapped"])
def mapped(request):
    return request.param


@pytest.mark.parametrize("name", MODELS)
def test_vectors_equal_fasttexts(name, mapped):
    model, seen = load_fasttext(FOLDER / name, mmap=mapped), EXPECTED["models"][name]
    np.testing.assert_allclose(
        model.word_vectors(seen["words"]), seen["vectors"], rtol=1e-5, atol=1e-6
    )
    sentences = [model.sentence_vector(line) for line in LINES]
    np.testing.assert_allclose(sentences, seen["sentences"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "invalid_utf8.bin"])
def test_subwords_equal_fasttexts(name):
    model, seen = load_fasttext(FOLDER / name), EXPECTED["models"][name]
    index = {word: row for row, word in enumerate(model.words)}
    for word, (grams, rows) in zip(seen["words"][10:20], seen["subwords"], strict=True):
        own = [(word, index[word])] if word in model else []
        ours_and_ngrams = own + model.ngrams(word)
        assert [gram for gram, _ in ours_and_ngrams] == grams
        assert [
            row for _, row in ours_and_ngrams if row >= 0
        ] == rows  # fastText does not list pruned n-grams


@pytest.mark.parametrize("name", SUPERVISED)
@pytest.mark.parametrize(
    "key, options", [("top", {"k": 3}), ("above", {"k": -1, "threshold": 0.3})]
)
def test_predictions_equal_fasttexts(name, key, options, mapped):
    labels, probabilities = load_fasttext(FOLDER / name, mmap=mapped).predict(LINES, **options)
    for i, (wanted, values) in enumerate(EXPECTED["models"][name][key]):
        assert labels[i] == wanted
        np.testing.assert_allclose(probabilities[i], values, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_is_written_as_it_was_read(name, mapped, tmp_path):
    file = fasttext_bin.read_model(FOLDER / name, mmap=mapped)
    fasttext_bin.write_model(tmp_path / "copy", file)
    assert (tmp_path / "copy").read_bytes() == (FOLDER / name).read_bytes()


def test_against_the_installed_fasttext():
    """1,000 unknown words and 2,000 lines, where PyPI's fasttext is installed."""
    fasttext = pytest.importorskip("fasttext", reason="PyPI's fasttext is not installed")
    rng = random.Random(5)
    letters = [*"abkmonrižtéß", "по", "日", "本", "🙂"]
    words = ["".join(rng.choices(letters, k=rng.randint(0, 9))) for _ in range(1000)]
    lines = [" ".join(rng.choices(words, k=rng.randint(0, 12))) for _ in range(2000)]
    for name in MODELS:
        theirs, ours = fasttext.load_model(str(FOLDER / name)), load_fasttext(FOLDER / name)
        vectors = np.array([theirs.get_word_vector(word) for word in words])
        np.testing.assert_allclose(ours.word_vectors(words), vectors, atol=1e-6)
        if name in SUPERVISED:
            labels, values = theirs.predict(lines, k=2)
            predicted, probabilities = ours.predict(lines, k=2)
            assert predicted == [list(each) for each in labels], name
            for one, other in zip(probabilities, values, strict=True):
                np.testing.assert_allclose(one, other, atol=1e-5)


# ---- older and other files


def without_version(data):
    """The file as fastText of 2016 wrote it: no magic number, pruning or quantization flags."""
    size = struct.unpack_from("<i", data, 8 + 56)[0]
    begin = 8 + 56 + 12 + 8
    end = begin + 8
    for _ in range(size):
        end = data.index(b"\0", end) + 10
    matrix = struct.unpack_from("<qq", data, end + 1)
    outputs = end + 1 + 16 + 4 * matrix[0] * matrix[1]
    return data[8:begin] + data[begin + 8 : end] + data[end + 1 : outputs] + data[outputs + 1 :]


def test_a_file_without_a_version(tmp_path):
    path, new = tmp_path / "old.bin", load_fasttext(FOLDER / "skipgram_ns.bin")
    path.write_bytes(without_version((FOLDER / "skipgram_ns.bin").read_bytes()))
    old = load_fasttext(path)
    assert old.words == new.words
    np.testing.assert_array_equal(old.word_vectors(WORDS), new.word_vectors(WORDS))
    fasttext_bin.write_model(tmp_path / "copy", fasttext_bin.read_model(path))
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()
    for name in ("old.bin", "old", "old.txt"):
        path = path.rename(tmp_path / name)
        assert formats.detect(path) == "fasttext-bin"
    np.testing.assert_array_equal(KeyedVectors.load(path)["tea"], new["tea"])
    assert list(Word2Vec.load(path).vocabulary_) == new.words


def test_version_11_reads_supervised_models_without_subwords(tmp_path):
    data = bytearray((FOLDER / "sup_softmax.bin").read_bytes())
    data[4] = 11
    path = tmp_path / "old.bin"
    path.write_bytes(data)
    assert load_fasttext(path).ngrams("tea") == []
    fasttext_bin.write_model(tmp_path / "copy", fasttext_bin.read_model(path))
    assert (tmp_path / "copy").read_bytes() == data


def test_floret_files_are_recognized(tmp_path):
    data = (FOLDER / "skipgram_ns.bin").read_bytes()
    path = tmp_path / "floret.bin"
    path.write_bytes(data[: 8 + 44] + struct.pack("<ii", 1, 2) + data[8 + 44 :])
    with pytest.raises(ValueError, match=r"floret\.bin: a model of floret"):
        load_fasttext(path)


@pytest.mark.parametrize(
    "edit, message",
    [
        (lambda d: b"", "the file is empty|file ends"),
        (lambda d: d[:100], "the file ends within"),
        (lambda d: d + b"x", "1 bytes follow the output matrix"),
        (lambda d: d[:4] + b"\x0d" + d[5:], "version 13"),
        (lambda d: d[:8] + struct.pack("<i", 7) + d[12:], "matrices of 6 and 6 columns for dim 7"),
        (lambda d: d[:32] + struct.pack("<i", 9) + d[36:], "loss 9"),
        (lambda d: d[:64] + struct.pack("<i", 9) + d[68:], "9 entries for 5"),
        (lambda d: d[:40] + struct.pack("<i", 61) + d[44:], "input rows for"),
    ],
)
def test_damaged_files_are_named(edit, message, tmp_path, mapped):
    path = tmp_path / "damaged.bin"
    path.write_bytes(edit((FOLDER / "skipgram_ns.bin").read_bytes()))
    with pytest.raises(ValueError, match=message) as caught:
        load_fasttext(path, mmap=mapped)
    assert "damaged.bin" in str(caught.value)
    remedy = "write the model with" if "version" in message else "copy or download it again$"
    assert re.search(remedy, str(caught.value))


def test_numbers_that_are_not_finite(tmp_path):
    data = bytearray((FOLDER / "skipgram_ns.bin").read_bytes())
    data[-4:] = struct.pack("<f", float("nan"))
    path = tmp_path / "nan.bin"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"nan\.bin: row \d+ of the output matrix is not finite"):
        load_fasttext(path)


def test_scores_of_labels_that_are_not_finite(tmp_path):
    data = bytearray((FOLDER / "sup_softmax.bin").read_bytes())
    data[-4:] = struct.pack("<f", float("nan"))
    path = tmp_path / "nan.bin"
    path.write_bytes(data)
    model = load_fasttext(path, mmap=True)  # which does not read the numbers
    with pytest.raises(ValueError, match=r"nan\.bin: the score of a label .*download it again$"):
        model.predict([model.words[0]])


def damaged_files(cases, seed):
    """Yield (name, bytes) of model files that are cut off, or have some bytes changed."""
    rng = random.Random(seed)
    sources = [(name, (FOLDER / name).read_bytes()) for name in MODELS]
    for case in range(cases):
        name, data = sources[case % len(sources)]
        damaged = bytearray(data)
        if case % 3 == 0:
            del damaged[rng.randrange(len(damaged)) :]
        else:
            end = 200 if case % 3 == 1 else len(damaged)
            for _ in range(rng.randint(1, 4)):
                damaged[rng.randrange(end)] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        yield name, bytes(damaged)


def read_and_use(data):
    """Parse a file and use the model; returns whether it could be read."""
    try:
        model = FastTextModel(fasttext_bin.parse("damaged.bin", data))
        model.word_vectors(["tea", model.words[0] if model.words else ""])
        if model.model == "supervised":
            model.predict(["tea ka"], k=2)
    except ValueError as error:
        assert "damaged.bin" in str(error), error
        return False
    return True


def check_damage(cases, seed):
    """Damaged files are read or raise one ValueError, without allocating what they claim."""
    outcomes = {True: 0, False: 0}
    for case, (name, data) in enumerate(damaged_files(cases, seed)):
        traced = case % 10 == 0
        if traced:
            tracemalloc.start()
        try:
            outcomes[read_and_use(data)] += 1
            if traced:  # small files: what Python's objects take is counted apart
                assert tracemalloc.get_traced_memory()[1] < 2 * len(data) + (1 << 19), (case, name)
        finally:
            tracemalloc.stop()
    print(f"{cases:,} damaged files: {outcomes[False]:,} errors, {outcomes[True]:,} read")
    assert outcomes[False] > cases / 2


def test_random_damage_raises_a_clear_error():
    check_damage(2000, 11)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_more_random_damage(seed):
    check_damage(20_000, seed)


def test_a_dictionary_larger_than_the_file():
    data = bytearray((FOLDER / "skipgram_ns.bin").read_bytes())
    struct.pack_into("<3i", data, 64, 2**31 - 1, 2**31 - 1, 0)
    with pytest.raises(ValueError, match=r"ends within word [\d,]+ of 2,147,483,647"):
        fasttext_bin.parse("d.bin", bytes(data))
    data = bytearray((FOLDER / "q_ns.ftz").read_bytes())
    at = data.index(b"__label__blue") + 13 + 10  # after the dictionary: a flag, rows, columns
    for place in (at + 2, at + 10, at + 18):
        changed = bytearray(data)
        struct.pack_into("<i", changed, place, 2**30)
        with pytest.raises(ValueError, match=r"d\.ftz: "):
            fasttext_bin.parse("d.ftz", bytes(changed))


# ---- wrong use


def test_word_vectors_cannot_predict_labels():
    with pytest.raises(ValueError, match="needs a supervised model, and this is a skipgram model"):
        load_fasttext(FOLDER / "skipgram_ns.bin").predict("tea")


def test_arguments_of_predict():
    model = load_fasttext(FOLDER / "sup_softmax.bin")
    with pytest.raises(ValueError, match="line 1 contains a line break"):
        model.predict(["a", "b\nc"])
    with pytest.raises(ValueError, match="k=0: give a number of labels"):
        model.predict("a", k=0)
    with pytest.raises(TypeError, match=r"is a bytes: .*give a str"):
        model.word_vectors([b"tea"])
    label, probability = model.predict("ka mo")
    assert label[0] in model.labels and 0 < probability[0] <= 1.00002
    assert model.predict([]) == ([], [])


def test_buckets_are_numbered_by_first_use():
    rng = np.random.default_rng(6)
    buckets = rng.integers(0, 300, 2000)
    distinct, slots = _subwords.numbered(buckets, 300)
    np.testing.assert_array_equal(distinct[slots], buckets)
    firsts = [int(np.flatnonzero(buckets == bucket)[0]) for bucket in distinct]
    assert firsts == sorted(firsts) and len(set(distinct.tolist())) == len(distinct)
    for few in ([], [2**31 - 2, 0, 2**31 - 2]):
        distinct, slots = _subwords.numbered(np.array(few, np.int64), 2**31 - 1)
        assert distinct.tolist() == list(dict.fromkeys(few)) and len(slots) == len(few)
    for wrong in ([-1], [300]):
        with pytest.raises(ValueError, match=f"bucket {wrong[0]} of 300"):
            _subwords.numbered(np.array(wrong), 300)
