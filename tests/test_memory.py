"""A fit that runs out of memory ends in a MemoryError that names the parameters, and none hangs.

python tests/test_memory.py 100     tries so many limits of each kind of fit
"""

import collections
import mmap
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from helpers.runs import finished

from w2vext import Word2Vec
from w2vext.text import spool
from w2vext.training import estimate
from w2vext.training.settings import Settings

# Fits with limits on the address space of `spare` MB above what the process has, and prints for
# each how it ended.
LIMITED = """
import ast, resource, sys
import numpy as np
from w2vext import Word2Vec
if "softmax" not in sys.argv[1]:
    import scipy.linalg.cython_blas, w2vext.training.run

options, spares = ast.literal_eval(sys.argv[1]), ast.literal_eval(sys.argv[2])
words = np.random.default_rng(1).integers(0, 20_000, (200, 100)).tolist()
text = [list(map(str, sentence)) for sentence in words]
for spare in spares:
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + int(spare * 1e6), resource.RLIM_INFINITY))
    try:
        Word2Vec(min_count=1, **options).fit(text)
        end = "fitted"
    except BaseException as error:
        end = f"{type(error).__name__}: {error}"
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    print(spare, end, flush=True)
"""
KINDS = {
    "neg": dict(vector_size=100, workers=2, epochs=1),
    "hs": dict(loss="hs", vector_size=100, workers=2, epochs=1),
    "deterministic": dict(vector_size=100, workers=2, epochs=1, random_state=1),
    "subwords": dict(vector_size=20, max_n=4, workers=2, epochs=1),
    "softmax": dict(loss="softmax", vector_size=8, workers=2, epochs=1, max_final_vocab=300),
}


def ends(kind, spares):
    """How fits with these spare amounts of memory end: [(MB, text)], and the process's output."""
    done = finished(LIMITED, repr(KINDS[kind]), repr(spares), timeout=120)
    found = [line.split(" ", 1) for line in done.stdout.splitlines()]
    return [(float(spare), end) for spare, end in found], done


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the address space")
@pytest.mark.parametrize(
    "kind",
    [
        "neg",
        *(pytest.param(k, marks=pytest.mark.slow) for k in ("hs", "deterministic", "subwords")),
    ],
)
def test_a_fit_without_memory_names_the_parameters(kind):
    found, done = ends(kind, [0.1, 2, 5, 8, 10, 12, 14, 16, 18, 20, 25, 30, 1000])
    assert len(found) == 13, done.stderr[-1000:]
    assert found[-1][1] == "fitted"
    for _, end in found:
        assert end == "fitted" or end.startswith("MemoryError: ")
        assert end == "fitted" or "workers=2" in end
    assert any("vector_size=" in end for _, end in found)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the address space")
@pytest.mark.parametrize(
    "spare", [60, *(pytest.param(s, marks=pytest.mark.slow) for s in (16, 30, 100, 1000))]
)
def test_a_softmax_without_memory_ends(spare):
    found, done = ends("softmax", [spare])
    assert len(found) == 1, done.stderr[-1000:]
    assert (found[0][1] == "fitted") if spare == 1000 else ("workers=2" in found[0][1])


@pytest.mark.parametrize("call", [1, 2])
def test_blas_is_checked_before_it_is_loaded_and_before_it_is_called(call, monkeypatch):
    calls = []

    def check(workers):
        calls.append(workers)
        if len(calls) == call:
            raise MemoryError("no memory for BLAS")

    monkeypatch.setattr("w2vext.training.run.check_blas", check)
    monkeypatch.setattr("w2vext.training.softmax.check_blas", check)
    before = threading.active_count()
    model = Word2Vec(loss="softmax", vector_size=4, min_count=1, epochs=3, workers=2)
    with pytest.raises(MemoryError, match=r"^no memory for BLAS; the fit needs .* workers=2"):
        model.fit([["a", "b", "c"]] * 9)
    assert calls == [2] * call
    assert threading.active_count() == before
    model.fit([["a", "b", "c"]] * 9)
    assert calls == [2] * (call + 2)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the address space")
@pytest.mark.parametrize("spare", [10, 60, 100, 130, 150])
def test_commands_without_address_space_say_so(spare, tmp_path):
    """OpenBLAS would end the process while NumPy is imported."""
    (tmp_path / "t").write_text("a b c\n" * 99)
    run = "import resource, sys; from w2vext.cli import main\n"
    run += "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
    run += f"resource.setrlimit(resource.RLIMIT_AS, (used + {spare} * 10**6,) * 2)\n"
    run += "sys.exit(main(['train', 't', '-o', 'o.txt']))"
    how = [sys.executable, "-W", "ignore", "-c", run]
    env = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}  # which saves memory
    done = subprocess.run(how, capture_output=True, text=True, cwd=tmp_path, timeout=120, env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("w2vext train: error: not enough memory (")
    assert done.stderr.count("\n") == 1


def test_what_a_run_needs():
    settings = Settings(vector_size=100)
    rows = 2 * 1000 * 112 * 4
    assert sum(size for _, size in estimate.matrices(settings, 1000)) == rows
    assert sum(size for _, size in estimate.matrices(settings, 1000, validation=True)) == 2 * rows
    line = estimate.shown(estimate.matrices(settings, 2_000_000))
    assert line == "1.8 GB for two matrices of 2,000,000 and 2,000,000 rows by vector_size=100"
    line = estimate.shown(estimate.matrices(Settings(loss="hs"), 1000, rows=5000, validation=True))
    assert line == (
        "5.78 MB for two matrices of 5,000 and 999 rows by vector_size=100 (2.69 MB), a copy of "
        "both for the best epoch (2.69 MB), 1,000 vectors made of subwords (400 kB)"
    )


@pytest.mark.parametrize("verbose", [0, 1])
def test_the_memory_is_shown_before_it_is_allocated(verbose, monkeypatch, capsys):
    def no_memory(*args, **options):
        raise MemoryError("none left")

    monkeypatch.setattr("w2vext.training.run.matrix", no_memory)
    with pytest.raises(MemoryError, match=r"^none left; the fit needs 512 bytes for two matrices"):
        Word2Vec(vector_size=3, min_count=1, verbose=verbose).fit([["a", "b", "c", "d"]])
    assert ("memory: 512 bytes for two matrices" in capsys.readouterr().err) == bool(verbose)


def test_a_stream_without_memory(monkeypatch):
    def no_memory(*args, **options):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(spool, "mapped", no_memory)
    with pytest.raises(MemoryError, match=r"ids of .* words.*workers=1 and max_vocab_size=None"):
        Word2Vec(workers=1).fit([["a", "b"]])


@pytest.mark.skipif(not hasattr(mmap, "MADV_HUGEPAGE"), reason="only Linux has MADV_HUGEPAGE")
def test_a_system_without_huge_pages(monkeypatch):
    monkeypatch.setattr(mmap, "MADV_HUGEPAGE", 12345)  # the system refuses it
    model = Word2Vec(workers=1, min_count=1, sample=0).fit([["a", "b"] * 9])
    assert np.isfinite(model.vectors_).all()


if __name__ == "__main__":
    for each in KINDS:
        spares = np.linspace(0.1, 100, int(sys.argv[1])).round(1).tolist()
        results = collections.Counter()
        for part in [[spare] for spare in spares] if each == "softmax" else [spares]:
            try:
                found, done = ends(each, part)
            except subprocess.TimeoutExpired:
                found = [(part[0], "did not end")]
            results.update(end.split(";")[0][:70] for _, end in found)
            results["the process died"] += len(part) - len(found)
        print(each, *results.items(), sep="\n    ")
