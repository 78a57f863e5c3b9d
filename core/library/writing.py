"""One change to a library under its lock: resumable, and in use only when it is complete."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core import __version__
from core.cancel import CancelToken
from core.errors import IndexMismatch
from core.library.finishing import Base, Making, finish
from core.library.staging import Plan, Staging, is_of
from core.library.storage import check_space
from core.library.store import DocumentStore
from core.library.upgrade import upgrade_active
from core.library.versions import Change, Kind, Manifest, Versions, discard, read_manifest
from core.progress import Progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the next version of the library ``name``; to be used under ``Shelf.lock`` and ``storing``."""

    versions: Versions
    name: str
    cancel: CancelToken
    progress: Progress

    def base(self) -> Base | None:
        """Return the version in use, upgraded if it is of an earlier format; None if there is none yet."""
        upgrade_active(self.versions, self.progress)
        if (version := self.versions.active()) is None:
            return None
        return Base(self.versions.path(version), read_manifest(self.versions.path(version)))

    def check(self, base: Base | None, making: Making) -> None:
        """Raise IndexMismatch if ``base`` was made with another embedder."""
        if base is not None and base.manifest.embedder != making.embedder:
            raise IndexMismatch(
                f"The library {self.name!r} was made with another embedding model than that in the settings.",
                "Choose that model again, add the files under another name, or remove this one first.",
            )

    def write(
        self,
        base: Base | None,
        making: Making,
        kind: Kind,
        input: str,
        new: int,
        work: Callable[[Staging], T],
    ) -> tuple[T, Manifest | None]:
        """Let ``work`` change a copy of ``base`` and take the result into use, unless nothing changed.

        Args:
            input: fingerprint of what is to be done; an interrupted change goes on if this is the same.
            new: bytes that will be written beside the copy, about.

        Returns:
            what ``work`` returns, and the manifest of the version that is in use now.
        """
        manifest = base.manifest if base else None
        written = sum(file.size for file in manifest.files) if manifest else 0
        check_space(self.versions.folder, written + new)
        plan = Plan(input, manifest.version if manifest else None, making.embedder)
        self.versions.recover(lambda folder: is_of(folder, plan))
        stage = Staging.open(self.versions.staging, base.folder if base else None, plan)
        try:
            result = work(stage)
            change = change_of(kind, stage) if stage.differs() or kind == "compact" else None
        finally:
            stage.close()
        if change is None:
            self._drop()
        else:
            manifest = finish(self.versions, self.name, base, making, change, self.cancel, self.progress)
            self.versions.activate(manifest.version)
        stage.done()
        sweep_originals(self.versions)
        return result, manifest

    def _drop(self) -> None:
        """Delete a staged version that brings nothing, and the folder of a library that never came to be."""
        discard(self.versions.staging)
        if self.versions.active() is None:
            for folder in (self.versions.folder / "versions", self.versions.folder):
                with suppress(OSError):  # whatever else lies there is not ours
                    folder.rmdir()


def change_of(kind: Kind, stage: Staging) -> Change:
    """Return what was done to the staged version so far."""
    state = stage.checkpoint
    added, updated, deleted = (
        sum(getattr(tally, name) for tally in state.tallies) for name in ("added", "updated", "deleted")
    )
    return Change(kind, added, updated, deleted + state.forgotten)


def sweep_originals(versions: Versions) -> None:
    """Delete original files that no version names any more."""
    if not versions.originals.names():
        return
    named: set[str] = set()
    for version in versions.finished():
        with DocumentStore.open(versions.path(version)) as store:
            named.update(store.originals())
    versions.originals.sweep(named)


def fingerprint(paths: Iterable[Path], *more: str) -> str:
    """Return what is equal for equal files, by name, size and time of change, and equal ``more``.

    A newer Vademecum may read the same files otherwise, so its version counts as well.
    """
    digest = hashlib.sha256(repr((__version__, more)).encode("utf-8", "surrogateescape"))
    for path in paths:
        found = path.stat()
        line = f"{path.resolve()}\0{found.st_size}\0{found.st_mtime_ns}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]
