"""gensim 4's classes for word vectors, on this package's engine.

Replace ``gensim`` by ``w2vext.gensim`` in the imports of a program: the modules and classes have
gensim's names, constructors, methods and defaults. Files are written in this package's formats,
which run no code when they are loaded. Arguments that cannot be offered raise an error that names
them.
"""

from __future__ import annotations

from w2vext.gensim import models, utils

__all__ = ["models", "utils"]
