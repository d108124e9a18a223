"""Measure training on a cluster: quality, speed, recovery from kills, and a simulation of scaling.

    python benchmarks/cluster.py wiki.txt --eval eval/

quality: replicas in one process, which give the bytes of a cluster, compared with one worker.
vocabulary: the words of a text that several workers count, compared with those of one machine.
speed: words per CPU second of two workers with one thread on Ray, and of one process with two.
kills: SIGKILL of workers and of the calling process at random moments, and the bytes afterwards.
simulated: scaling to machines that this script does not have, from words per second, bytes, and
the speed of a network. It needs the results of `rates`, which measures one thread.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import results as recording
import scores
import simulation
import tables
import texts
from results import alternate, environment

sys.path.insert(0, str(recording.PROJECT / "tests"))

from helpers.clusters import in_python

from w2vext import Word2Vec
from w2vext._estimator.parameters import Parameters
from w2vext.distributed import job
from w2vext.distributed.local import Local
from w2vext.distributed.plan import Step
from w2vext.text.ranges import deal, ranges
from w2vext.training.run import Run
from w2vext.training.settings import Settings

MODEL = {"vector_size": 100, "min_count": 5, "alpha": 0.05}


class Counting(Local):
    """Replicas in one process, and the number of rounds."""

    rounds = 0

    def round(self, plan, step):
        self.rounds += 1
        return super().round(plan, step)


def in_one_process(text, workers, sync_words, **more):
    """A model trained by replicas in one process."""
    model = Word2Vec(**MODEL | more, workers=1)
    shares = deal(ranges(text, workers), [1] * workers)
    with Counting(workers, 1) as engine:
        fitted = job.train(Parameters.of(model), engine, shares, sync_words=sync_words)
        merges = engine.rounds
    model._keep(fitted)
    return model, merges


def quality(text, heldout, options):
    """The scores of replicas, and the loss of text that they were not trained on."""
    for seed in range(1, options.seeds + 1):
        for workers in options.workers:
            # One worker merges nothing, so one value is enough.
            for sync in options.sync if workers > 1 else options.sync[:1]:
                begin = time.process_time()
                model, merges = in_one_process(
                    text, workers, sync, epochs=options.epochs, random_state=seed
                )
                seconds = time.process_time() - begin
                model.set_params(random_state=1)
                model.seed_ = 1  # the same windows and negatives for all models
                found = scores.evaluate(model.wv.index_to_key, model.vectors_, options.eval)
                mean = sum(found[name] for name in ("analogies", "wordsim", "simlex")) / 3
                yield {
                    "train_words": options.words,
                    "epochs": options.epochs,
                    "workers": workers,
                    "sync_words": sync,
                    "seed": seed,
                    "cpu_s": seconds,
                    **found,
                    "mean": mean,
                    "heldout": model.mean_loss(heldout),
                    "merges": merges,
                    "losses": model.loss_history_,
                }


def vocabulary(text, workers, folder):
    """Whether the words, counts and ids of several workers are those of one machine."""
    from w2vext._estimator.checkpoint import digest
    from w2vext.distributed.on_ray import Ray
    from w2vext.text import vocabulary as vocab
    from w2vext.text.corpus import open_corpus
    from w2vext.text.selection import Selection
    from w2vext.text.tokenizer import Tokenizer

    whole = Path(text).read_bytes()
    pieces = Path(folder, "pieces")
    pieces.mkdir()
    words = whole.split()
    for i in range(8):
        part = words[len(words) * i // 8 : len(words) * (i + 1) // 8]
        lines = (b" ".join(part[at : at + 1000]) for at in range(0, len(part), 1000))
        (pieces / f"{i}.txt").write_bytes(b"\n".join(lines) + b"\n")
    del words
    for name, paths in (("one line", text), ("8 files of lines", pieces)):
        expected, stream = vocab.build(open_corpus(paths), workers=2)
        shares = deal(ranges(paths, workers), [1] * workers)
        with Ray(workers, 1, None) as engine:
            begin = time.perf_counter()
            found = job.Text(engine, shares, Selection(5), Tokenizer())
            found.read()
            elapsed = time.perf_counter() - begin
        same = []
        for share, each in zip(shares, found.encoded, strict=True):
            ids, offsets = in_python(share, expected.index.get)
            checksum = digest(np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64))
            same.append(each.checksum == checksum)
        read = sum(each.words for each in found.encoded)
        yield {
            "text": name,
            "mb": len(whole) / 1e6,
            "workers": workers,
            "vocabulary": len(expected),
            "words": found.words.words == expected.words,
            "counts": bool((found.words.counts == expected.counts).all()),
            "ids": all(same) and read == len(stream.ids),
            "elapsed_s": elapsed,
        }


# ---- speed

SPEED = """
import json, sys, time
import cluster
from w2vext import Word2Vec, distributed
from w2vext.distributed import rounds
from w2vext._estimator import fit

