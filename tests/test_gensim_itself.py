"""w2vext.gensim next to the installed gensim: its own tests, its signatures, its results."""

import importlib
import inspect
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from helpers.runs import finished

gensim = pytest.importorskip("gensim")
pytest.importorskip("testfixtures")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not gensim.__version__.startswith("4.4."), reason="the lists are those of gensim 4.4"
    ),
]

TEXT = [["tea", "milk", "cup"], ["tea", "sugar", "cup"], ["rain", "snow", "cold", "cup"]] * 10
RUN = """
import os, sys, pytest
folder, report, *names = sys.argv[1:]
os.chdir(folder)  # some tests write into the current folder
sys.exit(pytest.main(["-q", "-p", "helpers.gensim_plugin", "-p", "no:cacheprovider",
                      "--rootdir", folder, "--junitxml", report, "--pyargs", *names]))
"""

PICKLE = "reads a pickle of an earlier gensim, which could run code when it is loaded"
MESSAGE = "looks for a sentence of gensim in its log; ours is another, raised or warned"
INTERNAL = "reads an attribute that only gensim's implementation has"
BOTH = "writes a model with both losses as a .bin, which fastText does not have"
ZEROS = "n-grams that no word of the vocabulary has count as zeros, by decision D15"
# The tests of gensim 4.4 that fail with our classes, and why.
FAILURES = {
    "test_word2vec": {
        "TestWord2VecModel.test_build_vocab_warning": "sentences that are str are an error",
        "TestWord2VecModel.test_load_old_model": PICKLE,
        "TestWord2VecModel.test_load_old_model_separates": PICKLE,
        "TestWord2VecModel.test_load_old_models_1_x": PICKLE,
        "TestWord2VecModel.test_load_old_models_2_x": PICKLE,
        "TestWord2VecModel.test_load_old_models_3_x": PICKLE,
        "TestWord2VecModel.test_persistence_backwards_compatible": PICKLE,
        "TestWord2VecModel.test_train_hs_and_neg": MESSAGE,
        "TestWord2VecModel.test_train_warning": MESSAGE,
    },
    "test_keyedvectors": {"Gensim320Test.test": PICKLE},
    "test_phrases": {
        "TestPhrasesModel.test_export_phrases": (
            "a joined word of the first pass is one word in the second; gensim splits it again"
        ),
        "TestPhrasesPersistence.test_save_load_no_common_terms": PICKLE,
        "TestPhrasesPersistence.test_save_load_no_scoring": PICKLE,
        "TestPhrasesPersistence.test_save_load_string_scoring": PICKLE,
        "TestFrozenPhrasesPersistence.test_save_load_custom_scorer": (
            "a scoring function is not stored, because files contain no code"
        ),
        "TestFrozenPhrasesPersistence.test_save_load_no_common_terms": PICKLE,
        "TestFrozenPhrasesPersistence.test_save_load_no_scoring": PICKLE,
        "TestFrozenPhrasesPersistence.test_save_load_string_scoring": PICKLE,
        "TestFrozenPhrasesModelCompatibility.test_compatibility": PICKLE,
    },
    "test_fasttext": {
        "TestFastTextModel.test_estimate_memory": INTERNAL,
        "TestFastTextModel.test_load_model_non_utf8_encoding": "cp852 is refused by name",
        "NativeTrainingContinuationTest.test_load_native_pretrained": (
            "the file has an entry without a word, which is an error here"
        ),
        "NativeTrainingContinuationTest.test_out_of_vocab": ZEROS,
        "NativeTrainingContinuationTest.test_sanity": INTERNAL,
        "HashCompatibilityTest.test_compatibility_true": PICKLE,
        "SaveFacebookFormatModelTest.test_cbow": BOTH,
        "SaveFacebookFormatModelTest.test_skipgram": BOTH,
    },
}


@pytest.mark.parametrize(
    ("modules", "least"),
    [(("test_word2vec", "test_keyedvectors", "test_phrases"), 150), (("test_fasttext",), 60)],
    ids=["word2vec-keyedvectors-phrases", "fasttext"],
)
def test_the_tests_of_gensim(tmp_path, modules, least):
    report = tmp_path / "report.xml"
    names = [f"gensim.test.{name}" for name in modules]
    # test_fasttext imports the class of tests of test_word2vec.
    chosen = ["-k", "not TestWord2VecModel"] if modules == ("test_fasttext",) else []
    done = finished(RUN, str(tmp_path), str(report), *names, *chosen, timeout=900)
    assert report.exists(), done.stderr
    passed, failed = set(), set()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname').rpartition('.')[2]}.{case.get('name')}"
        if case.find("skipped") is None:
            (passed if len(case.findall("failure") + case.findall("error")) == 0 else failed).add(
                name
            )
    expected = {name for module in modules for name in FAILURES[module]}
    assert failed == expected, done.stdout[-3000:]
    assert len(passed) >= least


# ---- signatures

