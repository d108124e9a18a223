"""Workers as actors of Ray; the only module that uses Ray.

Rows are sent from worker to worker through Ray's object store; this process only passes references.
Ray restarts a lost worker, but never repeats a call, because a part would be trained twice.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import time
from typing import TYPE_CHECKING, NamedTuple

from w2vext import __version__
from w2vext._arguments.messages import shown, warn
from w2vext.distributed.engine import WorkerLost
from w2vext.distributed.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import Float32
    from w2vext.distributed.plan import Plan, Step
    from w2vext.distributed.replica import Trained

ANSWER = 10.0  # seconds to wait for a cluster to answer
RESTART = 600.0  # seconds to wait until a worker runs
CHECK_DISKS = 30.0  # seconds without any result after which the disks are checked
IDLE = 0.1  # of a core: workers that compute less are waiting
STALLED = 600.0  # seconds without computation that end a run whose object stores are too small
LARGER_STORE = (
    "start Ray with a larger --object-store-memory, or with --temp-dir on a larger disk, or use "
    "fewer workers"
)


class Disk(NamedTuple):
    """A machine, a folder, the free bytes of its disk, and the CPU seconds of a worker there."""

    host: str
    folder: str
    free: int
    seconds: float


class Actor:
    """A worker in a process of its own."""

    def __init__(self, number: int, threads: int) -> None:
        self._replica = Replica(number, threads)

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the replica."""
        return getattr(self._replica, method)(*arguments)

    def train(self, step: Step) -> tuple[Any, ...]:
        """Train a part; returns its loss and time, and the rows for each worker."""
        trained = self._replica.train(step.epoch, step.round)
        return trained, *self._replica.shares(step.level)

    def disk(self) -> Disk:
        """The disk of the folder to which Ray spills objects by default."""
        import ray

        context = ray.get_runtime_context()  # older versions do not tell the folder
        default = os.environ.get("RAY_TMPDIR", "/tmp")
        folder = context.get_temp_dir() if hasattr(context, "get_temp_dir") else default
        free = shutil.disk_usage(folder).free
        return Disk(socket.gethostname(), folder, free, time.process_time())


