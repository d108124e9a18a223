"""word2vec.c reproduced: whole runs are compared with files that the original wrote.

tests/helpers/exact_text.py generates the text and describes how the original wrote
tests/golden/exact-*.
"""

import io
import os
import signal
import threading

import numpy as np
import pytest
from helpers.exact_text import GOLDEN, RUNS, SAME_BITS, phrase_text, text

from w2vext import exact
from w2vext.exact import _exact

SETTINGS = dict(vector_size=9, window=4, epochs=2, min_count=4, sample=1e-2)


def is_set(text):
    return text != "0"


NAMES = {"alpha": float, "sample": float, "hs": is_set, "cbow": is_set, "negative": int}


def settings(flags):
    """The keywords of exact.train for a command line of the original."""
    words = flags.split()
    given = zip(words[::2], words[1::2], strict=True)
    pairs = ((flag[1:], value) for flag, value in given if flag[1:] in NAMES)
    return SETTINGS | {name: NAMES[name](value) for name, value in pairs}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("exact") / "text.txt"
    path.write_bytes(text())
    return path


def rows(data, size=9):
    head, _, data = data.partition(b"\n")
    n, d = map(int, head.split())
    found = {}
    for _ in range(n):
        word, _, data = data.partition(b" ")
        found[word] = np.frombuffer(data[: 4 * d], "<f4")
        data = data[4 * d + 1 :]
    return found


@pytest.mark.parametrize("name", [name for name in RUNS if name not in ("text", "classes")])
def test_the_same_bytes_as_the_original(name, corpus, tmp_path):
    trained = exact.train(corpus, **settings(RUNS[name]))
    exact.write_vectors(tmp_path / "out", trained.words, trained.vectors, binary=True)
    ours, theirs = (tmp_path / "out").read_bytes(), (GOLDEN / f"exact-{name}").read_bytes()
    if SAME_BITS:
        assert ours == theirs
    ours, theirs = rows(ours), rows(theirs)
    assert list(ours) == list(theirs)
    for word, vector in theirs.items():
        norms = np.linalg.norm(vector) * np.linalg.norm(ours[word])
        assert ours[word] @ vector / norms >= 0.99999


@pytest.mark.skipif(not SAME_BITS, reason="the files were written on x86-64 Linux")
def test_text_vocabulary_and_classes(corpus, tmp_path):
    trained = exact.train(corpus, **settings(RUNS["text"]))
    exact.write_vectors(tmp_path / "out", trained.words, trained.vectors)
    assert (tmp_path / "out").read_bytes() == (GOLDEN / "exact-text").read_bytes()
    trained = exact.train(corpus, **settings(RUNS["classes"]))
    exact.write_classes(tmp_path / "out", trained.words, exact.classes(trained.vectors, 13))
    assert (tmp_path / "out").read_bytes() == (GOLDEN / "exact-classes").read_bytes()


def test_vocabulary(corpus, tmp_path):
    words, counts = exact.count_words(corpus, min_count=4)
    exact.write_vocabulary(tmp_path / "out", words, counts)
    assert (tmp_path / "out").read_bytes() == (GOLDEN / "exact-vocab").read_bytes()
    again, numbers = exact.read_vocabulary(tmp_path / "out")
    assert again == words and (numbers == counts).all()


def test_a_given_vocabulary_trains_the_same(corpus):
    params = settings(RUNS["skipgram-ns"])
    counted = exact.train(corpus, **params)
    vocabulary = exact.read_vocabulary(GOLDEN / "exact-vocab")
    given = exact.train(corpus, vocabulary=vocabulary, **params)
    assert given.words == counted.words
    assert (given.vectors == counted.vectors).all()


