"""Items: weights of sentences, and weights of words among the negatives."""

import numpy as np
import pytest

from w2vext import FastText, Pairs, Vocabulary, Word2Vec, tune

SESSIONS = [["milk", "tea", "rice"], [], ["oil", "salt"], ["milk", "egg"], ["salt"]] * 30
WEIGHTS = [2, 1, 3, 0, 1] * 30
OPTIONS = {"vector_size": 8, "min_count": 1, "workers": 1, "random_state": 1}


def repeated(sessions, weights):
    return [
        each for each, weight in zip(sessions, weights, strict=True) for _ in range(int(weight))
    ]


# ---- sample_weight


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"min_count": 70},
        {"min_count": 70, "unk_token": "<unk>"},
        {"max_final_vocab": 3},
        {"loss": "hs", "architecture": "cbow"},
        {"tokenizer": "words"},
    ],
)
def test_integer_weights_are_repetitions(options):
    sessions = SESSIONS
    if "tokenizer" in options:
        sessions = [" ".join(each) for each in SESSIONS]
    options = OPTIONS | options
    found = Word2Vec(**options).fit(sessions, sample_weight=WEIGHTS)
    expected = Word2Vec(**options).fit(repeated(sessions, WEIGHTS))
    assert found.vocabulary_ == expected.vocabulary_
    assert found.counts_.tolist() == expected.counts_.tolist()
    assert found.loss_history_ == expected.loss_history_
    np.testing.assert_array_equal(found.vectors_, expected.vectors_)
    np.testing.assert_array_equal(found.output_vectors_, expected.output_vectors_)


def test_weights_of_the_lines_of_a_file(tmp_path):
    path = tmp_path / "sessions.txt"
    path.write_text("\n".join(" ".join(each) for each in SESSIONS) + "\n", encoding="utf-8")
    found = Word2Vec(**OPTIONS).fit(path, sample_weight=WEIGHTS)
    expected = Word2Vec(**OPTIONS).fit(SESSIONS, sample_weight=np.array(WEIGHTS, np.float32))
    np.testing.assert_array_equal(found.vectors_, expected.vectors_)


@pytest.mark.slow
def test_fractions_are_repetitions_in_expectation():
    """The mean over seeds of the words that are trained."""
    sessions, weights = [["a", "b"], ["c", "d"]] * 200, [0.25, 1.5] * 200
    trained = []
    for seed in range(20):
        model = Word2Vec(**OPTIONS | {"random_state": seed, "sample": 0, "epochs": 1})
        model.fit(sessions, sample_weight=weights)
        assert model.counts_.tolist() == [300, 300, 50, 50]
        trained.append(_counts_of_training(model, sessions, weights))
    # 200 draws with probability 0.25: a standard deviation of 6, of the mean over 20 seeds 1.4.
    assert np.mean(trained, axis=0) == pytest.approx([300, 50], abs=6)


def _counts_of_training(model, sessions, weights):
    from w2vext._estimator import weights as module
    from w2vext._estimator.parameters import Parameters

    words, stream = module.counted(Parameters.of(model), sessions, weights, None, model.seed_)
    names = np.array(words.words)[stream.ids]
    return [(names == "c").sum(), (names == "a").sum()]


def test_a_given_vocabulary_keeps_its_counts():
    vocabulary = {"milk": 7, "tea": 5, "salt": 3}
    found = Word2Vec(**OPTIONS).fit(SESSIONS, sample_weight=WEIGHTS, vocabulary=vocabulary)
    expected = Word2Vec(**OPTIONS).fit(repeated(SESSIONS, WEIGHTS), vocabulary=vocabulary)
    assert found.counts_.tolist() == [7, 5, 3]
    np.testing.assert_array_equal(found.vectors_, expected.vectors_)


