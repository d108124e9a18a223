"""Checkpoints of a fit: continuing after a crash, other arguments, damaged files.

A crash is an exception in the writing of a checkpoint, or SIGKILL at a random moment.
"""

import json
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from helpers import kills
from helpers.runs import shorten_parts
from safetensors import safe_open

from w2vext import Callback, FastText, KeyedVectors, Word2Vec
from w2vext._estimator import checkpoint
from w2vext._estimator.checkpoint import Checkpoints, seconds
from w2vext.cli import main
from w2vext.formats import _checkpoint as files

PLAIN = {"vector_size": 12, "min_count": 1, "epochs": 3, "workers": 1, "random_state": 3}


class Crash(Exception):
    pass


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    shorten_parts(monkeypatch)


@pytest.fixture
def crash(monkeypatch):
    """A function after whose call training raises Crash when that many checkpoints are written."""

    def after(count):
        left, save = [count], Checkpoints.save

        def saved(self, snapshot):
            save(self, snapshot)
            left[0] -= 1
            if not left[0]:
                monkeypatch.setattr(Checkpoints, "save", save)
                raise Crash

        monkeypatch.setattr(Checkpoints, "save", saved)

    return after


def text(sentences=600, seed=1):
    rng = np.random.default_rng(seed)
    names = [f"w{i:02d}" for i in rng.permutation(40)]
    share = 1.0 / np.arange(2, 42)
    return [[names[i] for i in rng.choice(40, 10, p=share / share.sum())] for _ in range(sentences)]


TEXT, HELD = text(), text(80, seed=2)


def result(model):
    losses = model.loss_history_, getattr(model, "validation_loss_history_", None)
    best = getattr(model, "best_epoch_", None)
    return model.vectors_.tobytes(), model.output_vectors_.tobytes(), losses, best, model.seed_


def same(one, other):
    assert result(one) == result(other)


def files_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "lock")


KINDS = {
    "skip-gram": (Word2Vec, {}, {}),
    "CBOW, hierarchical softmax": (Word2Vec, {"architecture": "cbow", "loss": "hs"}, {}),
    "both losses": (Word2Vec, {"loss": "hs+neg"}, {}),
    "both losses, deterministic": (FastText, {"loss": "hs+neg", "bucket": 300, "workers": 2}, {}),
    "full softmax": (Word2Vec, {"loss": "softmax", "workers": 2}, {}),
    "deterministic": (Word2Vec, {"workers": 2}, {}),
    "FastText": (FastText, {"bucket": 300}, {}),
    "FastText, deterministic": (FastText, {"bucket": 300, "workers": 3}, {}),
    "shuffled": (Word2Vec, {"shuffle": True, "schedule": "cosine"}, {}),
    "validation": (Word2Vec, {"epochs": 5, "patience": 2, "alpha": 0.5}, {"validation": HELD}),
    "frozen": (Word2Vec, {}, {"init": {"w01": np.ones(12), "w07": -np.ones(12)}, "freeze": True}),
    "pooling": (Word2Vec, {"pooling": "sif"}, {}),
}


@pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=[pytest.mark.slow] if k.startswith("both") else []) for k in KINDS],
)
def test_the_same_call_continues_after_a_crash(kind, crash, tmp_path):
    made, parameters, options = KINDS[kind]
    parameters = {**PLAIN, **parameters}
    whole = made(**parameters).fit(TEXT, **options)
    crashes = 0
    for count in range(1, 100):  # after the first checkpoint, then after the second of the rest ...
        crash(count)
        try:
            model = made(**parameters).fit(
                TEXT, **options, checkpoint=tmp_path / "run", checkpoint_every=0
            )
            break
        except Crash:
            crashes += 1
    assert crashes >= 3
    same(model, whole)
    if kind == "pooling":
        np.testing.assert_array_equal(model.sif_component_, whole.sif_component_)
    if kind.startswith("FastText"):
        np.testing.assert_array_equal(model.subword_vectors_, whole.subword_vectors_)


