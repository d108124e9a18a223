"""Type aliases that the package's signatures share.

The module is not imported at run time: only type checkers read it.
"""

import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from mmap import mmap
from typing import IO, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Float32: TypeAlias = NDArray[np.float32]
Float64: TypeAlias = NDArray[np.float64]
Int32: TypeAlias = NDArray[np.int32]
Int64: TypeAlias = NDArray[np.int64]
UInt8: TypeAlias = NDArray[np.uint8]
UInt32: TypeAlias = NDArray[np.uint32]
Bool: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.integer[Any]]
Floats: TypeAlias = NDArray[np.floating[Any]]

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap
Token: TypeAlias = Any  # a word: the hashable object that the corpus contained, usually a str
FilePath: TypeAlias = str | os.PathLike[str]
FileLike: TypeAlias = FilePath | IO[bytes]
CorpusLike: TypeAlias = Iterable[Iterable[Hashable]] | FilePath | Sequence[FilePath]
Method: TypeAlias = Literal["3cosadd", "3cosmul"]
Schedule: TypeAlias = Literal["linear", "constant", "cosine"] | Callable[[float], float]
Progress: TypeAlias = Callable[[int, int | None], object] | None  # called with (done, total)
TrimRule: TypeAlias = Callable[[Token, int, int], str | int | None]
RandomState: TypeAlias = int | np.random.RandomState | np.random.Generator | None

# A word, a vector, or a tuple (word or vector, weight).
Term: TypeAlias = Hashable | NDArray[Any]
Query: TypeAlias = Term | Sequence[Term]  # one question
Queries: TypeAlias = list[list[Any]]  # several
Neighbors: TypeAlias = list[tuple[Token, float]]