def test_not_faithful_keeps_long_words_and_the_last_word(corpus):
    cut, _ = exact.count_words(corpus, min_count=1)
    whole, counts = exact.count_words(corpus, min_count=1, faithful=False)
    assert max(map(len, cut)) == 98 < max(map(len, whole))
    assert cut.count(b"w0") == whole.count(b"w0") == 1
    kept = exact.count_words(corpus, min_count=1)[1][cut.index(b"w0")]
    assert counts[whole.index(b"w0")] == kept + 1  # the last word, without a newline


def test_the_last_line_is_trained(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"a b\na b")
    params = dict(vector_size=4, min_count=1, epochs=50, sample=0, cbow=False)
    ended = tmp_path / "ended"
    ended.write_bytes(b"a b\na b\n")
    kept = exact.train(path, faithful=False, **params).vectors
    lost = exact.train(path, **params).vectors
    assert not np.array_equal(kept, lost)
    # only the count of </s>, which is never drawn as a negative, differs
    assert (kept[0] == exact.train(ended, faithful=False, **params).vectors[0]).all()


def test_several_threads(corpus):
    reports = []
    params = settings(RUNS["cbow-ns"])
    trained = exact.train(corpus, threads=3, report=lambda *args: reports.append(args), **params)
    one = exact.train(corpus, **params)
    assert trained.words == one.words and np.isfinite(trained.vectors).all()
    assert (trained.vectors[0] == one.vectors[0]).all()  # </s> is never an input
    lr, done, total = reports[-1]
    assert 0.9 < done / total < 1.2
    assert 0 < lr < 0.0501


def test_initial_vectors():
    random, expected = 1, []
    for _ in range(12):
        random = (random * 25214903917 + 11) % 2**64
        expected.append(np.float32(((random & 0xFFFF) / 65536 - 0.5) / 4))
    assert exact.initial_vectors(3, 4).ravel().tolist() == expected


