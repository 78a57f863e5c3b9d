"""From a filled database in the staging folder to a version that can be taken into use."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from core.cancel import CancelToken
from core.errors import IndexDamaged
from core.library import indexes, integrity, schema, staging
from core.library.indexes import LEXICAL, RECORDS
from core.library.staging import Delta
from core.library.store import DocumentStore
from core.library.versions import (
    SCHEMA,
    Change,
    Manifest,
    Versions,
    content_files,
    discard,
    file_entry,
    new_version_id,
    write_manifest,
)
from core.progress import Progress
from core.retrieval.embedder import Embedder
from core.retrieval.encoding import rules_from

_STALE = 0.2  # share of an index that may be deleted passages before it is built anew


@dataclass(frozen=True, slots=True)
class Making:
    """What vectors a version has: fingerprint and rules of its embedder, and their length."""

    embedder: str
    dim: int
    encoding: dict[str, Any] | None

    @classmethod
    def by(cls, embedder: Embedder) -> Making:
        """Vectors that ``embedder`` makes."""
        return cls(embedder.fingerprint, embedder.dim, msgspec.to_builtins(embedder.rules))

    @classmethod
    def of(cls, manifest: Manifest) -> Making:
        """Vectors that a version has."""
        return cls(manifest.embedder, manifest.dim, manifest.encoding)


@dataclass(frozen=True, slots=True)
class Base:
    """The version that the staged one was made from.

    Attributes:
        same_documents: only the vectors of the staged one are others.
    """

    folder: Path
    manifest: Manifest
    same_documents: bool = False


def finish(
    versions: Versions,
    name: str,
    base: Base | None,
    making: Making,
    change: Change,
    cancel: CancelToken,
    progress: Progress,
) -> Manifest:
    """Index the staged version, check it and write its manifest; it is not taken into use.

    The indexes of ``base`` are brought up to date, or built anew if too much of them is deleted.

    Raises:
        IndexDamaged: it does not hold what it should.
        Cancelled: the next attempt goes on from the database.
    """
    folder = versions.staging
    delta: Delta | None = staging.finish(folder)
    cancel.check()
    if change.kind == "compact" or (base and delta and _is_stale(base.manifest, delta)):
        progress("compact", 0, None, "files")
        staging.compact(folder)
        delta = None
    cancel.check()
    documents, chunks, stale = _index(folder, base, delta, making, progress)
    cancel.check()
    progress("check", 0, None, "files")
    manifest = Manifest(
        schema=SCHEMA,
        name=name,
        version=new_version_id(),
        parent=versions.active(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=documents,
        chunks=chunks,
        embedder=making.embedder,
        dim=making.dim,
        encoding=making.encoding,
        change=change,
        stale=stale,
        files=tuple(file_entry(path, folder) for path in content_files(folder)),
    )
    write_manifest(folder, manifest)
    if problems := integrity.index_problems(folder, manifest):
        discard(folder)
        raise IndexDamaged(f"The new version is not usable: {problems[0]}", "Run the import again.")
    return manifest


def _is_stale(manifest: Manifest, delta: Delta) -> bool:
    deleted = manifest.stale + len(delta.dropped)
    return deleted > _STALE * (manifest.chunks + manifest.stale)


def _index(
    folder: Path, base: Base | None, delta: Delta | None, making: Making, progress: Progress
) -> tuple[int, int, int]:
    """Write the indexes; return the counts of documents, of chunks, and of deleted vectors still kept."""
    for left in folder.iterdir():  # of an attempt that was interrupted
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != schema.FILE:
            left.unlink()
    with DocumentStore.open(folder) as store:
        documents, chunks = store.counts()
        if base is not None and base.same_documents:
            for part in (LEXICAL, RECORDS):
                indexes.share(base.folder / part, folder / part)
            earlier = None
        else:
            earlier = indexes.Base(base.folder, base.manifest.chunks, delta) if base and delta else None
            progress("index words", 0, chunks, "passages")
            indexes.write_words(folder, store, earlier)
            progress("index records", 0, documents, "documents")
            indexes.write_records(folder, store, earlier)
        progress("index vectors", 0, chunks, "passages")
        stale = indexes.write_vectors(
            folder, store, making.dim, rules_from(making.encoding).similarity, earlier
        )
    return documents, chunks, stale
