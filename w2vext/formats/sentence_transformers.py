"""Folders for sentence-transformers: those of `model2vec`, with numbers that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext._arguments.messages import shown
from w2vext.formats import model2vec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Floats

read = model2vec.read


def write(
    path: FilePath,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    *,
    dtype: str = "float32",
    scores: Mapping[str, float] | None = None,
) -> None:
    """Write words and matrix to a folder, as `model2vec.write`; `dtype` is not int8."""
    if dtype not in ("float32", "float16"):
        raise ValueError(
            f"dtype={shown(dtype)}: choose 'float32' or 'float16'; for 'int8' choose the format "
            "'model2vec', because sentence-transformers does not scale rows"
        )
    model2vec.write(path, words, matrix, meta, dtype=dtype, scores=scores)
