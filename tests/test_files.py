"""Writing files: completely or not at all, streams directly, and without leftovers."""

import contextlib
import gzip
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import waiting

from w2vext import _files
from w2vext._files import _sets, _streams, _temporary

POSIX = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
LINUX = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc/self/fd")


def write(path, text="new", **options):
    with _files.writing(path, text=True, **options) as file:
        file.write(text)


def ours(folder):
    return sorted(name for name in os.listdir(folder) if name.startswith(_temporary.PREFIX))


# ---- regular files


def test_a_new_file_has_the_users_usual_permissions(tmp_path):
    write(tmp_path / "v")
    (tmp_path / "plain").write_text("")
    assert (tmp_path / "v").read_text() == "new"
    assert (tmp_path / "v").stat().st_mode == (tmp_path / "plain").stat().st_mode


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o666, 0o755])
def test_the_permissions_of_the_old_file_are_set_at_creation(mode, tmp_path):
    target = tmp_path / "v"
    target.write_text("old")
    target.chmod(mode)
    with _files.writing(target) as file:
        file.write(b"new")
        (name,) = ours(tmp_path)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert target.read_text() == "new"


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_the_owner_of_the_old_file_is_kept(tmp_path):
    target = tmp_path / "v"
    target.write_text("old")
    os.chown(target, 1234, 2345)
    write(target)
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 2345)


@POSIX
def test_the_target_of_a_link_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "v").write_text("old")
    (tmp_path / "link").symlink_to("real/v")
    (tmp_path / "dangling").symlink_to("real/none")
    for name, behind in [("link", "v"), ("dangling", "none")]:
        write(tmp_path / name)
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "real" / behind).read_text() == "new"
    assert sorted(os.listdir(tmp_path)) == ["dangling", "link", "real"]
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=r"symbolic links.*a'"):
        write(tmp_path / "a")


@POSIX
def test_a_planted_link_is_not_followed(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    names = iter([b"\x00" * 8, b"\x11" * 8])
    monkeypatch.setattr(_temporary.os, "urandom", lambda _: next(names))
    (tmp_path / f"{_temporary.PREFIX}{'0' * 16}.tmp").symlink_to(victim)
    write(tmp_path / "v")
    assert victim.read_text() == "precious"
    assert (tmp_path / "v").read_text() == "new"
    assert not (tmp_path / "v").is_symlink()


def test_other_files_next_to_the_target_are_kept(tmp_path):
    for name in ("v.part", ".v.tmp", "v.tmp"):
        (tmp_path / name).write_text("mine")
    write(tmp_path / "v")
    assert {(tmp_path / name).read_text() for name in ("v.part", ".v.tmp", "v.tmp")} == {"mine"}


@pytest.mark.parametrize("mode", [0o444, 0o400])
def test_a_write_protected_file_is_kept(mode, tmp_path):
    target = tmp_path / "v"
    target.write_text("old")
    target.chmod(mode)
    with pytest.raises(PermissionError, match=r"write-protected; change its permissions.*v'"):
        write(target)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["v"]


def test_a_folder_or_a_missing_folder(tmp_path):
    with pytest.raises(IsADirectoryError, match="name a file in it"):
        write(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*none; make it first"):
        write(tmp_path / "none" / "v")
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write(tmp_path / "file" / "v")


def test_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write("~/v")
    assert (tmp_path / "v").read_text() == "new"


@POSIX
def test_the_longest_name(tmp_path):
    name = "v" * 255
    write(tmp_path / name)
    write(tmp_path / name, "newer")
    assert (tmp_path / name).read_text() == "newer"
    with pytest.raises(OSError, match=r"too long.*vvv'"):
        write(tmp_path / ("v" * 256))
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), OSError(28, "full")])
def test_a_failure_leaves_the_old_file_and_nothing_else(error, tmp_path):
    target = tmp_path / "v"
    target.write_text("old")
    with pytest.raises(type(error)) as raised, _files.writing(target) as file:
        file.write(b"half")
        raise error
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["v"]
    if isinstance(error, OSError):
        assert str(raised.value) == f"[Errno 28] cannot write the file (full): {str(target)!r}"