def test_partial_fit_continues(crash, tmp_path):
    more = [[f"x{i % 7}", *sentence] for i, sentence in enumerate(HELD)]

    def first():
        return Word2Vec(**PLAIN).fit(TEXT)

    whole = first().partial_fit(more)
    crash(2)
    with pytest.raises(Crash):
        first().partial_fit(more, checkpoint=tmp_path / "run", checkpoint_every=0)
    model = first().partial_fit(more, checkpoint=tmp_path / "run", checkpoint_every=0)
    same(model, whole)
    with pytest.raises(ValueError, match=r"initial vectors=.*another folder"):
        model.partial_fit(more, checkpoint=tmp_path / "run")


def test_the_estimator_is_unchanged_after_a_crash(crash, tmp_path):
    model = Word2Vec(**PLAIN).fit(TEXT)
    before = result(model)
    crash(1)
    with pytest.raises(Crash):
        model.fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    assert result(model) == before


class Never(Callback):
    def on_train_begin(self, state):
        raise AssertionError("trained again")


def test_the_call_of_a_finished_run_reads_its_result(tmp_path, capsys):
    whole = Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run")
    again = Word2Vec(**PLAIN, callbacks=[Never()], verbose=1)
    same(again.fit(TEXT, checkpoint=tmp_path / "run"), whole)
    assert "run: this run is complete; its result is read" in capsys.readouterr().err


def test_the_seed_of_a_run_without_random_state_is_kept(crash, tmp_path):
    parameters = {**PLAIN, "random_state": None}
    crash(2)
    with pytest.raises(Crash):
        Word2Vec(**parameters).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    model = Word2Vec(**parameters).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    same(model, Word2Vec(**{**PLAIN, "random_state": model.seed_}).fit(TEXT))


