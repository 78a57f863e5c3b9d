"""The libraries of one user: a folder each; and those of content folders, which are only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import (
    IndexDamaged,
    IndexMismatch,
    InputUnreadable,
    LibraryBusy,
    LibraryMissing,
    PolicyForbids,
)
from core.library import integrity
from core.library.storage import storing
from core.library.versions import Change, Manifest, Versions, discard, read_manifest, sweep
from core.paths import NAMES, Home, can_be_folder
from core.policy import UNDECIDED, Policy


@dataclass(frozen=True, slots=True)
class LibraryInfo:
    """One library as a list shows it.

    Attributes:
        bytes: of the version in use, on disk.
        created: when that version was finished; UTC, ISO 8601.
        embedder: fingerprint of the embedder it was made with.
        parent: the version it was made from.
        change: what was done to make it; None if that is not known.
        shared: it lies in a content folder, where it can only be read.
        stale: deleted passages that still take room until it is compacted.
    """

    name: str
    version: str
    documents: int
    chunks: int
    bytes: int
    created: str
    embedder: str
    parent: str | None = None
    change: Change | None = None
    shared: bool = False
    stale: int = 0


class Shelf:
    """The libraries in ``folder``, which need not exist yet, and those in content folders.

    Args:
        shared: folders of libraries that are only read; a library of the user's own with the same name counts
            instead.
        policy: may forbid every change.
    """

    def __init__(self, folder: Path, shared: Sequence[Path] = (), policy: Policy = UNDECIDED) -> None:
        self.folder = folder
        self._shared = tuple(shared)
        self._policy = policy

    def names(self) -> list[str]:
        """Return the libraries that can be searched, by name."""
        return sorted({name for folder in (self.folder, *self._shared) for name in _libraries(folder)})

    def own(self) -> list[str]:
        """Return those that may be written, by name."""
        return _libraries(self.folder)

    def is_shared(self, name: str) -> bool:
        """True if the library of that name lies in a content folder."""
        return self._place(name) != self.folder

    def _place(self, name: str) -> Path:
        holding = (each for each in (self.folder, *self._shared) if (each / name / "active").is_file())
        return next(holding, self.folder)

    def versions(self, name: str) -> Versions:
        """Return the versions of a library, which need not exist; raise InputUnreadable for a bad name."""
        if not can_be_folder(name):
            raise InputUnreadable(f"{name[:80]!r} cannot be the name of a library.", NAMES)
        return Versions(self._place(name) / name)

    def active_version(self, name: str) -> tuple[Path, Manifest]:
        """Return folder and manifest of the version in use.

        Raises:
            LibraryMissing: there is no such library.
            IndexDamaged: its manifest cannot be read.
        """
        versions = self.versions(name)
        if (version := versions.active()) is None:
            raise LibraryMissing(
                f"There is no library named {name!r}.", "List the libraries with 'vademecum library list'."
            )
        return versions.path(version), read_manifest(versions.path(version))

    def info(self, name: str) -> LibraryInfo:
        """Describe a library. Raises LibraryMissing, IndexDamaged."""
        _, manifest = self.active_version(name)
        return replace(_described(name, manifest), shared=self.is_shared(name))

    def history(self, name: str) -> list[LibraryInfo]:
        """Describe the version in use and the earlier ones that are kept, the newest first.

        A version that cannot be read is left out. Raises LibraryMissing, IndexDamaged.
        """
        self.active_version(name)  # says if there is none
        versions, found = self.versions(name), []
        for version in reversed(versions.finished()):
            with suppress(IndexDamaged):
                found.append(_described(name, read_manifest(versions.path(version))))
        return found

    def before(self, name: str) -> LibraryInfo | None:
        """Describe what ``revert`` would go back to; None if there is nothing.

        A version with the vectors of another search model is none: it goes with that model, see
        ``core.tuning.activation.revert``. Nor is one of an earlier format.

        Raises LibraryMissing, IndexDamaged.
        """
        _, manifest = self.active_version(name)
        versions = self.versions(name)
        if (version := versions.before()) is None:
            return None
        earlier = read_manifest(versions.path(version))
        return _described(name, earlier) if _can_follow(earlier, manifest) else None

    def revert(self, name: str) -> LibraryInfo:
        """Take the version before the last change into use again, and describe it.

        The one left stays until the next change, for ``use``; the same files added again go on from it.

        Raises:
            LibraryMissing: there is no such library, or no version before.
            LibraryBusy: an import is writing it.
            IndexDamaged, StorageFull: nothing was changed, and why.
        """
        self.active_version(name)
        with self.lock(name), storing(self.folder):
            if (earlier := self.before(name)) is None:
                raise LibraryMissing(
                    f"The library {name!r} has no version before the one in use.",
                    "See what is kept with 'vademecum library versions NAME'.",
                )
            self.versions(name).switch(earlier.version)
        return earlier

    def rollback(self, name: str, version: str) -> LibraryInfo:
        """Take any version that is kept into use, and describe it. Nothing is deleted.

        Raises:
            LibraryMissing: there is no such library or version.
            IndexMismatch: it was made with another embedder than the version in use.
            LibraryBusy, IndexDamaged, StorageFull: nothing was changed, and why.
        """
        _, manifest = self.active_version(name)
        earlier = next((info for info in self.history(name) if info.version == version), None)
        if earlier is None:
            raise LibraryMissing(
                f"The library {name!r} has no version {version}.",
                "See what is kept with 'vademecum library versions NAME'.",
            )
        if not _can_follow(read_manifest(self.versions(name).path(version)), manifest):
            raise IndexMismatch(
                f"The version {version} was made with another embedding model or by an earlier Vademecum.",
                "Go back to that model with 'vademecum train revert', or add the files again.",
            )
        self.use(name, version)
        return earlier

    def use(self, name: str, version: str) -> None:
        """Take a version that is still kept into use: what ``revert`` left.

        Raises LibraryMissing if it is not there any more; else as ``revert``.
        """
        versions = self.versions(name)
        with self.lock(name), storing(self.folder):
            if not versions.has(version):
                raise LibraryMissing(
                    f"That version of the library {name!r} is not there any more.", "Add its files again."
                )
            versions.switch(version)

    def remove(self, name: str) -> None:
        """Delete a library, damaged or not, with what an interrupted import has left of it.

        Raises:
            LibraryMissing: there is none.
            LibraryBusy: an import is writing it.
        """
        folder = self.versions(name).folder
        if not folder.is_dir():
            self.active_version(name)  # says so
        with self.lock(name):
            (folder / "active").unlink(missing_ok=True)  # from here on it is no library, whatever stays
            discard(folder)

    def verify(self, name: str) -> list[str]:
        """Check every file, document, chunk and index of a library; return what is wrong, in sentences."""
        try:
            folder, manifest = self.active_version(name)
        except IndexDamaged as error:
            return [str(error)]
        return [
            *integrity.file_problems(folder, manifest),
            *integrity.content_problems(folder, manifest),
            *integrity.original_problems(folder, self.versions(name).originals),
        ]

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Keep other processes from writing the library.

        Raises:
            LibraryBusy: one does.
            PolicyForbids: this user may not write it.
        """
        self.must_be_writable(name)
        with self._held(name):
            yield

    @contextmanager
    def still(self, name: str) -> Iterator[None]:
        """Keep other processes from writing the library while it is read; a shared one never is written.

        Raises LibraryBusy.
        """
        with nullcontext() if self.is_shared(name) else self._held(name):
            yield

    @contextmanager
    def _held(self, name: str) -> Iterator[None]:
        locks = self.folder / ".locks"  # not in the library's own folder, which ``remove`` deletes
        with storing(self.folder):
            locks.mkdir(parents=True, exist_ok=True)
            held = FileLock(locks / f"{name}.lock", timeout=0)
            try:
                held.acquire()
            except Timeout:
                raise LibraryBusy(
                    f"The library {name!r} is being written by another Vademecum.",
                    "Wait until that import is done, or stop it.",
                ) from None
        try:
            sweep(self.folder)
            yield
        finally:
            held.release()

    def must_be_writable(self, name: str) -> None:
        """Raise PolicyForbids if this user may not write the library ``name``, which need not exist."""
        self._policy.must_allow("imports")
        if self.is_shared(name):
            raise PolicyForbids(
                f"The library {name!r} is shared with all users of this computer and can only be read.",
                f'Make a copy that is yours: vademecum library copy "{name}" "{name} 2"',
            )


def shelf_of(home: Home) -> Shelf:
    """Return all libraries that a user can search, under the policy of the computer."""
    return Shelf(home.libraries, [folder / "libraries" for folder in home.content], home.policy)


def _libraries(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if (path / "active").is_file())
    except OSError:  # not there, or a share that is out of reach
        return []


def _described(name: str, manifest: Manifest) -> LibraryInfo:
    return LibraryInfo(
        name,
        manifest.version,
        manifest.documents,
        manifest.chunks,
        sum(file.size for file in manifest.files),
        manifest.created,
        manifest.embedder,
        manifest.parent,
        manifest.change,
        stale=manifest.stale,
    )


def _can_follow(version: Manifest, active: Manifest) -> bool:
    return (version.embedder, version.schema) == (active.embedder, active.schema)