@pytest.mark.parametrize(
    "weights, error, message",
    [
        ([1.0], ValueError, "sample_weight has 1 weights, but X has 150 sentences"),
        (
            [-1.0] * 150,
            ValueError,
            "sample_weight: weight 0 is -1: give finite numbers of at least",
        ),
        ([1.0] * 149 + [float("nan")], ValueError, "sample_weight: weight 149 is nan"),
        (["x"] * 150, TypeError, "sample_weight: weight 0 is 'x': give numbers"),
        (5, ValueError, "sample_weight has 0 dimensions: give a list or an array of one"),
        (np.ones((150, 1)), ValueError, "sample_weight has 2 dimensions"),
        ([0.0] * 150, ValueError, "counts of all words are rounded to 0"),
    ],
)
def test_bad_weights(weights, error, message):
    with pytest.raises(error, match=message):
        Word2Vec(**OPTIONS).fit(SESSIONS, sample_weight=weights)


def test_weights_need_the_counts_of_all_words():
    with pytest.raises(ValueError, match="max_vocab_size=9 with sample_weight, which counts all"):
        Word2Vec(**OPTIONS, max_vocab_size=9).fit(SESSIONS, sample_weight=WEIGHTS)


def test_weights_are_for_a_first_fit():
    model = Word2Vec(**OPTIONS, warm_start=True).fit(SESSIONS)
    with pytest.raises(ValueError, match="sample_weight with warm_start=True"):
        model.fit(SESSIONS, sample_weight=WEIGHTS)


# ---- noise


def changed(model):
    """The words whose output vectors have been trained."""
    trained = np.abs(model.output_vectors_).sum(axis=1) > 0
    return {word for word, row in model.vocabulary_.items() if trained[row]}


@pytest.mark.parametrize(
    "noise", [{"salt": 2.0, "unheard": 1.0}, [0, 0, 1, 0, 0, 0]], ids=["mapping", "array"]
)
@pytest.mark.parametrize("kernel", ["pair", "block"])
def test_negatives_are_drawn_by_weight(noise, kernel):
    """Only targets of pairs and negatives are changed; here all pairs are of two words."""
    texts = [["milk", "tea"]] * 50 + [["salt"], ["oil"], ["egg"], ["rice"]] * 12
    model = Word2Vec(**OPTIONS, kernel=kernel).fit(texts, noise=noise)
    assert model.noise_.sum() > 0
    drawn = {word for word, row in model.vocabulary_.items() if model.noise_[row]}
    assert changed(model) == {"milk", "tea"} | drawn
    every = Word2Vec(**OPTIONS, kernel=kernel).fit(texts)
    assert changed(every) > changed(model)


@pytest.mark.parametrize("options", [{}, {"deterministic": True, "workers": 2}])
def test_the_counts_to_a_power_are_the_default(options):
    options = OPTIONS | options
    plain = Word2Vec(**options).fit(SESSIONS)
    given = Word2Vec(**options).fit(SESSIONS, noise=plain.counts_**0.75)
    np.testing.assert_array_equal(given.vectors_, plain.vectors_)
    assert not hasattr(plain, "noise_")


def test_noise_is_used_by_the_loss_and_saved(tmp_path):
    noise = {"salt": 1.0, "oil": 2.0, "milk": 1.0}
    model = Word2Vec(**OPTIONS).fit(SESSIONS, noise=noise)
    plain = Word2Vec(**OPTIONS).fit(SESSIONS)
    assert model.mean_loss(SESSIONS) != plain.mean_loss(SESSIONS)
    model.save(tmp_path / "model.safetensors")
    loaded = Word2Vec.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.noise_, model.noise_)
    assert loaded.mean_loss(SESSIONS) == model.mean_loss(SESSIONS)
    loaded.partial_fit(SESSIONS)  # without new words the weights stay
    np.testing.assert_array_equal(loaded.noise_, model.noise_)
    with pytest.raises(ValueError, match="noise: the earlier fit had weights for 6 words, and"):
        loaded.partial_fit([["a", "new"]] * 9)
    loaded.partial_fit([["a", "new"]] * 9, noise={"new": 1.0})
    assert loaded.noise_.sum() == 1


