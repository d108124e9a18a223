"""Damaged files of every kind that the package reads; tests/fuzz.py runs more of them."""

import os
import re
import shlex

import fuzz
import pytest
from helpers import planted_readers, readers

from w2vext import formats

pytestmark = pytest.mark.skipif(
    not os.path.exists("/proc/self/clear_refs"), reason="needs Linux: processes and their memory"
)
PLANTED = ["--module", "helpers.planted_readers", "--seed", "3", "--seconds", "0.5"]


def test_every_format_has_a_reader():
    # The first has the reader of model2vec, the second that of spaCy.
    alike = {"sentence-transformers", "spacy"}
    assert set(formats.FORMATS) - alike <= set(readers.READERS)


def test_damaged_files_end_in_a_clear_error(capsys):
    status = fuzz.main(["--cases", "2000", "--seed", "14"])
    assert status == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=pytest.mark.slow if k == "hang" else ()) for k in fuzz.KINDS]
)
def test_a_planted_fault_is_found(kind, capsys):
    assert fuzz.main([*PLANTED, "--reader", kind, "--cases", "2"]) == 1
    out = capsys.readouterr().out
    found = re.findall(rf"^{kind}, case (\d+): (.*?): ", out, re.MULTILINE)
    assert found and {each[1] for each in found} == {kind}
    assert " 2 cases " in out, "a crash must not end the run"


def test_a_fault_is_repeated_by_its_command(capsys, tmp_path):
    assert fuzz.main([*PLANTED, "--reader", "wrong type", "--cases", "4"]) == 1
    out = capsys.readouterr().out
    number = re.search(r"case (\d+):", out)[1]
    command = re.search(rf"python tests/fuzz.py (.* --first {number} .*)", out)[1]
    arguments = [str(tmp_path) if each == "folder" else each for each in shlex.split(command)]
    assert fuzz.main(arguments) == 1
    assert f"case {number}: wrong type: KeyError" in capsys.readouterr().out
    assert (tmp_path / "f").read_bytes() != planted_readers.CONTENT


def test_other_errors_are_not_faults(capsys):
    assert fuzz.main([*PLANTED, "--reader", "sound", "--cases", "4"]) == 0
    assert "4 cases, 0 faults" in capsys.readouterr().out


def test_an_unknown_reader_is_an_error():
    with pytest.raises(SystemExit, match="--reader nothing: not one of word2vec, "):
        fuzz.main(["--reader", "nothing"])
