"""Fixtures for many tests, and the choice of the package that the tests import."""

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


# Test the installed package, unless the project folder is built in place: `python -m pytest` puts
# that folder on the path even where it has no compiled modules.
if _holds_compiled_modules():
    sys.path.insert(0, str(PROJECT))
else:
    sys.path[:] = [p for p in sys.path if Path(p or os.curdir).resolve() != PROJECT]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background jobs ignore Ctrl-C, and the processes that the tests start would too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Tests that use these fixtures get these markers.
MARKERS = {"browser": pytest.mark.browser, "data": pytest.mark.slow}


@pytest.hookimpl(tryfirst=True)  # before tests are deselected by their markers
def pytest_collection_modifyitems(items):
    for item in items:
        for name, marker in MARKERS.items():
            # A parameter of a test may have the name, too.
            parameters = getattr(getattr(item, "callspec", None), "params", {})
            if name in item.fixturenames and name not in parameters:
                item.add_marker(marker)


@pytest.fixture(scope="session")
def project():
    """The project's folder, with csrc, README and other files that are not installed."""
    return PROJECT


@pytest.fixture(scope="module")
def theirs(wv):
    """gensim's KeyedVectors with the words and vectors of the module's fixture `wv`."""
    models = pytest.importorskip("gensim.models")
    found = models.KeyedVectors(wv.vector_size)
    found.add_vectors(wv.index_to_key, wv.vectors)
    return found


@pytest.fixture(scope="module")
def browser():
    """A browser, or a skip if none is installed."""
    from helpers.browser import Browser, missing

    if missing():
        pytest.skip(missing())
    started = Browser()
    yield started
    started.close()


@pytest.fixture(scope="session")
def data():
    """The folder of real corpora and evaluation sets, or a skip if W2VEXT_DATA is not set."""
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
    """Makes `demo.sentences`, which reads thousands of files, cache its first result."""
    from w2vext import demo

    monkeypatch.setattr(demo, "sentences", lambda report=None: _demo_sentences())
