"""Training on a Ray cluster of this machine: the bytes of replicas in one process, and faults."""

import os
import signal
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import clusters, runs
from helpers.clusters import digest, locally

from w2vext import Word2Vec, distributed
from w2vext.distributed import on_ray
from w2vext.text.ranges import deal, ranges
from w2vext.text.tokenizer import Tokenizer

ray = pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:the cluster saves little time"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
THREE = {"workers": 3, "threads": 1, "sync_words": clusters.SYNC}


@pytest.fixture(scope="module", autouse=True)
def _outside(tmp_path_factory):
    """A current folder outside the source: workers import from it before they import elsewhere."""
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("outside"))
    yield
    os.chdir(before)


@pytest.fixture(scope="module")
def cluster(_outside):
    """The address of a cluster of this machine."""
    ray.init(
        "local",
        num_cpus=4,
        include_dashboard=False,
        object_store_memory=100 << 20,
        _node_ip_address="127.0.0.1",
        log_to_driver=False,
        logging_level="CRITICAL",
    )
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return clusters.write_texts(tmp_path_factory.mktemp("cluster") / "texts")


@pytest.fixture(scope="module")
def expected(texts):
    return digest(locally(texts, 3, largest=None))


def model(**options):
    return Word2Vec(**{**clusters.MODEL, **options})


def test_no_cluster_at_the_address():
    with pytest.raises(ConnectionError, match=r"address='127\.0\.0\.1:9': no connection to a Ray"):
        on_ray.Ray(1, 1, "127.0.0.1:9").__enter__()


def test_a_cluster_that_has_ended(tmp_path, monkeypatch):
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text("127.0.0.1:9")
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(ConnectionError, match=r"address='auto': no connection to a Ray.*refused"):
        on_ray.Ray(1, 1, "auto").__enter__()


def test_ray_is_not_installed(texts, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"needs Ray .*: pip install 'w2vext\[ray\]'"):
        distributed.fit(Word2Vec(), texts, workers=1)


def test_the_result_is_that_of_replicas_in_one_process(cluster, texts, expected):
    fitted = distributed.fit(model(), texts, **THREE)
    assert digest(fitted) == expected
    one = model(workers=1, epochs=1).fit(texts)
    assert list(fitted.vocabulary_) == list(one.vocabulary_)
    assert np.array_equal(fitted.counts_, one.counts_)
    assert ray.is_initialized()  # the connection was there before, and is left


class Killing(on_ray.Ray):
    """Kills a worker's process when its part of some rounds begins.

    Parameters
    ----------
    kills : dict
        {number of the round that is begun, from 0: the worker}.
    """

    def __init__(self, workers, threads, address, kills):
        super().__init__(workers, threads, address)
        self.kills, self.begun, self.killed = dict(kills), -1, []

    def round(self, plan, step):
        self.begun += 1
        if self.begun in self.kills:
            worker = self.kills[self.begun]
            self.killed.append(self.each("process")[worker])
            os.kill(self.killed[-1], signal.SIGKILL)
        return super().round(plan, step)


def test_killed_workers_do_not_change_the_result(cluster, texts, expected):
    engine = Killing(3, 1, None, {1: 1, 9: 0})
    with pytest.warns(UserWarning, match=r"worker \d was lost: the training is repeated from"):
        assert digest(locally(texts, 3, engine=engine, largest=None)) == expected
    assert len(set(engine.killed)) == 2
    assert not set(engine.killed) & set(processes())


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


DRIVER = """
import os, signal, sys
import helpers.clusters as clusters
from w2vext import Word2Vec, distributed
from w2vext._estimator.checkpoint import Checkpoints

class Dying(Checkpoints):
    def save(self, snapshot):
        super().save(snapshot)
        if snapshot.epoch == 1:
            os.kill(os.getpid(), signal.SIGKILL)

texts, folder, address, dies = sys.argv[1:]
if dies == "dies":
    distributed.Checkpoints = Dying
model = Word2Vec(**clusters.MODEL)
distributed.fit(model, texts, workers=3, threads=1, sync_words=clusters.SYNC, checkpoint=folder,
                address=address, checkpoint_every=0)
print(*clusters.digest(model)[0:1])
"""


def test_a_killed_driver_continues_with_the_same_bytes(cluster, texts, expected, tmp_path):
    arguments = [str(texts), str(tmp_path / "run"), cluster]
    died = runs.finished(DRIVER, *arguments, "dies")
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert runs.process(DRIVER, *arguments, "continues").split()[-1] == expected[0]


# ---- refusals


@pytest.fixture(scope="module")
def one(cluster):
    with on_ray.Ray(1, 1, None) as engine:
        yield engine


