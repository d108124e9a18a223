"""From text to an id stream: corpora, counting, vocabulary, encoding.

This package is internal; users import `Vocabulary` from `w2vext`.
"""

__all__: list[str] = []
