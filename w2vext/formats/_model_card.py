"""README.md of a folder of vectors: the model card that hubs show."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsFloat

from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

TOKENIZING = {"tokenizer", "lowercase", "strip_accents"}
_HEAD = """\
---
library_name: {library}
tags: [word2vec, static-embeddings, w2vext]
---

# Word vectors

{words:,} words, {dimensions} dimensions, {dtype}; trained with w2vext.
The vector of a text is the mean of the vectors of its known words.

```python
{usage}
```
"""
_MODEL2VEC = """\
from model2vec import StaticModel

model = StaticModel.from_pretrained("this-folder")
model.encode(["a text"])"""
_SENTENCE_TRANSFORMERS = """\
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("this-folder")
model.encode(["a text"])"""


def text(
    words: int,
    dimensions: int,
    dtype: str,
    meta: Mapping[str, Any],
    splitting: Mapping[str, Any],
    scores: Mapping[str, float],
) -> str:
    """The card: what the vectors are, how to load them, the corpus, the scores and the parameters.

    Raises
    ------
    TypeError
        The scores are not a mapping of names to numbers.
    """
    both = dtype != "int8"  # sentence-transformers does not read the scales of int8 rows
    parts = [
        _HEAD.format(
            library="sentence-transformers" if both else "model2vec",
            words=words,
            dimensions=dimensions,
            dtype=dtype,
            usage=_SENTENCE_TRANSFORMERS if both else _MODEL2VEC,
        )
    ]
    counts = meta.get("counts")
    if counts is not None and len(counts):
        parts.append(f"\nThe words occur {int(counts.sum()):,} times in the corpus.\n")
    parts += _table("score", [(_cell(name), _number(name, scores[name])) for name in scores])
    rows = [(f"`{name}`", f"`{value}`") for name, value in _parameters(meta, splitting)]
    parts += _table("parameter", rows)
    return "".join(parts)


def _table(head: str, rows: list[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    lines = [f"| {name} | {value} |\n" for name, value in rows]
    return [f"\n| {head} | value |\n|---|---|\n", *lines]


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _number(name: object, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, SupportsFloat):
        raise TypeError(f"scores: {shown(name)} is {shown(value)}: give a number")
    return f"{float(value):.4g}"


def _parameters(meta: Mapping[str, Any], splitting: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The parameters of the training and of the tokenizer, if they are known."""
    stored = meta.get("parameters")
    known = dict(stored["params"]) if isinstance(stored, dict) and "params" in stored else {}
    known |= meta.get("training") or {}
    known |= {name: splitting[name] for name in splitting.keys() & TOKENIZING}
    return [(name, _cell(repr(value))) for name, value in sorted(known.items())]
