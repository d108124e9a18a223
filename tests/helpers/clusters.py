"""A text and a small model for tests of cluster training, and replicas in one process."""

import gzip
import hashlib
from contextlib import nullcontext

import numpy as np

from w2vext._estimator.parameters import Parameters
from w2vext.distributed import job
from w2vext.distributed.engine import WorkerLost
from w2vext.distributed.local import Local
from w2vext.text.ranges import deal, ranges

MODEL = {"vector_size": 20, "min_count": 2, "random_state": 7, "epochs": 2}
SYNC = 2_000  # words


def write_texts(folder, files=3, sentences=900, seed=2):
    """Files of sentences with the counts of natural language; many words have equal counts."""
    rng = np.random.default_rng(seed)
    names = np.array([f"w{i}" for i in rng.permutation(900)])
    share = 1.0 / np.arange(3, 903)
    folder.mkdir(exist_ok=True)
    for number in range(files):
        lines = (" ".join(names[rng.choice(900, 10, p=share / share.sum())]) for _ in
                 range(sentences))  # fmt: skip
        (folder / f"{number}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def locally(paths, workers, sync=SYNC, engine=None, saver=None, largest=4_000, **options):
    """The result of a training by replicas in one process."""
    negatives = {name: options.pop(name, None) for name in ("noise", "noise_groups")}
    params = Parameters(**{**MODEL, "workers": 1, **options})
    shares = deal(ranges(paths, workers, largest), [1] * workers)
    with saver or nullcontext(), engine or Local(workers, params.workers) as made:
        return job.train(params, made, shares, sync_words=sync, saver=saver, **negatives)


def in_python(cuts, id_of):
    """The ids of the words of ranges and the offsets of their sentences, in plain Python.

    `id_of` returns the id of a word, or None for a word that is left out.
    """
    ids, offsets = [], [0]
    for cut in cuts:
        with open(cut.name, "rb") as file:
            file.seek(cut.start)
            content = file.read(-1 if cut.stop is None else cut.stop - cut.start)
        text = gzip.decompress(content) if cut.stop is None else content
        for line in text.decode().split("\n"):
            ids += [i for word in line.split() if (i := id_of(word)) is not None]
            if len(ids) > offsets[-1]:
                offsets.append(len(ids))
    return ids, offsets


def digest(model):
    """A checksum of the matrices, and the losses, of a model or a `Fitted`."""
    names = [name if hasattr(model, name) else f"{name}_" for name in
             ("vectors", "output_vectors", "loss_history")]  # fmt: skip
    vectors, output_vectors, losses = (getattr(model, name) for name in names)
    whole = vectors.tobytes() + output_vectors.tobytes()
    return hashlib.sha256(whole).hexdigest(), [loss.hex() for loss in losses]


class Losing(Local):
    """Loses a worker in some of its rounds, after part of the round is done.

    Parameters
    ----------
    losses : dict
        {number of the round that is begun, from 0: the worker}.
    """

    def __init__(self, workers, losses):
        super().__init__(workers, 1)
        self.losses, self.begun, self.revived = dict(losses), -1, 0

    def round(self, plan, step):
        self.begun += 1
        if self.begun not in self.losses:
            return super().round(plan, step)
        worker = self.losses[self.begun]
        self.each("train", step.epoch, step.round)
        shares = [replica.shares(step.level)[0] for replica in self.replicas]
        self.replicas[0].reduce(step, *shares)
        self.replicas[worker] = type(self.replicas[worker])(worker, 1)
        raise WorkerLost(f"worker {worker} was lost")

    def revive(self):
        self.revived += 1
