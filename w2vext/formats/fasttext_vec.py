"""fastText's `.vec`: word2vec's text format under another name, with a space at each line's end.

Refuses fastText's `.bin` models, which hold subwords and a training state, and what word2vec_text
does.
"""

from w2vext.formats import word2vec_text


def read(path, *, limit=None, words=None, errors="strict"):
    """Read a file, plain or compressed. Parameters and result as in `word2vec_text.read`."""
    found, matrix, _ = word2vec_text.read(path, limit=limit, words=words, errors=errors)
    return found, matrix, {"format": "fastText .vec"}


def write(path, words, matrix, meta=None):
    """Write words and matrix, all or nothing. Raises as `word2vec_text.write` does."""
    word2vec_text.write(path, words, matrix, meta)
