"""Which formats the data folder has: ``format.json``, so that an older program does not touch newer data.

Every program that opens the folder looks first. Newer data are refused with the remedy; older data are backed
up once, before anything is brought to the formats of today.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from filelock import FileLock

from core import __version__, history
from core.bundles import register
from core.decoding import UNDECODABLE
from core.errors import DataNewer
from core.library import versions
from core.library.shelf import Shelf
from core.library.storage import storing, write_atomically
from core.paths import Home
from core.tuning import collected, switching
from core.updates import backups

STAMP = "format.json"
_VERSION = 1
# What this program writes. Settings have no number of their own: 2 has several libraries.
FORMATS = {
    "settings": 2,
    "history": history.SCHEMA_VERSION,
    "libraries": versions.SCHEMA,
    "activations": switching.Log().version,
    "collected": collected.VERSION,
    "bundles": register.VERSION,
}
_SHOWN = {
    "settings": "settings",
    "history": "conversations",
    "libraries": "libraries",
    "activations": "activated models",
    "collected": "collected answers",
    "bundles": "list of bundles",
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """The content of ``format.json``.

    Attributes:
        program: version that last opened the folder.
        formats: what it writes, by name.
    """

    version: int = _VERSION
    program: str = ""
    formats: dict[str, int] = field(default_factory=dict)


def prepare(home: Home, formats: dict[str, int] | None = None) -> Path | None:
    """Make sure that this program may use ``home``, which need not exist; return the backup, if one was made.

    Args:
        formats: what this program writes; for tests.

    Raises:
        DataNewer: a newer program has written it.
        StorageFull: the backup or the stamp could not be written.
    """
    ours = formats or FORMATS
    if not home.root.is_dir():
        return None
    found = read_stamp(home)
    if found == Stamp(program=__version__, formats=ours):
        return None
    with storing(home.root), FileLock(home.root / ".format.lock"):
        found = read_stamp(home)
        must_be_ours(home, found, ours)
        known = found.formats if found else _formats_without_stamp(home)
        older = any(known.get(name, number) < number for name, number in ours.items())
        made = backups.make(home, found.program if found else "before 0.1.0") if older else None
        stamp = Stamp(program=__version__, formats=ours)
        write_atomically(home.root / STAMP, msgspec.json.format(msgspec.json.encode(stamp), indent=1))
    return made


def read_stamp(home: Home) -> Stamp | None:
    """Return who last opened ``home``; None if that is not known."""
    try:
        return msgspec.json.decode((home.root / STAMP).read_bytes(), type=Stamp)
    except (OSError, *UNDECODABLE):
        return None


def must_be_ours(home: Home, stamp: Stamp | None, ours: dict[str, int]) -> None:
    """Raise DataNewer if a program that writes newer formats has opened ``home``."""
    if stamp is None:
        return
    newer = [name for name, number in stamp.formats.items() if number > ours.get(name, 0)]
    if stamp.version > _VERSION or newer:
        what = " and ".join(_SHOWN.get(name, name) for name in newer[:2]) or "data"
        kept = backups.newest(home, __version__)
        back = (
            f"'vademecum bundle restore {kept}' brings the data of then back, or set " if kept else "Or set "
        )
        raise DataNewer(
            f"Vademecum {stamp.program} has opened {home.root}; this is {__version__}, which cannot read its "
            f"{what}.",
            f"Start Vademecum {stamp.program}. {back}VADEMECUM_HOME to another folder.",
        )


def _formats_without_stamp(home: Home) -> dict[str, int]:
    """Return what formats the files have, as far as older ones can be told from them."""
    found: dict[str, int] = {}
    if home.history.is_file():
        try:
            with closing(sqlite3.connect(f"{home.history.absolute().as_uri()}?mode=ro", uri=True)) as db:
                found["history"] = db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error:
            pass  # opening it will say so
    try:
        given = msgspec.toml.decode(home.settings.read_bytes(), type=dict)
        found["settings"] = 1 if isinstance(given.get("library"), str) else 2
    except (OSError, *UNDECODABLE):
        pass
    numbers = [_library_format(home, name) for name in Shelf(home.libraries).names()]
    if numbers:
        found["libraries"] = min(numbers)
    return found


def _library_format(home: Home, name: str) -> int:
    try:
        return Shelf(home.libraries).active_version(name)[1].schema
    except Exception:
        return versions.SCHEMA  # damaged, or newer: using it will say so