kind, text, epochs, sync = sys.argv[1:]
found = {}

def measured(call):
    def wrapped(*arguments, **options):
        before, begin = cluster.cpu_of_tree(), time.perf_counter()
        result = call(*arguments, **options)
        found["cpu_s"] = cluster.cpu_of_tree() - before
        found["elapsed_s"] = time.perf_counter() - begin
        return result
    return wrapped

model = Word2Vec(**cluster.MODEL, epochs=int(epochs), deterministic=False)
if kind == "cluster":
    rounds.Rounds.train = measured(rounds.Rounds.train)
    distributed.fit(model, text, workers=2, threads=1, sync_words=int(sync))
else:
    fit.training.train = measured(fit.training.train)
    model.set_params(workers=2).fit(text)
words = int(model.counts_.sum()) * model.epochs
print(json.dumps({**found, "words_per_cpu_s": words / found["cpu_s"], "vocabulary":
                  len(model.counts_)}))
"""


def cpu_of_tree():
    """The CPU seconds of this process and of all processes below it, Ray's included."""
    ticks, parents = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        ticks[int(folder.name)] = sum(map(int, fields[11:13]))
    found, new = set(), {os.getpid()}
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in new} - found
    return sum(ticks.get(each, 0) for each in found) / os.sysconf("SC_CLK_TCK")


def child(script, *arguments, **more):
    """The last line of JSON that a script prints in a new process."""
    path = os.pathsep.join([str(recording.HERE), str(recording.PROJECT / "tests"), *sys.path])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)],
        env=environment() | {"PYTHONPATH": path} | more,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def speed(text, options):
    """Words per CPU second of two workers on Ray, and of one process with two threads."""
    calls = {
        f"Ray, 2 workers of 1 thread, sync_words={sync:,}": lambda sync=sync: child(
            SPEED, "cluster", text, options.speed_epochs, sync
        )
        for sync in options.speed_sync
    }
    calls["one process, 2 threads"] = lambda: child(SPEED, "one", text, options.speed_epochs, 0)
    for _, what, found in alternate(calls, options.rounds):
        yield {"what": what, **found}


# ---- kills

DRIVER = """
import json, sys
from helpers import clusters
from w2vext import Word2Vec, distributed

texts, folder, address, sync = sys.argv[1:]
model = Word2Vec(**clusters.MODEL | {"epochs": 6})
distributed.fit(model, texts, workers=3, threads=1, sync_words=int(sync), address=address,
                checkpoint=folder or None, checkpoint_every=0)
print(json.dumps(clusters.digest(model)))
"""


