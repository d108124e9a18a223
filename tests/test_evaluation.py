"""Evaluation by analogies, pairs and categories: results equal to gensim's, malformed files."""

import math
from functools import partial

import numpy as np
import pytest
from helpers.runs import with_subwords

from w2vext import KeyedVectors
from w2vext.cli import main
from w2vext.evaluation import testsets

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
    """Vectors that answer some of the questions; each spelling of a word has its own vector."""
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


def check_analogies(wv, path, **options):
    """The scores of analogies, checked to equal gensim's."""
    expected, result = gensims(wv), wv.evaluate_word_analogies(path, **options)
    assert result == expected.evaluate_word_analogies(str(path), **options)
    scores = wv.evaluate_analogies(path, **options)
    assert result[0] == (scores.accuracy if scores.total.asked else 0)
    return scores


def check_pairs(wv, path, **options):
    """Check that the scores of pairs equal gensim's."""
    result = wv.evaluate_word_pairs(path, **options)
    expected = gensims(wv).evaluate_word_pairs(str(path), **options)
    for correlation, other in zip(result[:2], expected[:2], strict=True):
        assert tuple(correlation) == pytest.approx(tuple(other), rel=1e-4)
    assert result[2] == pytest.approx(expected[2])


# ---- compared with gensim


@pytest.mark.parametrize("case_insensitive", [True, False])
@pytest.mark.parametrize("dummy4unknown", [True, False])
@pytest.mark.parametrize("restrict_vocab", [300_000, 13])
def test_analogies_equal_gensims(wv, file, case_insensitive, dummy4unknown, restrict_vocab):
    scores = check_analogies(
        wv,
        file(QUESTIONS),
        case_insensitive=case_insensitive,
        dummy4unknown=dummy4unknown,
        restrict_vocab=restrict_vocab,
    )
    if case_insensitive and restrict_vocab > 13:
        assert 0 < scores.total.right < scores.total.asked or dummy4unknown


@pytest.mark.parametrize("dummy4unknown", [True, False])
def test_pairs_equal_gensims(wv, file, dummy4unknown):
    check_pairs(wv, file(PAIRS), dummy4unknown=dummy4unknown)
    check_pairs(wv, file(PAIRS.replace("\t", ",")), delimiter=",")


def test_scores_of_the_published_files_equal_gensims(data):
    """The vectors are made from the questions, so that some of the answers are correct."""
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
    scores = check_analogies(wv, questions, restrict_vocab=850)
    assert len(scores.sections) == 14 and len(scores.total.questions) == 19_544
    assert 0 < scores.semantic.right and 0 < scores.syntactic.right
    assert 0.1 < scores.coverage < 1
    check_pairs(wv, pairs)
    check_pairs(wv, data / "eval" / "simlex999.txt")


# ---- unknown words


@pytest.fixture(scope="module")
def composing():
    """Vectors with random rows of words and n-grams."""
    names = ["man", "woman", "king", "queen", "tea", "teapot"]
    model = with_subwords(min_n=3, max_n=3, bucket=10**6, epochs=1, sample=0.0).fit(
        [[*names, "x"]] * 3
    )
    model.subword_vectors_[:] = np.random.default_rng(4).normal(size=model.subword_vectors_.shape)
    model.vectors_[:] = model.wv.subwords.compose(model.wv.index_to_key)[0]
    return model.wv


