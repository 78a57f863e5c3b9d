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

    def numbers(self, keys: Sequence[int] | Keys) -> Keys:
        """Return the number of the document of each chunk, in the order of ``keys``; shape (len(keys),).

        Numbers are what ``RecordsIndex`` knows documents by. An unknown key is damage: an index names it.
        """
        import numpy as np

        wanted = [int(key) for key in keys]
        with schema.reading(self.path):
            pairs = self._select("SELECT key, document FROM chunks WHERE key IN", wanted)
            found = {row[0]: row[1] for row in pairs}
        try:
            return np.fromiter((found[key] for key in wanted), np.int64, len(wanted))
        except KeyError as error:
            raise IndexDamaged(
                f"{self.path} holds no chunk {error.args[0]}, but an index does.", schema.REMEDY
            ) from error

    def owners(self) -> Keys:
        """Return the number of the document of every chunk, at the place of its key; 0 where none is."""
        import numpy as np

        with schema.reading(self.path):
            last = self._connection.execute("SELECT coalesce(max(key), 0) FROM chunks").fetchone()[0]
            found = np.zeros(last + 1, np.int64)
            cursor = self._connection.execute("SELECT key, document FROM chunks")
            while some := cursor.fetchmany(_PER_BATCH):
                pairs = np.array(some, np.int64)
                found[pairs[:, 0]] = pairs[:, 1]
        return found

    def keys_of(self, numbers: Sequence[int] | Keys) -> Keys:
        """Return the keys of all chunks of these documents, ascending."""
        import numpy as np

        query = "SELECT key FROM chunks WHERE document IN"
        with schema.reading(self.path):
            found = [key for (key,) in self._select(query, [int(number) for number in numbers])]
        return np.array(sorted(found), np.int64)

    def numbered(self, batch: int = _PER_BATCH, after: int = 0) -> Iterator[tuple[int, Document]]:
        """Yield number and content of all documents after the number ``after``, ``batch`` read at a time."""
        query = f"SELECT number, {rows.DOCUMENT} FROM documents WHERE number > ? ORDER BY number"
        cursor = self._cursor(query, after)
        while some := self._fetch(cursor, batch):
            with schema.reading(self.path):
                decoded = [(row[0], rows.to_document(row[1:])) for row in some]
            yield from decoded

    def with_numbers(self, numbers: Sequence[int] | Keys) -> dict[int, Document]:
        """Return the documents of these numbers; an unknown one has no entry."""
        query = f"SELECT number, {rows.DOCUMENT} FROM documents WHERE number IN"
        with schema.reading(self.path):
            found = self._select(query, [int(number) for number in numbers])
            return {row[0]: rows.to_document(row[1:]) for row in found}

    def counts(self) -> tuple[int, int]:
        """Return the number of documents and of chunks."""
        query = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"
        with schema.reading(self.path):
            documents, chunks = self._connection.execute(query).fetchone()
        return documents, chunks

    def chunks_after(self, key: int) -> int:
        """Return the number of chunks after ``key``."""
        with schema.reading(self.path):
            query = "SELECT count(*) FROM chunks WHERE key > ?"
            return int(self._connection.execute(query, (key,)).fetchone()[0])

    def texts(self, after: int = 0) -> Iterator[tuple[int, str, str]]:
        """Yield (key, title, chunk text) of every chunk after the key ``after``, by key."""
        cursor = self._cursor(f"SELECT d.title, {rows.CHUNK} WHERE c.key > ? ORDER BY c.key", after)
        while some := self._fetch(cursor, _PER_BATCH):
            for row in some:
                yield row[1], row[0], row[6]

    def vectors(self, batch: int = _PER_BATCH, after: int = 0) -> Iterator[tuple[Keys, Vectors]]:
        """Yield keys and vectors of all chunks after the key ``after``, by key, ``batch`` rows at a time."""
        import numpy as np

        cursor = self._cursor("SELECT key, vector FROM vectors WHERE key > ? ORDER BY key", after)
        while some := self._fetch(cursor, batch):
            keys = np.fromiter((row[0] for row in some), np.int64, len(some))
            held = [row[1] for row in some]
            if not all(isinstance(one, bytes) for one in held):
                raise IndexDamaged(f"{self.path} lacks a vector.", schema.REMEDY)
            joined = b"".join(held)
            values = np.frombuffer(joined[: len(joined) // 4 * 4], "<f4")
            if len(joined) % (4 * len(some)):
                raise IndexDamaged(f"{self.path} holds a vector of the wrong length.", schema.REMEDY)
            yield keys, values.reshape(len(some), -1).astype(np.float32, copy=False)

    def sample(self, count: int) -> Iterator[tuple[int, Vectors, str]]:
        """Yield key, vector, and title with text of ``count`` chunks spread evenly over all."""
        import numpy as np

        step = max(1, self.counts()[1] // count)
        query = f"""SELECT c.key, v.vector, d.title, {rows.CHUNK_TEXT} FROM
            (SELECT key, row_number() OVER (ORDER BY key) AS place FROM chunks) AS p
            JOIN chunks c ON c.key = p.key JOIN documents d ON d.number = c.document
            JOIN vectors v ON v.key = c.key WHERE p.place % ? = 0 LIMIT ?"""
        with schema.reading(self.path):
            drawn = self._connection.execute(query, (step, count)).fetchall()
            found = [
                (key, np.frombuffer(vector, "<f4"), f"{title}\n{text}") for key, vector, title, text in drawn
            ]
        for key, values, text in found:
            yield key, values.astype(np.float32), text

    def all_vectors(self, dim: int, after: int = 0) -> tuple[Keys, Vectors]:
        """Return keys and vectors of all chunks after the key ``after``, shapes (n,) and (n, dim)."""
        import numpy as np

        count = self.chunks_after(after)
        keys, matrix = np.empty(count, np.int64), np.empty((count, dim), np.float32)
        filled = 0
        for some, values in self.vectors(after=after):
            end = filled + len(some)
            if values.shape[1] != dim or end > count:
                raise IndexDamaged(f"{self.path} holds a vector of the wrong length.", schema.REMEDY)
            keys[filled:end], matrix[filled:end] = some, values
            filled = end
        if filled != count:
            raise IndexDamaged(f"{self.path} holds {filled} vectors for {count} chunks.", schema.REMEDY)
        return keys, matrix

    def originals(self) -> list[str]:
        """Return the names of the original files that documents have."""
        with schema.reading(self.path):
            query = "SELECT DISTINCT original FROM documents WHERE original <> '' ORDER BY 1"
            return [name for (name,) in self._connection.execute(query)]

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

    def _cursor(self, query: str, after: int) -> sqlite3.Cursor:
        with schema.reading(self.path):
            return self._connection.execute(query, (after,))

    def _fetch(self, cursor: sqlite3.Cursor, count: int) -> list[Row]:
        with schema.reading(self.path):
            return cursor.fetchmany(count)
