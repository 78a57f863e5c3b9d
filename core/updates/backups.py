"""Copies of what is small and cannot be made again: ``backups/DATE-PROGRAM``.

Libraries, models and runs are not copied: their versions stay beside each other, so that the file that says
which is in use is enough.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputUnreadable
from core.library.storage import flush, storing
from core.paths import Home

_DATABASE = "history.sqlite"
_FILES = (
    "settings.toml",
    "collected.jsonl",
    "activations.json",
    "bundles.json",
    "import.json",
    "format.json",
)
_PATTERNS = ("retractions/*.txt", "keys/*.pub", "libraries/*/active")


def make(home: Home, program: str) -> Path:
    """Copy what is in ``home`` and return the folder. Raises StorageFull.

    Args:
        program: version whose data they are.
    """
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{program.replace(' ', '-')}"
    folder = home.root / "backups"
    aside = folder / f".{name}"
    with storing(folder):
        aside.mkdir(parents=True)
        for path in _present(home.root):
            target = aside / path.relative_to(home.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        if home.history.is_file():
            _copy_database(home.history, aside / _DATABASE)
        flush([path for path in aside.rglob("*") if path.is_file()])
        aside.rename(folder / name)
        flush([folder])
    return folder / name


def names(home: Home) -> list[str]:
    """Return the backups of ``home``, oldest first."""
    return sorted(path.name for path in (home.root / "backups").glob("[!.]*") if path.is_dir())


def newest(home: Home, program: str) -> str:
    """Return the last backup of data of ``program``; empty if there is none."""
    return next((name for name in reversed(names(home)) if name.endswith(f"-{program}")), "")


def restore(home: Home, name: str) -> Path:
    """Bring the data of a backup back; return the backup that was made of those of now.

    Raises InputUnreadable: there is none of that name.

    What the backup does not have goes as well, so that nothing of a newer format stays. No window of
    Vademecum may be open.
    """
    if name not in names(home):
        raise InputUnreadable(f"There is no backup {name[:80]}.", "List them: vademecum bundle backups")
    source, now = home.root / "backups" / name, make(home, "before-restoring")
    with storing(home.root):
        # format.json goes first and comes last: killed in between, the data count as unknown, not as newer
        (home.root / "format.json").unlink(missing_ok=True)
        for path in (*_present(home.root), *home.root.glob(f"{_DATABASE}*")):
            later = not (source / path.relative_to(home.root)).exists()
            if later and path.name != "active":  # a library that came later stays
                path.unlink()
        for ending in ("-wal", "-shm"):
            (home.root / f"{_DATABASE}{ending}").unlink(missing_ok=True)
        files = [path for path in source.rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda each: each.name == "format.json"):
            _bring_back(path, home.root / path.relative_to(source))
    return now


def _bring_back(path: Path, target: Path) -> None:
    if path.name == "active" and not (target.parent / "versions" / path.read_text("utf-8").strip()).is_dir():
        return  # that version is not kept any more; the one in use is the best there is
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f"{target.name}.new")
    shutil.copyfile(path, aside)
    flush([aside])
    aside.replace(target)


def _present(root: Path) -> list[Path]:
    found = [root / name for name in _FILES] + [
        path for each in _PATTERNS for path in sorted(root.glob(each))
    ]
    return [path for path in found if path.is_file()]


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database that may be open: SQLite does it, with what is in its log."""
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    except sqlite3.DatabaseError:  # damaged: as it is, for whoever may read it
        target.unlink(missing_ok=True)
        shutil.copyfile(source, target)
