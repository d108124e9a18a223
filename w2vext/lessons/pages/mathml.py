"""Convert a small subset of LaTeX to MathML, which browsers render without a library.

The subset: letters, numbers, operators, _ and ^ with {groups}, ', \\frac, \\sum, \\prod, \\hat,
\\text and the names in SYMBOLS. Anything else raises ValueError.
"""

from __future__ import annotations

import re
from html import escape

SYMBOLS = {
    "sigma": "σ",
    "eta": "η",
    "theta": "θ",
    "partial": "∂",
    "cdot": "·",
    "otimes": "⊗",
    "top": "⊤",
    "in": "∈",
    "ne": "≠",
    "le": "≤",
    "leftarrow": "←",
    "ldots": "…",
}
FUNCTIONS = {"log", "exp", "softmax"}
LARGE = {"sum": "∑", "prod": "∏"}
LETTERS = "σηθ∂"  # symbols that are letters; the others are operators
TOKEN = re.compile(r"\s*(\\[a-zA-Z]+|[A-Za-z]|\d+(?:\.\d+)?|[-+=()\[\],;:<>/|½·⊗_^{}'])")


def mathml(text: str, block: bool = True) -> str:
    """Return the <math> element of a formula, with `text` as its alternative text."""
    tokens, at = [], 0
    while at < len(text.rstrip()):
        raw = re.compile(r"\s*\\text\{([^{}]*)\}").match(text, at)
        found = raw or TOKEN.match(text, at)
        if not found:
            raise ValueError(f"cannot parse {text!r} at {text[at:]!r}")
        tokens.append(("text", raw[1]) if raw else ("token", found[1]))
        at = found.end()
    parser = _Parser(text, tokens)
    body = parser.row()
    if parser.tokens:
        raise ValueError(f"unbalanced braces in {text!r}")
    display = ' display="block"' if block else ""
    return f'<math{display} alttext="{escape(text)}">{body}</math>'


def spoken(text: str) -> str:
    """Return a formula as plain text, such as ∂E/∂W′ or cⱼ, for screen readers."""
    text = re.sub(r"\\text\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\frac\{([^{}]*)\}\{((?:[^{}]|\{[^{}]*\})*)\}", r"\1/\2", text)
    text = re.sub(r"\\(partial|sigma|eta|theta) ?", lambda m: SYMBOLS[m[1]], text)
    text = re.sub(r"\\([a-z]+)", lambda m: SYMBOLS.get(m[1], m[1]), text)
    text = re.sub(r"_([ij])(?![a-z])", lambda m: {"i": "ᵢ", "j": "ⱼ"}[m[1]], text)
    return re.sub(r"[{}]", "", text).replace("E I", "EI").replace("'", "′").strip()


class _Parser:
    def __init__(self, text: str, tokens: list[tuple[str, str]]) -> None:
        self.text, self.tokens = text, tokens[::-1]

    def peek(self) -> str | None:
        return self.tokens[-1][1] if self.tokens and self.tokens[-1][0] == "token" else None

    def take(self, expected: str) -> None:
        if self.peek() != expected:
            raise ValueError(f"expected {expected} in {self.text!r}")
        self.tokens.pop()

    def row(self) -> str:
        parts = []
        while self.tokens and self.peek() != "}":
            parts.append(self.scripted())
        return "<mrow>" + "".join(parts) + "</mrow>"

    def group(self) -> str:
        self.take("{")
        inside = self.row()
        self.take("}")
        return inside

    def scripted(self) -> str:
        """Parse an atom with its prime, index and exponent."""
        large = (self.peek() or "").lstrip("\\") in LARGE
        base, below, above = self.atom(), None, None
        while self.peek() in ("_", "^", "'"):
            kind = self.tokens.pop()[1]
            if kind == "'":
                # The glyph is small and raised already; a superscript would be hard to see.
                base = f'<mrow>{base}<mo lspace="0" rspace="0">′</mo></mrow>'
            elif kind == "_":
                below = self.group() if self.peek() == "{" else self.atom()
            else:
                above = self.group() if self.peek() == "{" else self.atom()
        names = ("munder", "mover", "munderover") if large else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{names[2]}>{base}{below}{above}</{names[2]}>"
        if below:
            return f"<{names[0]}>{base}{below}</{names[0]}>"
        return f"<{names[1]}>{base}{above}</{names[1]}>" if above else base

    def atom(self) -> str:
        if not self.tokens:
            raise ValueError(f"the formula {self.text!r} ends too early")
        kind, token = self.tokens.pop()
        if kind == "text":
            return f"<mtext>{escape(token)}</mtext>".replace(" ", "\u00a0")
        if token == "{":
            self.tokens.append((kind, token))
            return self.group()
        name = token[1:] if token.startswith("\\") else None
        if name == "frac":
            return f"<mfrac>{self.group()}{self.group()}</mfrac>"
        if name == "hat":
            return f"<mover>{self.group()}<mo>^</mo></mover>"
        if name in LARGE:
            return f"<mo>{LARGE[name]}</mo>"
        if name in FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name is not None:
            if name not in SYMBOLS:
                raise ValueError(f"unknown symbol {token} in {self.text!r}")
            token = SYMBOLS[name]
        if token.isalpha() or token in LETTERS:
            return f"<mi>{token}</mi>"
        if token[0].isdigit() or token == "½":
            return f"<mn>{token}</mn>"
        return f"<mo>{escape(token.replace('-', '−'))}</mo>"
