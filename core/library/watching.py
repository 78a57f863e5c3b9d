"""Keeping a library as a folder is: what files bring, change and take away.

What is known of the files lies in the library's folder, in ``watch.json``: unchanged ones are not read again.
Size and time of change tell, then the hash of the content.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from core.cancel import CancelToken
from core.decoding import UNDECODABLE
from core.errors import InputUnreadable
from core.library.finishing import Making
from core.library.importing import Importing
from core.library.ingest import GROWTH, Read
from core.library.inputs import Inputs, sorted_out
from core.library.origins import Origins
from core.library.shelf import Shelf
from core.library.staging import Staging
from core.library.storage import storing, write_atomically
from core.library.versions import Manifest, Versions
from core.library.writing import Writer, fingerprint
from core.progress import Progress
from core.retrieval.embedder import Embedder
from core.types import ImportReport

FILE = "watch.json"
_SETTLED = 2.0  # seconds since its last change after which a file is taken to be complete


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A file as it was when it was read: bytes, time of change in nanoseconds, SHA-256 (hex)."""

    size: int
    changed: int
    sha256: str


class State(msgspec.Struct):
    """What is known of watched folders: absolute path of the folder to path of the file to the file."""

    schema: int = 1
    folders: dict[str, dict[str, Seen]] = {}


@dataclass(frozen=True, slots=True)
class Difference:
    """What a folder has that was not ``seen``: files new or changed, files gone, and all as they are now."""

    changed: tuple[Path, ...]
    gone: tuple[Path, ...]
    seen: dict[str, Seen]


def watch_once(
    shelf: Shelf,
    name: str,
    folder: Path,
    embedder: Callable[[], Embedder],
    cancel: CancelToken,
    progress: Progress,
    *,
    settled: float = _SETTLED,
) -> ImportReport | None:
    """Bring the library ``name`` up to date with ``folder``; return None if nothing has changed.

    A record that its file has no more is deleted, unless another file has brought it too, or the file could
    be read only in part.

    Args:
        embedder: asked for only if there is something to read.
        settled: seconds since its last change before a file is read; it may still be being written.

    Raises:
        InputUnreadable: there is no such folder, or not one of the files that it had.
        LibraryBusy, IndexMismatch, IndexDamaged, StorageFull, Cancelled: as ``core.library.ingest.add``.
    """
    start = time.perf_counter()
    versions = shelf.versions(name)
    with shelf.lock(name), storing(shelf.folder):
        state = _read_state(versions)
        difference = compare(folder, state.folders.get(_key(folder), {}), settled)
        report = None
        if difference.changed or difference.gone:
            writer = Writer(versions, name, cancel, progress)
            read, manifest = _bring(writer, difference, embedder)
            report = read.report(manifest, time.perf_counter() - start)
            versions.reports.save(report)
        if versions.folder.is_dir() and difference.seen != state.folders.get(_key(folder)):
            state.folders[_key(folder)] = difference.seen
            write_atomically(versions.folder / FILE, msgspec.json.encode(state))
    return report


def compare(folder: Path, known: dict[str, Seen], settled: float) -> Difference:
    """Compare the files in ``folder`` and below with what is ``known`` of them; hidden ones do not count."""
    if not folder.is_dir():
        raise InputUnreadable(
            f"There is no folder {folder}.", "Check the path, or whether a drive is missing."
        )
    changed: list[Path] = []
    seen: dict[str, Seen] = {}
    for path in _files(folder):
        place = path.relative_to(folder).as_posix()
        before = known.get(place)
        try:
            found = path.stat()
        except FileNotFoundError:  # gone meanwhile, or a link to nowhere
            continue
        if before and (before.size, before.changed) == (found.st_size, found.st_mtime_ns):
            seen[place] = before
        elif time.time() - found.st_mtime >= settled:
            seen[place] = Seen(found.st_size, found.st_mtime_ns, _hash(path))
            if before is None or before.sha256 != seen[place].sha256:
                changed.append(path)
        elif before:
            seen[place] = before  # still being written: the next time
    gone = tuple(folder / place for place in known if place not in seen)
    if known and len(gone) == len(known) and not changed:
        raise InputUnreadable(
            f"None of the files that were in {folder} is there any more. Nothing was deleted.",
            "Is a drive missing? If they are gone for good, remove the library or delete its documents.",
        )
    return Difference(tuple(changed), gone, seen)


def _bring(
    writer: Writer, difference: Difference, embedder: Callable[[], Embedder]
) -> tuple[Read, Manifest | None]:
    """Take what is new, then let go what is gone."""
    base = writer.base()
    inputs = sorted_out(difference.changed)
    making = Making.by(embedder()) if base is None or inputs.sources else Making.of(base.manifest)
    writer.check(base, making)

    def work(stage: Staging) -> Read:
        if inputs.sources:
            importing = Importing(
                stage, embedder(), writer.versions.originals, writer.cancel, writer.progress
            )
            importing.run(inputs)
        elif not stage.rejected():
            for rejected in inputs.rejected:
                stage.reject(rejected)
        _let_go(stage, inputs, difference.gone)
        return Read.by(stage, inputs)

    gone = (str(path) for path in difference.gone)
    same = fingerprint((path for path, _ in inputs.sources), "watch", *gone)
    return writer.write(base, making, "watch", same, GROWTH * inputs.size, work)


def _let_go(stage: Staging, inputs: Inputs, gone: tuple[Path, ...]) -> None:
    """Delete the documents of files that are gone, and those that a file read as a whole has no more."""
    origins = Origins(stage)
    for (path, _), tally in zip(inputs.sources, stage.checkpoint.tallies, strict=True):
        if not tally.failed:
            stage.checkpoint.forgotten += origins.forget(path, gone=False)
    for path in gone:
        stage.checkpoint.forgotten += origins.forget(path, gone=True)
    stage.commit([], np.empty((0, 0), np.float32))


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _hash(path: Path) -> str:
    """Return the hash of a file; of one that cannot be read none, so that it is tried, and reported, once."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _key(folder: Path) -> str:
    return str(folder.resolve())


def _read_state(versions: Versions) -> State:
    """Return what is known; nothing if it cannot be read: then all files are read again, and found known."""
    try:
        return msgspec.json.decode((versions.folder / FILE).read_bytes(), type=State)
    except (OSError, *UNDECODABLE):
        return State()
