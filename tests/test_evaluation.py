"""Analogies, pairs, categories: against gensim, against hand-made vectors, malformed files."""

import math

import numpy as np
import pytest

from w2vext import KeyedVectors
from w2vext.cli import main

QUESTIONS = """: capital-world
Paris France Rome Italy
Paris France Oslo Norway
Rome Italy Oslo Norway
: family
man woman king queen

: gram1-plural
car cars cat cats
cat cats car cars
nothing cars cat cats
"""
PAIRS = "cat\tcats\t9.5\ncar\tcat\t2\r\n# comment\nking\tqueen\t8.0\nparis\trome\t7.5\nx\tcat\t1\n"


@pytest.fixture
def wv():
    """Offsets that make some questions right; every spelling has its own vector, in mixed order."""
    rng = np.random.default_rng(3)
    names = "oslo Cats france Paris KING rome cat queen norway cars Man italy woman car Cat tea"
    words = names.split()
    offsets = dict(zip(("capital", "plural", "female"), rng.normal(size=(3, 12)), strict=True))
    of = {
        "paris": ("france", "capital"),
        "rome": ("italy", "capital"),
        "oslo": ("norway", "capital"),
        "cats": ("cat", "plural"),
        "cars": ("car", "plural"),
        "queen": ("king", "female"),
        "woman": ("man", "female"),
    }
    base = {name: rng.normal(size=12) for name in sorted({w.lower() for w in words})}
    rows = []
    for word in words:
        stem, offset = of.get(word.lower(), (word.lower(), None))
        vector = base[stem] + (offsets[offset] if offset else 0)
        rows.append(3 * vector + 0.9 * rng.normal(size=12))
    return KeyedVectors(words, rows)


