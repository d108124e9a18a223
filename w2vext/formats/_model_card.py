"""README.md of a folder of vectors: the model card that hubs show."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
) -> str:
    """The card: what the vectors are, how to load them, the corpus and the parameters."""
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
    rows = _parameters(meta, splitting)
    if rows:
        parts.append("\n| parameter | value |\n|---|---|\n")
        parts += [f"| `{name}` | `{value}` |\n" for name, value in rows]
    return "".join(parts)


def _parameters(meta: Mapping[str, Any], splitting: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The parameters of the training and of the tokenizer, if they are known."""
    stored = meta.get("parameters")
    known = dict(stored["params"]) if isinstance(stored, dict) and "params" in stored else {}
    known |= {name: splitting[name] for name in splitting.keys() & TOKENIZING}
    return [(name, repr(value).replace("|", "\\|")) for name, value in sorted(known.items())]
