"""The interface of an engine, which runs the workers and moves rows between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from typing_extensions import Self

    from w2vext._arguments.types import Float32
    from w2vext.distributed.plan import Plan, Step
    from w2vext.distributed.replica import Trained

    T = TypeVar("T")

# What loses a worker so often in a row will not succeed, for example for lack of memory.
ATTEMPTS = 3


class WorkerLost(Exception):
    """A worker has ended, or cannot be reached; its state is lost."""


def repeated(function: Callable[[], T], recover: Callable[[WorkerLost], object]) -> T:
    """Call a function; after a lost worker recover, and call it again, ATTEMPTS times in all."""
    for _ in range(ATTEMPTS - 1):
        try:
            return function()
        except WorkerLost as error:
            recover(error)
    return function()


class Engine(Protocol):
    """Runs a `Replica` for each worker. All methods raise `WorkerLost`.

    The rows of both matrices are passed as lists: for each worker, the values of the slices that it
    merges (`Plan.slices`).
    """

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def each(self, method: str, *common: Any, own: Sequence[Any] | None = None) -> list[Any]:
        """Call a method of every worker; own[worker] is its last argument."""

    def first(self, method: str, *arguments: Any) -> Any:
        """Call a method of the first worker."""

    def expect(self, size: int) -> None:
        """Warn if the engine has too little memory to move replicas of `size` bytes."""

    def round(self, plan: Plan, step: Step) -> list[Trained]:
        """Train one round, and merge the rows of its level."""

    def keep(self) -> None:
        """Keep the rows that the last round has merged, which are all rows."""

    def load(self, plan: Plan, rows: list[list[Float32]]) -> None:
        """Give all workers these rows of both matrices, and keep them."""

    def reload(self, plan: Plan) -> None:
        """Give all workers the rows that are kept, if there are any."""

    def kept(self) -> list[list[Float32]]:
        """The rows that are kept, or an empty list."""

    def revive(self) -> None:
        """Wait until every worker runs again; those that were lost have no state."""