def test_noise_belongs_to_a_checkpoint(tmp_path):
    model = Word2Vec(**OPTIONS).fit(SESSIONS, noise={"salt": 1}, checkpoint=tmp_path / "run")
    again = Word2Vec(**OPTIONS).fit(SESSIONS, noise={"salt": 1}, checkpoint=tmp_path / "run")
    np.testing.assert_array_equal(again.vectors_, model.vectors_)
    with pytest.raises(ValueError, match=r"belongs to another run.*noise="):
        Word2Vec(**OPTIONS).fit(SESSIONS, checkpoint=tmp_path / "run")


def test_noise_with_subwords_and_a_vocabulary():
    words = Vocabulary(["milk", "tea", "salt"], [9, 5, 4])
    model = FastText(**OPTIONS).fit(SESSIONS, vocabulary=words, noise=[0.5, 0, 1])
    assert model.noise_.tolist() == [0.5, 0, 1]


@pytest.mark.parametrize(
    "noise, error, message",
    [
        ([1.0], ValueError, "noise has 1 weights, but the vocabulary has 6 words"),
        ({"unheard": 1.0}, ValueError, "no weight above 0 for any of the 6 words"),
        ([0.0] * 6, ValueError, "noise: all weights are 0"),
        ([-1.0] * 6, ValueError, "noise: weight 0 is -1"),
        ({"salt": float("inf")}, ValueError, "noise: the weight of 'salt' is inf"),
        ({"salt": -2, "oil": 1}, ValueError, "noise: the weight of 'salt' is -2: give finite"),
        ({"oil": "much"}, TypeError, "noise: the weight of 'oil' is 'much': give numbers"),
        ("uniform", TypeError, "noise='uniform' is a str: give numbers"),
        (3.0, ValueError, "noise has 0 dimensions: give a list or an array of one dimension"),
    ],
)
def test_bad_noise(noise, error, message):
    with pytest.raises(error, match=message):
        Word2Vec(**OPTIONS).fit(SESSIONS, noise=noise)


def test_noise_needs_negatives():
    with pytest.raises(ValueError, match="noise with loss='hs', which draws no negatives"):
        Word2Vec(**OPTIONS, loss="hs").fit(SESSIONS, noise={"salt": 1})


# ---- noise_groups

MARKETS = {"milk": "food", "tea": "food", "rice": "food", "salt": "spice", "oil": "spice"}


def texts_of_pairs():
    """Pairs only of milk and tea; the other words occur alone."""
    return [["milk", "tea"]] * 50 + [["salt"], ["oil"], ["egg"], ["rice"]] * 12


@pytest.mark.parametrize("options", [
    {}, {"kernel": "pair"}, {"architecture": "cbow"}, {"loss": "hs+neg"},
    {"deterministic": True}, {"workers": 2, "deterministic": False},
])  # fmt: skip
def test_negatives_are_of_the_group(options):
    """Only targets of pairs and negatives are changed."""
    options = OPTIONS | {"sample": 0, **options}
    model = Word2Vec(**options).fit(texts_of_pairs(), noise_groups=MARKETS)
    groups = dict(zip(model.vocabulary_, model.noise_groups_.tolist(), strict=True))
    assert groups == {"milk": 0, "tea": 0, "rice": 0, "salt": 1, "oil": 1, "egg": -1}
    assert set(model.vocabulary_) & changed(model) == {"milk", "tea", "rice"}
    every = Word2Vec(**options).fit(texts_of_pairs())
    assert set(every.vocabulary_) & changed(every) == set(every.vocabulary_)


