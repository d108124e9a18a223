"""Model2Vec folders: static word vectors that model2vec and sentence-transformers load.

A folder has model.safetensors, tokenizer.json, config.json, modules.json and a model card,
README.md. The tokenizer splits text as training did and drops unknown words, so that the vector of
a document is the mean of its known words. Folders by other programs are read if their tokenizer
lists its tokens.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import CHECK_PATH, damaged, shown
from w2vext.formats import _hf_tokenizer, _model_card, _rows, _tensors
from w2vext.formats._choice import WORD, Budget, Choice, folder_of, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import FilePath, Float32, Floats

_NEEDED = ("model.safetensors", "tokenizer.json", "config.json")
_FILES = (*_NEEDED, "modules.json", "README.md")
DTYPES = ("float32", "float16", "int8")


def write(
    path: FilePath,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    *,
    dtype: str = "float32",
    scores: Mapping[str, float] | None = None,
) -> None:
    """Write words and matrix to a folder.

    Parameters
    ----------
    path : str or path-like
    words : sequence
    matrix : array of shape (V, d)
    meta : dict, optional
        `tokenizer`: has a method `described`, whose result `_hf_tokenizer.content` explains; by
        default words are what is between white space. `counts` and `parameters`, or `training`,
        the parameters alone, are described in the model card.
    dtype : {"float32", "float16", "int8"}
        The type of the numbers. Each int8 row has a scale of its own, in the tensor of weights:
        model2vec multiplies by it, but sentence-transformers does not, so a folder of int8 has no
        modules.json, and sentence-transformers does not load it.
    scores : mapping, optional
        Scores of these vectors by name, for the model card.

    Raises
    ------
    TypeError
        `scores` is not a mapping of names to numbers.
    ValueError
        `dtype` is unknown, a number is beyond float16, or as for `word2vec_text.write`.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype={shown(dtype)}: choose 'float32', 'float16' or 'int8'")
    meta = meta or {}
    matrix = _rows.check_matrix(words, matrix)
    tokens = [word.decode() for word in _rows.encode_words(words)]
    tensors = _tensors_of(tokens, matrix, dtype)
    splitting = _rules(meta)
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": "w2vext",
        "hidden_dim": matrix.shape[1],
        "max_length": None,
        "normalize": False,
        "embedding_dtype": dtype,
    }
    parts: dict[str, Any] = {
        "tokenizer.json": _hf_tokenizer.content(tokens, splitting),
        "config.json": config,
    }
    if dtype != "int8":
        kind = "sentence_transformers.models.StaticEmbedding"
        parts["modules.json"] = [{"idx": 0, "name": "0", "path": ".", "type": kind}]
    if scores is not None and not isinstance(scores, Mapping):
        raise TypeError(f"scores={shown(scores)}: give a mapping of names to numbers")
    card = _model_card.text(len(tokens), matrix.shape[1], dtype, meta, splitting, scores or {})
    with _files.writing_folder(path, _why_to_keep) as folder:
        with folder.open("model.safetensors") as file:
            _tensors.write(file, tensors, {})
        for name, content in parts.items():
            with folder.open(name) as file:
                file.write(json.dumps(content, ensure_ascii=False).encode())
        with folder.open("README.md") as file:
            file.write(card.encode())


