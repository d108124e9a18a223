"""The arithmetic of one training step: instruction-set dispatch, pair kernel, softmax, BLAS.

This package is internal; `w2vext.show_config()` reports the kernels in use.
"""

__all__: list[str] = []
