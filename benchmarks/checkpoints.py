"""Kill training runs at random moments and continue them, and measure what checkpoints cost.

    python benchmarks/checkpoints.py wiki.txt --kills 200 --rounds 3

The runs that are killed are small, write a checkpoint after every part, and cover one worker,
deterministic training, subwords and validation; tests/helpers/kills.py has them. The cost is that
of a checkpoint every 30 s while the text is trained: the elapsed time of writing one, as a share of
30 s, and the CPU time of the whole fit with and without checkpoints.
"""

import sys
import tempfile
import time
from pathlib import Path

import results as recording
import tables
import texts
from results import clocked

sys.path.insert(0, str(recording.PROJECT / "tests"))

from helpers import kills

from w2vext._estimator.checkpoint import Checkpoints


def killed(count, folder, seed):
    """What became of the runs of each case, which are killed `count` times in all."""
    text = folder / "text.txt"
    kills.write_text(text)
    for i, case in enumerate(kills.CASES):
        share = count * (i + 1) // len(kills.CASES) - count * i // len(kills.CASES)
        found = kills.kill_at_random(case, str(text), folder / "run", share, seed + i)
        yield vars(found)


class Timed(Checkpoints):
    """Adds up the time of the checkpoints that are written during the training."""

    seconds, written, size = 0.0, 0, 0

    def save(self, snapshot):
        begin = time.perf_counter()
        super().save(snapshot)
        if not snapshot.finished:
            Timed.seconds += time.perf_counter() - begin
            Timed.written += 1
            Timed.size = max(f.stat().st_size for f in Path(self.folder).glob("at-*"))


def cost(text, folder, options):
    """CPU seconds of a fit with checkpoints and of one without; elapsed seconds of the writing."""
    from w2vext._estimator import fit
    from w2vext._estimator.parameters import Parameters

    params = Parameters(
        workers=options.workers, epochs=options.epochs, vector_size=options.dim, random_state=1
    )
    Timed.seconds, Timed.written = 0.0, 0
    with tempfile.TemporaryDirectory(dir=folder) as run:
        _, seconds, fitted = clocked(
            lambda: fit.fit(params, text, checkpoints=Timed(run, options.every))
        )
    _, plain, _ = clocked(lambda: fit.fit(params, text))
    each = Timed.seconds / Timed.written if Timed.written else None
    return {
        "case": f"every {options.every:g} s",
        "words": len(fitted.words),
        "with_cpu_s": seconds,
        "without_cpu_s": plain,
        "written": Timed.written,
        "each_s": each,
        "share": None if each is None else each / options.every,
        "mb": Timed.size / 1e6,
    }


def main():
    made = recording.parser(__doc__)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--words", type=int, help="use only this many words [all]")
    made.add_argument("--kills", type=int, default=200)
    made.add_argument("--rounds", type=int, default=3, help="measurements of the cost")
    made.add_argument("--every", type=float, default=30, help="seconds between checkpoints")
    made.add_argument("--workers", type=int, default=1)
    made.add_argument("--epochs", type=int, default=5)
    made.add_argument("--dim", type=int, default=100)
    made.add_argument("--seed", type=int, default=int(time.time()))
    options = made.parse_args()
    stored = recording.Results(options)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.kills:
            for found in killed(options.kills, folder, options.seed):
                stored.add(**found)
                print(found, flush=True)
        text, _ = texts.cut(options.text, folder, options.words)
        for _ in range(options.rounds):
            found = cost(text, folder, options)
            stored.add(**found)
            print(found, flush=True)
    tables.show(stored.content)


if __name__ == "__main__":
    main()
