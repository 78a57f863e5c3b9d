"""From a filled database in the staging folder to a version that can be taken into use."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from core.cancel import CancelToken
from core.errors import IndexDamaged
from core.library import integrity, schema, staging
from core.library.importing import Progress
from core.library.staging import Plan
from core.library.store import DocumentStore
from core.library.versions import (
    SCHEMA,
    Manifest,
    Versions,
    content_files,
    discard,
    file_entry,
    new_version_id,
    write_manifest,
)


def finish(
    versions: Versions,
    name: str,
    plan: Plan,
    dim: int,
    cancel: CancelToken,
    progress: Progress,
    words: Path | None = None,
) -> Manifest:
    """Index the staged version, check it and write its manifest; it is not taken into use.

    Args:
        words: the word index of a version of the same documents, to be copied; None builds it.

    Raises:
        IndexDamaged: it does not hold what it should.
        Cancelled: the next attempt goes on from the database.
    """
    folder = versions.staging
    staging.finish(folder)
    cancel.check()
    documents, chunks = _build_indexes(folder, dim, words, progress)
    cancel.check()
    progress("check", 0, None, "files")
    manifest = Manifest(
        schema=SCHEMA,
        name=name,
        version=new_version_id(),
        parent=plan.parent,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=documents,
        chunks=chunks,
        embedder=plan.embedder,
        dim=dim,
        files=tuple(file_entry(path, folder) for path in content_files(folder)),
    )
    write_manifest(folder, manifest)
    if problems := integrity.index_problems(folder, manifest):
        discard(folder)
        raise IndexDamaged(f"The new version is not usable: {problems[0]}", "Run the import again.")
    return manifest


def _build_indexes(folder: Path, dim: int, words: Path | None, progress: Progress) -> tuple[int, int]:
    """Write both indexes from the database; return the counts of documents and chunks."""
    from core.retrieval.dense import DenseIndex
    from core.retrieval.lexical import LexicalIndex

    for left in folder.iterdir():  # of an attempt that was interrupted
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != schema.FILE:
            left.unlink()
    for part in ("lexical", "dense"):
        (folder / part).mkdir()
    with DocumentStore.open(folder) as store:
        documents, chunks = store.counts()
        progress("index words", 0, chunks, "chunks")
        if words is None:
            LexicalIndex.build(folder / "lexical", store.texts())
        else:
            shutil.copytree(
                words, folder / "lexical", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.lock")
            )
        progress("index vectors", 0, chunks, "chunks")
        DenseIndex.build(*store.all_vectors(dim)).save(folder / "dense")
    return documents, chunks
