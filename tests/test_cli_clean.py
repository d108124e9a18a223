"""`w2vext clean`: what killed programs left is removed or finished, what others write is kept."""

import os
import signal

import pytest
from helpers.runs import finished

from w2vext import KeyedVectors, _files, cli

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")

KILLED = """
import os, signal, sys
from w2vext import KeyedVectors, _files
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
{}
"""


def killed(code, **env):
    """Run code that ends in `die()`."""
    assert finished(KILLED.format(code), **env).returncode == -signal.SIGKILL


def clean(*folders):
    return cli.main(["clean", *map(str, folders)])


def hidden(folder):
    return sorted(name for name in os.listdir(folder) if name.startswith(".w2vext-"))


def test_a_temporary_file_is_removed(tmp_path, capsys):
    (tmp_path / "v.txt").write_text("old\n")
    (tmp_path / ".mine").write_text("mine\n")
    killed(f"""
with _files.writing({str(tmp_path / "v.txt")!r}) as file:
    file.write(b"half")
    file.flush()
    die()
""")
    (left,) = hidden(tmp_path)
    assert clean(tmp_path) == 0
    out = capsys.readouterr().out
    assert out == f"{tmp_path / left}: removed, 4 bytes\n{tmp_path}: 1 removed, 4 bytes\n"
    assert sorted(os.listdir(tmp_path)) == [".mine", "v.txt"]
    assert (tmp_path / "v.txt").read_text() == "old\n"
    assert clean(tmp_path) == 0
    assert capsys.readouterr().out == f"{tmp_path}: 0 removed, 0 bytes\n"


def test_a_file_that_is_being_written_stays(tmp_path, capsys):
    with _files.writing(tmp_path / "v.txt") as file:
        file.write(b"new")
        assert clean(tmp_path) == 0
        assert "0 removed, 0 bytes, 1 of running programs left" in capsys.readouterr().out
    assert (tmp_path / "v.txt").read_text() == "new"


def test_a_folder_that_was_not_finished_is_removed(tmp_path, capsys):
    killed(f"""
os.fsync = die
KeyedVectors(["a"], [[1, 2]]).save({str(tmp_path / "v.model2vec")!r})
""")
    assert hidden(tmp_path)
    assert clean(tmp_path) == 0
    assert "1 removed, " in capsys.readouterr().out
    assert os.listdir(tmp_path) == []


def test_an_interrupted_change_is_finished(tmp_path, capsys):
    path = tmp_path / "v.tsv"
    KeyedVectors(["old"], [[1, 2]]).save(path)
    killed(f"""
replace = os.replace
def once(*names):
    os.replace = die
    replace(*names)
os.replace = once
KeyedVectors(["new"], [[3, 4]]).save({str(path)!r})
""")
    (journal,) = (name for name in hidden(tmp_path) if name.endswith(".set"))
    assert clean(tmp_path) == 0
    assert f"{tmp_path / journal}: the interrupted change is finished\n" in capsys.readouterr().out
    assert hidden(tmp_path) == []
    wv = KeyedVectors.load(path)
    assert wv.index_to_key == ["new"] and wv.vectors.tolist() == [[3, 4]]


def test_the_copy_of_a_stream(tmp_path, capsys, monkeypatch):
    """It is in the folder for temporary files, and the next stream that is read removes it too."""
    code = "with _files.as_path(open(os.devnull, 'rb')):\n    die()"
    killed(code, TMPDIR=str(tmp_path))
    assert len(hidden(tmp_path)) == 1
    assert clean(tmp_path) == 0
    assert "1 removed, 0 bytes" in capsys.readouterr().out
    killed(code, TMPDIR=str(tmp_path))
    monkeypatch.setattr(_files._reading.tempfile, "tempdir", str(tmp_path))
    with open(os.devnull, "rb") as empty, _files.as_path(empty):
        assert len(hidden(tmp_path)) == 1
        assert clean(tmp_path) == 0
        assert "1 of running programs left" in capsys.readouterr().out
    assert hidden(tmp_path) == []


def test_several_folders_and_none(tmp_path, capsys, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path)
    assert clean("a", "b") == 0
    assert capsys.readouterr().out == "a: 0 removed, 0 bytes\nb: 0 removed, 0 bytes\n"
    assert clean("gone") == 1
    assert "gone: No such file" in capsys.readouterr().err
    assert clean() == 2
