"""The documents and chunks of one finished library version, read from SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from core.errors import IndexDamaged
from core.library import rows, schema
from core.types import Chunk, Document, DocumentRef

if TYPE_CHECKING:  # numpy takes a fifth of the window's start, and the window needs no vectors
    import numpy as np
    from numpy.typing import NDArray

    Keys = NDArray[np.int64]
    Vectors = NDArray[np.float32]

_PER_QUERY = 500  # parameters of one SELECT ... IN: SQLite allows 32,766, older ones 999
_PER_BATCH = 4096  # rows of one step of a streaming read

Row = tuple[Any, ...]


class DocumentStore:
    """A read-only view of one version; made by ``open``. Every method raises IndexDamaged for a damaged file.

    May be used from any thread, but from one at a time.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, folder: Path) -> DocumentStore:
        """Open the version in ``folder``; raise IndexDamaged if it is missing, unreadable or too new."""
        path = folder / schema.FILE
        return cls(schema.open_finished(path), path)

    def close(self) -> None:
        """Give the file back; the store cannot be used any more."""
        self._connection.close()

    def __enter__(self) -> DocumentStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def document(self, identifier: str) -> Document | None:
        """Return the document of this id."""
        return self._document("id", identifier)

    def find(self, identifier: str) -> Document | None:
        """Return the document of this id, else of this PMID, else of this DOI."""
        identifier = identifier.strip()
        for column in ("id", "pmid", "doi"):
            if found := self._document(column, identifier.lower()):
                return found
        return None

    def documents(self, offset: int, limit: int) -> list[Document]:
        """Return one page of all documents, in the order in which they came in."""
        query = f"SELECT {rows.DOCUMENT} FROM documents ORDER BY number LIMIT ? OFFSET ?"
        with schema.reading(self.path):
            return [rows.to_document(row) for row in self._connection.execute(query, (limit, offset))]

    def refs(self, identifiers: Iterable[str]) -> dict[str, DocumentRef]:
        """Return what identifies these documents, by id; an unknown id has no entry."""
        with schema.reading(self.path):
            found = self._select(f"SELECT {rows.REF} FROM documents WHERE id IN", list(identifiers))
            return {row[0]: rows.to_ref(row) for row in found}

    def chunks(self, keys: Sequence[int]) -> list[Chunk]:
        """Return the chunks of these keys in this order; an unknown key is damage: an index names it."""
        with schema.reading(self.path):
            found = {row[0]: row for row in self._select(f"SELECT {rows.CHUNK} WHERE c.key IN", keys)}
        if missing := [key for key in keys if key not in found]:
            raise IndexDamaged(f"{self.path} holds no chunk {missing[0]}, but an index does.", schema.REMEDY)
        return [rows.to_chunk(found[key]) for key in keys]

    def chunks_of(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document, in order; none if it is unknown."""
        query = f"SELECT {rows.CHUNK} WHERE d.id = ? ORDER BY c.ordinal"
        with schema.reading(self.path):
            return [rows.to_chunk(row) for row in self._connection.execute(query, (document_id,))]

    def counts(self) -> tuple[int, int]:
        """Return the number of documents and of chunks."""
        query = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"
        with schema.reading(self.path):
            documents, chunks = self._connection.execute(query).fetchone()
        return documents, chunks

    def texts(self) -> Iterator[tuple[int, str, str]]:
        """Yield (key, title, chunk text) of every chunk, by key."""
        query = f"SELECT d.title, {rows.CHUNK} ORDER BY c.key"
        for row in self._rows(query):
            yield row[1], row[0], row[6]

    def vectors(self, batch: int = _PER_BATCH) -> Iterator[tuple[Keys, Vectors]]:
        """Yield the keys and vectors of all chunks by key, at most ``batch`` rows at a time."""
        import numpy as np

        cursor = self._cursor("SELECT key, vector FROM vectors ORDER BY key")
        while some := self._fetch(cursor, batch):
            keys = np.fromiter((row[0] for row in some), np.int64, len(some))
            values = np.frombuffer(b"".join(row[1] for row in some), "<f4")
            if len(values) % len(some):
                raise IndexDamaged(f"{self.path} holds a vector of the wrong length.", schema.REMEDY)
            yield keys, values.reshape(len(some), -1).astype(np.float32, copy=False)

    def all_vectors(self, dim: int) -> tuple[Keys, Vectors]:
        """Return the keys and vectors of all chunks by key, shapes (n,) and (n, dim)."""
        import numpy as np

        count = self.counts()[1]
        keys, matrix = np.empty(count, np.int64), np.empty((count, dim), np.float32)
        filled = 0
        for some, values in self.vectors():
            end = filled + len(some)
            if values.shape[1] != dim or end > count:
                raise IndexDamaged(f"{self.path} holds a vector of the wrong length.", schema.REMEDY)
            keys[filled:end], matrix[filled:end] = some, values
            filled = end
        if filled != count:
            raise IndexDamaged(f"{self.path} holds {filled} vectors for {count} chunks.", schema.REMEDY)
        return keys, matrix

    def problems(self) -> list[str]:
        """Return what SQLite's own check finds wrong with the file, in its words; empty when sound."""
        with schema.reading(self.path):
            found = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check(10)")]
        return [] if found == ["ok"] else found

    def _document(self, column: str, value: str) -> Document | None:
        query = f"SELECT {rows.DOCUMENT} FROM documents WHERE {column} = ? LIMIT 1"
        with schema.reading(self.path):
            row = self._connection.execute(query, (value,)).fetchone()
            return None if row is None else rows.to_document(row)

    def _select(self, query: str, values: Sequence[object]) -> Iterator[Row]:
        """Yield the rows of ``query`` with ``values`` for its IN, some at a time."""
        for first in range(0, len(values), _PER_QUERY):
            some = values[first : first + _PER_QUERY]
            yield from self._connection.execute(f"{query} ({','.join('?' * len(some))})", some)

    def _rows(self, query: str) -> Iterator[Row]:
        cursor = self._cursor(query)
        while some := self._fetch(cursor, _PER_BATCH):
            yield from some

    def _cursor(self, query: str) -> sqlite3.Cursor:
        with schema.reading(self.path):
            return self._connection.execute(query)

    def _fetch(self, cursor: sqlite3.Cursor, count: int) -> list[Row]:
        with schema.reading(self.path):
            return cursor.fetchmany(count)