class Ray:
    """An `Engine` on a Ray cluster.

    Parameters
    ----------
    workers : int
    threads : int or None
        Of each worker; with None as many as all workers can have.
    address : str or None
    """

    def __init__(self, workers: int, threads: int | None, address: str | None) -> None:
        try:
            import ray
        except ImportError as error:
            raise ImportError(
                f"training on a cluster needs Ray ({error}): pip install 'w2vext[ray]'"
            ) from error
        self._ray = ray
        self._workers, self._address = workers, address
        self.threads = threads or 0
        self._actors: list[Any] = []
        self._merged: list[Any] = []  # references to the merged rows of each worker
        self._kept: list[Any] = []
        self._started = False  # whether this object connected to Ray
        # The free bytes that each disk needs, because the object stores are too small; 0: none.
        self._least_disk = 0

    def __enter__(self) -> Self:
        self._connect()
        try:
            self._start_workers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._merged = self._kept = []
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors = []
        if self._started:
            self._ray.shutdown()

    # ---- start

    def _connect(self) -> None:
        ray = self._ray
        if ray.is_initialized():
            return
        quiet = {"log_to_driver": False, "logging_level": "CRITICAL"}
        address = self._address or os.environ.get("RAY_ADDRESS")
        try:
            _check_port(_known(address))
            if address is None:  # a cluster of this machine only
                cores = max(os.cpu_count() or 1, self._workers * max(self.threads, 1))
                own = {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
                ray.init("local", num_cpus=cores, **own, **quiet)
            else:
                ray.init(address=address, **quiet)
        except (OSError, ValueError, RuntimeError) as error:
            if address is None:
                raise RuntimeError(f"Ray could not be started: {_line(error)}") from error
            raise ConnectionError(
                f"address={shown(address)}: no connection to a Ray cluster ({_line(error)}): start "
                "one there with `ray start --head`, with the same version of Ray; if it uses "
                "tokens, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN"
            ) from error
        self._started = True

    def _start_workers(self) -> None:
        ray = self._ray
        cores = [int(n["Resources"].get("CPU", 0)) for n in ray.nodes() if n["Alive"]]
        self.threads = self.threads or _most_threads(cores, self._workers)
        if _room(cores, self.threads) < self._workers:
            raise ValueError(
                f"workers={self._workers} with {self.threads} threads each do not fit on the Ray "
                f"cluster, whose machines have {', '.join(map(str, cores))} CPUs: give fewer "
                "workers or threads, or add machines"
            )
        # `disk` has a thread of its own, so that a worker that waits for space can answer.
        kind = ray.remote(concurrency_groups={"disk": 1})(Actor).options(
            num_cpus=self.threads,
            max_restarts=-1,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
        )
        self._actors = [kind.remote(n, self.threads) for n in range(self._workers)]
        self.check_versions()

    def check_versions(self) -> None:
        """Raise if a worker has another version of this package."""
        ray, until = self._ray, time.monotonic() + RESTART
        calls = [actor.call.remote("version") for actor in self._actors]
        for worker, (actor, call) in enumerate(zip(self._actors, calls, strict=True)):
            try:
                version = ray.get(call, timeout=max(until - time.monotonic(), 0))
            except ray.exceptions.GetTimeoutError:
                raise RuntimeError(
                    f"worker {worker} could not be started within {RESTART:.0f} s: it needs "
                    f"{self.threads} free CPUs on one machine, and other programs may use them"
                ) from None
            except ray.exceptions.RayActorError as error:
                raise RuntimeError(
                    f"worker {worker} could not be started{_where(error)} ({_last_line(error)}): "
                    f"install w2vext {__version__}, and what it needs, on all machines"
                ) from error
            if version != __version__:
                machine = ray.get(actor.__ray_call__.remote(lambda _: socket.gethostname()))
                raise ValueError(
                    f"worker {worker} on {machine} has w2vext {version}, and this process "
                    f"{__version__}: install the same version on all machines"
                )

    def expect(self, size: int) -> None:
        """Warn if the object stores cannot hold the rows of a merge; size is that of a replica."""
        needed = size * (self._workers + 2)  # all replicas, the merged rows, and those kept
        there = int(self._ray.cluster_resources().get("object_store_memory", needed))
        self._least_disk = size if there < needed else 0
        if there < needed:
            warn(
                f"a merge of all rows needs {needed / 1e9:.1f} GB of Ray's object stores, which "
                f"have {there / 1e9:.1f} GB together and will use the disk: start Ray with a "
                "larger --object-store-memory, and give containers a larger /dev/shm"
            )

    # ---- calls

    def each(self, method: str, *common: Any, own: Sequence[Any] | None = None) -> list[Any]:
        """Call a method of every worker; own[worker] is its last argument."""
        with self._errors_of_one_line():  # large arguments are put into the object store
            shared = [self._ray.put(argument) for argument in common]
            calls = [
                actor.call.remote(method, *shared, *(() if own is None else (own[worker],)))
                for worker, actor in enumerate(self._actors)
            ]
        return self._get(calls)

    def first(self, method: str, *arguments: Any) -> Any:
        """Call a method of the first worker."""
        return self._get([self._actors[0].call.remote(method, *arguments)])[0]

    def round(self, plan: Plan, step: Step) -> list[Trained]:
        """Train one round, and merge the rows of its level."""
        numbers = range(self._workers)
        returned = [
            actor.train.options(num_returns=self._workers + 1).remote(step)
            for actor in self._actors
        ]
        self._merged = [
            self._actors[n].call.remote(
                "reduce", step, *(returned[worker][n + 1] for worker in numbers)
            )
            for n in numbers
        ]
        assigned = []
        for n in numbers:  # a worker has its own rows
            others = [None if n == worker else self._merged[worker] for worker in numbers]
            assigned.append(self._actors[n].call.remote("assign", step.level, *others))
        trained = [each[0] for each in returned]
        del returned  # the rows may be freed as soon as they are merged
        return self._get([*trained, *assigned])[: self._workers]

    def keep(self) -> None:
        """Keep the rows that the last round has merged, which are all rows."""
        self._kept = self._merged

    def load(self, plan: Plan, rows: list[list[Float32]]) -> None:
        """Give all workers these rows of both matrices, and keep them."""
        with self._errors_of_one_line():
            self._kept = [self._ray.put(each) for each in rows]
        self.reload(plan)

    def reload(self, plan: Plan) -> None:
        """Give all workers the rows that are kept, if there are any."""
        if self._kept:
            self._get([actor.call.remote("restore", *self._kept) for actor in self._actors])

    def kept(self) -> list[list[Float32]]:
        """The rows that are kept, or an empty list."""
        return self._get(self._kept)

    def revive(self) -> None:
        """Wait until every worker runs again; those that were lost have no state."""
        ray, until = self._ray, time.monotonic() + RESTART
        for worker, actor in enumerate(self._actors):
            while True:
                try:
                    ray.get(actor.call.remote("version"), timeout=max(until - time.monotonic(), 0))
                    break
                except ray.exceptions.RayActorError:
                    if time.monotonic() < until:
                        time.sleep(0.1)
                        continue
                except ray.exceptions.GetTimeoutError:
                    pass
                raise RuntimeError(
                    f"worker {worker} was lost and could not be started again within "
                    f"{RESTART:.0f} s: the cluster needs {self.threads} free CPUs for it"
                )

    def _get(self, references: list[Any]) -> list[Any]:
        """The values of references to calls."""
        with self._errors_of_one_line():
            self._wait(references)
            found: list[Any] = self._ray.get(references)
        return found

    @contextlib.contextmanager
    def _errors_of_one_line(self) -> Iterator[None]:
        """Replace errors of Ray by WorkerLost, or by an error of one line."""
        errors = self._ray.exceptions
        try:
            yield
        except errors.RayError as error:
            cause: Any = error
            while isinstance(cause, errors.RayTaskError):  # the arguments of a call may have failed
                cause = cause.cause
            if isinstance(cause, (errors.RayActorError, errors.ObjectLostError)):
                raise WorkerLost(self._name(cause)) from error
            if isinstance(cause, (errors.ObjectStoreFullError, errors.OutOfDiskError)):
                raise MemoryError(
                    f"Ray's object store and its disk are full: {LARGER_STORE}"
                ) from error
            if isinstance(cause, errors.RayError):
                raise RuntimeError(f"Ray failed: {_line(cause)}") from error
            raise cause from None

    def _wait(self, references: list[Any]) -> None:
        """Wait until calls have ended; raise MemoryError if all workers wait for space.

        Ray may wait forever if a disk is full. Workers know only Ray's default folder for objects,
        so no run may be idle for more than STALLED seconds either.
        """
        if not self._least_disk:
            return
        left, busy = list(references), time.monotonic()
        disks: list[Disk] | None = None
        while left:
            ready, left = self._ray.wait(left, timeout=CHECK_DISKS)
            if ready:
                self._ray.get(ready)  # raises the error of a call that failed
                disks, busy = None, time.monotonic()
                continue
            before, disks = disks, self._disks()
            if disks is None or not _are_idle(before, disks):
                busy = time.monotonic()
                continue
            self._check(disks)
            if (idle := time.monotonic() - busy) >= STALLED:
                raise MemoryError(
                    "Ray's object stores are too small, or the disk that they use is too slow, and "
                    f"no worker has computed anything for {idle:,.0f} s: {LARGER_STORE}"
                )

    def _disks(self) -> list[Disk] | None:
        """What `Actor.disk` returns for each worker; None if some do not answer."""
        calls = [actor.disk.options(concurrency_group="disk").remote() for actor in self._actors]
        _, late = self._ray.wait(calls, num_returns=len(calls), timeout=ANSWER)
        found: list[Disk] | None = None if late else self._ray.get(calls)
        return found

    def _check(self, disks: list[Disk]) -> None:
        """Raise MemoryError if a disk has less space than one replica needs."""
        for disk in disks:
            if disk.free < self._least_disk:
                raise MemoryError(
                    f"Ray's object store is full, and so is the disk of {disk.host}: {disk.folder} "
                    f"has {disk.free / 1e6:,.0f} MB left, and a replica needs "
                    f"{self._least_disk / 1e6:,.0f} MB: {LARGER_STORE}"
                )

    def _name(self, error: Exception) -> str:
        """Which worker was lost."""
        name = getattr(error, "actor_id", None)
        for worker, actor in enumerate(self._actors):
            if name and actor._actor_id.hex() == name:
                return f"worker {worker} was lost"
        return f"a worker was lost ({_line(error)})"


def _are_idle(before: list[Disk] | None, now: list[Disk]) -> bool:
    """Whether no worker has computed between two checks."""
    return before is not None and all(
        later.seconds <= earlier.seconds + IDLE * CHECK_DISKS
        for earlier, later in zip(before, now, strict=True)
    )


def _room(cores: list[int], threads: int) -> int:
    """How many workers with so many threads fit on machines with these cores."""
    return sum(each // threads for each in cores)


def _most_threads(cores: list[int], workers: int) -> int:
    """The largest number of threads with which all workers fit, or 1."""
    fitting = (t for t in range(max(cores, default=1), 1, -1) if _room(cores, t) >= workers)
    return next(fitting, 1)


def _known(address: str | None) -> str | None:
    """The address of the cluster that "auto" means, if Ray has stored it on this machine."""
    if address != "auto":
        return address
    path = os.path.join(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    try:
        with open(path, encoding="utf-8") as file:
            return os.environ.get("RAY_ADDRESS") or file.read().strip()
    except OSError:
        return os.environ.get("RAY_ADDRESS")


def _check_port(address: str | None) -> None:
    """Raise OSError if nothing answers at an address; Ray itself would wait for minutes."""
    host, _, port = (address or "").rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER).close()


def _where(error: BaseException) -> str:
    """The machine that a message of Ray names, if any."""
    found = re.search(r"\bip=([^,)]+)", str(error))
    return f" on {found[1]}" if found else ""


def _last_line(error: BaseException) -> str:
    """The last line of a message, where Ray writes the cause, shortened."""
    return _line(Exception(str(error).strip().rpartition("\n")[2]))


def _line(error: BaseException) -> str:
    """The first line of a message, shortened."""
    lines = str(error).strip().splitlines()
    return shown(lines[0])[1:-1] if lines else type(error).__name__
