"""Runs each case of csrc/tests/test_*.c as a separate test: plain, with sanitizers, on aarch64.

The compiler is $CC or the one that built Python; for aarch64 a cross-compiler, and an emulator.
"""

import os
import platform
import re
import shlex
import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CSRC = Path(__file__).resolve().parent.parent / "csrc"
FLAGS = ["-std=gnu11", "-g", "-Wall", "-Wextra", "-Werror", "-fno-math-errno", "-fno-trapping-math"]
VARIANTS = {
    "plain": ["-O3"],
    "sanitized": ["-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined",
                  "-fno-sanitize-recover=all"],
    "aarch64": ["-O3", "-static"],
}  # fmt: skip
# For another processor: Debian's packages gcc-aarch64-linux-gnu and qemu-user.
CROSS = {"aarch64": (["aarch64-linux-gnu-gcc"], ["qemu-aarch64"])}

MAIN = """
int main(int argc, char **argv)
{{
    static const struct {{ const char *name; void (*run)(void); }} cases[] = {{ {cases} }};
    for (size_t i = 0; argc == 2 && i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(cases[i].name, argv[1])) {{
            cases[i].run();
            return 0;
        }}
    return 2;
}}
"""


def cases_of(text):
    return re.findall(r"^CASE\((\w+)\)", text, re.MULTILINE)


def entries_of(cases):
    return ", ".join(f'{{"{name}", case_{name}}}' for name in cases)


def sources_of(text):
    lines = re.findall(r"/\* sources:(.*?)\*/", text)
    return [CSRC / name for line in lines for name in line.split()]


CASES = [
    pytest.param(file, variant, case, id=f"{file.stem.removeprefix('test_')}-{case}-{variant}")
    for file in sorted(CSRC.glob("tests/test_*.c"))
    for case in cases_of(file.read_text(encoding="utf-8"))
    for variant in VARIANTS
]


@cache
def compiler(variant="plain"):
    """The command that compiles a variant; None where it is missing."""
    if variant in CROSS:
        command, emulator = CROSS[variant]
        return command if shutil.which(command[0]) and shutil.which(emulator[0]) else None
    command = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    return command if shutil.which(command[0]) else None


def runner(variant):
    """What is put before a program to run it."""
    return CROSS[variant][1] if variant in CROSS else []


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """A function (file, variant) -> path of the program that runs its cases."""
    folder = tmp_path_factory.mktemp("csrc")

    def compiled(name, main, sources, variant):
        source, program = folder / f"{name}-{variant}.c", folder / f"{name}-{variant}"
        source.write_text(main, encoding="utf-8")
        command = [*compiler(variant), *FLAGS, *VARIANTS[variant], f"-I{CSRC}",
                   f"-I{CSRC / 'tests'}", str(source), *map(str, sources), "-lm",
                   "-o", str(program)]  # fmt: skip
        return program, subprocess.run(command, capture_output=True, text=True, check=False)

    @cache
    def works(variant):
        program, built = compiled("nothing", "int main(void) { return 0; }", [], variant)
        command = [*runner(variant), program]
        return built.returncode == 0 and subprocess.run(command, check=False).returncode == 0

    @cache
    def build(file, variant):
        if compiler(variant) is None:
            needed = " and ".join(each[0] for each in CROSS.get(variant, ()))
            pytest.skip(f"needs {needed or 'a C compiler'}")
        if not works(variant):
            pytest.skip(f"the compiler {compiler(variant)[0]} cannot build {VARIANTS[variant]}")
        text = file.read_text(encoding="utf-8")
        main = f'#include "{file.name}"\n' + MAIN.format(cases=entries_of(cases_of(text)))
        program, built = compiled(file.stem, main, sources_of(text), variant)
        return program, built

    return build


@pytest.mark.parametrize(("file", "variant", "case"), CASES)
def test_csrc(build, file, variant, case):
    program, built = build(file, variant)
    assert built.returncode == 0, built.stderr
    command = [*runner(variant), program, case]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr or f"exit {ran.returncode}"


PAGE = CSRC.parent / "docs" / "extending" / "instruction-set.md"
TEST_STEP = (CSRC / "tests" / "test_step.c").read_text(encoding="utf-8")
STEP_CASES = cases_of(TEST_STEP)


