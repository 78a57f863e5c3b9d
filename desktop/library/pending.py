"""The import that was begun and is not done: kept in a file, so that the next start can offer to go on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from core.decoding import UNDECODABLE
from core.library.storage import write_atomically

VERSION = 1


@dataclass(frozen=True, slots=True)
class Pending:
    """What ``AddToLibrary`` was asked for; the same again goes on where it stopped."""

    library: str
    paths: tuple[str, ...]
    collection: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    version: int = VERSION


class PendingFile:
    """At most one import. That it cannot be kept must not keep anything from being imported."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Pending | None:
        """Return what is not done; None if there is nothing, or nothing that can be read."""
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=Pending)
        except (OSError, *UNDECODABLE):
            return None
        return found if found.version == VERSION and found.paths else None

    def keep(self, pending: Pending) -> None:
        """Remember ``pending`` instead of what was there."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, msgspec.json.encode(pending))

    def clear(self) -> None:
        """There is nothing left to do."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