def test_analogies_of_unknown_words(composing):
    """ "kings" and "tead" are unknown and have n-grams; "##" has none."""
    wv = composing
    questions = {
        "one": [("man", "king", "woman", "queen"), ("man", "kings", "woman", "queen")],
        "two": [("tea", "tead", "man", "kinged"), ("##", "tea", "man", "king")],
    }
    before = wv.evaluate_analogies(questions)
    assert before.total.asked == 1
    for method, search in (("3cosadd", wv.most_similar), ("3cosmul", wv.most_similar_cosmul)):
        found = wv.evaluate_analogies(questions, unknown="subwords", method=method)
        assert [section.asked for section in found.sections] == [2, 0]
        for question, answer in zip(questions["one"], found.sections[0].answers, strict=True):
            a, b, c, _ = question
            assert answer == search([b, c], [a], topn=1)[0][0]
    found = wv.evaluate_analogies(questions, unknown="subwords", dummy4unknown=True)
    assert found.total.asked == 4 and not any(found.sections[1].correct)
    upper = [tuple(word.upper() for word in questions["one"][1])]
    found = wv.evaluate_analogies(upper, unknown="subwords")
    assert found.total.asked == 0  # no n-gram of "KINGS" is known
    upper[0] = ("MAN", "kings", "WOMAN", "QUEEN")
    found = wv.evaluate_analogies(upper, unknown="subwords")
    assert found.total.answers == [wv.most_similar(["kings", "woman"], ["man"], topn=1)[0][0]]
    found = wv.evaluate_analogies(questions, unknown="subwords", restrict_vocab=4)
    known = [wv.index_to_key[row] for row in wv.frequent_rows(4)]
    assert {answer for answer in found.total.answers if answer} <= set(known)


def test_categories_of_unknown_words(composing):
    groups = {"drink": ["tea", "teas", "teapot"], "person": ["man", "mans", "##"]}
    before = composing.evaluate_categories(groups)
    assert before.coverage == 3 / 6
    found = composing.evaluate_categories(groups, unknown="subwords")
    assert found.coverage == 5 / 6
    assert {word for cluster in found.clusters for word, _ in cluster} >= {"teas", "mans"}


def test_unknown_words_of_every_kind_of_file(composing, file, tmp_path, capsys):
    path = tmp_path / "v.safetensors"
    composing.save(path)
    texts = {
        "analogies": ": one\nman king woman queen\nman kings woman queen\n",
        "pairs": "tea\tteas\t9\nman\tking\t1\nman\ttea\t2\n",
        "categories": "tea\tdrink\nteas\tdrink\nman\tperson\nking\tperson\n",
    }
    for name, text in texts.items():
        test = file(text, name)
        scores = composing.evaluate(test), composing.evaluate(test, unknown="subwords")
        assert [each.coverage < 1 for each in scores] == [True, False]
        assert main(["evaluate", str(path), str(test), "--unknown", "subwords"]) == 0
        out = capsys.readouterr().out
        assert str(scores[1]) in out and str(scores[0]) not in out


@pytest.mark.parametrize("kind", ["analogies", "pairs", "categories"])
def test_bad_values_of_unknown(wv, composing, kind):
    argument = {"categories": {"a": ["cat"]}}.get(kind, [])
    evaluate = partial(getattr(KeyedVectors, f"evaluate_{kind}"), composing, argument)
    with pytest.raises(ValueError, match="unknown='zero': choose 'skip' or 'subwords'"):
        evaluate(unknown="zero")
    with pytest.raises(ValueError, match="unknown='subwords': these vectors have no subwords"):
        getattr(wv, f"evaluate_{kind}")(argument, unknown="subwords")


# ---- small examples


def test_3cosmul_uses_most_similar_cosmul(wv, file):
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


