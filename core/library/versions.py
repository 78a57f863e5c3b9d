"""The versions of one library on disk, and which of them is in use.

``NAME/active`` names the version in use; ``NAME/versions/ID`` holds one finished version and never changes;
``NAME/versions/.staging`` is the one being written.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core.errors import IndexDamaged
from core.library.schema import REMEDY
from core.library.storage import flush, write_atomically

MANIFEST = "manifest.json"
SCHEMA = 1
STAGING = ".staging"
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a version: its path inside the version's folder, bytes and SHA-256 (hex)."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished version holds and was made from.

    Attributes:
        schema: number of this format.
        parent: the version it was made from; None for the first.
        created: UTC, ISO 8601.
        embedder: fingerprint of the embedder; its vectors have ``dim`` values.
        files: every file of the version but this one.
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
        if (found := msgspec.json.decode(encoded, type=dict).get("schema")) != SCHEMA:
            raise IndexDamaged(f"{folder} has the unknown format {found}.", "Update Vademecum.")
        return msgspec.json.decode(encoded, type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
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
        if not version or Path(version).name != version or version.startswith("."):
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

    def recover(self) -> None:
        """Make a version that was finished but never taken into use the staged one again.

        It is there when the program was killed between the two; an import then goes on from it.
        """
        if self.staging.exists():
            return
        active = self.active()
        for folder in self._finished():
            if folder.name != active and _parent(folder) == active and (folder / MANIFEST).exists():
                folder.rename(self.staging)
                return

    def prune(self) -> None:
        """Delete versions that are neither in use nor the one before it; one that is open stays for now."""
        if (active := self.active()) is None:
            return
        sweep(self.folder / "versions")
        kept = {active, _parent(self.path(active))}
        for folder in self._finished():
            if folder.name not in kept:
                discard(folder)

    def _finished(self) -> list[Path]:
        folder = self.folder / "versions"
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


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
