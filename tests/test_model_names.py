"""The names of Word2Vec's parameters, and the errors for former names and those of gensim."""

import inspect
import pickle

import pytest
from sklearn.base import clone

from w2vext import FastText, Phrases, Word2Vec
from w2vext._arguments.messages import WIDTH
from w2vext._estimator import parameters, renamed

TEXT = [["king", "queen", "throne"], ["rain", "snow", "hail"]] * 20


def small(**params):
    return Word2Vec(**{"vector_size": 8, "min_count": 1, "epochs": 1, "workers": 1, **params})


def test_the_table_of_parameters_is_the_signature():
    signature = inspect.signature(Word2Vec).parameters
    assert {name: each.default for name, each in signature.items()} == vars(parameters.Parameters())
    assert list(signature) == list(parameters.NAMES)
    assert {each.kind for each in signature.values()} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([[["a"]]], "Word2Vec() takes no positional arguments; pass the sentences to fit: "
                    "Word2Vec().fit(sentences)"),
        (["corpus.txt"], "Word2Vec() takes no positional arguments; pass the sentences to fit: "
                         "Word2Vec().fit(sentences)"),
        ({"size": 5}, "size was renamed: use vector_size=5"),
        ({"iter": 3}, "iter was renamed: use epochs=3"),
        ({"seed": 1}, "seed was renamed: use random_state=1"),
        ({"unk": "<unk>"}, "unk was renamed: use unk_token='<unk>'"),
        ({"max_vocab": 9}, "max_vocab was renamed: use max_final_vocab=9"),
        ({"max_scan_vocab": 9}, "max_scan_vocab was renamed: use max_vocab_size=9"),
        ({"sg": 1}, 'sg is not a parameter: use architecture="skipgram"'),
        ({"sg": 0}, 'sg is not a parameter: use architecture="cbow"'),
        ({"sg": []}, 'sg is not a parameter: use architecture="cbow" or use '
                     'architecture="skipgram"'),
        ({"hs": 1}, 'hs is not a parameter: use loss="hs", or loss="hs+neg" for negative samples '
                    'as well'),
    ],
)  # fmt: skip
def test_a_gensim_call_says_what_to_write(arguments, message):
    args, params = ([], arguments) if isinstance(arguments, dict) else (arguments, {})
    with pytest.raises(TypeError) as caught:
        Word2Vec(*args, **params)
    assert str(caught.value) == message


FORMER = {*renamed.WORD2VEC_RENAMED, *renamed.WORD2VEC_REPLACED}


@pytest.mark.parametrize("name", sorted(FORMER - {"sentences"}))  # the name of a parameter of ours
def test_every_former_name_has_one_short_line(name):
    for value in (0, 1, None, TEXT * 1000):
        with pytest.raises(TypeError) as caught:
            Word2Vec(**{name: value})
        with pytest.raises(ValueError, match=f"^{name} ") as set_later:
            Word2Vec().set_params(**{name: value})
        message = str(caught.value)
        assert message == str(set_later.value)
        assert message.startswith(f"{name} ")
        assert "\n" not in message and len(message) < 2 * WIDTH
    assert name not in parameters.NAMES


def test_fasttext_answers_too():
    with pytest.raises(TypeError, match=r"^FastText\(\) takes no positional.*FastText\(\)\.fit\("):
        FastText(TEXT)
    with pytest.raises(TypeError, match=r"^size was renamed: use vector_size=5$"):
        FastText(size=5)
    assert FastText().get_params().keys() == Word2Vec().get_params().keys()


def test_new_names_in_the_messages_exist():
    assert set(renamed.WORD2VEC_RENAMED.values()) <= set(parameters.NAMES)
    assert set(renamed.PHRASES_RENAMED.values()) <= set(Phrases().get_params())
    model = small().fit(TEXT)
    for successor in renamed.WORD2VEC_ATTRIBUTES.values():
        found = model
        for part in successor.split("."):
            found = getattr(found, part)


def test_other_names_give_pythons_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'vector_sizes'"):
        Word2Vec(vector_sizes=3)
    with pytest.raises(ValueError, match="Invalid parameter 'vector_sizes'"):
        Word2Vec().set_params(vector_sizes=3)


@pytest.mark.parametrize(("name", "successor"), renamed.WORD2VEC_ATTRIBUTES.items())
def test_former_attributes_name_their_successor(name, successor):
    model = small().fit(TEXT)
    with pytest.raises(AttributeError, match=f"Word2Vec has no attribute {name}: use {successor}$"):
        getattr(model, name)
    assert not hasattr(model, name)


def test_other_attributes_give_pythons_error():
    with pytest.raises(AttributeError, match="'Word2Vec' object has no attribute 'vectors'"):
        _ = small().vectors


def test_phrases_has_the_same_errors():
    with pytest.raises(TypeError, match=r"^Phrases\(\) takes no positional.*Phrases\(\)\.fit\("):
        Phrases([["new", "york"]])
    with pytest.raises(TypeError, match=r"^common_terms was renamed: use connector_words="):
        Phrases(common_terms=["of"])
    with pytest.raises(TypeError, match=r"^max_vocab_size was renamed: use max_pairs=10"):
        Phrases(max_vocab_size=10)
    with pytest.raises(TypeError, match=r"^progress_per is not a parameter: .*leave it out"):
        Phrases(progress_per=10)


def test_subclasses_and_copies_keep_the_signature():
    class Mine(Word2Vec):
        def __init__(self, *, vector_size=8, size=None):
            super().__init__(vector_size=vector_size, min_count=1, workers=1)
            self.size = size

    assert set(Mine().get_params()) == {"vector_size", "size"}
    model = clone(Mine(vector_size=4, size=3)).fit(TEXT)
    assert model.size == 3
    assert model.vectors_.shape == (6, 4)
    assert pickle.loads(pickle.dumps(Word2Vec(window=3))).window == 3


def test_values_in_messages_are_short():
    corpus = [["word"] * 10] * 1000
    for call in (
        lambda: small(unk_token=corpus).fit(TEXT),
        lambda: small(loss=corpus).fit(TEXT),
        lambda: small(callbacks=corpus).fit(TEXT),
        lambda: small(random_state=corpus).fit(TEXT),
        lambda: small().fit(TEXT, vocabulary=corpus),
        lambda: small().fit(TEXT, init=corpus),
        lambda: small().fit(TEXT, freeze="x" * 10_000),
        lambda: small().fit(["x" * 10_000]),
        lambda: small().fit("x" * 10_000),
        lambda: small().fit(iter(["x" * 10_000])),
        lambda: small().fit([[corpus]]),
        lambda: small().fit(TEXT).transform(["x" * 10_000]),
        lambda: small().fit(TEXT).predict_output_word(["x" * 10_000]),
        lambda: small(trim_rule=lambda *_: corpus).fit(TEXT),
    ):
        with pytest.raises((TypeError, ValueError)) as caught:
            call()
        assert len(str(caught.value)) < 4 * WIDTH
