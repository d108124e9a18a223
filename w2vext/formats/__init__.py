"""One module per file format, each with `read(path, *, limit=None, ...) -> (words, matrix, meta)`
and `write(path, words, matrix, meta=None)`. They know words and matrices, not the classes that hold
them, and none of them runs anything it reads (no pickle).
"""
