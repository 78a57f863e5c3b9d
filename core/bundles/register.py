"""What bundles were installed, which version of each is in use: ``bundles.json``.

An entry is written before what it describes takes its place by one rename, so that a kill between the two
loses nothing: an entry of which nothing is there counts for nothing, and installing again completes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import msgspec
from filelock import FileLock, Timeout

from core.bundles.manifest import Kind
from core.decoding import UNDECODABLE
from core.errors import BundleRefused
from core.library.storage import storing, write_atomically
from core.paths import Home

VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one bundle.

    Attributes:
        kind, name, version, licence, parents, about: as its manifest says; ``name`` may have been changed.
        place: what was made of it: a model's folder, "LIBRARY/VERSION", a list's or a program's path.
        identity: SHA-256 of kind, version and all that it holds.
        signer: id of the key; empty when unsigned.
        signed_by: what that key was called here; empty when it was not trusted.
        installed: UTC, ISO 8601.
        bytes: of all its files.
    """

    kind: Kind
    name: str
    version: str
    place: str
    identity: str
    signer: str
    signed_by: str
    installed: str
    bytes: int
    licence: str
    parents: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    """The content of ``bundles.json``; ``used`` is "kind/name" to the version in use."""

    version: int = VERSION
    entries: tuple[Entry, ...] = ()
    used: dict[str, str] = field(default_factory=dict)


class Register:
    """Reads and writes the file of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.root / "bundles.json"

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, oldest first. Raises BundleRefused if the file cannot be read or is newer."""
        return self._read().entries

    def of(self, kind: Kind, name: str) -> tuple[Entry, ...]:
        """Return the entries of what is called ``name``, oldest first."""
        return tuple(each for each in self.entries() if (each.kind, each.name) == (kind, name))

    def used(self, kind: Kind, name: str) -> str:
        """Return the version in use; empty if there is none."""
        return self._read().used.get(f"{kind}/{name}", "")

    def put(self, entry: Entry) -> None:
        """Add ``entry``, in place of one of its kind, name and version."""
        found = self._read()
        others = [each for each in found.entries if _key(each) != _key(entry)]
        self._write(replace(found, entries=(*others, entry)))

    def use(self, entry: Entry) -> None:
        """Write down that this version is in use."""
        found = self._read()
        self._write(replace(found, used={**found.used, f"{entry.kind}/{entry.name}": entry.version}))

    def drop(self, entry: Entry) -> None:
        """Forget ``entry``."""
        found = self._read()
        used, key = dict(found.used), f"{entry.kind}/{entry.name}"
        if used.get(key) == entry.version:
            del used[key]
        entries = tuple(each for each in found.entries if _key(each) != _key(entry))
        self._write(replace(found, entries=entries, used=used))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes from installing and removing. Raises BundleRefused if one does."""
        with storing(self._home.root):
            self._home.root.mkdir(parents=True, exist_ok=True)
            held = FileLock(self._home.root / ".bundles.lock", timeout=0)
            try:
                held.acquire()
            except Timeout:
                raise BundleRefused(
                    "Another Vademecum is installing or removing a bundle.", "Wait until it is done."
                ) from None
        try:
            yield
        finally:
            held.release()

    def _read(self) -> _File:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, *UNDECODABLE) as error:
            raise BundleRefused(
                f"Cannot read {self._path}: {error}.",
                "Move that file away: what is installed stays, and installing it again lists it again.",
            ) from error
        if found.version != VERSION:
            raise BundleRefused(f"{self._path} was written by a newer Vademecum.", "Update Vademecum.")
        return found

    def _write(self, file: _File) -> None:
        with storing(self._home.root):
            self._home.root.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, msgspec.json.format(msgspec.json.encode(file), indent=1))


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.kind, entry.name, entry.version
