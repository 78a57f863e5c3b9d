"""Taking files into a library: resumable, and in use only when it is complete."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.cancel import CancelToken
from core.errors import IndexMismatch
from core.library.finishing import finish
from core.library.importing import Importing, Progress
from core.library.inputs import Inputs, find_inputs
from core.library.shelf import Shelf
from core.library.staging import Plan, Staging
from core.library.storage import check_space, storing
from core.library.versions import Manifest, Versions, discard, read_manifest
from core.retrieval.embedder import Embedder
from core.types import ImportReport

REPORT = 1  # version of what ``vademecum library add --json`` prints
_GROWTH = 4  # bytes written per byte read: text, vectors twice, words; measured 2.5 to 4 on JSON lines


def add(
    shelf: Shelf,
    name: str,
    paths: Sequence[Path],
    embedder: Embedder,
    cancel: CancelToken,
    progress: Progress,
) -> ImportReport:
    """Add the records of ``paths`` to the library ``name``, which is made if it is new.

    The new version is in use when this returns, and not before. After a kill, a cancel or a full disk the
    next call with the same paths goes on from the last batch.

    Raises:
        InputUnreadable: no file can be read, or ``name`` is not a possible name.
        LibraryBusy: another process writes this library.
        IndexMismatch: the library was made with another embedder.
        IndexDamaged: the library is damaged.
        StorageFull: there is not enough room, or the folder cannot be written.
        Cancelled: ``cancel`` was set.
    """
    start = time.perf_counter()
    versions = shelf.versions(name)
    inputs = find_inputs(paths)
    with shelf.lock(name), storing(shelf.folder):
        versions.recover()
        active, manifest = _base(versions)
        _check_embedder(name, manifest, embedder)
        written = sum(file.size for file in manifest.files) if manifest else 0
        check_space(versions.folder, written + _GROWTH * inputs.size)
        plan = Plan(inputs.fingerprint, manifest.version if manifest else None, embedder.fingerprint)
        importing, changed = _read(versions, active, plan, inputs, embedder, cancel, progress)
        if changed:
            manifest = finish(versions, name, plan, embedder.dim, cancel, progress)
            versions.activate(manifest.version)
        else:
            _drop(versions)
    counts = importing.counts
    return ImportReport(
        version=REPORT,
        added=counts["added"],
        updated=counts["updated"],
        duplicates=counts["duplicate"],
        failed=len(importing.rejected),
        report=tuple(importing.rejected),
        documents=manifest.documents if manifest else 0,
        chunks=manifest.chunks if manifest else 0,
        seconds=time.perf_counter() - start,
    )


def _base(versions: Versions) -> tuple[Path | None, Manifest | None]:
    """Return folder and manifest of the version to start from, if there is one."""
    if (version := versions.active()) is None:
        return None, None
    return versions.path(version), read_manifest(versions.path(version))


def _check_embedder(name: str, manifest: Manifest | None, embedder: Embedder) -> None:
    if manifest is not None and manifest.embedder != embedder.fingerprint:
        raise IndexMismatch(
            f"The library {name!r} was made with another embedding model than the one in the settings.",
            "Choose that model again, add the files to a library of another name, or remove this one first.",
        )


def _read(
    versions: Versions,
    active: Path | None,
    plan: Plan,
    inputs: Inputs,
    embedder: Embedder,
    cancel: CancelToken,
    progress: Progress,
) -> tuple[Importing, bool]:
    """Bring all records into the staged version; return the counts, and whether the library changes."""
    stage = Staging.open(versions.staging, active, plan)
    try:
        importing = Importing(stage, embedder, cancel, progress)
        importing.run(inputs)
        return importing, stage.differs_from(active)
    finally:
        stage.close()


def _drop(versions: Versions) -> None:
    """Delete a staged version that brings nothing new, and the folder of a library that never came to be."""
    discard(versions.staging)
    if versions.active() is None:
        with suppress(OSError):  # whatever else lies there is not ours
            (versions.folder / "versions").rmdir()
            versions.folder.rmdir()
