"""The versions of one library on disk, and which of them is in use.

``NAME/active`` names the version in use; ``NAME/versions/ID`` holds one finished version and never changes;
``NAME/versions/.staging`` is the one being written.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from core.decoding import UNDECODABLE
from core.errors import IndexDamaged
from core.library.originals import Originals
from core.library.reports import Reports
from core.library.schema import REMEDY
from core.library.storage import flush, write_atomically
from core.paths import can_be_folder

MANIFEST = "manifest.json"
SCHEMA = 2
STAGING = ".staging"
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a version: its path inside the version's folder, bytes and SHA-256 (hex)."""

    path: str
    size: int
    sha256: str


Kind = Literal["import", "watch", "delete", "compact", "reindex", "upgrade", "copy"]


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to make a version, and to how many documents."""

    kind: Kind
    added: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished version holds and was made from.

    Attributes:
        schema: number of this format.
        parent: the version it was made from; None for the first.
        created: UTC, ISO 8601.
        embedder: fingerprint of the embedder; its vectors have ``dim`` values.
        files: every file of the version but this one.
        encoding: ``core.retrieval.embedder.EncodingRules`` as a table; None if unknown, as in format 1.
        change: what was done to make it; None in format 1.
        stale: vectors in the index whose passages are deleted; they go when it is built anew.
    """

    schema: int
    name: str
    version: str
    parent: str | None
    created: str
    documents: int
    chunks: int
    embedder: str
    dim: int
    files: tuple[FileEntry, ...]
    encoding: dict[str, Any] | None = None
    change: Change | None = None
    stale: int = 0


def new_version_id() -> str:
    """Return a name for a version that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"


def content_files(folder: Path) -> list[Path]:
    """Return the files that make up the version in ``folder``: not its manifest, nor tantivy's lock files."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return sorted(path for path in files if path != folder / MANIFEST)


def file_entry(path: Path, folder: Path) -> FileEntry:
    """Measure and hash ``path``."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return FileEntry(path.relative_to(folder).as_posix(), path.stat().st_size, digest.hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``manifest`` and flush all of the version to the disk."""
    write_atomically(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    flush(content_files(folder))
    flush(path for path in (folder, *folder.rglob("*")) if path.is_dir())


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the version in ``folder``; raise IndexDamaged if it cannot be read."""
    try:
        encoded = (folder / MANIFEST).read_bytes()
        found = msgspec.json.decode(encoded, type=dict).get("schema")
        if found not in range(1, SCHEMA + 1):  # format 1 lacks what has defaults
            raise IndexDamaged(f"{folder} has the unknown format {found}.", "Update Vademecum.")
        return msgspec.json.decode(encoded, type=Manifest)
    except (OSError, *UNDECODABLE) as error:
        raise IndexDamaged(f"Cannot read {folder / MANIFEST}: {error}.", REMEDY) from error


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of the library in ``folder``."""

    folder: Path

    @property
    def staging(self) -> Path:
        """Where the next version is written."""
        return self.folder / "versions" / STAGING

    def path(self, version: str) -> Path:
        """Folder of a finished version."""
        return self.folder / "versions" / version

    def active(self) -> str | None:
        """Return the version in use; None if the library has none yet."""
        try:
            version = (self.folder / "active").read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexDamaged(f"Cannot read {self.folder / 'active'}: {error}.", REMEDY) from error
        if not can_be_folder(version):
            raise IndexDamaged(f"{self.folder / 'active'} names no version.", REMEDY)
        return version

    def activate(self, version: str) -> None:
        """Take the staged version, complete with its manifest, into use, and drop all but its parent."""
        self.keep(version)
        self.switch(version)
        self.prune()

    def keep(self, version: str) -> None:
        """Make the staged version, complete with its manifest, one that can be switched to."""
        self.staging.rename(self.path(version))
        flush([self.folder / "versions"])

    def has(self, version: str) -> bool:
        """True if ``version`` is there and finished."""
        return (self.path(version) / MANIFEST).is_file()

    def switch(self, version: str) -> None:
        """Take a finished version into use by one swap; nothing is deleted."""
        write_atomically(self.folder / "active", f"{version}\n".encode())

    def before(self) -> str | None:
        """Return the version that the one in use was made from; None if it is not there any more."""
        active = self.active()
        parent = None if active is None else _parent(self.path(active))
        return parent if parent is not None and self.has(parent) else None

    def finished(self) -> list[str]:
        """Return the versions that could be switched to, oldest first."""
        folder = self.folder / "versions"
        if not folder.is_dir():
            return []
        return sorted(path.name for path in folder.iterdir() if path.name[0] != "." and self.has(path.name))

    def recover(self, wanted: Callable[[Path], bool]) -> None:
        """Make a finished version that was never taken into use, and is ``wanted``, the staged one again.

        It is there when the program was killed between the two; a change then goes on from it.
        """
        if self.staging.exists() and wanted(self.staging):
            return
        active = self.active()
        for version in self.finished():
            if version != active and _parent(self.path(version)) == active and wanted(self.path(version)):
                discard(self.staging)
                self.path(version).rename(self.staging)
                return

    @property
    def kept(self) -> int:
        """How many earlier versions are kept beside the one in use, for going back."""
        with suppress(OSError, ValueError):
            return max(1, int((self.folder / "keep").read_text("utf-8")))
        return 1

    def set_kept(self, count: int) -> None:
        """Keep ``count`` earlier versions from now on, at least one."""
        write_atomically(self.folder / "keep", f"{max(1, count)}\n".encode())

    def prune(self) -> None:
        """Delete all versions but the one in use, the one before it, and the newest, as many as are kept.

        One that is open stays for now.
        """
        if (active := self.active()) is None:
            return
        sweep(self.folder / "versions")
        parent = _parent(self.path(active))
        others = [version for version in reversed(self.finished()) if version not in (active, parent)]
        room = self.kept - (1 if parent is not None and self.has(parent) else 0)
        kept = {active, parent, *others[: max(0, room)]}
        for path in (self.folder / "versions").iterdir():
            if path.is_dir() and not path.name.startswith(".") and path.name not in kept:
                discard(path)

    @property
    def originals(self) -> Originals:
        """Files whose pages can be shown, shared by all versions."""
        return Originals(self.folder / "files")

    @property
    def reports(self) -> Reports:
        """Reports of the last imports."""
        return Reports(self.folder / "reports")


def discard(folder: Path) -> None:
    """Delete ``folder`` as far as possible: on Windows, a file that some process reads cannot be deleted.

    It is renamed first, so that what remains is not taken for a version, and is tried again by ``sweep``.
    """
    target = folder.with_name(f".trash-{secrets.token_hex(4)}")
    try:
        folder.rename(target)
    except FileNotFoundError:
        return
    except OSError:
        return  # open on Windows: still a whole version, for the next prune
    shutil.rmtree(target, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Delete what earlier ``discard`` calls had to leave in ``folder``."""
    for path in folder.glob(".trash-*"):
        shutil.rmtree(path, ignore_errors=True)


def _parent(folder: Path) -> str | None:
    try:
        return read_manifest(folder).parent
    except IndexDamaged:
        return None