def test_a_path_that_a_worker_cannot_read(one, tmp_path):
    copied = clusters.write_texts(tmp_path / "copied")
    shares = deal(ranges(copied, 1), [1])
    (copied / "1.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"1\.txt.*on this machine"):
        one.each("count", Tokenizer(), own=shares)


def test_an_error_in_a_worker_is_raised_here(one, tmp_path):
    text = tmp_path / "latin1.txt"
    text.write_bytes(b"caf\xe9 au lait\n" * 9)
    with pytest.raises(ValueError, match=r"line 1, byte 4 .*: not UTF-8: convert the file"):
        one.each("count", Tokenizer(), own=deal(ranges(text, 1), [1]))


def test_another_version_on_a_worker(one, monkeypatch):
    monkeypatch.setattr(on_ray, "__version__", "0.0.7")
    message = r"worker 0 on \S+ has w2vext .*, and this process 0\.0\.7: ins"
    with pytest.raises(ValueError, match=message):
        one.check_versions()


def test_a_worker_without_the_package(cluster, monkeypatch):
    class Missing:
        def __init__(self, *_):
            import a_package_that_this_worker_lacks  # noqa: F401

        def call(self, method):
            raise AssertionError(method)

    monkeypatch.setattr(on_ray, "Actor", Missing)
    message = (
        r"^worker 0 could not be started on [\d.]+ \(ModuleNotFoundError: No module named "
        r"'a_package_that_this_worker_lacks'\): install w2vext \S+, and what it needs, on all mach"
    )
    with pytest.raises(RuntimeError, match=message):
        on_ray.Ray(1, 1, None).__enter__()


def test_a_small_object_store_is_reported(one):
    with pytest.warns(UserWarning, match=r"needs 0\.3 GB of Ray's object stores, which have 0\.1"):
        one.expect(100 << 20)


STORE_IS_FULL = r"^Ray's object store .* use fewer workers$"


def full(*arguments):
    raise ray.exceptions.ObjectStoreFullError("many\nlines")


@pytest.mark.parametrize(
    ("function", "call"),
    [
        ("get", lambda one: one.first("version")),
        ("put", lambda one: one.each("count", None)),
        ("put", lambda one: one.load(None, [[]])),
    ],
    ids=["results", "arguments", "rows of a checkpoint"],
)
def test_a_full_object_store_is_one_line(one, monkeypatch, function, call):
    monkeypatch.setattr(ray, function, full)
    with pytest.raises(MemoryError, match=STORE_IS_FULL):
        call(one)


def test_a_full_object_store_for_the_arguments_of_one_worker(one, monkeypatch):
    actor = SimpleNamespace(call=SimpleNamespace(remote=full))
    monkeypatch.setattr(one, "_actors", [actor])
    with pytest.raises(MemoryError, match=STORE_IS_FULL):
        one.each("count", own=[1])


@pytest.fixture
def waits(cluster, monkeypatch):
    """A worker, and a function that makes a call that takes so many seconds and no CPU time."""

    class Busy(on_ray.Actor):
        """Computes in one of its methods."""

        def call(self, method, *arguments):
            if method == "speed":
                end = time.process_time() + 0.5
                while time.process_time() < end:
                    pass
                return None
            return super().call(method, *arguments)

    monkeypatch.setattr(on_ray, "CHECK_DISKS", 1.0)
    monkeypatch.setattr(on_ray, "Actor", Busy)
    calls = []

    def wait(seconds):
        calls.append(ray.remote(num_cpus=0)(lambda: time.sleep(seconds)).remote())
        return calls[-1]

    with on_ray.Ray(1, 1, None) as one:
        yield one, wait
    for call in calls:
        ray.cancel(call, force=True)


def test_a_full_disk_is_an_error_if_all_workers_wait(waits):
    """Without a full disk, a call may take some time."""
    one, wait = waits
    one._least_disk = 1
    assert one._get([wait(2.5)]) == [None]
    one._least_disk = 1 << 60
    message = (
        r"^Ray's object store is full, and so is the disk of \S+: \S+ has [\d,]+ MB left, and a "
        r"replica needs 1,152,921,504,607 MB: start Ray with a larger --object-store-memory, or "
    )
    with pytest.raises(MemoryError, match=message):
        one._get([wait(60)])


def test_workers_that_wait_for_too_long_are_an_error(waits, monkeypatch):
    one, wait = waits
    one._least_disk = 1
    monkeypatch.setattr(on_ray, "STALLED", 2.0)
    with pytest.raises(MemoryError, match=r"too small, or .* for [2-9] s: start Ray"):
        one._get([wait(60)])


def test_workers_that_compute_or_do_not_answer_are_not_idle(waits, monkeypatch):
    one, _ = waits
    before = one._disks()
    assert on_ray._are_idle(before, one._disks()) and not on_ray._are_idle(None, before)
    one.first("speed")
    after = one._disks()
    assert after[0].seconds > before[0].seconds + 0.4
    assert not on_ray._are_idle(before, after)
    assert not on_ray._are_idle(before * 2, after + before)  # one of two
    monkeypatch.setattr(on_ray, "ANSWER", 0.0)
    assert one._disks() is None


def test_more_cores_than_the_cluster_has(cluster, texts):
    with pytest.raises(ValueError, match=r"3 with 2 threads each do not fit .* have 4 CPUs"):
        distributed.fit(model(), texts, workers=3, threads=2)
