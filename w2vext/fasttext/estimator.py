"""FastText, which trains with subwords, and models written by fastText."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext._estimator import renamed
from w2vext._estimator.parameters import NAMES
from w2vext.word2vec import Word2Vec

if TYPE_CHECKING:
    from typing import Any

__all__ = ["FastText"]


class FastText(Word2Vec):
    """Word vectors with subwords: `Word2Vec` with the defaults of fastText.

    Parameters
    ----------
    min_n : int, default=3
    max_n : int, default=6
        Lengths of the n-grams in characters.
    sample : float, default=1e-4
        Threshold of the subsampling of frequent words.
    ns_exponent : float, default=0.5
        Exponent of the counts in the distribution of noise words.
    alpha : float or None, default=0.05
        Initial learning rate; None means as for `Word2Vec`.
    **params
        All other parameters of `Word2Vec`, with the same defaults and meaning.

    References
    ----------
    P. Bojanowski, E. Grave, A. Joulin, T. Mikolov. "Enriching word vectors with subword
    information". TACL 2017.

    Examples
    --------
    >>> sentences = [["tea", "teas", "coffee", "coffees"]] * 50
    >>> model = FastText(vector_size=8, min_count=1, workers=1, random_state=1).fit(sentences)
    >>> "teapot" in model.wv, model.wv["teapot"].shape
    (False, (8,))
    """

    @renamed.keyword_only(renamed.WORD2VEC_RENAMED, renamed.WORD2VEC_REPLACED)
    def __init__(
        self,
        *,
        min_n: int = 3,
        max_n: int = 6,
        sample: float = 1e-4,
        ns_exponent: float = 0.5,
        alpha: float | None = 0.05,
        **params: Any,
    ) -> None:
        super().__init__(
            min_n=min_n,
            max_n=max_n,
            sample=sample,
            ns_exponent=ns_exponent,
            alpha=alpha,
            **params,
        )

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return sorted(NAMES)
