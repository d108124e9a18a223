"""Writing to URLs, such as hf://user/model or s3://bucket/v.bin, and local copies of what is there.

What is written is first made on the disk and uploaded when it is complete. A repository of a
Hugging Face hub receives all files of a folder in one commit. For other file systems the upload is
a transaction of fsspec: a file appears when it is complete, and the files of a folder after the
last one has been sent, if the file system supports this.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil
from typing import TYPE_CHECKING, NamedTuple

from w2vext._files import _reading, _sets
from w2vext._files._reading import spooling
from w2vext._files._remote import is_local, is_url, listed, named_url, system_of
from w2vext._files._streams import Spooled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

_SMALL = 1 << 20  # bytes of the files of a folder that are read to identify it
_BLOCK = 1 << 20


class Target(NamedTuple):
    """Where a URL is."""

    url: str
    system: Any
    path: str


def target_of(url: str) -> Target | str:
    """The file system and the path of a URL; a path of this machine as it is, also of file://.

    Raises
    ------
    ImportError, OSError, ValueError
        As for `listed`.
    """
    if not is_url(url):
        return url
    with named_url(url, "write"):
        system, path = system_of(url)
    return path if is_local(system) else Target(url, system, path)


@contextlib.contextmanager
def writing_file(target: Target) -> Iterator[Any]:
    """A temporary file, which is uploaded when the block ends without an error."""
    with _reading.private_folder() as folder:
        local = os.path.join(folder, "file")
        with spooling(), open(local, "wb") as file:
            yield file
        _upload(target, {"": local}, ())


@contextlib.contextmanager
def writing_folder(
    target: Target, keep: Callable[[str], str | None], folders: Collection[str]
) -> Iterator[_sets.NewFolder]:
    """A temporary folder, which is uploaded when the block ends without an error.

    `keep` gets a folder with the names of the files that the URL has, and the content of small
    ones. Hidden files, such as those of git, are left as they are, as is the rest of a repository.
    """
    with _reading.private_folder() as outer:
        old, new = os.path.join(outer, "old"), os.path.join(outer, "new")
        os.mkdir(old)
        os.mkdir(new)
        present = _present(target)
        others = sorted({n.partition("/")[0] for n in present if "/" in n} - set(folders))
        if present:
            _copy_small(target, present, old)
            why = f"it holds the folder {others[0]!r}" if others else keep(old)
            if why:
                raise FileExistsError(
                    f"{target.url}: cannot write the folder: {why}; choose a new folder"
                )
        shutil.rmtree(old)
        try:
            yield _sets.NewFolder(new, None)
            made = {name: os.path.join(new, name) for name in sorted(_names_in(new))}
            _upload(target, made, sorted(set(present) - set(made)))
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _names_in(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(parent, name), folder).replace(os.sep, "/")


def _present(target: Target) -> dict[str, int]:
    """{name: bytes} of the files of a folder, without hidden ones; empty if there is no folder."""
    with named_url(target.url, "write"):
        try:
            kind = target.system.info(target.path)["type"]
        except FileNotFoundError:
            return {}
        if kind != "directory":
            raise NotADirectoryError(f"{target.url}: cannot write the folder: a file has this name")
        found = target.system.find(target.path, detail=True)
    start = len(target.path.rstrip("/")) + 1
    names = {name[start:]: info.get("size") or 0 for name, info in found.items()}
    return {name: size for name, size in names.items() if not f"/{name}".count("/.")}


def _copy_small(target: Target, present: dict[str, int], folder: str) -> None:
    for name, size in present.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            if size <= _SMALL and name.endswith(".json"):
                with named_url(target.url, "write"):
                    file.write(target.system.cat_file(_joined(target, name)))


def _joined(target: Target, name: str) -> str:
    return posixpath.join(target.path, name) if name else target.path


def _upload(target: Target, files: dict[str, str], stale: Collection[str]) -> None:
    """Upload files, {name in the target: path}, and remove the files `stale` of the target."""
    with named_url(target.url, "write"):
        if hasattr(target.system, "resolve_path") and _commit(target, files, stale):
            return
        try:
            transaction = target.system.transaction
        except NotImplementedError:
            transaction = contextlib.nullcontext()
        with transaction:
            for name, local in files.items():
                _send(target.system, local, _joined(target, name))
        for name in stale:
            target.system.rm_file(_joined(target, name))
        target.system.invalidate_cache()


def _send(system: Any, local: str, path: str) -> None:
    """Copy a file of the disk to a file system, which makes the folder if it must exist."""
    try:
        file = system.open(path, "wb")
    except FileNotFoundError:
        system.makedirs(posixpath.dirname(path), exist_ok=True)
        file = system.open(path, "wb")
    with open(local, "rb") as source, file:
        shutil.copyfileobj(source, file, _BLOCK)


def _commit(target: Target, files: dict[str, str], stale: Collection[str]) -> bool:
    """Upload files to a repository in one commit; False if the target is not in a repository."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    try:
        place = target.system.resolve_path(target.path)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{target.url}: this repository does not exist, or the token of this machine may not "
            "read it: create it, and log in with 'hf auth login'"
        ) from error
    if not hasattr(place, "repo_id"):  # a bucket has no commits
        return False

    def inside(name: str) -> str:
        return "/".join(part for part in (place.path_in_repo.strip("/"), name) if part)

    operations: list[Any] = [
        CommitOperationAdd(path_in_repo=inside(name), path_or_fileobj=local)
        for name, local in files.items()
    ]
    operations += [CommitOperationDelete(path_in_repo=inside(name)) for name in stale]
    HfApi(endpoint=target.system.endpoint, token=target.system.token).create_commit(
        repo_id=place.repo_id,
        operations=operations,
        commit_message="Upload word vectors",
        repo_type=place.repo_type,
        revision=place.revision,
    )
    target.system.invalidate_cache()
    return True