def test_ctrl_c_leaves_a_checkpoint_to_continue_from(tmp_path):
    whole = Word2Vec(**PLAIN).fit(TEXT)

    class Interrupt(Callback):
        def on_epoch_begin(self, state):
            if state.epoch == 2:
                raise KeyboardInterrupt

    stopped = Word2Vec(**PLAIN, callbacks=[Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        stopped.fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    assert len(stopped.loss_history_) == 1
    same(Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run"), whole)


@pytest.mark.parametrize("event", ["on_epoch_end", "on_epoch_begin", "on_words"])
def test_a_run_that_a_callback_stopped_continues(event, tmp_path):
    class Stop(Callback):
        every_words = 9_000

    def stop(self, state):
        if state.epoch == 2:
            state.stop()

    setattr(Stop, event, stop)
    parameters = {**PLAIN, "workers": 2}
    options = {
        "checkpoint": tmp_path / "run",
        "checkpoint_every": 0 if event == "on_words" else 999,
    }
    stopped = Word2Vec(**parameters, callbacks=[Stop()]).fit(TEXT, **options)
    assert len(stopped.loss_history_) == (2 if event == "on_epoch_end" else 1)
    assert files_in(tmp_path / "run")
    same(Word2Vec(**parameters).fit(TEXT, **options), Word2Vec(**parameters).fit(TEXT))


def test_several_workers_without_locks_say_that_the_bytes_differ(crash, tmp_path):
    parameters = {**PLAIN, "workers": 2, "deterministic": False}
    crash(3)
    with pytest.raises(Crash):
        Word2Vec(**parameters).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    with pytest.warns(UserWarning, match="is valid, .*several workers train without locks") as told:
        model = Word2Vec(**parameters).fit(TEXT, checkpoint=tmp_path / "run")
    assert told[0].filename == __file__
    assert len(model.loss_history_) == 3 and np.isfinite(model.vectors_).all()


def test_another_version_says_that_the_bytes_differ(crash, tmp_path, monkeypatch):
    crash(3)
    monkeypatch.setattr(checkpoint, "__version__", "0.0.9")
    with pytest.raises(Crash):
        Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    monkeypatch.undo()
    with pytest.warns(UserWarning, match=r"started by w2vext 0\.0\.9 with"):
        Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run")


def test_exact_runs_say_nothing(crash, tmp_path):
    crash(3)
    with pytest.raises(Crash):
        Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run")


# ---- other arguments


@pytest.fixture
def interrupted(crash, tmp_path):
    """A folder with checkpoints of a run of PLAIN that has crashed."""
    folder = tmp_path / "run"
    crash(3)
    with pytest.raises(Crash):
        Word2Vec(**PLAIN).fit(TEXT, checkpoint=folder, checkpoint_every=0)
    return folder


def contents(folder):
    return {name: (folder / name).read_bytes() for name in files_in(folder)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 4),
        ("vector_size", 13),
        ("window", 4),
        ("loss", "hs"),
        ("alpha", 0.03),
        ("min_count", 2),
        ("max_n", 4),
        ("schedule", lambda progress: 0.01),
        ("random_state", 4),
        ("patience", 1),
        ("unk_token", "<unk>"),
    ],
)
def test_another_parameter_is_an_error_that_names_it(interrupted, name, value):
    before = contents(interrupted)
    with pytest.raises(
        ValueError, match=rf"checkpoint=.*another run \(.*{name}=.* in the checkpoint"
    ) as raised:
        Word2Vec(**{**PLAIN, name: value}).fit(TEXT, checkpoint=interrupted)
    assert "another folder" in str(raised.value)
    assert contents(interrupted) == before


def test_one_worker_or_several(interrupted):
    with pytest.raises(ValueError, match=r"workers='1' in the checkpoint and 'several' now"):
        Word2Vec(**{**PLAIN, "workers": 2, "deterministic": False}).fit(
            TEXT, checkpoint=interrupted
        )
    with pytest.raises(ValueError, match="deterministic=False in the checkpoint and True now"):
        Word2Vec(**{**PLAIN, "workers": 2}).fit(TEXT, checkpoint=interrupted)


@pytest.mark.parametrize(
    ("sentences", "options", "name"),
    [
        (TEXT[:-1], {}, "corpus='6,000 words in 600 sentences, checksum .*' in the checkpoint"),
        ([*TEXT[1:], TEXT[0]], {}, "corpus="),
        ([s[::-1] for s in TEXT], {}, "corpus="),
        (
            [[w.upper() for w in s] for s in TEXT],
            {},
            "vocabulary='40 words, checksum .*' in the checkpoint",
        ),
        (TEXT, {"validation": HELD}, "validation=None in the checkpoint and '800 words"),
        (TEXT, {"init": {"w03": np.ones(12)}}, "initial vectors=None in the checkpoint"),
        (TEXT, {"freeze": ["w03"]}, "freeze=None in the checkpoint"),
    ],
)
def test_other_data_is_an_error_that_names_it(interrupted, sentences, options, name):
    before = contents(interrupted)
    with pytest.raises(ValueError, match=name):
        Word2Vec(**PLAIN).fit(sentences, checkpoint=interrupted, **options)
    assert contents(interrupted) == before


@pytest.mark.parametrize(
    ("name", "value"), [("verbose", 1), ("pooling", "idf"), ("unknown", "zero"), ("callbacks", [])]
)
def test_parameters_that_do_not_matter_may_change(interrupted, name, value):
    model = Word2Vec(**{**PLAIN, name: value}).fit(TEXT, checkpoint=interrupted)
    same(model, Word2Vec(**PLAIN).fit(TEXT))


def test_another_number_of_deterministic_workers(crash, tmp_path):
    crash(3)
    with pytest.raises(Crash):
        Word2Vec(**{**PLAIN, "workers": 2}).fit(
            TEXT, checkpoint=tmp_path / "run", checkpoint_every=0
        )
    model = Word2Vec(**{**PLAIN, "workers": 3}).fit(TEXT, checkpoint=tmp_path / "run")
    same(model, Word2Vec(**{**PLAIN, "workers": 2}).fit(TEXT))


def test_words_that_are_not_str(tmp_path):
    sentences = [[(1, "a"), 7, b"x"], [7, b"x", 2.5], [(1, "a"), 7]] * 100
    options = {"checkpoint": tmp_path / "run"}
    whole = Word2Vec(**PLAIN).fit(sentences, **options)
    same(Word2Vec(**PLAIN, callbacks=[Never()]).fit(sentences, **options), whole)


# ---- the folder


def test_the_last_two_are_kept(interrupted):
    assert len(files_in(interrupted)) == 2
    Word2Vec(**PLAIN).fit(TEXT, checkpoint=interrupted, checkpoint_every=0)
    names = files_in(interrupted)
    assert len(names) == 2 and names[-1] == "at-000003-000000000.safetensors"


def test_the_clock_decides_when_a_checkpoint_is_written(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])
    written, save = [], Checkpoints.save
    monkeypatch.setattr(
        Checkpoints, "save", lambda self, s: (written.append(now[0]), save(self, s))
    )

    class Tick(Callback):
        every_words = 1

        def on_words(self, state):
            now[0] += 1

    parameters = {**PLAIN, "workers": 2, "callbacks": [Tick()]}  # called after every round
    Word2Vec(**parameters).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every="20s")
    assert len(written) > 2 and min(np.diff([0, *written[:-1]])) >= 20


