"""The three indexes of a version: of its passages' words and vectors, and of its records.

Each is brought up to date from the version before, or built anew from the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.library.staging import Delta
from core.library.storage import link_or_copy
from core.library.store import DocumentStore
from core.retrieval.encoding import Similarity
from core.types import Document

LEXICAL, DENSE, RECORDS = "lexical", "dense", "records"
_PAGE = 500  # documents held at a time


@dataclass(frozen=True, slots=True)
class Base:
    """The version in ``folder``, of ``chunks`` chunks, whose indexes are brought up to date by ``delta``."""

    folder: Path
    chunks: int
    delta: Delta


def write_words(version: Path, store: DocumentStore, base: Base | None) -> None:
    """Write the index of words of the version in the folder ``version``."""
    from core.retrieval.lexical import LexicalIndex

    (folder := version / LEXICAL).mkdir()
    if base is None:
        LexicalIndex.build(folder, store.texts())
    else:
        new = store.texts(base.delta.last_key)
        LexicalIndex.update(folder, base.folder / LEXICAL, base.delta.dropped, new)


def write_vectors(
    version: Path, store: DocumentStore, dim: int, similarity: Similarity, base: Base | None
) -> int:
    """Write the index of vectors; return how many deleted ones it holds."""
    from core.retrieval.dense import DenseIndex

    (folder := version / DENSE).mkdir()
    if base is None:
        index = DenseIndex.build(*store.all_vectors(dim), similarity)
    else:
        keys, vectors = store.all_vectors(dim, base.delta.last_key)
        folder_before, dropped = base.folder / DENSE, base.delta.dropped
        index = DenseIndex.update(folder_before, dim, base.chunks, dropped, keys, vectors, similarity)
    index.save(folder)
    return index.deleted


def write_records(version: Path, store: DocumentStore, base: Base | None) -> None:
    """Write the index of records."""
    from core.retrieval.records import RecordsIndex

    (folder := version / RECORDS).mkdir()
    if base is None:
        RecordsIndex.build(folder, store.numbered())
    else:
        new = _changed(store, base.delta)
        RecordsIndex.update(folder, base.folder / RECORDS, base.delta.changed, new)


def share(source: Path, target: Path) -> None:
    """Give a version the index of another one with the same content: finished files never change."""
    target.mkdir()
    for path in source.iterdir():
        if not path.name.endswith(".lock"):
            link_or_copy(path, target / path.name)


def _changed(store: DocumentStore, delta: Delta) -> Iterator[tuple[int, Document]]:
    """Yield the documents that changed and are still there, then the new ones."""
    for first in range(0, len(delta.changed), _PAGE):
        yield from store.with_numbers(delta.changed[first : first + _PAGE]).items()
    yield from store.numbered(after=delta.last_number)
