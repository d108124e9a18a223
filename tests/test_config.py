"""`show_config` and its table."""

import os
import subprocess
import sys

import numpy as np

import w2vext
from w2vext import _threads
from w2vext.kernels import _dispatch


def test_values():
    config = w2vext.show_config()
    assert config["w2vext"] == w2vext.__version__
    assert config["numpy"] == np.__version__
    assert config["threads"] == _threads.resolve(None)
    assert config["instruction set"] == _dispatch.isa()
    assert config["instruction set"] in config["available"]
    assert config["blas"]


def test_prints_one_row_per_key():
    config = w2vext.show_config()
    lines = str(config).splitlines()
    assert len(lines) == len(config) and repr(config) == str(config)
    assert lines[0].split() == ["w2vext", w2vext.__version__]


def test_environment_selects_the_instruction_set(tmp_path):
    folder = os.path.dirname(os.path.dirname(w2vext.__file__))
    code = "import w2vext; print(w2vext.show_config()['instruction set'])"
    env = {**os.environ, "PYTHONPATH": folder, "W2VEXT_ISA": "generic"}
    out = subprocess.check_output(
        [sys.executable, "-c", code], text=True, env=env, cwd=tmp_path, timeout=600
    )
    assert out == "generic\n"