@pytest.fixture
def file(tmp_path):
    def write(text, name="test.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def gensims(wv):
    pytest.importorskip("gensim", reason="compares with gensim")
    return wv.to_gensim()


def same_as_gensim(wv, path, **how):
    theirs, ours = gensims(wv), wv.evaluate_word_analogies(path, **how)
    assert ours == theirs.evaluate_word_analogies(str(path), **how)
    scores = wv.evaluate_analogies(path, **how)
    assert ours[0] == (scores.accuracy if scores.total.asked else 0)
    return scores


def same_pairs_as_gensim(wv, path, **how):
    ours = wv.evaluate_word_pairs(path, **how)
    theirs = gensims(wv).evaluate_word_pairs(str(path), **how)
    for mine, other in zip(ours[:2], theirs[:2], strict=True):
        assert tuple(mine) == pytest.approx(tuple(other), rel=1e-4)
    assert ours[2] == pytest.approx(theirs[2])
    return ours


# ---- against gensim


@pytest.mark.parametrize("case_insensitive", [True, False])
@pytest.mark.parametrize("dummy4unknown", [True, False])
@pytest.mark.parametrize("restrict_vocab", [300_000, 13])
def test_analogies_are_gensims(wv, file, case_insensitive, dummy4unknown, restrict_vocab):
    scores = same_as_gensim(
        wv,
        file(QUESTIONS),
        case_insensitive=case_insensitive,
        dummy4unknown=dummy4unknown,
        restrict_vocab=restrict_vocab,
    )
    if case_insensitive and restrict_vocab > 13:
        assert 0 < scores.total.right < scores.total.asked or dummy4unknown


@pytest.mark.parametrize("dummy4unknown", [True, False])
def test_pairs_are_gensims(wv, file, dummy4unknown):
    same_pairs_as_gensim(wv, file(PAIRS), dummy4unknown=dummy4unknown)
    same_pairs_as_gensim(wv, file(PAIRS.replace("\t", ",")), delimiter=",")


def test_totals_are_gensims_on_the_published_files(data):
    """Vectors with as much sense in them as lets a part of the questions succeed."""
    questions, pairs = data / "eval" / "questions-words.txt", data / "eval" / "wordsim353.txt"
    lines = [line.split() for line in questions.read_text().splitlines() if line[0] != ":"]
    rng = np.random.default_rng(5)
    known, vectors = {}, []
    for a, b, c, d in lines + [line.split("\t")[:2] * 2 for line in pairs.open()]:
        for one, other in ((a, b), (c, d)):
            for word in (one, other):
                if word.lower() not in known and rng.random() < 0.98:
                    near = vectors[known[one.lower()]] if one.lower() in known else 0
                    known[word.lower()] = len(vectors)
                    vectors.append(rng.normal(size=16) + 1.2 * near)
    order = rng.permutation(len(known))
    wv = KeyedVectors([list(known)[row] for row in order], np.array(vectors)[order])
    scores = same_as_gensim(wv, questions, restrict_vocab=850)
    assert len(scores.sections) == 14 and len(scores.total.questions) == 19_544
    assert 0 < scores.semantic.right and 0 < scores.syntactic.right
    assert 0.1 < scores.coverage < 1
    same_pairs_as_gensim(wv, pairs)
    same_pairs_as_gensim(wv, data / "eval" / "simlex999.txt")


# ---- by hand


def test_3cosmul_is_asked_of_most_similar_cosmul(wv, file):
    scores = wv.evaluate_analogies(file(QUESTIONS), method="3cosmul")
    for question, answer in zip(scores.total.questions, scores.total.answers, strict=True):
        if answer is None:
            assert question[0] == "nothing"
            continue
        spelt = {word.upper(): word for word in reversed(wv.index_to_key)}
        a, b, c, _ = (spelt[word.upper()] for word in question)
        ranked = [word for word, _ in wv.most_similar_cosmul([b, c], [a], topn=16)]
        own = {a.upper(), b.upper(), c.upper()}
        assert answer == next(word for word in ranked if word.upper() not in own)
    with pytest.raises(ValueError, match=r"method='cosmul'.*'3cosmul'"):
        wv.evaluate_analogies(file(QUESTIONS), method="cosmul")


def test_restricted_vocabulary_goes_by_counts():
    """king - man + woman: the nearest word is rare and stands first."""
    words = ["princess", "man", "woman", "king", "queen"]
    rows = [[0.6, 1, 1.0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [0.7, 1, 1.2]]
    question = [("man", "woman", "king", "queen")]
    assert KeyedVectors(words, rows).evaluate_analogies(question).accuracy == 0
    rare = KeyedVectors(words, rows, counts=[1, 9, 9, 9, 8])
    assert rare.evaluate_analogies(question, restrict_vocab=4).accuracy == 1
    assert rare.evaluate_analogies(question, restrict_vocab=3).total.asked == 0


def test_other_spellings_of_a_question_are_no_answers():
    """The nearest words of all are King and WOMAN."""
    words = ["man", "queen", "woman", "king", "King", "WOMAN"]
    rows = [[1, 0, 0], [0.3, 1, 0.6], [1, 1, 0], [1, 0, 1], [0.4, 0.7, 0.7], [0.5, 0.7, 0.7]]
    wv = KeyedVectors(words, rows)
    question = [("man", "woman", "king", "queen")]
    assert wv.evaluate_analogies(question).total.answers == ["queen"]
    assert wv.evaluate_analogies(question, case_insensitive=False).total.answers == ["King"]


def test_tables_and_frames(wv, file):
    scores = wv.evaluate(file(QUESTIONS))
    lines = str(scores).splitlines()
    assert lines[0].split() == ["section", "right", "asked", "accuracy", "coverage"]
    assert [line.split()[0] for line in lines[1:]] == [
        "capital-world", "family", "gram1-plural", "semantic", "syntactic", "total",
    ]  # fmt: skip
    assert lines[3].endswith("66.7%") and lines[4].split()[2] == "4" and "asked" in lines[0]
    frame = pytest.importorskip("pandas") and scores.to_pandas()
    assert frame["asked"].tolist() == [3, 1, 2, 4, 2, 6]
    assert frame["coverage"].tolist() == pytest.approx([1, 1, 2 / 3, 1, 2 / 3, 6 / 7])
    assert frame["accuracy"].iloc[-1] == scores.accuracy
    frame = pytest.importorskip("polars") and wv.evaluate(file(PAIRS)).to_polars()
    assert frame["pairs"].to_list() == [4] and frame["coverage"].to_list() == [0.8]
    assert "4 pairs" in repr(wv.evaluate(file(PAIRS)))
    assert repr(scores).endswith("of 6 right)") and repr(scores.total).startswith("Section('total'")


def test_categories(wv, file):
    """Three tight groups; one word lies in another's group."""
    rng = np.random.default_rng(0)
    groups = {"animal": "cat dog cow", "colour": "red blue", "city": "rome oslo cairo"}
    words = [(word, name) for name, some in groups.items() for word in some.split()]
    places = {"animal": 0, "colour": 1, "city": 2}
    rows = [np.eye(5)[places["city" if w == "blue" else name]] for w, name in words]
    wv = KeyedVectors([w for w, _ in words], rows + 0.01 * rng.normal(size=(8, 5)))
    path = file("# word, category\n" + "".join(f"{w}\t{c}\n" for w, c in [*words, ("elk", "?")]))
    scores = wv.evaluate(path)
    assert scores.purity == 7 / 8 and scores.coverage == 8 / 9
    rows = [line.split() for line in str(scores).splitlines()]
    assert rows[0] == ["cluster", "words", "right", "purity", "coverage"]
    assert rows[1:] == [
        ["animal", "3", "3", "100.0%", "-"],
        ["city", "4", "3", "75.0%", "-"],
        ["colour", "1", "1", "100.0%", "-"],
        ["total", "8", "7", "87.5%", "88.9%"],
    ]
    same = wv.evaluate_categories({name: some.split() for name, some in groups.items()})
    assert same.clusters == scores.clusters


def test_what_cannot_be_measured_is_a_dash(wv, file):
    other = KeyedVectors(["one", "two"], np.eye(2))
    scores = other.evaluate(file(QUESTIONS))
    assert math.isnan(scores.accuracy) and scores.coverage == 0
    assert str(scores).splitlines()[-1].split() == ["total", "0", "0", "-", "0.0%"]
    assert other.evaluate_word_analogies(file(QUESTIONS))[0] == 0.0
    pairs = other.evaluate(file(PAIRS))
    assert str(pairs).splitlines()[1].split() == ["0", "-", "-", "-", "-", "0.0%"]
    zeros = KeyedVectors(wv.index_to_key, np.zeros_like(wv.vectors))
    pairs = zeros.evaluate(file(PAIRS))
    assert math.isnan(pairs.spearman.pvalue) and pairs.coverage == 0.8
    assert str(zeros.evaluate_categories({"a": ["cat"], "b": ["car"]})).count("total") == 1
    assert math.isnan(other.evaluate_categories({"a": ["cat"]}).purity)


def test_tokens_that_are_no_text():
    wv = KeyedVectors([7, 3, 5, (1, 2)], [[1, 0], [1, 1], [0.9, 0.1], [0.1, 1]])
    assert wv.evaluate_pairs([(7, 5, 9.0), (3, (1, 2), 4.0), (7, (1, 2), 1.0)]).known == 3
    assert wv.evaluate_analogies([(7, 3, 5, (1, 2))]).total.asked == 1


def test_several_batches_are_one(wv, file, monkeypatch):
    whole = wv.evaluate_analogies(file(QUESTIONS))
    monkeypatch.setattr("w2vext.evaluation.measures._AT_ONCE", 2)
    assert wv.evaluate_analogies(file(QUESTIONS)).total == whole.total


# ---- files that do not fit


@pytest.mark.parametrize(
    "text, message",
    [
        ("a b c d\n", "line 1.*starts no evaluation file"),
        ("\n\na,b,3\n", "line 3.*it has commas: give delimiter=','"),
        ("a b 3\n", "line 1.*it has spaces: give delimiter=' '"),
        ("", "holds no line"),
        ("\n \n# only a comment\n", "holds no line"),
        (": one\na b c\n", "line 2: 'a b c' holds 3 words; a question has 4"),
        (": one\na b c d e\n", "line 2.*holds 5 words"),
        (": one\na\tb\tc\td\n:\n", "line 3: names no section"),
        (": one\n\n: two\n", "holds no question"),
        ("a\tb\t1\na\tb\n", "line 2.*holds 2 fields between tabs; needed are 3: word, word, numb"),
        ("a\tb\t1\na\tb\t1\t2\n", "line 2.*holds 4 fields"),
        ("a\tb\t1\na\t\t1\n", "line 2.*holds 2 fields"),
        ("a\tb\t1\na,b,1\n", "line 2.*it has commas"),
        ("word 1\tword 2\tscore\na\tb\t1\n", "line 1: the score 'score' is no number"),
        ("a\tb\tnan\n", "line 1: the score 'nan' is not finite"),
        ("a\tb\n\na\tb\tc\n", "line 3.*holds 3 fields"),
        (b"a\tb\t1\n\xc3\xa9\xff\tb\t2\n", "line 2: byte 3 is not UTF-8"),
        ("x" * 500, "line 1: 'xxx.*\\.\\.\\.' starts no"),
    ],
)
def test_a_malformed_file_is_named_with_its_line(wv, file, text, message):
    path = file(text)
    with pytest.raises(ValueError, match=message) as caught:
        wv.evaluate(path)
    assert str(path) in str(caught.value)


def test_a_question_without_a_section(wv, file):
    with pytest.raises(ValueError, match="line 1: is a question before the first section"):
        wv.evaluate_analogies(file("cat cats car cars\n"))


def test_bytes_before_the_text_and_a_smiley(wv, file):
    path = file(b"\xef\xbb\xbf: faces\n:-) cats car cars\ncat cats car cars")
    assert [len(s.questions) for s in wv.evaluate(path).sections] == [2]


def test_malformed_lists(wv):
    with pytest.raises(ValueError, match=r"questions\[1\] is 'cats': give 4 items"):
        wv.evaluate_analogies([("a", "b", "c", "d"), "cats"])
    with pytest.raises(ValueError, match=r"pairs\[0\]: the score 'high'"):
        wv.evaluate_pairs([("a", "b", "high")])
    with pytest.raises(TypeError, match="categories=list"):
        wv.evaluate_categories([("cat", "animal")])
    with pytest.raises(ValueError, match="restrict_vocab=0"):
        wv.evaluate_pairs([("a", "b", 1)], restrict_vocab=0)


# ---- the command


def test_command(wv, file, tmp_path, capsys):
    vectors = tmp_path / "vectors.txt"
    wv.save(vectors)
    questions, pairs = file(QUESTIONS, "questions.txt"), file(PAIRS, "pairs.txt")
    how = ["--restrict-vocab", "15", "--method", "3cosmul"]
    assert main(["evaluate", str(vectors), str(questions), str(pairs), *how]) == 0
    out = capsys.readouterr().out
    assert f"{vectors}: 15 of 16 words, 12 dimensions\n\n{questions}\nsection " in out
    wanted = wv.evaluate_analogies(questions, restrict_vocab=15, method="3cosmul")
    assert str(wanted) in out and str(wv.evaluate(pairs, restrict_vocab=15)) in out
    assert main(["evaluate", str(vectors), str(pairs), "--delimiter", ","]) == 1
    assert "line 1" in capsys.readouterr().err
    assert main(["evaluate", str(vectors), str(tmp_path / "none.txt")]) == 1
    assert "none.txt" in capsys.readouterr().err
    assert main(["evaluate", str(vectors), str(pairs), "--restrict-vocab", "0"]) == 2
