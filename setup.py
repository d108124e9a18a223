"""The extension modules: which csrc file is linked into which, and the flags of each compiler.

Everything else stands in pyproject.toml. Cython's directives live here alone, since a misspelt one
in a file's header would be accepted in silence. The generated C goes to build/.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Each csrc file is linked into one extension only: two copies would be two tables to choose from.
EXTENSIONS = {
    "kernels._dispatch": [
        "step.c",
        "step_avx512.c",
        "step_avx2.c",
        "step_generic.c",
        "loss.c",
    ],
    "kernels._pair": ["sigmoid.c"],
    "kernels._softmax": [],
    "kernels._subwords": ["ngrams.c", "predict.c"],
    "training._sampling": ["alias.c", "huffman.c"],
    "training._plan": [],
    "training._loop": [],
    "training._shard": [],
    "text._words": ["text.c"],
    "text._tokens": [],
    "text._phrases": ["phrases.c"],
    "formats._numbers": ["number.c"],
    "formats._fasttext": [],
    "search._topn": [],
    "lessons._minibatch": [],
    "exact._exact": ["exact.c", "exact_tables.c", "exact_words.c", "exact_phrases.c"],
}

# A sum that shall have the same bits everywhere must not be contracted.
EXTRA_FLAGS = {"exact._exact": {"unix": ["-ffp-contract=off"], "msvc": ["/fp:precise"]}}

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "embedsignature": True,
    "binding": True,
    "freethreading_compatible": True,
}

# gnu11, since c11 forbids GCC to contract a*b + c to one FMA, which the block step lives on.
FLAGS = {
    "unix": ["-std=gnu11", "-O3", "-fno-math-errno", "-fno-trapping-math"],
    "msvc": ["/std:c11", "/O2"],
}


class BuildExt(build_ext):
    """Translates the .pyx files, only where something is built, with the compiler's own flags."""

    def finalize_options(self):
        self.distribution.ext_modules[:] = cythonize(
            self.distribution.ext_modules,
            build_dir="build/cython",
            compiler_directives=DIRECTIVES,
            include_path=[blas_int_shim()],
        )
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self):
        for extension in self.extensions:
            kind = "msvc" if self.compiler.compiler_type == "msvc" else "unix"
            extra = EXTRA_FLAGS.get(extension.name.partition(".")[2], {})
            extension.extra_compile_args += FLAGS[kind] + extra.get(kind, [])
        super().build_extensions()


def blas_int_shim():
    """A folder with the .pxd that says what BLAS's integers are: scipy's type where it has one."""
    import scipy.linalg

    declared = Path(scipy.linalg.__file__).with_name("cython_blas.pxd").read_text(encoding="utf-8")
    has_type = "ctypedef" in declared and " blas_int" in declared
    folder = Path("build/shim")
    folder.mkdir(parents=True, exist_ok=True)
    shim = folder / "_blas_int.pxd"
    text = (
        "from scipy.linalg.cython_blas cimport blas_int\n"
        if has_type
        else "ctypedef int blas_int\n"
    )
    if not shim.exists() or shim.read_text(encoding="utf-8") != text:  # its date makes others stale
        shim.write_text(text, encoding="utf-8")
    return str(folder)


def headers():
    return [f"csrc/{name}" for name in sorted(os.listdir("csrc")) if name.endswith(".h")]


def extensions():
    only = os.environ.get("W2VEXT_ONLY")
    chosen = only.split(",") if only else EXTENSIONS
    return [
        Extension(
            f"w2vext.{name}",
            [
                f"w2vext/{name.replace('.', '/')}.pyx",
                *(f"csrc/{source}" for source in EXTENSIONS[name]),
            ],
            include_dirs=["csrc"],
            depends=headers(),
        )
        for name in chosen
    ]


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExt})
