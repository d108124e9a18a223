"""The result of a fit, as one object that the functions of this package take and return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from w2vext.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Float32, Float64, Int32


@dataclass
class Fitted:
    """The result of a fit; `Word2Vec` documents each value as an attribute of the same name."""

    words: Vocabulary  # vocabulary_, counts_ and unk_token_
    vectors: Float32
    output_vectors: Float32
    loss_history: list[float]
    n_iter: int
    alpha: float
    deterministic: bool
    seed: int
    validation_loss_history: list[float] | None = None  # None without validation
    best_epoch: int | None = None
    idf: Float64 | None = None
    sif_component: Float64 | None = None
    noise: Float64 | None = None
    noise_groups: Int32 | None = None
    subword_vectors: Float32 | None = None
    interrupted: bool = False

    def attributes(self) -> dict[str, Any]:
        """The fitted attributes of `Word2Vec` by name."""
        found = {
            "vocabulary_": self.words.index,
            "counts_": self.words.counts,
            "unk_token_": self.words.unk_token,
            "vectors_": self.vectors,
            "output_vectors_": self.output_vectors,
            "loss_history_": self.loss_history,
            "n_iter_": self.n_iter,
            "alpha_": self.alpha,
            "deterministic_": self.deterministic,
            "seed_": self.seed,
        }
        if self.validation_loss_history is not None:
            found["validation_loss_history_"] = self.validation_loss_history
            found["best_epoch_"] = self.best_epoch
        if self.idf is not None:
            found["idf_"] = self.idf
        if self.sif_component is not None:
            found["sif_component_"] = self.sif_component
        if self.noise is not None:
            found["noise_"] = self.noise
        if self.noise_groups is not None:
            found["noise_groups_"] = self.noise_groups
        if self.subword_vectors is not None:
            found["subword_vectors_"] = self.subword_vectors
        return found

    @classmethod
    def of(cls, model: Any, words: Vocabulary) -> Fitted:
        """The inverse of `attributes`; `words` is the model's vocabulary."""
        return cls(
            words=words,
            vectors=model.vectors_,
            output_vectors=model.output_vectors_,
            loss_history=model.loss_history_,
            n_iter=model.n_iter_,
            alpha=model.alpha_,
            deterministic=model.deterministic_,
            seed=model.seed_,
            validation_loss_history=getattr(model, "validation_loss_history_", None),
            best_epoch=getattr(model, "best_epoch_", None),
            idf=getattr(model, "idf_", None),
            sif_component=getattr(model, "sif_component_", None),
            noise=getattr(model, "noise_", None),
            noise_groups=getattr(model, "noise_groups_", None),
            subword_vectors=getattr(model, "subword_vectors_", None),
        )
