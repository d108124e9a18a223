"""The report of `show_config`: versions, BLAS, threads, kernels and instruction set."""

from __future__ import annotations

import os
import platform
from typing import Any

from w2vext import __version__


class Config(dict[str, Any]):
    """A dict that prints as a table."""

    def __str__(self) -> str:
        width = max(map(len, self))
        return "\n".join(f"{key:{width}}  {_shown(value)}" for key, value in self.items())

    __repr__ = __str__


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def show_config() -> Config:
    """Return versions, BLAS, threads and kernels as a dict that prints as a table.

    Returns
    -------
    Config
        A dict with these keys:

        - "w2vext", "python", "platform", "numpy", "scipy": versions and platform
        - "blas": the BLAS libraries that SciPy uses and their threads, which training limits to one
        - "threads": the number of workers for ``workers=None``
        - "kernels": the implementations of a training step
        - "instruction set": the one that the block kernel uses
        - "available": the instruction sets that run here; the environment variable W2VEXT_ISA
          selects one

    Examples
    --------
    >>> import w2vext
    >>> print(w2vext.show_config()["w2vext"])  # doctest: +SKIP
    0.1.0
    """
    import numpy
    import scipy

    from w2vext import _threads
    from w2vext.kernels import _dispatch

    return Config(
        {
            "w2vext": __version__,
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "platform": f"{platform.system()} {platform.machine()}",
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
            "blas": _blas(),
            "threads": _threads.resolve(None),
            "kernels": ["pair", "block"],
            "instruction set": _dispatch.isa(),
            "available": list(_dispatch.isas()),
        }
    )


def _blas() -> list[str]:
    """The BLAS libraries in this process, or only SciPy's if SciPy has its own."""
    from scipy.linalg import cython_blas  # noqa: F401  (loads the library that the kernels use)
    from threadpoolctl import threadpool_info

    found = [each for each in threadpool_info() if each["user_api"] == "blas"]
    scipys = [
        each for each in found if "scipy" in os.path.basename(os.path.dirname(each["filepath"]))
    ]
    shown = []
    for each in scipys or found:
        facts = [each.get("version"), each.get("architecture"), f"{each['num_threads']} threads"]
        shown.append(f"{each['internal_api']} {' '.join(str(fact) for fact in facts if fact)}")
    return shown or ["unknown to threadpoolctl"]
