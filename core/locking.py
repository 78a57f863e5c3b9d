"""Folders that one process at a time works in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import RunUnusable


@contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Keep other processes from writing ``folder``; raise RunUnusable, naming ``what`` it is, if one does."""
    held = FileLock(folder / ".lock", timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise RunUnusable(
            f"{what} is being worked on by another Vademecum.", "Wait until it is done, or stop it."
        ) from None
    try:
        yield
    finally:
        held.release()


def is_locked(folder: Path) -> bool:
    """True while a process works in ``folder``."""
    try:
        with locked(folder, ""):
            return False
    except RunUnusable:
        return True
