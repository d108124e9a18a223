"""The files that paths, folders, patterns and URLs name."""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from w2vext import _files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from w2vext._arguments.types import FilePath


class Listing(NamedTuple):
    """The files of a corpus, and those of them that may be pipes, devices or open descriptors."""

    files: list[Any]
    special: list[Any]


def is_path(thing: FilePath) -> bool:
    """Whether a str or Path names an existing file or folder."""
    try:
        return os.path.exists(_files.path_of(thing))
    except (OSError, ValueError):
        return False


def is_file(thing: FilePath) -> bool:
    """Whether a str or Path is a URL or names an existing file."""
    return _files.is_url(thing) or (is_path(thing) and os.path.isfile(_files.path_of(thing)))


def is_source(thing: FilePath) -> bool:
    """Whether a str or Path is a URL, or names an existing file or folder, or matches files."""
    return _files.is_url(thing) or is_path(thing) or bool(_matching(Path(_files.path_of(thing))))


def listed(path: FilePath) -> Listing:
    """The file that a path names, or the files of a folder."""
    if isinstance(path, _files.Spooled):
        return Listing([path], [path])
    if _files.is_url(path):
        names = _files.listed(str(path))
        return _all_special([x if isinstance(x, _files.Remote) else Path(x) for x in names])
    name = _files.path_of(path)
    path = path if isinstance(path, Path) and str(path) == name else Path(name)
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError):
        if matching := _matching(path):
            return _all_special(matching)
        raise FileNotFoundError(f"no file or folder {str(path)!r}") from None
    if not is_folder:
        return _all_special([path])
    found = Listing([], [])
    for entry in _inside(str(path), set()):
        file = Path(entry.path)
        found.files.append(file)
        if entry.is_symlink():
            found.special.append(file)
    if not found.files:
        raise ValueError(
            f"the folder {str(path)!r} contains no files (hidden files are ignored): give a "
            "folder with text files"
        )
    return found


def _all_special(files: list[Any]) -> Listing:
    return Listing(files, files)


def _inside(folder: str, seen: set[tuple[int, int]]) -> Iterator[os.DirEntry[str]]:
    """The files of a folder and of its subfolders, in sorted order, without hidden ones."""
    found = os.stat(folder)
    if (found.st_dev, found.st_ino) in seen:  # a link may lead back to a folder
        return
    seen.add((found.st_dev, found.st_ino))
    with os.scandir(folder) as entries:
        visible = [entry for entry in entries if not entry.name.startswith(".")]
    for entry in sorted(visible, key=attrgetter("name")):
        try:
            is_folder, is_regular = entry.is_dir(), entry.is_file()
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):  # links that lead nowhere
                raise
            continue
        if is_folder:
            yield from _inside(entry.path, seen)
        elif is_regular:
            yield entry


def _matching(path: Path) -> list[Path]:
    """The files whose names match a path with wildcards, in sorted order."""
    try:
        names = glob.glob(str(path), recursive=True) if glob.has_magic(str(path)) else []
    except (OSError, ValueError, re.error):
        return []
    return sorted(Path(name) for name in names if os.path.isfile(name))
