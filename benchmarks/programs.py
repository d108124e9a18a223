"""Train once with w2vext, gensim, fastText or word2vec.c, in a process of its own, and measure it.

Each program reads the words in the way that suits it best: word2vec.c, fastText and w2vext one
long line, gensim lines of 1,000 words, because it drops what a line has beyond 10,000.

Seconds of the training loop (`train_s`):

- w2vext (the command `w2vext train`) and gensim: the clock around the training call. w2vext's call
  also allocates and initializes the matrices; gensim's does not.
- word2vec.c: the time between its first and last progress lines, scaled to the whole. Counting,
  the tables and saving are not included.
- fastText: its own figure, words per second and thread since its threads started.

Words are those of the corpus that the vocabulary contains, subsampled ones included, times epochs.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

import peers
from results import environment

PROGRAMS = ("w2vext", "gensim", "fasttext", "word2vec.c")
MODELS = {
    "sg-ns": "skip-gram, negative sampling",
    "cbow-ns": "CBOW, negative sampling",
    "sg-hs": "skip-gram, hierarchical softmax",
    "cbow-hs": "CBOW, hierarchical softmax",
}
PROGRESS = re.compile(rb"Progress: ([\d.]+)%  Words")
CPU_RATE = re.compile(rb"Words/thread/sec: ([\d.]+)k")
OWN_RATE = re.compile(rb"words/sec/thread:\s*(\d+)")
ANONYMOUS = ("RssAnon", "RssShmem")


@dataclass(frozen=True)
class Job:
    """What to train. `text` is one line, `lines` the same words in lines of 1,000.

    `isa` limits the instructions that are used: "avx2" for w2vext, gensim's BLAS and word2vec.c,
    other names for w2vext alone. `options` are further options of `w2vext train`.
    """

    program: str
    text: str
    lines: str
    out: str
    model: str = "sg-ns"
    size: int = 100
    window: int = 5
    negative: int = 5
    sample: float = 1e-3
    min_count: int = 5
    alpha: float | None = 0.025
    epochs: int = 5
    workers: int = 1
    seed: int = 1
    isa: str | None = None
    options: dict = field(default_factory=dict)

    @property
    def architecture(self):
        return "cbow" if self.model.startswith("cbow") else "skipgram"

    @property
    def loss(self):
        return "hs" if self.model.endswith("hs") else "neg"


class Timed:
    """Calls a function, and keeps the last call's seconds, arguments and result."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **kwargs):
        start, cpu = time.perf_counter(), time.process_time()
        self.result = self.function(*args, **kwargs)
        self.arguments = [*args, *kwargs.values()]
        self.figures = {
            "train_s": time.perf_counter() - start,
            "train_cpu_s": time.process_time() - cpu,
        }
        return self.result


def train_w2vext(job):
    from w2vext.cli import main
    from w2vext.training import run as training

    timed = training.train = Timed(training.train)
    if status := main(["train", *w2vext_arguments(job)]):
        raise SystemExit(status)
    (settings,) = (each for each in timed.arguments if hasattr(each, "alpha"))
    return timed.figures | {"alpha": settings.alpha, "loss": timed.result.loss_history[-1]}


def w2vext_arguments(job):
    """The arguments of `w2vext train`."""
    options = {
        "architecture": job.architecture, "loss": job.loss, "vector-size": job.size,
        "window": job.window, "negative": job.negative, "sample": job.sample,
        "min-count": job.min_count, "epochs": job.epochs, "workers": job.workers,
        "random-state": job.seed, "alpha": "none" if job.alpha is None else job.alpha,
        "deterministic": False, **job.options,
    }  # fmt: skip
    arguments = [job.text, "-o", job.out, "--binary"]
    for name, value in options.items():
        if name == "deterministic":
            arguments += ["--deterministic", "yes" if value else "no"]
        elif isinstance(value, bool):
            arguments.append(f"--{name}" if value else f"--no-{name}")
        else:
            arguments += [f"--{name}", str(value)]
    return arguments


