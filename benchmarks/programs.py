"""One training run of one program, in a process of its own, and what it took.

`run(job)` starts the program, watches it and returns seconds and memory. Each program gets the text
that it treats best: word2vec.c, fastText and w2vext one long line, gensim lines of 1,000 words, as
it drops what a line has beyond 10,000. It scores nothing and prints nothing.

The training loop's seconds:
- w2vext and gensim: the clock around the training call, vocabulary built before (w2vext's call also
  makes and fills the matrices, gensim's does not);
- word2vec.c: its progress lines are stamped as they arrive, and the seconds between the first and
  the last are scaled to the whole, so the vocabulary, the tables and saving are outside;
- fastText: what it says itself, words per second and thread since its threads started.
Processor time of the same loops: the process's for w2vext and gensim, word2vec.c's own figure,
which counts clock(); fastText gives none.
Words are those of the corpus that the vocabulary knows, subsampled ones included, times the epochs.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

PROGRESS = re.compile(rb"Progress: ([\d.]+)%  Words")
CPU_RATE = re.compile(rb"Words/thread/sec: ([\d.]+)k")
OWN_RATE = re.compile(rb"words/sec/thread:\s*(\d+)")
NO_FILE = ("RssAnon", "RssShmem")
PROGRAMS = ("w2vext", "gensim", "fasttext", "word2vec.c")


@dataclass(frozen=True)
class Job:
    """What to train. `text` is one line, `lines` the same words in lines of 1,000."""

    program: str
    text: str
    lines: str
    out: str
    loss: str = "neg"
    architecture: str = "skipgram"
    size: int = 100
    window: int = 5
    negative: int = 5
    sample: float = 1e-3
    min_count: int = 5
    alpha: float = 0.025
    epochs: int = 5
    workers: int = 1
    seed: int = 1
    more: dict = field(default_factory=dict)  # further parameters of w2vext.Word2Vec

    @property
    def member(self):
        short = "sg" if self.architecture == "skipgram" else "cbow"
        return f"{short} {'ns' if self.loss == 'neg' else self.loss}"


def train_w2vext(job):
    import w2vext
    from w2vext.training import run as training

    timed = training.train = Timed(training.train)
    alpha = {} if job.alpha is None else {"alpha": job.alpha}
    model = w2vext.Trainer(  # what `w2vext train` runs
        loss=job.loss, architecture=job.architecture, vector_size=job.size, window=job.window,
        negative=job.negative, sample=job.sample, min_count=job.min_count, epochs=job.epochs,
        workers=job.workers, random_state=job.seed, **alpha, **job.more,
    )  # fmt: skip
    model.fit(Path(job.text))
    model.wv.save_word2vec_format(job.out, binary=True)
    return {"train_s": timed.seconds, "train_cpu_s": timed.cpu, "loss": list(model.loss_history_)}


class Timed:
    """A function that remembers how long its last call took."""

    def __init__(self, function):
        self.function, self.seconds, self.cpu = function, 0.0, 0.0

    def __call__(self, *args, **kwargs):
        start, cpu = time.perf_counter(), time.process_time()
        result = self.function(*args, **kwargs)
        self.seconds, self.cpu = time.perf_counter() - start, time.process_time() - cpu
        return result


def train_gensim(job):
    from gensim.models.word2vec import FAST_VERSION, Word2Vec

    if FAST_VERSION < 0:
        raise SystemExit("gensim runs without its compiled loops; nothing here would be fair")
    model = Word2Vec(
        vector_size=job.size, window=job.window, min_count=job.min_count, workers=job.workers,
        sg=int(job.architecture == "skipgram"), hs=int(job.loss == "hs"),
        negative=job.negative if job.loss == "neg" else 0, sample=job.sample, alpha=job.alpha,
        min_alpha=1e-4, epochs=job.epochs, seed=job.seed, **job.more,
    )  # fmt: skip
    model.build_vocab(corpus_file=job.lines)
    timed = Timed(model.train)
    timed(corpus_file=job.lines, total_words=model.corpus_total_words, epochs=job.epochs)
    model.wv.save_word2vec_format(job.out, binary=True)
    return {"train_s": timed.seconds, "train_cpu_s": timed.cpu}


def train_fasttext(job):
    import fasttext

    model = fasttext.train_unsupervised(
        job.text, model=job.architecture, loss="ns" if job.loss == "neg" else job.loss,
        dim=job.size, ws=job.window, neg=job.negative, t=job.sample, minCount=job.min_count,
        lr=job.alpha, epoch=job.epochs, thread=job.workers, maxn=0, minn=0, bucket=0, verbose=2,
    )  # fmt: skip
    matrix, words = model.get_input_matrix(), model.get_words()
    with open(job.out, "wb") as file:
        file.write(b"%d %d\n" % (len(words), job.size))
        for word, row in zip(words, matrix, strict=True):
            file.write(word.encode() + b" " + row.tobytes() + b"\n")
    return {}


def command(job, python=sys.executable):
    if job.program != "word2vec.c":
        return [python, __file__, json.dumps(asdict(job))]
    binary = Path(python).parent / "word2vec"
    if not binary.exists():
        raise SystemExit(f"{binary} is missing: pip install word2vec, which compiles it")
    options = {
        "train": job.text, "output": job.out, "size": job.size, "window": job.window,
        "sample": job.sample, "hs": int(job.loss == "hs"),
        "negative": job.negative if job.loss == "neg" else 0, "threads": job.workers,
        "iter": job.epochs, "min-count": job.min_count, "alpha": job.alpha, "binary": 1,
        "cbow": int(job.architecture == "cbow"),
    }  # fmt: skip
    return [str(binary), *(str(part) for k, v in options.items() for part in (f"-{k}", v))]


def environment():
    """One thread for every BLAS: workers are the program's own threads."""
    names = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM")
    return {**os.environ, **{f"{name}_NUM_THREADS": "1" for name in names}}


