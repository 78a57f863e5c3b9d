"""Files whose pages can be shown, kept beside the versions of a library under the hash of their content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.library.storage import flush

_BLOCK = 1024 * 1024
_ASIDE = ".new"


@dataclass(frozen=True, slots=True)
class Originals:
    """The originals in ``folder``, which need not exist yet."""

    folder: Path

    def path(self, name: str) -> Path:
        """Return where the original of this name lies, if it is kept."""
        return self.folder / Path(name).name

    def keep(self, source: Path) -> str:
        """Copy ``source`` unless it is here, and return its name here: SHA-256 and suffix."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f"{os.getpid()}{_ASIDE}"
        digest = hashlib.sha256()
        try:
            with source.open("rb") as file, aside.open("wb") as copy:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    copy.write(block)
                copy.flush()
                os.fsync(copy.fileno())
            name = digest.hexdigest() + source.suffix.lower()
            if not self.path(name).exists():
                aside.replace(self.path(name))
                flush([self.folder])
            return name
        finally:
            aside.unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of all that are kept."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if path.suffix != _ASIDE)

    def sweep(self, named: Collection[str]) -> None:
        """Delete what no version names any more, and what a kill has left."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if path.name not in named:
                with suppress(OSError):  # open on Windows: the next sweep
                    path.unlink()
