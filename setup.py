"""Builds the extension modules: every .pyx file, the csrc files it calls, and the compiler flags.

Cython's directives are set here only, because Cython ignores a misspelt directive in a file's
header. The generated C goes to build/. Environment variables: W2VEXT_DEBUG=1 adds run-time checks
and the address and undefined-behaviour sanitizers, W2VEXT_DEBUG=thread the thread sanitizer;
W2VEXT_ONLY=text._words builds only the modules that it names.
"""

import os
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError
from setuptools.modified import newer_group

DEBUG = os.environ.get("W2VEXT_DEBUG", "0")
if DEBUG == "0":
    DEBUG = ""

# The csrc files that a module calls. Each is linked into one module only: a second copy of step.c
# would be a second choice of the instruction set.
CSRC = {
    "kernels._dispatch": [
        "step.c",
        "step_avx512.c",
        "step_avx2.c",
        "step_generic.c",
        "loss.c",
    ],
    "kernels._pair": ["sigmoid.c"],
    "kernels._subwords": ["ngrams.c", "murmur.c"],
    "kernels._predict": ["predict.c"],
    "training._sampling": ["alias.c", "huffman.c"],
    "text._arrow": ["values.c"],
    "text._words": ["text.c", "text_table.c", "column.c"],
    "text._split": ["split.c"],
    "text._phrases": ["phrases.c"],
    "formats._numbers": ["number.c"],
    "graph._walks": ["walks.c"],
    "exact._exact": ["exact.c", "exact_tables.c", "exact_words.c", "exact_phrases.c"],
}
# Cython's memoryview code, compiled once instead of once per module.
SHARED = "w2vext._cython_shared"

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": bool(DEBUG),
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": bool(DEBUG),
    "embedsignature": False,
    "binding": True,
    "freethreading_compatible": True,
}

# gnu11: under -std=c11 GCC does not contract a*b + c to one FMA, which the block step needs.
FLAGS = {
    "unix": [
        "-std=gnu11",
        "-fno-math-errno",
        "-fno-trapping-math",
        "-Werror=implicit-function-declaration",
    ],
    "msvc": ["/std:c11", "/O2"],
}
OPTIMIZE = ["-O3", "-g0"]
# The generated C of these modules only calls other code; it compiles faster this way.
OPTIMIZE_LESS = {"_cython_shared": ["-O1", "-g0"], "exact._exact": ["-O1", "-g0"]}
# word2vec.c's results can be reproduced bit by bit only without contraction.
EXTRA_FLAGS = {"exact._exact": {"unix": ["-ffp-contract=off"], "msvc": ["/fp:precise"]}}

DEBUG_FLAGS = ["-O1", "-g", "-fno-omit-frame-pointer", "-UNDEBUG"]
if DEBUG == "thread":
    SANITIZERS = ["-fsanitize=thread"]
else:
    SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


class BuildExt(build_ext):
    """Translates the .pyx files and compiles them and csrc with the flags of each."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self):
        from Cython.Build import cythonize

        settings = Path("build/settings.txt")
        current = repr((DIRECTIVES, FLAGS, OPTIMIZE, OPTIMIZE_LESS, DEBUG))
        translated = cythonize(
            self.extensions,
            build_dir="build/cython",
            compiler_directives=DIRECTIVES,
            include_path=[blas_int_shim()],
            shared_utility_qualified_name=SHARED,
            force=self.force or differs(settings, current),
        )
        write(settings, current)
        headers = sorted(str(path) for path in Path("csrc").glob("*.h"))
        self.sanitizers = SANITIZERS if DEBUG and compiles_with(self.compiler, SANITIZERS) else []
        for extension, result in zip(self.extensions, translated, strict=True):
            extension.sources = result.sources
            extension.depends = [*result.depends, *headers, str(settings)]
        super().build_extensions()

    def build_extension(self, extension):
        name = extension.name.partition(".")[2]
        csrc = [f"csrc/{source}" for source in CSRC.get(name, [])]
        extension.depends += csrc
        path = self.get_ext_fullpath(extension.name)
        if self.force or newer_group(extension.sources + extension.depends, path, "newer"):
            extension.extra_objects = self.compiler.compile(
                csrc,
                output_dir=self.build_temp,
                include_dirs=["csrc"],
                extra_postargs=self.flags(name, OPTIMIZE),
            )
        extension.extra_compile_args = self.flags(name, OPTIMIZE_LESS.get(name, OPTIMIZE))
        extension.extra_link_args = self.sanitizers
        super().build_extension(extension)

    def flags(self, name, optimize):
        kind = "msvc" if self.compiler.compiler_type == "msvc" else "unix"
        flags = [*FLAGS[kind], *EXTRA_FLAGS.get(name, {}).get(kind, [])]
        if kind == "unix":
            flags += [*DEBUG_FLAGS, *self.sanitizers] if DEBUG else optimize
        return flags


def differs(path, text):
    return not path.exists() or path.read_text(encoding="utf-8") != text


def write(path, text):
    """Writes a file unless it holds the text already: its date makes what depends on it stale."""
    if differs(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def blas_int_shim():
    """Writes a .pxd that declares BLAS's integer type, and returns its folder.

    SciPy 1.18 and later declare the type; before, it is always int.
    """
    import scipy.linalg

    declared = Path(scipy.linalg.__file__).with_name("cython_blas.pxd").read_text(encoding="utf-8")
    has_type = "ctypedef" in declared and " blas_int" in declared
    source = "from scipy.linalg.cython_blas cimport" if has_type else "ctypedef int"
    write(Path("build/shim/_blas_int.pxd"), f"{source} blas_int\n")
    return "build/shim"


def compiles_with(compiler, flags):
    """Whether the compiler can build and link a file with these flags."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "empty.c")
        source.write_text("int main(void) { return 0; }\n", encoding="utf-8")
        try:
            objects = compiler.compile([str(source)], folder, extra_postargs=flags)
            compiler.link_executable(objects, "empty", folder, extra_postargs=flags)
        except (CompileError, LinkError):
            return False
    return True


def extensions():
    only = os.environ.get("W2VEXT_ONLY", "").split(",")
    modules = {
        ".".join(path.with_suffix("").parts): path.as_posix()
        for path in sorted(Path("w2vext").rglob("*.pyx"))
    }
    return [Extension(SHARED, [])] + [
        Extension(name, [source], include_dirs=["csrc"])
        for name, source in modules.items()
        if only == [""] or name.partition(".")[2] in only
    ]


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExt})
