"""Writing so that what was written stays: flushed to the disk, and full disks told apart from bugs."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.errors import IndexDamaged, StorageFull
from core.library.schema import REMEDY

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_UNWRITABLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_HINT = "Free some space and run the same import again: it goes on where it stopped."
_BLOCK = 1024 * 1024
_FICLONE = 0x40049409  # Linux: share the blocks of another file (btrfs, XFS)
_MARGIN = 16 * 1024 * 1024  # bytes left free, for the journal and the rest of the computer


@contextmanager
def storing(folder: Path) -> Iterator[None]:
    """Turn a full or read-only disk, whoever notices it, into StorageFull, damage into IndexDamaged."""
    try:
        yield
    except (OSError, sqlite3.DatabaseError, ValueError, RuntimeError) as error:
        # tantivy and hnswlib report a full disk as ValueError and RuntimeError, with the system's words.
        if _is_full(error):
            raise StorageFull(f"The disk that holds {folder} is full.", _HINT) from error
        if isinstance(error, OSError) and error.errno in _REFUSED:
            raise StorageFull(f"{folder} cannot be written: {error.strerror}.", _HINT) from error
        if _code(error) in _UNWRITABLE:
            raise StorageFull(f"{folder} cannot be written: {error}.", _HINT) from error
        if _code(error) in _CORRUPT:
            raise IndexDamaged(f"A database in {folder} is damaged: {error}.", REMEDY) from error
        raise


def _code(error: Exception) -> int:
    """SQLite's primary result code, or 0."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_full(error: Exception) -> bool:
    if _code(error) == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in _FULL:
        return True
    return "No space left" in str(error) or "os error 28" in str(error)


def check_space(folder: Path, needed: int) -> None:
    """Raise StorageFull unless ``needed`` bytes can be written under ``folder``, which need not exist."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if free < needed + _MARGIN:
        megabytes = f"about {(needed + _MARGIN) // 1_000_000} MB are needed, {free // 1_000_000} MB are free"
        raise StorageFull(f"There is not enough room in {folder}: {megabytes}.", _HINT)


def copy_file(source: Path, target: Path) -> None:
    """Copy ``source``; a file system that can share the blocks of both is asked to, which takes no time."""
    with source.open("rb") as old, target.open("wb") as new:
        if not _cloned(old.fileno(), new.fileno()):
            shutil.copyfileobj(old, new, _BLOCK)


def _cloned(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    with suppress(OSError):
        fcntl.ioctl(target, _FICLONE, source)
        return True
    return False


def link_or_copy(source: Path, target: Path) -> None:
    """Give ``source``, which never changes, a second name; copy it where the file system cannot do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def flush(paths: Iterable[Path]) -> None:
    """Make sure that files and folders are on the disk, not only in its cache."""
    for path in paths:
        if path.is_dir() and os.name == "nt":
            continue  # Windows cannot open a folder, and writes its entries by itself
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``: a reader, or a crash, sees the old content or the new."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the place of ``path`` once it is whole; if that fails, it is gone again."""
    aside = aside_of(path)
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
    flush([path.parent])


def aside_of(path: Path) -> Path:
    """Return where ``replacing`` puts a file until it is whole: what a kill can leave behind."""
    return path.with_name(path.name + ".new")