def _rules(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The description of the tokenizer of the training; {} if it is white space."""
    tokenizer = meta.get("tokenizer")
    if tokenizer is not None:
        described: dict[str, Any] = tokenizer.described()
        return described
    params = (meta.get("parameters") or {}).get("params", {})
    if params.get("tokenizer", "whitespace") != "whitespace" or params.get("lowercase"):
        raise ValueError(
            "the file of vectors is that of a model with a tokenizer: load it by Word2Vec.load and "
            "write the folder by its wv.save, which writes the tokenizer, too"
        )
    return {}


def int8_rows(matrix: Float32) -> tuple[NDArray[np.int8], Float32]:
    """Rows (V, d) as int8, and the scale of each, by which its integers are multiplied."""
    scales = np.abs(matrix).max(axis=1, initial=0) / np.float32(127)
    codes = np.divide(matrix, scales[:, None], where=scales[:, None] > 0, out=0 * matrix)
    return np.rint(codes).astype(np.int8), scales


def _tensors_of(tokens: list[str], matrix: Float32, dtype: str) -> dict[str, NDArray[Any]]:
    """The tensors of a folder: `embeddings`, and `weights` with int8."""
    if dtype == "int8":
        codes, scales = int8_rows(matrix)
        return {"embeddings": codes, "weights": scales}
    return {"embeddings": _rows.cast(matrix, tokens, dtype)}


def _why_to_keep(folder: str) -> str | None:
    """Why an old folder must not be replaced; None if it is only a Model2Vec model."""
    present = set(os.listdir(folder))
    others = sorted(present - set(_FILES))
    if others:
        return f"it contains {others[0]!r}, which is not part of a Model2Vec model"
    missing = [name for name in _NEEDED if name not in present]
    if missing:
        return (
            f"it contains {min(present)!r} but not {missing[0]!r}, so it is not a Model2Vec model"
        )
    try:
        config = _json(Path(folder, "config.json"))
    except ValueError:
        config = {}
    if config.get("model_type") != "model2vec":
        return "its config.json does not say that it is a Model2Vec model"
    return None


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a folder. Parameters and result as in `word2vec_text.read`.

    The token for unknown words is left out if its row is all zeros.
    """
    choice = Choice(**how)
    choice.check_unicode("model2vec")
    path = folder_of(path, "Model2Vec")
    place, needed = path, list(_NEEDED)
    if not (path / _NEEDED[0]).is_file() and (path / "modules.json").is_file():
        place, needed = _module(path), list(_NEEDED[:2])
    missing = [name for name in needed if not (place / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{place}: not a Model2Vec folder: it has no {missing[0]}: {CHECK_PATH}"
        )
    config = _json(path / "config.json") if place == path else {}
    budget, size = Budget(path, choice.max_memory), size_of(place)
    tokens, unknown = _vocabulary(place / "tokenizer.json")
    file = _tensors.Tensors(place / "model.safetensors")
    width = file.names.get(_matrix_name(file), (None, (0, 0)))[1][-1:]
    budget.check(len(tokens) * (WORD + 4 * sum(width)), size)
    matrix = _embeddings(file, len(tokens))
    if unknown in tokens and not matrix[tokens.index(unknown)].any():
        keep = np.arange(len(tokens)) != tokens.index(unknown)
        tokens.remove(unknown)
        matrix = matrix[keep]
    found, matrix, aside = _rows.select(path, tokens, matrix, {}, **how)
    return found, matrix, {"format": "Model2Vec", "config": config, **aside}


def _module(path: Path) -> Path:
    """The folder of the module StaticEmbedding, which modules.json of sentence-transformers names.

    Raises
    ------
    ValueError
        There is no such module: the model is not one of static vectors.
    """
    modules: Any = _parsed(path / "modules.json")
    for module in modules if isinstance(modules, list) else []:
        if isinstance(module, dict) and str(module.get("type")).endswith(".StaticEmbedding"):
            name = module.get("path")
            if isinstance(name, str) and name not in ("", "..") and Path(name).name == name:
                return path / name
    raise ValueError(
        f"{path / 'modules.json'}: it names no module StaticEmbedding with a folder: give "
        "a model of static embeddings"
    )


def _matrix_name(file: _tensors.Tensors) -> str:
    """The name of the matrix, which is another one in folders of modules."""
    return "embedding.weight" if "embedding.weight" in file.names else "embeddings"


def _json(path: Path) -> dict[str, Any]:
    content = _parsed(path)
    if not isinstance(content, dict):
        raise ValueError(damaged(path, "the content is not a JSON object"))
    return content


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(damaged(path, f"not valid JSON ({error})")) from None


def _vocabulary(path: Path) -> tuple[list[str], str | None]:
    """The tokens in the order of their ids, and the token for unknown words."""
    tokenizer = _json(path)
    model: Any = tokenizer.get("model")
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    if isinstance(vocabulary, list):  # Unigram: [token, score] by id
        pairs = [(pair[0] if isinstance(pair, list) and pair else None) for pair in vocabulary]
        ids: list[tuple[Any, Any]] = [(token, i) for i, token in enumerate(pairs)]
    elif isinstance(vocabulary, dict):
        ids = list(vocabulary.items())
    else:
        raise ValueError(damaged(path, "the tokenizer has no list of tokens"))
    added = tokenizer.get("added_tokens") or []
    if not isinstance(added, list):
        raise ValueError(damaged(path, f"'added_tokens' is {shown(added)}, expected a list"))
    ids += [(item.get("content"), item.get("id")) for item in added if isinstance(item, dict)]
    tokens: dict[str, int] = {}
    for token, i in ids:
        if not isinstance(token, str) or type(i) is not int:
            raise ValueError(damaged(path, f"the token {shown(token)} has the id {shown(i)}"))
        if not token.isascii() and any("\ud800" <= char < "\ue000" for char in token):
            raise ValueError(damaged(path, f"the token {shown(token)} contains a lone surrogate"))
        tokens.setdefault(token, i)
    if sorted(tokens.values()) != list(range(len(tokens))):
        what = f"the tokens' ids are not 0 to {len(tokens) - 1}, each once"
        raise ValueError(damaged(path, what))
    unknown = model.get("unk_token")
    ordered = _hf_tokenizer.without_prefix(tokenizer, sorted(tokens, key=tokens.__getitem__))
    return ordered, unknown if isinstance(unknown, str) else None


def _embeddings(file: _tensors.Tensors, count: int) -> Float32:
    """(count, d) float32: each token's row, or the row that it is mapped to, times its weight."""
    name = _matrix_name(file)
    kind, shape = file.names.get(name, (None, ()))
    if kind not in ("I8", "F16", "F32", "F64") or len(shape) != 2:
        found = ", ".join(map(repr, file.names)) or "no tensor"
        raise ValueError(f"{file.path}: no matrix 'embeddings', only {found}: {CHECK_PATH}")
    with np.errstate(over="ignore"):
        matrix = file.map(name).astype(np.float32)
    if "mapping" in file.names:
        mapping = file.map("mapping")
        if mapping.shape != (count,) or mapping.dtype.kind != "i" or not len(matrix):
            what = f"'mapping' has shape {mapping.shape} for {count:,} tokens"
            raise ValueError(damaged(file.path, what))
        if count and not 0 <= mapping.min() <= mapping.max() < len(matrix):
            what = f"'mapping' points beyond the {len(matrix):,} embeddings"
            raise ValueError(damaged(file.path, what))
        matrix = matrix[mapping]
    if len(matrix) != count:
        raise ValueError(damaged(file.path, f"{len(matrix):,} embeddings for {count:,} tokens"))
    if "weights" in file.names:
        weights = file.map("weights")
        if weights.shape != (count,) or weights.dtype.kind != "f":
            what = f"'weights' has shape {weights.shape} for {count:,} tokens"
            raise ValueError(damaged(file.path, what))
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = matrix * weights.astype(np.float32)[:, None]
    return matrix