@pytest.mark.parametrize("damage", ["cut", "emptied", "changed", "another file"])
def test_a_damaged_checkpoint_is_passed_over(interrupted, damage):
    newest = files_in(interrupted)[-1]
    path = interrupted / newest
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "emptied":
        path.write_bytes(b"")
    elif damage == "changed":
        content[-100] ^= 1
        path.write_bytes(content)
    else:
        KeyedVectors(["a", "b"], np.ones((2, 3))).save(path)
    with pytest.warns(UserWarning, match=f"is skipped, and an older .*: .*{newest}") as told:
        model = Word2Vec(**PLAIN).fit(TEXT, checkpoint=interrupted, checkpoint_every=0)
    assert told[0].filename == __file__
    same(model, Word2Vec(**PLAIN).fit(TEXT))
    assert len(files_in(interrupted)) == 2


@pytest.mark.parametrize("part", ["content", "w_in", "w_out"])
def test_every_part_of_a_file_has_a_checksum(interrupted, part):
    path = interrupted / files_in(interrupted)[-1]
    content = bytearray(path.read_bytes())
    size = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:size])
    if part == "content":
        at = content.index(b'\\"pairs\\": ') + 11
        content[at] = ord("1") if content[at] != ord("1") else ord("2")
    else:
        content[size + header[part]["data_offsets"][0] + 5] ^= 4
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"the file is damaged: copy or save it again$"):
        files.read(path)


def test_if_all_are_damaged_the_run_begins_anew(interrupted):
    for name in files_in(interrupted):
        os.truncate(interrupted / name, 100)
    with pytest.warns(UserWarning, match="is skipped") as told:
        model = Word2Vec(**PLAIN).fit(TEXT, checkpoint=interrupted)
    assert len(told) == 2
    same(model, Word2Vec(**PLAIN).fit(TEXT))


def test_leftovers_are_removed_and_other_files_are_not(interrupted):
    (interrupted / ".w2vext-0123456789abcdef.tmp").write_bytes(b"half a checkpoint")
    (interrupted / "notes.txt").write_text("mine")
    Word2Vec(**PLAIN).fit(TEXT, checkpoint=interrupted, checkpoint_every=0)
    assert len(files_in(interrupted)) == 3 and (interrupted / "notes.txt").read_text() == "mine"


def test_nothing_in_a_checkpoint_is_code(interrupted):
    with safe_open(interrupted / files_in(interrupted)[-1], framework="np") as file:
        assert set(file.keys()) == {"w_in", "w_out"}
        content = json.loads(file.metadata()["content"])
    assert content["facts"]["epochs"] == 3 and content["state"]["losses"]


def test_a_checkpoint_is_not_a_model(interrupted):
    with pytest.raises(ValueError, match="a checkpoint of a training run"):
        KeyedVectors.load(interrupted / files_in(interrupted)[-1])


def test_two_runs_in_one_folder(tmp_path):
    folder = tmp_path / "run"

    class Second(Callback):
        def on_epoch_begin(self, state):
            if state.epoch == 2:
                with pytest.raises(
                    BlockingIOError, match=f"process {os.getpid()}.*uses .*: wait"
                ) as raised:
                    Word2Vec(**PLAIN).fit(TEXT, checkpoint=folder)
                assert raised.value.filename == str(folder)

    whole = Word2Vec(**PLAIN, callbacks=[Second()]).fit(TEXT, checkpoint=folder, checkpoint_every=0)
    same(whole, Word2Vec(**PLAIN).fit(TEXT))
    same(whole, Word2Vec(**PLAIN).fit(TEXT, checkpoint=folder))  # the lock is free again