def test_groups_of_words_with_weights():
    """A word without a group, and words alone in one, get negatives from all words."""
    fit = Word2Vec(**OPTIONS, sample=0).fit
    model = fit(texts_of_pairs(), noise_groups=MARKETS, noise={"rice": 1, "salt": 1})
    assert changed(model) == {"milk", "tea", "rice"}
    for groups in ({"milk": 1, "tea": 2}, {"salt": 1, "oil": 1}, {"milk": 1, "tea": float("nan")}):
        model = fit(texts_of_pairs(), noise_groups=groups, noise={"rice": 1, "salt": 1})
        assert changed(model) == {"milk", "tea", "rice", "salt"}


def test_groups_in_every_form():
    words = list(Word2Vec(**OPTIONS).fit(SESSIONS).vocabulary_)
    labels = [MARKETS.get(word) for word in words]
    expected = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=MARKETS)
    columns = [labels, np.array(labels, dtype=object), iter(labels)]
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    columns += [pandas.Series(labels, dtype="string"), pyarrow.array(labels)]
    for groups in columns:
        found = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=groups)
        np.testing.assert_array_equal(found.noise_groups_, expected.noise_groups_)
        np.testing.assert_array_equal(found.vectors_, expected.vectors_)


def test_a_series_with_words_as_its_index_is_a_mapping():
    """Its order is not that of the vocabulary."""
    pandas = pytest.importorskip("pandas")
    found = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=pandas.Series(MARKETS))
    expected = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=MARKETS)
    np.testing.assert_array_equal(found.noise_groups_, expected.noise_groups_)
    noise = {"salt": 2.0, "oil": 1.0}
    found = Word2Vec(**OPTIONS).fit(SESSIONS, noise=pandas.Series(noise))
    expected = Word2Vec(**OPTIONS).fit(SESSIONS, noise=noise)
    np.testing.assert_array_equal(found.noise_, expected.noise_)
    with pytest.raises(ValueError, match="no group for any of the 6 words"):
        Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=pandas.Series(1, index=list("uvwxyz")))
    with pytest.raises(ValueError, match="noise_groups has 5 groups"):
        Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=pandas.Series([1, 2, 3, 4, 5]))


def test_a_group_of_all_words_has_the_noise_of_all_words():
    """The draws differ, but the losses are equal in expectation."""
    options = OPTIONS | {"epochs": 20, "sample": 0}
    plain = Word2Vec(**options).fit(SESSIONS)
    grouped = Word2Vec(**options).fit(SESSIONS, noise_groups=dict.fromkeys(plain.vocabulary_, 7))
    assert grouped.mean_loss(SESSIONS) == pytest.approx(plain.mean_loss(SESSIONS), rel=0.05)


def test_groups_are_used_by_the_loss_and_saved(tmp_path):
    model = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=MARKETS)
    plain = Word2Vec(**OPTIONS).fit(SESSIONS)
    assert model.mean_loss(SESSIONS) != plain.mean_loss(SESSIONS)
    model.save(tmp_path / "model.safetensors")
    loaded = Word2Vec.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.noise_groups_, model.noise_groups_)
    assert loaded.noise_groups_.dtype == model.noise_groups_.dtype
    assert loaded.mean_loss(SESSIONS) == model.mean_loss(SESSIONS)
    loaded.partial_fit(SESSIONS)  # without new words the groups stay
    np.testing.assert_array_equal(loaded.noise_groups_, model.noise_groups_)
    new = [["milk", "new"]] * 9
    with pytest.raises(ValueError, match="noise_groups: the earlier fit had groups for 6 words"):
        loaded.partial_fit(new)
    loaded.partial_fit(new, noise_groups=MARKETS | {"new": "food"})
    assert loaded.noise_groups_.tolist() == [*model.noise_groups_.tolist(), 0]


def test_a_damaged_file_of_groups(tmp_path):
    model = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=MARKETS)
    for wrong in (6, -2, 0.5):
        model.noise_groups_ = np.full(6, wrong)
        model.save(tmp_path / "model.safetensors")
        with pytest.raises(ValueError, match="'noise_groups_' has no groups; the file is damaged"):
            Word2Vec.load(tmp_path / "model.safetensors")