CLASSES = [
    ("word2vec", "Word2Vec"),
    ("word2vec", "LineSentence"),
    ("word2vec", "PathLineSentences"),
    ("word2vec", "Text8Corpus"),
    ("word2vec", "BrownCorpus"),
    ("keyedvectors", "KeyedVectors"),
    ("fasttext", "FastText"),
    ("fasttext", "FastTextKeyedVectors"),
    ("phrases", "Phrases"),
    ("phrases", "FrozenPhrases"),
    ("callbacks", "CallbackAny2Vec"),
]
# gensim's signature has only *args, **kwargs, or ours names what gensim passes on.
COLLECTED = {"args", "kwargs"}


def pairs():
    for module, name in CLASSES:
        theirs = getattr(importlib.import_module(f"gensim.models.{module}"), name)
        ours = getattr(importlib.import_module(f"w2vext.gensim.models.{module}"), name)
        for member in ("__init__", *(each for each in dir(theirs) if not each.startswith("_"))):
            static = inspect.getattr_static(theirs, member)
            if callable(getattr(theirs, member)) and not isinstance(static, property):
                yield pytest.param(theirs, ours, member, id=f"{name}.{member}")


@pytest.mark.parametrize(("theirs", "ours", "member"), pairs())
def test_every_argument_of_gensim_exists(theirs, ours, member):
    assert hasattr(ours, member), f"{ours.__name__} has no {member}"
    expected = inspect.signature(getattr(theirs, member)).parameters
    found = inspect.signature(getattr(ours, member)).parameters
    assert not set(expected) - set(found) - COLLECTED
    wild = any(each.kind is each.VAR_POSITIONAL for each in expected.values())
    for name, each in expected.items():
        if name not in found or wild or each.default is each.empty:
            continue
        default = found[name].default
        assert default == each.default, name
    positional = [name for name in expected if name in found]
    assert wild or [name for name in found if name in expected] == positional


def test_every_function_and_property_of_gensim_exists():
    for module in ("keyedvectors", "phrases", "fasttext", "word2vec"):
        theirs = importlib.import_module(f"gensim.models.{module}")
        ours = importlib.import_module(f"w2vext.gensim.models.{module}")
        for name, function in inspect.getmembers(theirs, inspect.isfunction):
            if function.__module__ == theirs.__name__ and not name.startswith("_"):
                expected = inspect.signature(function).parameters
                if name in ("ft_ngram_hashes", "prep_vectors"):  # helpers of its implementation
                    continue
                assert set(expected) - COLLECTED <= set(
                    inspect.signature(getattr(ours, name)).parameters
                ), name


# ---- results


def test_words_of_a_text_are_those_of_gensim():
    from gensim.utils import simple_preprocess, tokenize

    from w2vext.gensim import utils

    texts = [
        "Hello_x _y wörld 12a3bc It's the “best” A bb éàü x_1",
        "Δοκιμή 北海道 d’été naïve café\tnew\nline 3.14 " + "x" * 20,
        "ß İstanbul Ǆ ａｂ e\u0301te\u0301",
    ]
    for text in texts:
        for options in ({}, {"deacc": True}, {"min_len": 1, "max_len": 30}):
            assert utils.simple_preprocess(text, **options) == simple_preprocess(text, **options)
        assert list(utils.tokenize(text, lowercase=True)) == list(tokenize(text, lowercase=True))


def test_a_model_of_gensim_is_converted_and_continued():
    from w2vext.gensim.models import Word2Vec

    theirs = gensim.models.Word2Vec(TEXT, min_count=1, vector_size=6, workers=1, seed=3)
    ours = Word2Vec.from_gensim(theirs)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert np.array_equal(ours.wv.vectors, theirs.wv.vectors)
    assert np.array_equal(ours.syn1neg, theirs.syn1neg)
    assert (ours.seed, ours.corpus_count, ours.vector_size) == (3, 30, 6)
    names = [word for word, _ in theirs.predict_output_word(["tea"], topn=3)]
    assert [word for word, _ in ours.predict_output_word(["tea"], topn=3)] == names
    ours.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)


@pytest.mark.parametrize("options", [{}, {"max_n": 0}, {"sg": 1}], ids=str)
def test_a_fasttext_model_of_gensim_is_converted_and_continued(options):
    from w2vext.gensim.models.fasttext import FastText, FastTextKeyedVectors

    text = [["tea", "teas", "coffee", "cup"], ["tea", "cups", "rain", "日本語"]] * 20
    arguments = dict(min_count=1, vector_size=6, workers=1, seed=3, bucket=500, sample=0)
    theirs = gensim.models.FastText(text, **arguments | options)
    vectors = FastTextKeyedVectors.from_gensim(theirs.wv)
    ours = FastText.from_gensim(theirs)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert np.array_equal(ours.syn1neg, theirs.syn1neg)
    assert (ours.seed, ours.corpus_count, ours.sg) == (3, 40, options.get("sg", 0))
    assert np.allclose(ours.wv.vectors, theirs.wv.vectors, atol=1e-6)
    assert np.array_equal(vectors.vectors, theirs.wv.vectors)
    if options.get("max_n") != 0:
        for word in ("teascup", "日本", "xyz"):
            assert np.allclose(vectors[word], theirs.wv[word], atol=1e-6)
        assert np.array_equal(vectors.vectors_ngrams, theirs.wv.vectors_ngrams)
        assert np.array_equal(ours.wv.vectors_vocab, theirs.wv.vectors_vocab)
        used = np.unique(np.concatenate(theirs.wv.buckets_word))
        expected = np.zeros_like(theirs.wv.vectors_ngrams)
        expected[used] = theirs.wv.vectors_ngrams[used]
        assert np.array_equal(ours.wv.vectors_ngrams, expected)
    before = ours.wv.vectors.copy()
    ours.build_vocab([["teapot", "tea"]] * 3, update=True)
    assert np.allclose(ours.wv.vectors[: len(before)], before, atol=1e-6)
    ours.train(text, total_examples=40, epochs=1, start_alpha=1e-3)
    assert not np.allclose(ours.wv.vectors[: len(before)], before, atol=1e-6)