def test_restrict_vocab_keeps_the_most_frequent_words():
    """The nearest word to king - man + woman is rare and in the first row."""
    words = ["princess", "man", "woman", "king", "queen"]
    rows = [[0.6, 1, 1.0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [0.7, 1, 1.2]]
    question = [("man", "woman", "king", "queen")]
    assert KeyedVectors(words, rows).evaluate_analogies(question).accuracy == 0
    rare = KeyedVectors(words, rows, counts=[1, 9, 9, 9, 8])
    assert rare.evaluate_analogies(question, restrict_vocab=4).accuracy == 1
    assert rare.evaluate_analogies(question, restrict_vocab=3).total.asked == 0


def test_other_spellings_of_a_questions_words_are_not_answers():
    """The nearest words are King and WOMAN."""
    words = ["man", "queen", "woman", "king", "King", "WOMAN"]
    rows = [[1, 0, 0], [0.3, 1, 0.6], [1, 1, 0], [1, 0, 1], [0.4, 0.7, 0.7], [0.5, 0.7, 0.7]]
    wv = KeyedVectors(words, rows)
    question = [("man", "woman", "king", "queen")]
    assert wv.evaluate_analogies(question).total.answers == ["queen"]
    assert wv.evaluate_analogies(question, case_insensitive=False).total.answers == ["King"]


def test_tables_and_data_frames(wv, file):
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
    """Three tight clusters; one word is in the cluster of another category."""
    rng = np.random.default_rng(0)
    groups = {"animal": "cat dog cow", "colour": "red blue", "city": "rome oslo cairo"}
    words = [(word, name) for name, members in groups.items() for word in members.split()]
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
    same = wv.evaluate_categories({name: members.split() for name, members in groups.items()})
    assert same.clusters == scores.clusters


def test_undefined_scores_print_as_a_dash(wv, file):
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


def test_words_that_are_not_str():
    wv = KeyedVectors([7, 3, 5, (1, 2)], [[1, 0], [1, 1], [0.9, 0.1], [0.1, 1]])
    assert wv.evaluate_pairs([(7, 5, 9.0), (3, (1, 2), 4.0), (7, (1, 2), 1.0)]).known == 3
    assert wv.evaluate_analogies([(7, 3, 5, (1, 2))]).total.asked == 1


def test_batches_of_questions_do_not_change_the_result(wv, file, monkeypatch):
    whole = wv.evaluate_analogies(file(QUESTIONS))
    monkeypatch.setattr("w2vext.evaluation.measures._QUESTIONS_AT_ONCE", 2)
    assert wv.evaluate_analogies(file(QUESTIONS)).total == whole.total


# ---- malformed files


@pytest.mark.parametrize(
    "text, message",
    [
        ("a b c d\n", "line 1.*is not the first line of a test file"),
        ("\n\na,b,3\n", "line 3.*It has commas: give delimiter=','"),
        ("a b 3\n", "line 1.*It has spaces: give delimiter=' '"),
        ("", "the file is empty"),
        ("\n \n# only a comment\n", "the file is empty"),
        (": one\na b c\n", "line 2: 'a b c' has 3 words; a question has 4"),
        (": one\na b c d e\n", "line 2.*has 5 words"),
        (": one\na\tb\tc\td\n:\n", "line 3: the section has no name"),
        (": one\n\n: two\n", "the file contains no questions"),
        ("a\tb\t1\na\tb\n", "line 2: expected 3 fields separated by tabs .*, found 2"),
        ("a\tb\t1\na\tb\t1\t2\n", "line 2.*found 4: "),
        ("a\tb\t1\na\t\t1\n", "line 2.*found 2: "),
        ("a\tb\t1\na,b,1\n", "line 2.*It has commas"),
        ("a\tb\t1\nword 1\tword 2\tscore\n", "line 2: the score 'score' is not a number"),
        ("a\tb\t7..1\na\tb\t1\n", r"line 1: the score '7\.\.1' is not a number"),
        ("word 1\tword 2\tscore\n", "the file contains only a title line"),
        (b"\xff\xfea\0", "UTF-16: save it as UTF-8"),
        ("a\tb\tnan\n", "line 1: the score 'nan' is not finite"),
        ("a\tb\n\na\tb\tc\n", "line 3.*expected 2 .*found 3: "),
        (b"a\tb\t1\n\xc3\xa9\xff\tb\t2\n", "line 2: byte 3 is not UTF-8"),
        ("x" * 500, "line 1: 'xxx.*\\.\\.\\. is not the first line"),
    ],
)
def test_malformed_files(wv, file, text, message):
    path = file(text)
    with pytest.raises(ValueError, match=message) as caught:
        wv.evaluate(path)
    assert str(path) in str(caught.value)


def test_a_question_without_a_section(wv, file):
    with pytest.raises(
        ValueError, match="line 1: a question before the first section: begin the file"
    ):
        wv.evaluate_analogies(file("cat cats car cars\n"))


def test_a_byte_order_mark_and_a_word_that_starts_with_a_colon(wv, file):
    path = file(b"\xef\xbb\xbf: faces\n:-) cats car cars\ncat cats car cars")
    assert [len(s.questions) for s in wv.evaluate(path).sections] == [2]


def test_columns_aligned_by_spaces_and_a_last_delimiter(file):
    wv = KeyedVectors(["zebra", "ant", "new\u00a0york"], np.eye(3) + 0.1)
    expected = [("zebra", "ant", 3.0), ("ant", "new\u00a0york", 1.0)]
    for text, delimiter in (
        ("zebra  ant   3\nant  new\u00a0york   1\n", " "),
        ("  zebra ant\t3\nant new\u00a0york 1  \n", " "),
        ("zebra\tant\t3\t\nant\tnew\u00a0york\t1\t\t\r\n", "\t"),
        ("zebra, ant, 3,\nant, new\u00a0york, 1,\n", ","),
        ("Word 1,Word 2,Human (mean)\nzebra,ant,3\nant,new\u00a0york,1\n", ","),
    ):
        path = file(text)
        assert testsets.read(path, delimiter).pairs == expected
        assert testsets.read_pairs(path, delimiter).pairs == expected
        assert len(wv.evaluate(path, delimiter=delimiter).pairs) == 2
    path = file(": cities\nzebra ant\t zebra  new\u00a0york\n")
    assert testsets.read(path).sections == [
        ("cities", [("zebra", "ant", "zebra", "new\u00a0york")])
    ]
    path = file("zebra\tanimal\t\nnew\u00a0york\tcity\n")
    assert testsets.read(path).words == [("zebra", "animal"), ("new\u00a0york", "city")]


def test_malformed_lists(wv):
    with pytest.raises(ValueError, match=r"questions\[1\] is 'cats': give 4 items"):
        wv.evaluate_analogies([("a", "b", "c", "d"), "cats"])
    with pytest.raises(ValueError, match=r"pairs\[0\]: the score 'high'"):
        wv.evaluate_pairs([("a", "b", "high")])
    with pytest.raises(TypeError, match="categories has type list"):
        wv.evaluate_categories([("cat", "animal")])
    with pytest.raises(ValueError, match="restrict_vocab=0"):
        wv.evaluate_pairs([("a", "b", 1)], restrict_vocab=0)


# ---- the command


def test_command(wv, file, tmp_path, capsys):
    vectors = tmp_path / "vectors.txt"
    wv.save(vectors)
    questions, pairs = file(QUESTIONS, "questions.txt"), file(PAIRS, "pairs.txt")
    options = ["--restrict-vocab", "15", "--method", "3cosmul"]
    assert main(["evaluate", str(vectors), str(questions), str(pairs), *options]) == 0
    out = capsys.readouterr().out
    assert f"{vectors}: 15 of 16 words, 12 dimensions\n\n{questions}\nsection " in out
    wanted = wv.evaluate_analogies(questions, restrict_vocab=15, method="3cosmul")
    assert str(wanted) in out and str(wv.evaluate(pairs, restrict_vocab=15)) in out
    assert main(["evaluate", str(vectors), str(pairs), "--delimiter", ","]) == 1
    assert "line 1" in capsys.readouterr().err
    assert main(["evaluate", str(vectors), str(tmp_path / "none.txt")]) == 1
    assert "none.txt" in capsys.readouterr().err
    assert main(["evaluate", str(vectors), str(pairs), "--restrict-vocab", "0"]) == 2