@pytest.mark.parametrize(
    "content, params, message",
    [
        (b"", {}, "no word occurs min_count=5 times"),
        (b"a b c\n", {}, "no word occurs min_count=5 times"),
        (b"a b\n", {"min_count": 1, "window": 0}, "window=0"),
        (b"a b\n", {"min_count": 1, "epochs": 0}, "epochs=0"),
        (b"a b\n", {"min_count": 1, "vector_size": 2**31}, "vector_size=2147483648"),
        (b"a b\n", {"min_count": 1, "negative": -1}, "negative=-1: give an integer from 0"),
        (b"a b\n", {"min_count": 1, "negative": 2**40}, "negative=1099511627776"),
    ],
)
def test_invalid_input(content, params, message, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        exact.train(path, **params)


def test_divergence_is_an_error(corpus):
    with pytest.raises(FloatingPointError, match=r"diverged with alpha=1e.*smaller alpha"):
        exact.train(corpus, alpha=1e30, **SETTINGS)


@pytest.mark.parametrize("line", [b"word", b"word x", b"a b 3", b"word -1", b"w " + b"9" * 20])
def test_a_malformed_vocabulary(line, tmp_path):
    path = tmp_path / "vocab"
    path.write_bytes(b"</s> 1\n" + line + b"\n")
    with pytest.raises(ValueError, match=r"line 2: '.*' is not a word and its count"):
        exact.read_vocabulary(path)


def test_as_keyed_vectors(corpus):
    trained = exact.train(corpus, **settings(RUNS["cbow-ns"]))
    assert trained.wv.index_to_key[0] == "</s>"
    assert (trained.wv["w3"] == trained.vectors[trained.words.index(b"w3")]).all()


@pytest.mark.parametrize("table", [_exact.Words(), _exact.Phrases(1, 1.0)], ids=["w", "p"])
def test_ctrl_c_ends_a_count(table):
    """Counting checks for it after each mebibyte."""
    data = b"some words of a text that is long " * 3_000_000
    reader = _exact.Text(data)

    def press():
        while not reader.at:
            pass
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        table.count(reader)
    assert 0 < reader.at < len(data)
    assert table.count(reader)  # continues
    assert reader.at == len(data)


# ---- the text: in blocks, in a private copy, and never half


@pytest.mark.slow
def test_blocks_give_the_counts_of_the_whole(corpus, monkeypatch):
    words, counts = exact.count_words(corpus, min_count=1)
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(exact, "BLOCK", size)
        blocks = list(exact._blocks(corpus, True))
        assert b"".join(blocks) == corpus.read_bytes()
        assert all(block[-1] in b" \t\n" for block in blocks[:-1])
        again, numbers = exact.count_words(corpus, min_count=1)
        assert again == words and (numbers == counts).all()


@pytest.mark.parametrize("faithful", [True, False])
def test_blocks_give_the_phrases_of_the_whole(faithful, tmp_path, monkeypatch):
    (tmp_path / "text").write_bytes(phrase_text())
    outputs = set()
    for size in (1 << 22, 1, 64):
        monkeypatch.setattr(exact, "BLOCK", size)
        how = {"threshold": 2.0, "min_count": 2, "faithful": faithful}
        exact.phrases(tmp_path / "text", tmp_path / "out", **how)
        outputs.add((tmp_path / "out").read_bytes())
    (output,) = outputs
    assert b"_" in output


def test_a_text_that_becomes_shorter_while_it_is_trained_on(corpus, tmp_path):
    """A mapping of the file would end the process by SIGBUS."""
    path = tmp_path / "text.txt"
    path.write_bytes(corpus.read_bytes())
    params = settings(RUNS["skipgram-ns"])
    expected = exact.train(path, **params).vectors
    trained = exact.train(path, **params, counted=lambda *_: os.truncate(path, 0))
    assert path.stat().st_size == 0
    assert np.array_equal(trained.vectors, expected)


@pytest.mark.parametrize("change", ["shorter", "longer"])
def test_a_text_that_changes_while_it_is_counted(change, corpus, tmp_path, monkeypatch):
    path = tmp_path / "text.txt"
    path.write_bytes(corpus.read_bytes())
    monkeypatch.setattr(exact, "BLOCK", 64)
    blocks = exact._blocks(path, True)
    next(blocks)
    os.truncate(path, 100 if change == "shorter" else path.stat().st_size + 1)
    with pytest.raises(ValueError, match=r"text\.txt: the file was changed while it was read"):
        list(blocks)


def test_a_text_that_changes_between_counting_and_writing(tmp_path):
    path, out = tmp_path / "text", tmp_path / "out"
    path.write_bytes(phrase_text())
    out.write_text("old")

    def append(*_):
        with open(path, "ab") as file:
            file.write(b"more\n")

    with pytest.raises(ValueError, match="text: the file was changed while it was read"):
        exact.phrases(path, out, counted=append)
    assert out.read_text() == "old"


def test_file_objects(corpus, tmp_path):
    data = corpus.read_bytes()
    params = settings(RUNS["cbow-hs"])
    expected = exact.train(corpus, **params).vectors
    assert np.array_equal(exact.train(io.BytesIO(data), **params).vectors, expected)
    assert exact.count_words(io.BytesIO(data))[0] == exact.count_words(corpus)[0]
    output = io.BytesIO()
    exact.phrases(io.BytesIO(data), output, min_count=1)
    exact.phrases(corpus, tmp_path / "out", min_count=1)
    assert output.getvalue() == (tmp_path / "out").read_bytes()


def test_a_vocabulary_with_the_end_of_a_line_first():
    file = b"\xef\xbb\xbfa 3\nb 2\n\n</s> 7\n"
    assert exact.read_vocabulary(io.BytesIO(file))[0] == [b"a", b"b", b"</s>"]
    words, counts = exact.read_vocabulary(io.BytesIO(file), faithful=False)
    assert words == [b"</s>", b"a", b"b"] and counts.tolist() == [7, 3, 2]
    words, counts = exact.read_vocabulary(io.BytesIO(file[:7]), faithful=False)
    assert words == [b"</s>", b"a"] and counts.tolist() == [0, 3]
