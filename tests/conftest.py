"""What the tests share: which package they test, and where the data is."""

import os
import signal
import sys
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


def _holds_compiled_modules():
    return any((PROJECT / "w2vext" / "kernels").glob("*.so")) or any(
        (PROJECT / "w2vext" / "kernels").glob("*.pyd")
    )


# `python -m pytest` puts the project folder on the path, where w2vext has no compiled modules: the
# installed package is the one to test, unless this is a build in place.
if _holds_compiled_modules():
    sys.path.insert(0, str(PROJECT))
else:
    sys.path[:] = [p for p in sys.path if Path(p or os.curdir).resolve() != PROJECT]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A script's background jobs are deaf to Ctrl-C, and so would be what the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def project():
    """The project's folder: csrc, README and the rest that an installed package lacks."""
    return PROJECT


@pytest.fixture(scope="session")
def data():
    """The folder of real corpora and evaluation sets, or a skip where there is none."""
    folder = os.environ.get("W2VEXT_DATA")
    if not folder:
        pytest.skip("W2VEXT_DATA is not set: the folder of real corpora")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def _demo_sentences():
    from w2vext import demo

    read = demo.sentences
    return cache(lambda: read())


@pytest.fixture
def demo_once(_demo_sentences, monkeypatch):
    """`demo.sentences` gives what it gave the first time: it reads some thousand files."""
    from w2vext import demo

    monkeypatch.setattr(demo, "sentences", lambda report=None: _demo_sentences())
