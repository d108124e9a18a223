"""A global context word: the first or last word of a sentence is in all of its windows.

test_loop.py and test_deterministic.py compare the windows and the steps with their definition.
"""

import numpy as np
import pytest

from w2vext import Word2Vec

OPTIONS = {"vector_size": 8, "min_count": 1, "workers": 1, "random_state": 1}


def purchases(place="last"):
    """Each session has a product, six other pages, and the purchase of the product."""
    rng = np.random.default_rng(2)
    found = []
    for k in rng.integers(0, 5, 300).tolist():
        pages = [f"page{j}" for j in rng.integers(0, 30, 6)]
        session = [f"product{k}", *pages, f"purchase{k}"]
        found.append(session if place == "last" else session[::-1])
    return found


@pytest.mark.parametrize("place", ["last", "first"])
@pytest.mark.parametrize("options", [{}, {"loss": "softmax"}, {"deterministic": True}])
def test_a_purchase_learns_the_products_of_its_sessions(place, options):
    """The score of a purchase (input) and its product (output) against that of other products."""
    options = OPTIONS | {"window": 2, "epochs": 20, "sample": 0, **options}
    own, others = {}, {}
    for choice in (None, place):
        model = Word2Vec(**options, global_context=choice).fit(purchases(place))
        rows = [[model.vocabulary_[f"{kind}{k}"] for k in range(5)]
                for kind in ("purchase", "product")]  # fmt: skip
        scores = model.vectors_[rows[0]] @ model.output_vectors_[rows[1]].T
        if options.get("loss") == "softmax":  # there the centre is the input
            scores = model.vectors_[rows[1]] @ model.output_vectors_[rows[0]].T
        own[choice], others[choice] = np.diag(scores).mean(), scores[~np.eye(5, dtype=bool)].mean()
    assert own[place] - others[place] > 1
    assert abs(own[None] - others[None]) < 0.5


def test_the_loss_of_a_global_context_equals_its_definition():
    """The full softmax draws nothing: the mean over all pairs of -log P(context | centre)."""
    options = OPTIONS | {"window": 2, "shrink_windows": False, "loss": "softmax"}
    model = Word2Vec(**options, global_context="last").fit(purchases())
    scores = model.vectors_.astype(float) @ model.output_vectors_.T.astype(float)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    found = []
    for session in purchases():
        ids = [model.vocabulary_[word] for word in session]
        for i, centre in enumerate(ids):
            near = {*range(max(0, i - 2), min(len(ids), i + 3)), len(ids) - 1} - {i}
            found += [-logs[centre, ids[j]] for j in near]
    assert model.mean_loss(purchases()) == pytest.approx(np.mean(found), rel=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"architecture": "cbow"},
        {"loss": "hs"},
        {"loss": "softmax"},
        {"kernel": "pair"},
        {"max_n": 3, "min_n": 2},
        {"shuffle": True},
        {"loss": "softmax", "max_n": 3, "min_n": 2},
    ],
)
def test_a_global_context_with_other_parameters(options, tmp_path):
    options = OPTIONS | {"window": 2, "sample": 1e-2, "global_context": "last", **options}
    found = [
        Word2Vec(**options | {"workers": workers, "deterministic": True}).fit(
            purchases(), validation=purchases()[:50], freeze=["page3", "purchase1"]
        )
        for workers in (1, 3)
    ]
    np.testing.assert_array_equal(found[0].vectors_, found[1].vectors_)
    found[0].save(tmp_path / "model.safetensors")
    loaded = Word2Vec.load(tmp_path / "model.safetensors")
    assert loaded.global_context == "last"
    assert loaded.mean_loss(purchases()) == found[1].mean_loss(purchases())
    before = loaded.vectors_.copy()
    loaded.partial_fit([["page1", "new", "page2", "purchase9"]] * 20)
    assert len(loaded.vectors_) == len(before) + 2
    assert not np.array_equal(loaded.vectors_[: len(before)], before)


def test_a_global_context_belongs_to_a_checkpoint(tmp_path):
    options = OPTIONS | {"global_context": "first"}
    Word2Vec(**options).fit(purchases(), checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match=r"another run.*global_context='first' in the checkpoint"):
        Word2Vec(**OPTIONS).fit(purchases(), checkpoint=tmp_path / "run")


def test_a_global_context_is_not_explained():
    model = Word2Vec(**OPTIONS, global_context="last").fit(purchases())
    with pytest.raises(ValueError, match="global_context='last': give a model without it"):
        model.explain(["page1", "page2"])