def test_a_full_disk_costs_the_checkpoint_and_not_the_training(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(files, "write", full)
    with pytest.warns(UserWarning, match="could not be written; .*No space left"):
        model = Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=0)
    same(model, Word2Vec(**PLAIN).fit(TEXT))
    assert files_in(tmp_path / "run") == []


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "text.txt").write_text("\n".join(map(" ".join, TEXT)))
    for folder, error, message in (
        (tmp_path / "file", NotADirectoryError, "is a file"),
        (tmp_path / "no" / "run", FileNotFoundError, "parent folder"),
        (3, TypeError, "checkpoint=3 is an int"),
        ("s3://bucket/run", ValueError, "is a URL: give the path of a folder"),
        (corpus / "run", ValueError, "is in the corpus folder"),
    ):
        with pytest.raises(error, match=message):
            Word2Vec(**PLAIN).fit(corpus, checkpoint=folder)
    assert [path.name for path in corpus.iterdir()] == ["text.txt"]


@pytest.mark.parametrize(
    ("every", "expected"),
    [(0, 0), (1.5, 1.5), ("90", 90), ("90s", 90), ("10min", 600), ("2 h", 7200), (".5h", 1800)],
)
def test_times(every, expected):
    assert seconds(every) == expected


@pytest.mark.parametrize(
    ("every", "error"),
    [("10m", ValueError), ("", ValueError), ("-1s", ValueError), (-1, ValueError),
     (float("nan"), ValueError), (float("inf"), ValueError), (None, TypeError), (True, TypeError)],
)  # fmt: skip
def test_times_that_are_none(every, error, tmp_path):
    with pytest.raises(error, match=r'checkpoint_every=.*"10min"'):
        Word2Vec(**PLAIN).fit(TEXT, checkpoint=tmp_path / "run", checkpoint_every=every)
    assert not (tmp_path / "run").exists()


# ---- the command


ARGUMENTS = ["--vector-size", "12", "--min-count", "1", "--workers", "1", "--random-state", "3"]


def test_the_command_continues(crash, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("\n".join(map(" ".join, TEXT)), encoding="utf-8")
    command = ["train", "text.txt", "-o", "v.txt", *ARGUMENTS]
    assert main(command) == 0
    expected = Path("v.txt").read_bytes()
    Path("v.txt").unlink()
    command += ["--checkpoint", "run", "--checkpoint-every", "0s"]
    crash(2)
    with pytest.raises(Crash):
        main(command)
    assert not Path("v.txt").exists()
    assert main(command) == 0
    assert Path("v.txt").read_bytes() == expected
    Path("v.txt").unlink()  # as if the disk had been full at the end
    assert main(command) == 0
    assert Path("v.txt").read_bytes() == expected


def test_errors_of_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("\n".join(map(" ".join, TEXT)), encoding="utf-8")
    command = ["train", "text.txt", "-o", "v.txt", *ARGUMENTS, "--checkpoint", "run"]
    assert main([*command, "--checkpoint-every", "soon"]) == 2
    assert "invalid time value: 'soon'" in capsys.readouterr().err
    assert main(command) == 0
    capsys.readouterr()
    assert main([*command, "--epochs", "2"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "epochs=5 in the checkpoint and 2 now" in line
    with Checkpoints("run"):
        assert main(command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("w2vext train: error: run: another training run")


# ---- kills


@pytest.mark.slow
@pytest.mark.parametrize("case", kills.CASES)
def test_runs_killed_at_random_moments(case, tmp_path):
    kills.write_text(tmp_path / "text.txt")
    found = kills.kill_at_random(case, str(tmp_path / "text.txt"), tmp_path / "run", 5, seed=1)
    assert (found.kills, found.different) == (5, 0)
    assert found.runs >= 1