def test_models_of_gensim_that_are_not_converted():
    from w2vext.gensim.models import FastText, Word2Vec

    options = dict(min_count=1, vector_size=6, workers=1)
    with pytest.raises(TypeError, match="convert it by FastText"):
        Word2Vec.from_gensim(gensim.models.FastText(TEXT, bucket=50, **options))
    with pytest.raises(TypeError, match="convert it by Word2Vec"):
        FastText.from_gensim(gensim.models.Word2Vec(TEXT, **options))
    for cls in (Word2Vec, FastText):
        theirs = getattr(gensim.models, cls.__name__)(TEXT, hs=1, **options)
        with pytest.raises(ValueError, match="Huffman tree"):
            cls.from_gensim(theirs)


def test_words_with_equal_counts_have_other_paths_in_gensims_tree():
    # So the rows of gensim's syn1 belong to other inner nodes, and cannot be taken over.
    from w2vext.gensim.models import Word2Vec

    text = [[f"w{i}" for i in range(40)], ["w0", "w1", "w2"]] * 2
    options = dict(hs=1, negative=0, min_count=1, vector_size=2, workers=1)
    theirs, ours = (made(text, **options).wv for made in (gensim.models.Word2Vec, Word2Vec))
    assert sorted(theirs.index_to_key) == sorted(ours.index_to_key)
    lengths = [
        [len(wv.get_vecattr(word, "code")) for word in sorted(theirs.index_to_key)]
        for wv in (theirs, ours)
    ]
    assert lengths[0] != lengths[1]


def test_vocabularies_are_those_of_gensim():
    from w2vext.gensim.models import Word2Vec

    rng = np.random.default_rng(5)
    text = [[f"w{i}" for i in rng.geometric(0.08, 12)] for _ in range(200)]
    for options in (
        {"min_count": 3},
        {"min_count": 1, "max_final_vocab": 20},
        {"min_count": 5, "max_final_vocab": 1000},
        {"min_count": 1, "max_vocab_size": 15},
    ):
        theirs = gensim.models.Word2Vec(text, workers=1, **options)
        ours = Word2Vec(text, workers=1, sample=0, **options)
        for each in (theirs, ours):
            each.build_vocab([["w1", "new", "new", "new", "new", "new"]] * 2, update=True)
        counts = [
            {word: int(wv.get_vecattr(word, "count")) for word in wv.index_to_key}
            for wv in (theirs.wv, ours.wv)
        ]
        assert counts[0] == counts[1], options
        assert ours.effective_min_count == theirs.effective_min_count
        assert (ours.corpus_count, ours.corpus_total_words) == (2, 12)


def test_questions_are_answered_as_by_gensim():
    from w2vext.gensim.models import KeyedVectors

    theirs = gensim.models.Word2Vec(TEXT, min_count=1, vector_size=6, workers=1).wv
    ours = KeyedVectors.from_gensim(theirs)
    for options in ({}, {"topn": 2}, {"restrict_vocab": 4}, {"clip_end": 4}):
        expected = theirs.most_similar(["tea", "snow"], ["cup"], **options)
        found = ours.most_similar(["tea", "snow"], ["cup"], **options)
        assert [word for word, _ in found] == [word for word, _ in expected]
        assert np.allclose([c for _, c in found], [c for _, c in expected], atol=1e-6)
    for name, arguments in {
        "similarity": ("tea", "cup"),
        "n_similarity": (["tea", "milk"], ["snow"]),
        "distances": ("tea", ["cup", "milk"]),
        "rank": ("tea", "cup"),
        "closer_than": ("tea", "cup"),
        "doesnt_match": (["tea", "milk", "snow", "absent"],),
        "most_similar_to_given": ("tea", ["snow", "cup"]),
        "get_mean_vector": (["tea", "snow"], [1, 2]),
        "get_vector": ("tea", True),
        "get_normed_vectors": (),
    }.items():
        expected, found = getattr(theirs, name)(*arguments), getattr(ours, name)(*arguments)
        if isinstance(expected, (str, list)):
            assert found == expected, name
        else:
            assert np.allclose(found, expected, atol=1e-6), name
