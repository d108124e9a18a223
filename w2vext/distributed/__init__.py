"""Training on a cluster of machines, with Ray."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import fit as one_machine
from w2vext._estimator import parameters
from w2vext._estimator.checkpoint import Checkpoints, check_outside
from w2vext._estimator.parameters import Parameters
from w2vext.text.pairs import Pairs

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any, TypeVar

    from numpy.typing import ArrayLike

    from w2vext import Word2Vec
    from w2vext._arguments.types import CorpusLike, FilePath
    from w2vext._estimator.fitted import Fitted

    Model = TypeVar("Model", bound=Word2Vec)

__all__ = ["fit"]

# Parameters that need the whole text, or the matrices, in one process.
_UNSUPPORTED = {
    "max_vocab_size": (None, "it depends on the order in which one process reads the text"),
    "callbacks": ((), "only training on one machine calls them"),
    "warm_start": (False, "training on a cluster starts from random vectors"),
    "sentences": ("line", "the text is cut at the ends of lines"),
}


def fit(
    model: Model,
    paths: CorpusLike,
    workers: int = 8,
    threads: int | None = None,
    sync_words: int | None = None,
    checkpoint: FilePath | None = None,
    address: str | None = None,
    *,
    checkpoint_every: float | str = "10min",
    noise: Mapping[Any, float] | ArrayLike | None = None,
    noise_groups: Mapping[Any, Hashable] | ArrayLike | None = None,
) -> Model:
    """Fit a model on the machines of a Ray cluster.

    Each worker trains its own replica of the model on its own part of the text. The replicas are
    merged each time every worker has trained `sync_words` words: the most frequent rows every time,
    rarer ones less often. A worker that is lost is restarted, and training is repeated from the
    last merge of all rows.

    Parameters
    ----------
    model : Word2Vec or FastText
        Its parameters apply, except `workers`. The parameters `max_vocab_size`, `callbacks` and
        `warm_start`, a function as `tokenizer`, and ``sentences="document"`` cannot be used.
    paths : path, URL, list of paths, or Column
        Text files, or a column of Parquet files, as for `Word2Vec.fit`. Every machine opens them by
        the same path. The workers read about equal amounts of text. If neither `random_state` nor
        `checkpoint` is given, their speed is measured first, and slower workers read less.
    workers : int, default=8
        The number of replicas. The result depends on it.
    threads : int, optional
        The threads of each worker, which runs on one machine. By default as many as all workers
        can have.
    sync_words : int, optional
        The words that each worker trains between two merges. By default a run has about 300 merges,
        and with more than 8 workers more, such as 425 with 16. Fewer than 100 make the vectors
        worse.
    checkpoint : str or path-like, optional
        A folder on the machine that calls this function, as for `Word2Vec.fit`. After a crash, the
        same call continues from the stored state.
    address : str, optional
        The address of a Ray cluster, such as ``"auto"`` or ``"10.0.0.1:6379"``. By default the
        environment variable RAY_ADDRESS; without it Ray is started on this machine, and ended when
        the call returns. A connection that already exists is used and left open.
    checkpoint_every : str or float
        The time between two checkpoints: "10min", "90s", "2h", or a number of seconds.
    noise, noise_groups : mapping, array of shape (n_words,), or None
        The weights and the groups of the negatives, as for `Word2Vec.fit`.

    Returns
    -------
    Word2Vec or FastText
        The model, with the same fitted attributes as after `Word2Vec.fit`.

    Raises
    ------
    ImportError
        Ray is not installed.
    TypeError, ValueError
        An argument, a parameter or the corpus cannot be used, or differs from that of the run in
        `checkpoint`; the message names it and the remedy.
    ConnectionError
        No cluster answers at `address`, or it does not accept the connection.
    FileNotFoundError
        A worker cannot open a file.
    BlockingIOError
        Another run uses the folder `checkpoint`.
    FloatingPointError
        The training diverged.
    RuntimeError
        A worker was lost three times in a row, or Ray failed for another reason.
    KeyboardInterrupt
        After Ctrl-C. The attributes are set to the state after the last merge of all rows, if there
        was one.

    Notes
    -----
    At the beginning the workers train one after the other, 2,000,000 words in all, or a twentieth
    of the words of all epochs if that is less. Otherwise all replicas would learn nearly the same
    from the random initial vectors, and a merge would average these common changes.

    With an integer `random_state` and one thread for each worker, or with deterministic training,
    the same call gives the same bytes, even if workers or this process were lost. With
    ``workers=1`` they equal those of `Word2Vec.fit`, except with subwords and the full softmax.
    """
    from w2vext import Word2Vec  # imports scikit-learn, which the workers do not need

    if not isinstance(model, Word2Vec):
        raise TypeError(f"model={shown(model)} is {kind_of(model)}: give a Word2Vec or FastText")
    if isinstance(paths, Pairs):
        raise TypeError(
            f"paths={shown(paths)}: pairs cannot be trained on a cluster: use Word2Vec.fit, or "
            "give files of text"
        )
    parameters.check_whole("workers", workers, 1)
    parameters.check_whole("threads", threads, 1, or_none=True, more=" or None")
    parameters.check_whole("sync_words", sync_words, 1, or_none=True, more=" or None")
    params = Parameters.of(model)
    parameters.check(params)
    for name, (unset, reason) in _UNSUPPORTED.items():
        if (value := getattr(params, name)) != unset and value:
            raise ValueError(f"{name}={shown(value)} cannot be used on a cluster, because {reason}")
    if callable(params.tokenizer):
        raise ValueError(
            f"tokenizer={shown(params.tokenizer)} cannot be used on a cluster, because files are "
            "read in parts: give 'whitespace', 'words' or 'characters'"
        )
    saver = None if checkpoint is None else Checkpoints(checkpoint, checkpoint_every)
    with one_machine.exclusively(model):
        negatives = {"noise": noise, "noise_groups": noise_groups}
        fitted = _fit(params, paths, workers, threads, sync_words, saver, address, negatives)
        model._keep(fitted)
    if fitted.interrupted:
        raise KeyboardInterrupt
    return model


def _fit(
    params: Parameters,
    paths: CorpusLike,
    workers: int,
    threads: int | None,
    sync_words: int | None,
    saver: Checkpoints | None,
    address: str | None,
    negatives: dict[str, Any],
) -> Fitted:
    from w2vext.distributed import job, on_ray
    from w2vext.distributed.engine import WorkerLost
    from w2vext.text.ranges import deal, ranges

    with ExitStack() as stack:
        if saver is not None:
            check_outside(saver.folder, paths)
            stack.enter_context(saver)
        cuts = ranges(paths, workers)
        deal(cuts, [1] * workers)  # raises if there are too few
        engine = stack.enter_context(on_ray.Ray(workers, threads, address))
        params = replace(params, workers=engine.threads)
        try:
            shares = deal(cuts, job.speeds(engine, workers, params, saver))
            return job.train(
                params, engine, shares, sync_words=sync_words, saver=saver, **negatives
            )
        except WorkerLost as error:
            raise RuntimeError(
                f"{error}, three times in a row: it may lack memory; give fewer workers or "
                "threads, or a smaller vector_size"
            ) from error