def test_an_error_about_another_file_keeps_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="other"), _files.writing(tmp_path / "v"):
        open(tmp_path / "other")


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2", ".GZ"])
def test_the_suffix_selects_the_compression(suffix, tmp_path):
    import bz2
    import lzma

    target = tmp_path / f"v{suffix}"
    write(target, compress=True)
    unpack = {".gz": gzip, ".xz": lzma, ".bz2": bz2}[suffix.lower()].decompress
    assert unpack(target.read_bytes()) == b"new"
    first = target.read_bytes()
    write(target, compress=True)
    assert target.read_bytes() == first
    with pytest.raises(ValueError, match="not written compressed"):
        write(target)
    assert target.read_bytes() == first


@pytest.mark.parametrize(
    "name", ["v.txt.zst", "v.lz4", "v.Z", "v.zip", "v.7z", "v.tar.gz", "v.tgz"]
)
def test_an_unknown_compression_is_an_error(name, tmp_path):
    with pytest.raises(ValueError, match=r"cannot write .* files: end the name in \.gz"):
        write(tmp_path / name, compress=True)
    assert os.listdir(tmp_path) == []


# ---- files that cannot be replaced


def fail(name, code, monkeypatch, module=os):
    real = getattr(module, name)

    def call(path, *args, **options):
        if _temporary.PREFIX in str(path):
            raise OSError(code, os.strerror(code), path)
        return real(path, *args, **options)

    monkeypatch.setattr(module, name, call)


@pytest.mark.parametrize(
    "name, code", [("replace", 16), ("replace", 18), ("open", 13), ("open", 30)]
)
def test_written_in_place_after_a_warning(name, code, tmp_path, monkeypatch):
    target = tmp_path / "v"
    target.write_text("much longer than the new text")
    before = target.stat().st_ino
    fail(name, code, monkeypatch)
    with pytest.warns(UserWarning, match=r"v cannot be replaced, .*: it is written in place"):
        write(target)
    assert target.read_text() == "new"
    assert target.stat().st_ino == before
    assert os.listdir(tmp_path) == ["v"]
    _files.check_writable(target)


def test_a_full_temporary_folder_is_named(tmp_path, monkeypatch):
    """In a read-only folder, the new content is first written to a temporary file elsewhere."""
    (tmp_path / "v").write_text("old")
    fail("open", 13, monkeypatch)
    monkeypatch.setattr(
        _files._replacing.tempfile, "TemporaryFile", lambda: open("/dev/full", "wb")
    )
    with pytest.raises(OSError, match=r"cannot write a temporary file in .*TMPDIR.*v'"):
        write(tmp_path / "v")
    assert (tmp_path / "v").read_text() == "old"


@pytest.mark.parametrize("name, code", [("open", 13), ("open", 30)])
def test_a_file_in_a_read_only_folder_is_written_in_place(name, code, tmp_path, monkeypatch):
    fail(name, code, monkeypatch)
    for call in (write, _files.check_writable):
        with pytest.raises(OSError, match=r"cannot write the file .*v'"):
            call(tmp_path / "v")


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_mount_point_is_written_in_place(tmp_path):
    (tmp_path / "source").write_text("old")
    (tmp_path / "v").write_text("hidden")
    how = ["mount", "--bind", str(tmp_path / "source"), str(tmp_path / "v")]
    if subprocess.run(how, capture_output=True, timeout=600).returncode:
        pytest.skip("cannot mount here")
    try:
        with pytest.warns(UserWarning, match="written in place"):
            write(tmp_path / "v")
        assert (tmp_path / "source").read_text() == "new"
    finally:
        subprocess.run(["umount", str(tmp_path / "v")], check=True, timeout=600)
    assert sorted(os.listdir(tmp_path)) == ["source", "v"]


# ---- streams


def run(code, **options):
    code = "from w2vext import _files\n" + code
    return subprocess.run([sys.executable, "-c", code], check=True, **options, timeout=600)


