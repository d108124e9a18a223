"""What one measures, sorts, draws and explores of word vectors: the doors; the work is behind them.

`Views` is a part of KeyedVectors. Each room is opened when it is asked for, so that look-up needs
none of what these need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from w2vext._page import Page
    from w2vext._types import FilePath, RandomState
    from w2vext.clusters import Clusters
    from w2vext.evaluation.results import AnalogyScores, CategoryScores, PairScores, Statistic


class Views:
    """Methods that measure, sort and draw."""

    # ---- measuring

    def evaluate(self, path: FilePath, **how: Any) -> AnalogyScores | PairScores | CategoryScores:
        """Measure by a file of analogies, pairs or categories: `evaluation.evaluate`."""
        from w2vext import evaluation

        return evaluation.evaluate(self, path, **how)

    def evaluate_analogies(self, analogies: Any, **how: Any) -> AnalogyScores:
        """Answer analogies; prints as a table: `evaluation.evaluate_analogies`.

        >>> print(wv.evaluate_analogies("questions-words.txt", restrict_vocab=30_000))
        ... # doctest: +SKIP
        """
        from w2vext import evaluation

        return evaluation.evaluate_analogies(self, analogies, **how)

    def evaluate_pairs(self, pairs: Any, **how: Any) -> PairScores:
        """Correlate cosines with people's scores: `evaluation.evaluate_pairs`."""
        from w2vext import evaluation

        return evaluation.evaluate_pairs(self, pairs, **how)

    def evaluate_categories(self, categories: Any, **how: Any) -> CategoryScores:
        """Compare clusters with categories (purity): `evaluation.evaluate_categories`."""
        from w2vext import evaluation

        return evaluation.evaluate_categories(self, categories, **how)

    def evaluate_word_analogies(
        self,
        analogies: Any,
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[float, list[dict[str, Any]]]:
        """gensim's: (accuracy, [{"section": ..., "correct": [...], "incorrect": [...]}, ...]).

        Parameters as for `evaluate_analogies`, which gives the same as a table.
        """
        from w2vext import evaluation

        return evaluation.evaluate_word_analogies(
            self, analogies, restrict_vocab, case_insensitive, dummy4unknown
        )

    def evaluate_word_pairs(
        self,
        pairs: Any,
        delimiter: str = "\t",
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[Statistic, Statistic, float]:
        """gensim's: ((pearson, p), (spearman, p), percentage of pairs with unknown words).

        Parameters as for `evaluate_pairs`, which gives the same as a table.
        """
        scores = self.evaluate_pairs(
            pairs,
            delimiter=delimiter,
            restrict_vocab=restrict_vocab,
            case_insensitive=case_insensitive,
            dummy4unknown=dummy4unknown,
        )
        return scores.pearson, scores.spearman, 100 * (1 - scores.coverage)

    # ---- classes

    def cluster(
        self,
        n_clusters: int,
        *,
        restrict_vocab: int | None = None,
        random_state: RandomState = None,
        **how: Any,
    ) -> Clusters:
        """Word classes by scikit-learn's k-means: `clusters.cluster`.

        >>> clusters = wv.cluster(50, restrict_vocab=10_000, random_state=1)  # doctest: +SKIP
        >>> clusters.labels, clusters[0], clusters.label("tea")  # doctest: +SKIP
        """
        from w2vext import clusters

        how |= {"restrict_vocab": restrict_vocab, "random_state": random_state}
        return clusters.cluster(self, n_clusters, **how)

    # ---- pictures, by matplotlib (the extra [plot]); each returns the axes

    def plot(
        self,
        words: Sequence[Any] | Mapping[Any, Sequence[Any]] | None = None,
        *,
        ax: Any = None,
        bold: Collection[Any] = (),
    ) -> Any:
        """Draw words on their first two principal components: `plots.plot`."""
        from w2vext import plots

        return plots.plot(self, words, ax=ax, bold=bold)

    def plot_neighbors(self, words: Any, topn: int = 12, *, ax: Any = None) -> Any:
        """Draw words with their nearest neighbours: `plots.plot_neighbors`."""
        from w2vext import plots

        return plots.plot_neighbors(self, words, topn, ax=ax)

    def plot_similarities(
        self, words: Iterable[Any], others: Iterable[Any] | None = None, *, ax: Any = None
    ) -> Any:
        """Draw the cosines between words as a heat map: `plots.plot_similarities`."""
        from w2vext import plots

        return plots.plot_similarities(self, words, others, ax=ax)

    def explore(self, **how: Any) -> Page:
        """The page that explores these vectors in a browser: `w2vext.explore` (extra [pages])."""
        from w2vext.plots import explorer

        return explorer.explore(self, **how)  # type: ignore[arg-type]  # which is KeyedVectors
