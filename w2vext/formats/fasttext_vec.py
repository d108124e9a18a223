"""fastText's .vec files: word2vec's text format, with a space at the end of each line.

fastText's models, .bin and .ftz, are read by `fasttext_bin`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.formats import word2vec_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`."""
    found, matrix, meta = word2vec_text.read(path, **how)
    return found, matrix, meta | {"format": "fastText .vec"}


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words and matrix to a file. Raises as for `word2vec_text.write`."""
    word2vec_text.write(path, words, matrix, meta)