@pytest.fixture(scope="session")
def documented_set(tmp_path_factory):
    """A program that runs the cases of test_step.c on the instruction set that the docs add."""
    if compiler() is None:
        pytest.skip("no C compiler")
    page = PAGE.read_text(encoding="utf-8")
    name, source = re.search(r'```c title="csrc/(step_\w+)\.c"\n(.*?)```', page, re.DOTALL).groups()
    folder = tmp_path_factory.mktemp("page")
    (folder / f"{name}.c").write_text(source, encoding="utf-8")
    main = MAIN.format(cases=entries_of(STEP_CASES))
    (folder / "main.c").write_text(f'#include "test_step.c"\n{main}', encoding="utf-8")
    sources = [*sources_of(TEST_STEP), folder / f"{name}.c"]
    program = folder / "main"
    compiles([
        *compiler(), *FLAGS, "-O3", f"-DSTEP_SET=w2v_{name}", f"-I{CSRC}", f"-I{CSRC / 'tests'}",
        str(folder / "main.c"), *map(str, sources), "-lm", "-o", str(program),
    ])  # fmt: skip
    return program


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the set is for x86-64")
@pytest.mark.parametrize("case", STEP_CASES)
def test_documented_instruction_set(documented_set, case):
    ran = subprocess.run(
        [documented_set, case], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr or f"exit {ran.returncode}"


def test_every_case_is_found():
    """A case that is not written as CASE(name) at the start of a line would never be run."""
    for file in CSRC.glob("tests/test_*.c"):
        text = file.read_text(encoding="utf-8")
        assert len(cases_of(text)) == len(re.findall(r"\bCASE\s*\(", text)), file.name
        assert len(set(cases_of(text))) == len(cases_of(text)), file.name


SOURCES = sorted(CSRC.glob("*.c"))


def compiles(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", SOURCES, ids=lambda path: path.name)
def test_external_symbols_start_with_w2v(file, tmp_path):
    if compiler() is None or shutil.which("nm") is None:
        pytest.skip("no C compiler or no nm")
    object_file = tmp_path / "file.o"
    compiles([*compiler(), *FLAGS, f"-I{CSRC}", "-c", str(file), "-o", str(object_file)])
    command = ["nm", "--extern-only", "--defined-only", str(object_file)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = [line.split()[-1].removeprefix("_") for line in listed.splitlines()]
    assert names
    assert [name for name in names if not name.startswith("w2v_")] == []


# ---- other compilers and targets, as far as they can be checked here

STRICT = ["-Wall", "-Wextra", "-Wvla", "-Werror", "-fsyntax-only", f"-I{CSRC}"]
# Microsoft's compiler does not define __GNUC__; clang does not have the C library of that target.
SYSTEMS = {
    "x86_64-pc-windows-msvc": ["-std=c11", "-pedantic-errors", "-U__clang__"],
    "aarch64-pc-windows-msvc": ["-std=c11", "-pedantic-errors", "-U__clang__"],
    "aarch64-linux-gnu": ["-std=gnu11", "-ffreestanding"],
    "arm64-apple-macos11": ["-std=gnu11", "-ffreestanding"],
    "x86_64-apple-macos11": ["-std=gnu11", "-ffreestanding"],
}


@pytest.mark.parametrize("file", SOURCES, ids=lambda path: path.name)
def test_plain_c11(file, tmp_path):
    """No extensions and no variable-length arrays, except in `#if defined(__GNUC__)`."""
    if compiler() is None:
        pytest.skip("no C compiler")
    texts = (each.read_text(encoding="utf-8") for each in CSRC.glob("*.[ch]"))
    libc = {name for text in texts for name in re.findall(r"#include <(\w+\.h)>", text)}
    # libc's headers come first, because they may need the extensions.
    lines = [
        f"#include <{name}>" for name in sorted(libc - {"intrin.h", "emmintrin.h", "immintrin.h"})
    ]
    source = tmp_path / "alone.c"
    source.write_text(
        "\n".join([*lines, "#undef __GNUC__", "#undef __clang__", f'#include "{file}"', ""]),
        encoding="utf-8",
    )
    compiles([*compiler(), "-std=c11", "-pedantic-errors", *STRICT, str(source)])


@pytest.mark.parametrize("system", SYSTEMS)
def test_other_targets_compile_it(system):
    """Checks only syntax and types; csrc/tests/libc replaces the C library."""
    if shutil.which("clang") is None:
        pytest.skip("clang, which compiles for other targets, is not installed")
    target = [f"--target={system}", *SYSTEMS[system], f"-isystem{CSRC / 'tests' / 'libc'}"]
    compiles(["clang", *target, *STRICT, *map(str, SOURCES)])