def kills(options, folder):
    """What became of runs whose workers, or whose calling process, were killed."""
    import ray
    from helpers import clusters

    from w2vext.distributed import on_ray

    quiet = {"log_to_driver": False, "logging_level": "CRITICAL", "include_dashboard": False}
    ray.init(
        "local", num_cpus=4, object_store_memory=200 << 20, _node_ip_address="127.0.0.1", **quiet
    )
    address = ray.get_runtime_context().gcs_address
    rng = random.Random(options.seed)
    texts = clusters.write_texts(Path(folder, "texts"), files=4, sentences=4_000)
    run = {"sync": options.kill_sync, "largest": None, "epochs": 6}

    class Killed(on_ray.Ray):
        """Kills a worker at a random moment of the run."""

        def round(self, plan, step):
            if self.victim is None:
                self.victim = self.each("process")[rng.randrange(3)]
                delay = rng.uniform(0, self.duration)
                self.timer = threading.Timer(delay, self.kill)
                self.timer.start()
            return super().round(plan, step)

        def kill(self):
            os.kill(self.victim, signal.SIGKILL)
            self.killed = True

        def revive(self):
            self.noticed = True
            super().revive()

    try:
        begin = time.monotonic()
        expected = clusters.digest(clusters.locally(texts, 3, engine=on_ray.Ray(3, 1, None), **run))
        Killed.duration = 0.6 * (time.monotonic() - begin)
        number = count = 0
        while count < options.worker_kills:
            engine = Killed(3, 1, None)
            engine.victim, engine.killed, engine.noticed = None, False, False
            found = clusters.digest(clusters.locally(texts, 3, engine=engine, **run))
            engine.timer.cancel()
            number, count = number + 1, count + engine.killed
            if not engine.killed:  # the run ended before
                Killed.duration *= 0.9
            yield {
                "what": "a worker",
                "number": number,
                "killed": engine.killed,
                "repeated": engine.noticed,
                "same": found == expected,
            }
        command = [sys.executable, "-W", "ignore", "-c", DRIVER, str(texts)]
        path = os.pathsep.join([str(recording.PROJECT / "tests"), *sys.path])
        number = count = 0
        while count < options.driver_kills:
            last = [str(Path(folder, f"run{number}")), address, str(options.kill_sync)]
            process = subprocess.Popen(
                [*command, *last],
                env=environment() | {"PYTHONPATH": path},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while not list(Path(last[0]).glob("at-*")) and process.poll() is None:
                time.sleep(0.05)
            time.sleep(rng.uniform(0, Killed.duration))
            process.kill()
            done = process.wait() == 0
            found = child(DRIVER, texts, *last)
            same = found == json.loads(json.dumps(expected))
            number, count = number + 1, count + (not done)
            if done:
                Killed.duration *= 0.9
            yield {
                "what": "the calling process",
                "number": number,
                "killed": not done,
                "repeated": not done,
                "same": same,
            }
    finally:
        ray.shutdown()


# ---- simulation


def rate(rows, size, words=2_000_000, repeats=3):
    """Words per CPU second of one thread, for words with Zipf's frequencies; the best of several.

    Other programs on the machine slow it down, and a simulation with a slow thread looks better.
    """
    rng = np.random.default_rng(1)
    share = 1 / (np.arange(rows) + 2.7)
    ids = rng.choice(rows, words, p=share / share.sum()).astype(np.int32)
    stream = SimpleNamespace(ids=ids, offsets=np.arange(0, words + 1, 1_000, dtype=np.int64))
    counts = np.maximum((share / share.sum() * 1e10).astype(np.int64), 1)
    run = Run(stream, counts, Settings(vector_size=size, workers=1, epochs=1))
    with run.strategy() as strategy:
        epoch = run.epoch(0)
        best = 0.0
        for _ in range(repeats):
            begin = time.process_time()
            strategy.part(epoch, 0, strategy.cuts(epoch)[-1], lambda done, loss=None: None)
            best = max(best, words / (time.process_time() - begin))
        return best


def merging(text, size=400, repeats=16, workers=8):
    """What a merge costs each worker on Ray, in CPU seconds.

    Returns `copy`, per byte of the merged rows; `overhead`, per merge; and `first`, which the first
    merges cost more, per byte: the system clears the memory of the object store when it is used
    for the first time. All are computed from the means of the later half of the merges.
    """
    from w2vext.distributed.on_ray import Ray

    params = Parameters(**MODEL | {"vector_size": size}, workers=1, epochs=1, random_state=1)
    shares = deal(ranges(text, workers), [1] * workers)
    with Ray(workers, 1, None) as engine:
        made = job.Job(params, engine, shares, Settings(vector_size=size))
        made.prepare()
        plan = replace(made.plan, rounds=100_000)  # nothing is trained in most of them
        engine.each("follow", plan)
        found, first = {}, 0.0
        for level in (plan.top, 0):
            spent = []
            for number in range(repeats):
                # Ray frees memory up to a second late, and rounds of a real run last longer.
                time.sleep(1.5)
                before = cpu_of_tree()
                engine.round(plan, Step(0, number, level))
                spent.append((cpu_of_tree() - before) / workers)
            mean = np.mean(spent[repeats // 2 :])
            first += sum(spent) - mean * repeats
            slices = [s for worker in range(workers) for s in plan.slices(level, worker)]
            found[sum(s.end - s.begin for s in slices) * 4 * size] = mean
    (most, whole), (least, part) = found.items()
    copy = (whole - part) / (most - least)
    return {
        "copy": copy,
        "overhead": max(part - copy * least, 0.0),
        "first": max(first / most, 0.0),
        "mb": most / 1e6,
    }


def simulated(options):
    """The time of runs on one and on several machines, computed from what is measured here."""
    found = merging(options.text)
    latency = 0.02  # s per merge: Ray's calls, which wait more than they compute
    inputs = {**found, "network_gbit": 10, "latency": latency}
    rates = {(rows, size): rate(rows, size) for rows, size, _ in simulation.CASES}
    for rows, size, words in simulation.CASES:
        for machines in options.machines:
            costs = found["copy"], found["first"], found["overhead"] + latency
            rate_ = rates[rows, size]
            arguments = rate_, *costs
            yield {
                "rows": rows,
                "vector_size": size,
                "words": words,
                "machines": machines,
                "words_per_s": rate_,
                "one_s": simulation.seconds(rows, size, words, 1, *arguments),
                "seconds": simulation.seconds(rows, size, words, machines, *arguments),
                **inputs,
            }


PARTS = ("quality", "vocabulary", "speed", "kills", "simulated")


def main():
    made = recording.parser(__doc__)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    made.add_argument("--eval", type=Path, help="folder with the three lists of scores.py")
    made.add_argument("--words", type=int, default=5_000_000)
    made.add_argument("--epochs", type=int, default=5)
    made.add_argument("--seeds", type=int, default=2)
    made.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4, 8, 16])
    made.add_argument(
        "--sync", nargs="+", type=words_or_default, default=[None], help="words, or default"
    )
    made.add_argument("--rounds", type=int, default=3, help="measurements of the speed")
    made.add_argument("--speed-sync", nargs="+", type=int, default=[600_000])
    made.add_argument("--speed-epochs", type=int, default=2)
    made.add_argument("--worker-kills", type=int, default=20)
    made.add_argument("--driver-kills", type=int, default=10)
    made.add_argument("--kill-sync", type=int, default=2_000)
    made.add_argument("--machines", nargs="+", type=int, default=[2, 4, 8, 16])
    made.add_argument("--seed", type=int, default=int(time.time()))
    options = made.parse_args()
    stored = recording.Results(options)
    with tempfile.TemporaryDirectory() as name:
        text = texts.cut(options.text, name, options.words)[0]
        calls = {
            "quality": lambda: quality(text, held_out(options, name), options),
            "vocabulary": lambda: vocabulary(options.text, 4, name),
            "speed": lambda: speed(text, options),
            "kills": lambda: kills(options, name),
            "simulated": lambda: simulated(options),
        }
        for part in options.only:
            for found in calls[part]():
                stored.add(part=part, **found)
    tables.show(stored.content)


def words_or_default(text):
    """The value of --sync: a number of words, or None for the default."""
    return None if text == "default" else int(text)


def held_out(options, folder, words=200_000):
    """A file with the words that follow those of the training, in lines of 1,000."""
    with open(options.text, encoding="utf-8") as file:
        kept = file.read((options.words + words) * 12).split()
    kept = kept[options.words : options.words + words]
    path = Path(folder, "heldout.txt")
    lines = (" ".join(kept[at : at + 1000]) for at in range(0, len(kept), 1000))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