def start(job):
    """Start the program; `finish` waits for it. Two of these side by side are two processes."""
    process = subprocess.Popen(
        command(job), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    watch = Watch(process)
    watch.start()
    return watch


class Watch(threading.Thread):
    """Reads what a process prints, stamps its progress lines and samples its memory."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.begin = process, time.perf_counter()
        self.output, self.stamps, self.peak_anonymous = b"", [], 0
        self.sampler = threading.Thread(target=self._sample, daemon=True)
        self.over = False

    def run(self):
        self.sampler.start()
        while block := os.read(self.process.stdout.fileno(), 65536):
            now = time.perf_counter()
            self.output = (self.output + block)[-100_000:]
            if found := PROGRESS.findall(self.output[-200:]):
                self.stamps.append((now, float(found[-1])))
        _, status, usage = os.wait4(self.process.pid, 0)
        self.seconds = time.perf_counter() - self.begin
        self.over = True
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.peak = usage.ru_maxrss / 1024
        self.cpu = usage.ru_utime + usage.ru_stime

    def _sample(self):
        path = f"/proc/{self.process.pid}/status"
        while not self.over:
            try:
                with open(path) as status:
                    parts = [line.split()[1] for line in status if line.startswith(NO_FILE)]
                self.peak_anonymous = max(self.peak_anonymous, sum(map(int, parts)))
            except OSError:
                return
            time.sleep(0.02)

    def finish(self):
        """The run's figures: seconds, MB, and what the program said of itself."""
        self.join()
        if self.process.returncode:
            raise RuntimeError(self.output.decode(errors="replace")[-2000:])
        figures = {
            "total_s": self.seconds, "cpu_s": self.cpu, "peak_mb": self.peak,
            "peak_anonymous_mb": self.peak_anonymous / 1024,
        }  # fmt: skip
        if len(self.stamps) > 1:
            (first, low), (last, high) = self.stamps[0], self.stamps[-1]
            if high > low:
                figures["train_s"] = (last - first) * 100 / (high - low)
        if rates := CPU_RATE.findall(self.output):
            figures["cpu_rate"] = 1000 * float(rates[-1])
        if rates := OWN_RATE.findall(self.output):
            figures["rate"] = int(rates[-1])  # per thread
        said = self.output.rfind(b"\nRESULT ")
        if said >= 0:
            figures.update(json.loads(self.output[said + 8 :].splitlines()[0]))
        return figures


def run(job):
    return start(job).finish()


def parse_variant(text):
    """'kernel=pair,alpha=0.05' as {name: value}; numbers become numbers."""
    pairs = (item.split("=", 1) for item in text.split(",") if item)
    return {name: _value(value) for name, value in pairs}


def _value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


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


if __name__ == "__main__":
    job = Job(**json.loads(sys.argv[1]))
    result = globals()["train_" + job.program](job)
    print("\nRESULT " + json.dumps(result), flush=True)