TO_STDOUT = """
print("header")
with _files.writing("/dev/stdout", text=True) as file:
    file.write("rows\\n")
print("footer")
"""


@LINUX
@pytest.mark.parametrize("mode", ["wb", "ab"])
def test_stdout_is_written_directly(mode, tmp_path):
    log = tmp_path / "log"
    log.write_text("my line\n")
    with open(log, mode) as file:
        run(TO_STDOUT, stdout=file)
    before = "my line\n" if mode == "ab" else ""
    assert log.read_text() == before + "header\nrows\nfooter\n"
    assert os.listdir(tmp_path) == ["log"]
    assert run(TO_STDOUT, capture_output=True, text=True).stdout == "header\nrows\nfooter\n"


@LINUX
@pytest.mark.parametrize("form", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/{}/fd/{}", "link"])
def test_an_open_descriptor_is_written_directly(form, tmp_path):
    with open(tmp_path / "v", "wb") as file:
        file.write(b"head ")
        file.flush()
        path = form.format(*([os.getpid()] * (form.count("{}") - 1)), file.fileno())
        if form == "link":
            path = tmp_path / "link"
            path.symlink_to(f"/dev/fd/{file.fileno()}")
        write(path)
        file.write(b" tail")
    assert (tmp_path / "v").read_text() == "head new tail"


@POSIX
def test_a_named_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = waiting.start(lambda: got.append((tmp_path / "pipe").read_bytes()))
    _files.check_writable(tmp_path / "pipe")
    write(tmp_path / "pipe")
    waiting.join(reader)
    assert got == [b"new"]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@POSIX
def test_a_device_that_is_full():
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with pytest.raises(OSError, match=r"cannot write .*No space left.*/dev/full"):
        write("/dev/full")


def test_file_objects(tmp_path):
    memory = io.BytesIO()
    write(memory, "a")
    write(memory, "b")
    assert memory.getvalue() == b"ab"
    with open(tmp_path / "v", "wb", buffering=0) as file:
        write(file)
        assert not file.closed
    with open(tmp_path / "t", "w") as file:  # its binary buffer is accessible
        file.write("before ")
        write(file)
    assert (tmp_path / "t").read_text() == "before new"
    with pytest.raises(TypeError, match="open the file with mode 'wb'"):
        write(io.StringIO())
    with pytest.raises(TypeError, match="cannot write to an int: give a path"):
        write(3)


def test_a_file_that_accepts_data_in_parts():
    class Slow(io.RawIOBase):
        got = b""

        def writable(self):
            return True

        def write(self, data):
            self.got += bytes(data[:2])
            return min(2, len(data))

    slow = Slow()
    write(slow, "seven letters")
    assert slow.got == b"seven letters"


def test_a_reader_that_closes_the_pipe(tmp_path):
    class Left(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        write(Left())


# ---- leftovers of crashes


KILLED = """
import os, signal
with _files.writing({target!r}, text=True) as file:
    file.write("half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@POSIX
def test_the_next_save_removes_the_files_of_a_killed_one(tmp_path):
    target = tmp_path / "v"
    target.write_text("old")
    with pytest.raises(subprocess.CalledProcessError):
        run(KILLED.format(target=str(target)))
    assert len(ours(tmp_path)) == 1
    assert target.read_text() == "old"
    write(tmp_path / "other")
    assert sorted(os.listdir(tmp_path)) == ["other", "v"]


@POSIX
def test_a_file_that_is_being_written_is_not_removed(tmp_path):
    with _files.writing(tmp_path / "a") as file:
        file.write(b"slow")
        write(tmp_path / "b")
        assert _files.clean(tmp_path) == ([], [])
        assert len(ours(tmp_path)) == 1
    assert (tmp_path / "a").read_text() == "slow"


@POSIX
def test_only_our_files_are_removed(tmp_path):
    prefix = _temporary.PREFIX
    (tmp_path / f"{prefix}abc.tmp").write_text("left")
    (tmp_path / f"{prefix}abc.txt").write_text("of a user")
    (tmp_path / f"{prefix}link.tmp").symlink_to(tmp_path / "precious")
    (tmp_path / "precious").write_text("precious")
    os.mkfifo(tmp_path / f"{prefix}pipe.tmp")
    (tmp_path / f"{prefix}deep.new" / "inner" / "deeper").mkdir(parents=True)
    (tmp_path / f"{prefix}flat.new").mkdir()
    (tmp_path / f"{prefix}flat.new" / "config.json").write_text("{}")
    removed, failures = _files.clean(tmp_path)
    assert removed == [
        (str(tmp_path / f"{prefix}abc.tmp"), 4),
        (str(tmp_path / f"{prefix}flat.new"), 2),
    ]
    assert not failures
    assert ours(tmp_path) == [
        f"{prefix}{n}" for n in ("abc.txt", "deep.new", "link.tmp", "pipe.tmp")
    ]
    assert _files.clean(tmp_path / "none") == ([], [])


def test_without_locks_only_old_files_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(_temporary, "lock", lambda handle: None)
    young, old = (tmp_path / f"{_temporary.PREFIX}{name}.tmp" for name in ("young", "old"))
    young.write_text("")
    old.write_text("")
    os.utime(old, (0, 0))
    write(tmp_path / "v")
    assert ours(tmp_path) == [young.name]


# ---- sets of files


def write_set(folder, text):
    with _files.writing_set([folder / "x.tsv", folder / "x.metadata.tsv"]) as files:
        for file in files:
            file.write(text)


def read_set(folder):
    _files.recover(folder / "x.tsv")
    return (folder / "x.tsv").read_bytes(), (folder / "x.metadata.tsv").read_bytes()


def test_a_set_changes_together(tmp_path):
    write_set(tmp_path, b"old")
    with contextlib.suppress(RuntimeError):
        with _files.writing_set([tmp_path / "x.tsv", tmp_path / "x.metadata.tsv"]) as (a, _):
            a.write(b"half")
            raise RuntimeError
    assert read_set(tmp_path) == (b"old", b"old")
    write_set(tmp_path, b"new")
    assert read_set(tmp_path) == (b"new", b"new")
    assert sorted(os.listdir(tmp_path)) == ["x.metadata.tsv", "x.tsv"]


# Kills a forked writer at its first, second, ... system call, and checks the files that it left.
KILL_AT_EVERY_CALL = """
import os, signal, sys
from pathlib import Path
from w2vext import _files
from w2vext._files import _sets

folder = Path(sys.argv[1])

{code}

def child(last):
    calls = 0
    for name in ("replace", "link", "unlink", "fsync", "open", "close", "rename", "mkdir", "rmdir"):
        def call(*args, _real=getattr(os, name), **options):
            nonlocal calls
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return _real(*args, **options)
        setattr(os, name, call)
    save(b"new")
    os._exit(0)

seen, status, last = set(), 1, 0
while status and last < 200:
    last += 1
    save(b"old")
    pid = os.fork()
    if not pid:
        child(last)
    status = os.waitpid(pid, 0)[1]
    found = load()
    assert found in ([b"old", b"old"], [b"new", b"new"]), (last, found)
    seen.update(found)
    save(b"again")
    assert sorted(os.listdir(folder)) == names, (last, os.listdir(folder))
assert 10 < last < 200 and seen == {{b"old", b"new"}}, (last, seen)
print("killed at", last - 1, "calls")
"""
SAVE_SET = """
names = ["x.metadata.tsv", "x.tsv"]

def save(text):
    with _files.writing_set([folder / "x.tsv", folder / "x.metadata.tsv"]) as files:
        for file in files:
            file.write(text)

def load():
    _files.recover(folder / "x.tsv")
    return [(folder / name).read_bytes() for name in names]
"""


@POSIX
def test_a_set_killed_at_any_call_is_the_old_or_the_new(tmp_path):
    code = KILL_AT_EVERY_CALL.format(code=SAVE_SET)
    assert subprocess.check_output([sys.executable, "-c", code, tmp_path], timeout=600).startswith(
        b"killed at"
    )


def test_a_failing_rename_keeps_the_set_whole(tmp_path, monkeypatch):
    for nth in (1, 2):
        write_set(tmp_path, b"old")
        calls = []

        def replace(source, target, nth=nth, calls=calls, real=os.replace):
            calls.append(target)
            if len(calls) == nth:
                raise OSError(5, "Input/output error", source, None, target)
            real(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            with pytest.raises(OSError, match=r"cannot write the file .*x\.tsv"):
                write_set(tmp_path, b"new")
        assert len(set(read_set(tmp_path))) == 1
        assert sorted(os.listdir(tmp_path)) == ["x.metadata.tsv", "x.tsv"]


@POSIX
def test_two_writers_of_a_set_wait_for_each_other(tmp_path):
    write_set(tmp_path, b"start")
    errors = []

    def work(text):
        try:
            for _ in range(30):
                write_set(tmp_path, text)
                _files.recover(tmp_path / "x.tsv")
        except BaseException as error:
            errors.append(error)

    for thread in [waiting.start(work, text) for text in (b"one", b"two", b"three")]:
        waiting.join(thread)
    assert not errors
    assert len(set(read_set(tmp_path))) == 1
    assert sorted(os.listdir(tmp_path)) == ["x.metadata.tsv", "x.tsv"]


@POSIX
def test_a_finished_journal_does_not_remove_the_next_one(tmp_path, monkeypatch):
    """After a process has opened a journal, its writer ends and another one starts."""
    write_set(tmp_path, b"old")
    journal = Path(_sets._journal_of(str(tmp_path / "x.tsv")))
    journal.write_text("[]")
    real = _temporary.lock

    def lock(handle):
        if journal.exists():
            monkeypatch.setattr(_temporary, "lock", real)
            journal.rename(tmp_path / "kept")  # so that its inode is not reused
            journal.write_text("[]")
        return real(handle)

    monkeypatch.setattr(_temporary, "lock", lock)
    assert not _sets._recover(str(journal))
    assert journal.exists()
    assert _sets._recover(str(journal))
    assert not journal.exists()


@POSIX
def test_a_journal_of_another_user_is_not_followed(tmp_path, monkeypatch):
    write_set(tmp_path, b"old")
    journal = Path(_sets._journal_of(str(tmp_path / "x.tsv")))
    (tmp_path / f"{_temporary.PREFIX}evil.tmp").write_text("evil")
    journal.write_text(json.dumps([[f"{_temporary.PREFIX}evil.tmp", "x.tsv"]]))
    monkeypatch.setattr(_sets, "_trusted", lambda *_: False)
    with pytest.raises(PermissionError, match="interrupted"):
        _files.recover(tmp_path / "x.tsv")
    assert (tmp_path / "x.tsv").read_bytes() == b"old"
    removed, failures = _files.clean(tmp_path)
    assert not removed and len(failures) == 1


def test_a_damaged_journal_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(_sets, "_PATIENCE", -1.0)
    for content in ("", "[", "[1]", '[["x.tsv", "y"]]', '[[".w2vext-none.tmp", "x.tsv"]]'):
        write_set(tmp_path, b"old")
        Path(_sets._journal_of(str(tmp_path / "x.tsv"))).write_text(content)
        assert read_set(tmp_path) == (b"old", b"old")
        assert sorted(os.listdir(tmp_path)) == ["x.metadata.tsv", "x.tsv"]


def test_a_set_is_not_written_to_a_stream():
    with pytest.raises(ValueError, match="is a stream, and this format is 2 files"):
        with _files.writing_set(["/dev/stdout", "x"]):
            pass


# ---- folders

SAVE_FOLDER = """
names = ["m"]

def save(text):
    with _files.writing_folder(folder / "m", lambda _: None) as new:
        for name in ("a", "b"):
            with new.open(name) as file:
                file.write(text)

def load():
    _files.recover(folder / "m")
    return [(folder / "m" / name).read_bytes() for name in sorted(os.listdir(folder / "m"))]
"""


def write_folder(path, text):
    with _files.writing_folder(path, lambda _: None) as new:
        for name in ("a", "b"):
            with new.open(name) as file:
                file.write(text)


def read_folder(path):
    _files.recover(path)
    return {name: (path / name).read_bytes() for name in os.listdir(path)}


@POSIX
@pytest.mark.parametrize(
    "before", ["", "_sets._exchange = lambda *_: False"], ids=["exchanged", "renamed twice"]
)
def test_a_folder_killed_at_any_call_is_the_old_or_the_new(before, tmp_path):
    code = KILL_AT_EVERY_CALL.format(code=SAVE_FOLDER + before)
    assert subprocess.check_output([sys.executable, "-c", code, tmp_path], timeout=600).startswith(
        b"killed at"
    )


@POSIX
@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_keeps_its_permissions(exchange, tmp_path, monkeypatch):
    if not exchange:
        monkeypatch.setattr(_sets, "_exchange", lambda *_: False)
    write_folder(tmp_path / "m", b"old")
    (tmp_path / "m").chmod(0o700)
    (tmp_path / "m" / "a").chmod(0o600)
    write_folder(tmp_path / "m", b"new")
    assert stat.S_IMODE((tmp_path / "m").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "m" / "a").stat().st_mode) == 0o600
    assert read_folder(tmp_path / "m") == {"a": b"new", "b": b"new"}
    assert os.listdir(tmp_path) == ["m"]


def test_folders_of_the_user_are_not_removed(tmp_path):
    folder = tmp_path / "m"
    (folder / "config.json" / "deep").mkdir(parents=True)
    with pytest.raises(FileExistsError, match=r"it holds the folder 'config\.json'"):
        write_folder(folder, b"new")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a").write_text("mine")
    with pytest.raises(FileExistsError, match="not mine to remove; choose a new folder"):
        with _files.writing_folder(tmp_path / "other", lambda _: "not mine to remove"):
            pass
    assert (tmp_path / "other" / "a").read_text() == "mine"
    (tmp_path / "other" / "a").unlink()
    write_folder(tmp_path / "other", b"new")  # an empty folder may be replaced
    assert read_folder(tmp_path / "other")["a"] == b"new"


def write_nested(path, text, folders=("inner",)):
    with _files.writing_folder(path, lambda _: None, folders) as new:
        for name in ("a", "inner/b"):
            with new.open(name) as file:
                file.write(text)


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_with_a_folder_is_replaced(exchange, tmp_path, monkeypatch):
    if not exchange:
        monkeypatch.setattr(_sets, "_exchange", lambda *_: False)
    for text in (b"old", b"new"):
        write_nested(tmp_path / "m", text)
        assert (tmp_path / "m" / "inner" / "b").read_bytes() == text
        assert os.listdir(tmp_path) == ["m"]
    with pytest.raises(FileExistsError, match="it holds the folder 'inner'"):
        write_nested(tmp_path / "m", b"newest", folders=("other",))
    (tmp_path / "m" / "inner" / "deeper").mkdir()
    (tmp_path / "m" / "inner" / "deeper" / "c").write_text("mine")
    with pytest.raises(OSError, match="holds folders within folders"):
        _temporary.remove_flat(str(tmp_path / "m"))
    assert (tmp_path / "m" / "inner" / "b").read_bytes() == b"new"
    assert (tmp_path / "m" / "inner" / "deeper" / "c").read_text() == "mine"


@LINUX
def test_paths_of_descriptors():
    assert _streams.descriptor_of("/dev/fd/7") == 7
    assert _streams.descriptor_of("/dev/stdout") == 1
    assert _streams.descriptor_of("/proc/1/fd/7") is None
    assert _streams.descriptor_of("/dev/null") is None
    assert _files.is_stdout("/dev/stdout") and not _files.is_stdout("/dev/null")