def train_gensim(job):
    from gensim.models.word2vec import FAST_VERSION, Word2Vec

    if FAST_VERSION < 0:
        raise SystemExit("gensim runs without its compiled loops, so it cannot be compared")
    model = Word2Vec(
        vector_size=job.size, window=job.window, min_count=job.min_count, workers=job.workers,
        sg=int(job.architecture == "skipgram"), hs=int(job.loss == "hs"),
        negative=job.negative if job.loss == "neg" else 0, sample=job.sample, alpha=job.alpha,
        min_alpha=1e-4, epochs=job.epochs, seed=job.seed,
    )  # fmt: skip
    model.build_vocab(corpus_file=job.lines)
    timed = Timed(model.train)
    timed(corpus_file=job.lines, total_words=model.corpus_total_words, epochs=job.epochs)
    model.wv.save_word2vec_format(job.out, binary=True)
    return timed.figures


def train_fasttext(job):
    import fasttext

    model = fasttext.train_unsupervised(
        job.text, model=job.architecture, loss="ns" if job.loss == "neg" else job.loss,
        dim=job.size, ws=job.window, neg=job.negative, t=job.sample, minCount=job.min_count,
        lr=job.alpha, epoch=job.epochs, thread=job.workers, maxn=0, minn=0,
        bucket=0, verbose=2,
    )  # fmt: skip
    matrix, words = model.get_input_matrix(), model.get_words()
    with open(job.out, "wb") as file:
        file.write(b"%d %d\n" % (len(words), job.size))
        for word, row in zip(words, matrix, strict=True):
            file.write(word.encode() + b" " + row.tobytes() + b"\n")
    return {}


def command(job):
    if job.program != "word2vec.c":
        return [sys.executable, __file__, json.dumps(asdict(job))]
    options = {
        "train": job.text, "output": job.out, "size": job.size, "window": job.window,
        "sample": job.sample, "hs": int(job.loss == "hs"),
        "negative": job.negative if job.loss == "neg" else 0, "threads": job.workers,
        "iter": job.epochs, "min-count": job.min_count, "alpha": job.alpha, "binary": 1,
        "cbow": int(job.architecture == "cbow"),
    }  # fmt: skip
    program = peers.programs()["word2vec-avx2" if job.isa == "avx2" else "word2vec"]
    return [str(program), *(str(part) for k, v in options.items() for part in (f"-{k}", v))]


def variables(job):
    """The child's environment, limited to the job's instruction set."""
    more = {}
    if job.isa is not None:
        more["W2VEXT_ISA"] = job.isa
    if job.isa == "avx2":
        more["OPENBLAS_CORETYPE"] = "Haswell"
    if job.program == "fasttext":
        # With fewer than ten threads fastText 0.9.3 leaves a part of its input matrix uninitialized
        # (DenseMatrix::uniform). A fixed threshold makes malloc return zeros for large matrices.
        more["MALLOC_MMAP_THRESHOLD_"] = "65536"
    return environment(**more)


