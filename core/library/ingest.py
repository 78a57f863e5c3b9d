"""Taking files into a library, and documents out of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.cancel import CancelToken
from core.errors import LibraryMissing
from core.library.finishing import Making
from core.library.importing import Importing, file_reports
from core.library.inputs import Inputs, find_inputs
from core.library.shelf import Shelf
from core.library.staging import Staging
from core.library.storage import storing
from core.library.store import DocumentStore
from core.library.versions import Manifest
from core.library.writing import Writer, fingerprint
from core.progress import Progress
from core.retrieval.embedder import Embedder
from core.types import FileReport, ImportReport, Rejected

REPORT = 2  # version of what ``vademecum library add --json`` prints
GROWTH = 4  # bytes written per byte read: text, vectors twice, words; measured 2.5 to 4 on JSON lines


def add(
    shelf: Shelf,
    name: str,
    paths: Sequence[Path],
    embedder: Embedder,
    cancel: CancelToken,
    progress: Progress,
    *,
    collection: str = "",
    columns: Mapping[str, str] | None = None,
) -> ImportReport:
    """Add the records of ``paths`` to the library ``name``, which is made if it is new.

    The new version is in use when this returns, and not before. After a kill, a cancel or a full disk the
    next call with the same paths goes on from the last batch, unless the files have changed since.

    Args:
        collection: name of a group that the documents are put in, or empty.
        columns: for tables whose columns are not recognised: field of a document to name of the column.

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
    inputs = find_inputs(paths, columns)
    with shelf.lock(name), storing(shelf.folder):
        writer, making = Writer(versions, name, cancel, progress), Making.by(embedder)
        base = writer.base()
        writer.check(base, making)

        def work(stage: Staging) -> Read:
            Importing(stage, embedder, versions.originals, cancel, progress).run(inputs, collection)
            return Read.by(stage, inputs)

        files = (path for path, _ in inputs.sources)
        same = fingerprint(files, "import", collection, repr(sorted((columns or {}).items())))
        read, manifest = writer.write(base, making, "import", same, GROWTH * inputs.size, work)
        report = read.report(manifest, time.perf_counter() - start)
        versions.reports.save(report)
    return report


@dataclass(frozen=True, slots=True)
class Read:
    """What became of all records, file by file, the lines of the report, and documents let go with a file."""

    files: tuple[FileReport, ...]
    rejected: tuple[Rejected, ...]
    forgotten: int

    @classmethod
    def by(cls, stage: Staging, inputs: Inputs) -> Read:
        """What was read into ``stage``, earlier attempts included."""
        return cls(file_reports(inputs, stage), stage.rejected(), stage.checkpoint.forgotten)

    def report(self, manifest: Manifest | None, seconds: float) -> ImportReport:
        """Return the report on a library that is now as ``manifest`` says."""
        files = self.files
        return ImportReport(
            version=REPORT,
            added=sum(file.added for file in files),
            updated=sum(file.updated for file in files),
            duplicates=sum(file.duplicates for file in files),
            failed=sum(file.failed for file in files),
            report=self.rejected,
            documents=manifest.documents if manifest else 0,
            chunks=manifest.chunks if manifest else 0,
            seconds=seconds,
            deleted=sum(file.deleted for file in files) + self.forgotten,
            files=files,
        )


def delete(
    shelf: Shelf, name: str, identifiers: Sequence[str], cancel: CancelToken, progress: Progress
) -> Manifest:
    """Delete the documents of these ids, PMIDs or DOIs; return the manifest of the version without them.

    Raises:
        LibraryMissing: there is no such library, or no document of one of the names: then none is deleted.
        LibraryBusy, IndexDamaged, StorageFull, Cancelled: as ``add``.
    """
    shelf.active_version(name)  # says if there is none
    versions = shelf.versions(name)
    with shelf.lock(name), storing(shelf.folder):
        writer = Writer(versions, name, cancel, progress)
        base = writer.base()
        assert base is not None
        _check_all_there(name, base.folder, identifiers)

        def work(stage: Staging) -> None:
            for number in dict.fromkeys(n for each in identifiers for n in stage.editor.named(each)):
                stage.editor.delete(number)
                stage.checkpoint.forgotten += 1
            stage.commit([], np.empty((0, 0), np.float32))

        making, same = Making.of(base.manifest), fingerprint([], "delete", *identifiers)
        _, manifest = writer.write(base, making, "delete", same, 0, work)
    assert manifest is not None
    return manifest


def compact(shelf: Shelf, name: str, cancel: CancelToken, progress: Progress) -> Manifest:
    """Build the indexes anew without what was deleted, and give its room back; return the new manifest.

    Raises as ``delete``.
    """
    shelf.active_version(name)
    with shelf.lock(name), storing(shelf.folder):
        writer = Writer(shelf.versions(name), name, cancel, progress)
        base = writer.base()
        assert base is not None
        making, same = Making.of(base.manifest), fingerprint([], "compact")
        _, manifest = writer.write(base, making, "compact", same, 0, lambda stage: None)
    assert manifest is not None
    return manifest


def _check_all_there(name: str, folder: Path, identifiers: Sequence[str]) -> None:
    with DocumentStore.open(folder) as store:
        for identifier in identifiers:
            if store.find(identifier) is None:
                raise LibraryMissing(
                    f"The library \u201c{name}\u201d has no document {identifier}.",
                    "Nothing was deleted. Find documents with `vademecum search`.",
                )