def test_groups_belong_to_a_checkpoint(tmp_path):
    model = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=MARKETS, checkpoint=tmp_path / "run")
    again = Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=MARKETS, checkpoint=tmp_path / "run")
    np.testing.assert_array_equal(again.vectors_, model.vectors_)
    with pytest.raises(ValueError, match=r"belongs to another run.*noise_groups="):
        Word2Vec(**OPTIONS).fit(SESSIONS, checkpoint=tmp_path / "run")


@pytest.mark.parametrize("options", [{}, {"architecture": "cbow"}, {"max_n": 2, "min_n": 2}])
def test_any_number_of_workers_draws_the_same_negatives(options):
    """Validation, too, uses the groups; the loss of each epoch is compared."""
    found = [
        Word2Vec(**OPTIONS | options | {"workers": workers, "deterministic": True}).fit(
            SESSIONS * 20, validation=SESSIONS, noise_groups=MARKETS
        )
        for workers in (1, 3)
    ]
    np.testing.assert_array_equal(found[0].vectors_, found[1].vectors_)
    assert found[0].validation_loss_history_ == found[1].validation_loss_history_
    assert found[0].validation_loss_history_[-1] == found[0].mean_loss(SESSIONS)


@pytest.mark.parametrize(
    "groups, error, message",
    [
        ([1.0], ValueError, "noise_groups has 1 groups, but the vocabulary has 6 words"),
        ({"unheard": 1}, ValueError, "no group for any of the 6 words of the vocabulary: check"),
        ([None] * 6, ValueError, "no group for any of the 6 words"),
        ({"salt": [1]}, TypeError, r"noise_groups contains \[1\], a list: give groups that are"),
        ("market", TypeError, "noise_groups='market' is a str: give a mapping of word to group"),
        (3, TypeError, "noise_groups=3 is an int: give a mapping"),
    ],
)
def test_bad_groups(groups, error, message):
    with pytest.raises(error, match=message):
        Word2Vec(**OPTIONS).fit(SESSIONS, noise_groups=groups)


@pytest.mark.parametrize("loss", ["hs", "softmax"])
def test_groups_need_negatives(loss):
    with pytest.raises(ValueError, match=f"noise_groups with loss='{loss}', which draws no"):
        Word2Vec(**OPTIONS, loss=loss).fit(SESSIONS, noise_groups=MARKETS)


# ---- tune


@pytest.fixture(scope="module")
def walks():
    """Sessions around a ring of items, so that the next item is a neighbour of the last."""
    rng = np.random.default_rng(3)
    starts = rng.integers(0, 40, 200)
    return [[f"i{(start + k) % 40}" for k in range(6)] for start in starts.tolist()]


def test_tune_finds_better_parameters(walks):
    model = Word2Vec(**OPTIONS, alpha=1e-4, sample=0)
    found = tune(
        model,
        [walk[:-1] for walk in walks],
        validation=walks,
        budget=2,
        parameters={"alpha": [1e-4, 0.1], "window": [2, 3]},
        topn=3,
        random_state=5,
    )
    assert found.score > found.default_score
    assert found.best_params["alpha"] == 0.1
    shares = [row["share"] for row in found.table]
    assert shares == sorted(shares) and set(shares) == {1 / 9, 1 / 3, 1}
    assert [shares.count(share) for share in (1 / 9, 1 / 3, 1)] == [6, 3, 2]
    last = [row["score"] for row in found.table if row["share"] == 1]
    assert (last[0], max(last)) == (found.default_score, found.score)
    again = Word2Vec(**model.get_params()).set_params(**found.best_params)
    again.fit([walk[:-1] for walk in walks])
    assert hit_rate(found.model, walks, 3) == pytest.approx(found.score)
    assert sorted(again.vocabulary_) == sorted(found.model.vocabulary_)
    assert "share" in str(found).splitlines()[0] and len(str(found).splitlines()) == 12
    assert model.get_params() == Word2Vec(**OPTIONS, alpha=1e-4, sample=0).get_params()


