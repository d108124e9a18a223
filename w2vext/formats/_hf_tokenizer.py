"""tokenizer.json of Hugging Face's tokenizers: one token per word, split as in training.

The model is BPE without merges, which takes whole words from the vocabulary (`ignore_merges`) and
has no token for unknown words. Each word has a prefix, so that no character of an unknown word is
a token: unknown words are dropped, as in `transform`. A WordLevel model needs a token for unknown
words, which sentence-transformers would count in the mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext._arguments.sentences import BETWEEN_WHITESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

PREFIXES = "\u2581\u2582\u2583\u2584\u2585"  # the first is the usual one


def content(words: Sequence[str], training: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The content of tokenizer.json.

    Parameters
    ----------
    words : sequence of str
        The words in the order of their rows.
    training : dict, optional
        `lowercase`; `words`, a regular expression that matches the words of a text; and `accents`,
        one that matches the combining marks to remove, or None. By default words are what is
        between white space.
    """
    training = training or {}
    prefix = next((each for each in PREFIXES if not _begins(words, each)), None)
    if prefix is None:
        raise ValueError(
            f"a word begins with {PREFIXES[0]!r}, another one with {PREFIXES[-1]!r}: these mark "
            "the beginning of words in tokenizer.json; rename the words"
        )
    steps = [
        _matches(training.get("words", BETWEEN_WHITESPACE)),
        {"type": "Metaspace", "replacement": prefix, "prepend_scheme": "always", "split": False},
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": _normalizer(training.get("lowercase", False), training.get("accents")),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,
            "vocab": {prefix + word: row for row, word in enumerate(words)},
            "merges": [],
        },
    }


def _begins(words: Sequence[str], prefix: str) -> bool:
    return any(word.startswith(prefix) for word in words)


def without_prefix(tokenizer: Mapping[str, Any], tokens: list[str]) -> list[str]:
    """The words of a tokenizer that `content` made; the tokens themselves of any other."""
    model = tokenizer.get("model")
    splitting = tokenizer.get("pre_tokenizer")
    steps = splitting.get("pretokenizers") if isinstance(splitting, dict) else None
    if not isinstance(model, dict) or not isinstance(steps, list) or not steps:
        return tokens
    last = steps[-1]
    prefix = last.get("replacement") if isinstance(last, dict) else None
    ours = model.get("ignore_merges") is True and not model.get("merges")
    if not ours or not isinstance(prefix, str) or not prefix:
        return tokens
    words = [token.removeprefix(prefix) for token in tokens]
    whole = all(words) and all(map(str.startswith, tokens, [prefix] * len(tokens)))
    return words if whole else tokens


def _matches(pattern: str) -> dict[str, Any]:
    """A pre-tokenizer whose tokens are the matches of a regular expression."""
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": True}


def _normalizer(lowercase: bool, accents: str | None) -> dict[str, Any] | None:
    """The change of the text before it is split."""
    steps: list[dict[str, Any]] = []
    if lowercase:
        # A sigma at the end of a word, as in str.lower.
        final = r"(?<=\p{Alphabetic})\u03A3(?!\p{Alphabetic})"
        steps.append({"type": "Replace", "pattern": {"Regex": final}, "content": "\u03c2"})
        steps.append({"type": "Lowercase"})
    if accents is not None:
        drop = {"type": "Replace", "pattern": {"Regex": accents}, "content": ""}
        steps += [{"type": "NFD"}, drop, {"type": "NFC"}]
    if not steps:
        return None
    return {"type": "Sequence", "normalizers": steps}