def start(job):
    """Start the program; `finish` waits for it. Two of these at once are two processes."""
    process = subprocess.Popen(
        command(job), env=variables(job), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    watch = Watch(process)
    watch.start()
    return watch


class Watch(threading.Thread):
    """Reads what a process prints, notes when progress lines arrive, and samples its memory."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.begin = process, time.perf_counter()
        self.output, self.progress, self.peak_anonymous = b"", [], 0
        self.sampler = threading.Thread(target=self._sample, daemon=True)
        self.ended = False

    def run(self):
        self.sampler.start()
        while block := os.read(self.process.stdout.fileno(), 65536):
            now = time.perf_counter()
            self.output = (self.output + block)[-100_000:]
            if found := PROGRESS.findall(self.output[-200:]):
                self.progress.append((now, float(found[-1])))
        _, status, usage = os.wait4(self.process.pid, 0)
        self.seconds = time.perf_counter() - self.begin
        self.ended = True
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.peak = usage.ru_maxrss / 1024
        self.cpu = usage.ru_utime + usage.ru_stime

    def _sample(self):
        path = f"/proc/{self.process.pid}/status"
        while not self.ended:
            try:
                with open(path) as status:
                    parts = [line.split()[1] for line in status if line.startswith(ANONYMOUS)]
            except OSError:
                return
            self.peak_anonymous = max(self.peak_anonymous, sum(map(int, parts)))
            time.sleep(0.02)

    def finish(self):
        """The run's figures: seconds, MB, and what the program reported itself."""
        self.join()
        if self.process.returncode:
            raise RuntimeError(self.output.decode(errors="replace")[-2000:])
        figures = {
            "total_s": self.seconds, "cpu_s": self.cpu, "peak_mb": self.peak,
            "anonymous_mb": self.peak_anonymous / 1024,
        }  # fmt: skip
        if len(self.progress) > 1:
            (first, low), (last, high) = self.progress[0], self.progress[-1]
            if high > low:
                figures["train_s"] = (last - first) * 100 / (high - low)
        if rates := CPU_RATE.findall(self.output):
            figures["own_cpu_rate"] = 1000 * float(rates[-1])
        if rates := OWN_RATE.findall(self.output):
            figures["own_thread_rate"] = int(rates[-1])
        at = self.output.rfind(b"\nRESULT ")
        if at >= 0:
            figures.update(json.loads(self.output[at + 8 :].splitlines()[0]))
        return figures


def run(job, processes=1):
    """The figures of one run, or of equal runs at once: the slowest one's times, all the memory."""
    out = [job.out, *(f"{job.out}.{n}" for n in range(1, processes))]
    watches = [start(Job(**{**asdict(job), "out": path})) for path in out]
    found = [watch.finish() for watch in watches]
    for path in out[1:]:
        os.remove(path)
    summed = {"cpu_s", "peak_mb", "anonymous_mb", "train_cpu_s", "own_cpu_rate", "own_thread_rate"}
    figures = {
        name: sum(each[name] for each in found)
        if name in summed
        else max(each[name] for each in found)
        for name in found[0]
    }
    return figures


def known_words(text, min_count):
    """Words of a text that the vocabulary keeps, counted in a process of its own to stay small."""
    code = (
        "import sys, collections; c = collections.Counter(open(sys.argv[1]).read().split());"
        "print(sum(n for n in c.values() if n >= int(sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, text, str(min_count)], check=True, capture_output=True
    )
    return int(done.stdout)


def speeds(job, figures, words, processes=1):
    """Words per second of the training loop: by the clock, by processor time, and cores used."""
    trained = processes * words * job.epochs
    if "own_thread_rate" in figures:
        found = {"words_per_s": figures.pop("own_thread_rate") * job.workers}
    elif "train_s" in figures:
        found = {"words_per_s": trained / figures["train_s"]}
    else:
        raise RuntimeError("the program printed too little progress to be timed")
    if "train_cpu_s" in figures:
        found["words_per_cpu_s"] = trained / figures["train_cpu_s"]
    elif "own_cpu_rate" in figures:
        found["words_per_cpu_s"] = figures.pop("own_cpu_rate")
    return found | {"cores_used": figures["cpu_s"] / figures["total_s"]}


def parse_options(text):
    """'kernel=pair,alpha=0.05' as {name: value}; numbers and true or false are converted."""
    found = {}
    for item in text.split(","):
        name, _, value = item.partition("=")
        try:
            found[name.replace("_", "-")] = json.loads(value)
        except ValueError:
            found[name.replace("_", "-")] = value
    return found


if __name__ == "__main__":
    job = Job(**json.loads(sys.argv[1]))
    result = globals()["train_" + job.program](job)
    print("\nRESULT " + json.dumps(result), flush=True)