# ---- reading


@contextlib.contextmanager
def local_copy(path: Any, wanted: Collection[str] = ()) -> Iterator[Any]:
    """A path of this machine: the given one, or a copy of the file or folder at a URL.

    Parameters
    ----------
    path : str, path-like or URL
    wanted : collection of str
        The names of the files of a folder that are copied, such as "config.json".

    Yields
    ------
    path-like
        The copy is removed when the block ends. Errors about it name the URL.

    Raises
    ------
    FileNotFoundError
        There is no such file, or the folder has none of the files.
    """
    place = target_of(path)
    if not isinstance(place, Target):
        yield place
        return
    with _reading.private_folder() as folder:
        files = listed(path)
        whole = len(files) == 1 and files[0].path == place.path
        local = os.path.join(folder, posixpath.basename(place.path.rstrip("/")) or "file")
        start = len(place.path.rstrip("/")) + 1
        names = {"" if whole else file.path[start:]: file for file in files}
        chosen = names if whole else {n: names[n] for n in wanted if n in names}
        if not chosen:
            raise FileNotFoundError(
                f"{path}: it is a folder without any of the files of a model "
                f"({', '.join(wanted) or 'none are known'}): give the URL of a file"
            )
        for name, file in chosen.items():
            copy = os.path.join(local, name) if name else local
            with spooling():
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                with open(copy, "wb") as out, contextlib.closing(file.stream()) as source:
                    shutil.copyfileobj(source, out, _BLOCK)
        try:
            yield Spooled(local, path)
        except (ValueError, OSError) as error:
            if local not in str(error):
                raise
            kinds = (FileNotFoundError, OSError, ValueError)
            kind = next(kind for kind in kinds if isinstance(error, kind))
            raise kind(str(error).replace(local, path)) from error
        finally:
            if not whole:
                shutil.rmtree(local, ignore_errors=True)
