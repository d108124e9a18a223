"""The classes of gensim 4 for word vectors, which train with this package.

Replace ``gensim`` by ``w2vext.gensim`` in the imports of a program: the modules and classes have
gensim's names, constructors, methods and defaults. Files are written in this package's formats,
and loading them never runs code. An argument that is not available raises an error that names it.
"""

from __future__ import annotations

from w2vext.gensim import models, utils

__all__ = ["models", "utils"]