def hit_rate(model, sessions, topn):
    hits = [last in dict(model.wv.most_similar(before, topn=topn)) for *_, before, last in sessions]
    return np.mean(hits)


def test_tune_with_weights_and_groups(walks):
    """The trainings on all sentences are those of fit, in another order of the sentences."""
    weights = np.arange(len(walks)) % 3
    groups = {f"i{k}": k % 2 for k in range(40)}
    options = {"validation": walks, "budget": 1, "parameters": {"window": [2]}, "random_state": 1}
    model = Word2Vec(**OPTIONS, sample=0)
    given = {"sample_weight": weights, "noise_groups": groups}
    found = tune(model, walks, **options, **given).model
    fitted = Word2Vec(**found.get_params()).fit(walks, **given)
    assert found.vocabulary_ == fitted.vocabulary_
    assert found.counts_.tolist() == fitted.counts_.tolist()
    np.testing.assert_array_equal(found.noise_groups_, fitted.noise_groups_)
    assert found.loss_history_[-1] == pytest.approx(fitted.loss_history_[-1], rel=0.02)
    plain = tune(model, walks, **options).model
    assert plain.loss_history_[-1] != pytest.approx(fitted.loss_history_[-1], rel=0.02)
    noise = {f"i{k}": 1 + k % 2 for k in range(40)}
    assert set(tune(model, walks, **options, noise=noise).model.noise_) == {1, 2}


@pytest.mark.slow
def test_tune_by_loss_and_names(walks):
    model = Word2Vec(**OPTIONS)
    options = {"validation": walks[:50], "metric": "loss", "budget": 1, "random_state": 1}
    found = tune(model, walks, parameters=["vector_size", "negative", "window"], **options)
    assert found.score == max(row["score"] for row in found.table if row["share"] == 1)
    assert found.score < 0
    assert found.model.vectors_.shape[1] == found.model.vector_size
    again = tune(model, walks, parameters=["vector_size", "negative", "window"], **options)
    assert str(again) == str(found)


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"model": "x"}, TypeError, "model='x' is a str: give a Word2Vec"),
        ({"budget": 0.5}, ValueError, "budget=0.5: give a number of trainings"),
        ({"parameters": ["loss"]}, ValueError, "parameters: 'loss' is unknown: give one of"),
        ({"parameters": {"size": [3]}}, ValueError, "parameters: 'size' is unknown"),
        ({"parameters": {"window": [0]}}, ValueError, "window=0"),
        ({"parameters": "window"}, ValueError, "parameters='window': give a list of names"),
        ({"metric": "auc"}, ValueError, "metric='auc' is unknown"),
        ({"validation": [["a"]]}, ValueError, "validation: no session has two items"),
        (
            {"X": Pairs(["a"], ["b"])},
            TypeError,
            "X=Pairs of 1: tune needs sentences: fit the pairs",
        ),
        ({"validation": Pairs(["a"], ["b"])}, TypeError, "validation=Pairs of 1: tune needs"),
        ({"sample_weight": [1]}, ValueError, "sample_weight has 1 weights, but X has 200"),
        ({"noise_groups": {"x": 1}}, ValueError, "noise_groups=.* has no group for any of the"),
    ],
)
def test_bad_arguments_of_tune(walks, options, error, message):
    arguments = {"model": Word2Vec(**OPTIONS), "X": walks, "validation": walks} | options
    with pytest.raises(error, match=message):
        tune(**arguments)


@pytest.mark.slow
def test_progress_of_tune_is_one_bar(walks, capsys):
    model = Word2Vec(**OPTIONS, verbose=1)
    tune(model, walks, validation=walks, budget=1, parameters=["window"], random_state=1)
    shown = capsys.readouterr().err
    assert "tuning" in shown and "training:" not in shown
