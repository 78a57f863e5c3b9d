"""Changes to the documents of a version that is being written, and what they mean for its indexes."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Collection, Sequence

from core.library import rows
from core.library.chunking import passage_text
from core.types import Document, Span

# Documents that may be the same publication as a new record, the surest first. See ``Editor.match``.
_SAME = f"""
    SELECT number, {rows.DOCUMENT} FROM documents WHERE id = :id
    UNION ALL SELECT number, {rows.DOCUMENT} FROM documents WHERE pmid = :pmid AND external_id = :own
    UNION ALL SELECT number, {rows.DOCUMENT} FROM documents WHERE doi = :doi AND external_id = :own
        AND (pmid IS NULL OR :pmid IS NULL)
    UNION ALL SELECT number, {rows.DOCUMENT} FROM documents WHERE title_key = :title_key
        AND external_id = :own AND (pmid IS NULL OR :pmid IS NULL) AND (doi IS NULL OR :doi IS NULL)"""
_INSERT = f"INSERT INTO documents ({', '.join(rows.COLUMNS)}) VALUES ({', '.join('?' * len(rows.COLUMNS))})"
_UPDATE = f"UPDATE documents SET {', '.join(f'{name} = ?' for name in rows.COLUMNS)} WHERE number = ?"
_CHUNK = 'INSERT INTO chunks (key, document, ordinal, start, "end", page) VALUES (?, ?, ?, ?, ?, ?)'


class Editor:
    """Inserts, replaces and deletes documents through ``connection``; commits nothing.

    Attributes:
        waiting: passages that lack a vector: key of the chunk to the text to embed.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._many = connection.executemany
        self.waiting: dict[int, str] = {}

    def match(self, document: Document, passed: Collection[int] = ()) -> tuple[int, Document] | None:
        """Return number and content of a stored document that is the same publication, but not of ``passed``.

        The same content, else the same PMID, else the same DOI, else the same title and year; but never two
        different PMIDs, nor by title two different DOIs. Records that bear ids of their own are only the same
        if those are equal too: several summaries of one guideline share its PMID.
        """
        keys = {
            "id": document.id,
            "pmid": document.pmid,
            "doi": document.doi,
            "title_key": rows.title_key(document),
            "own": document.external_id,
        }
        for number, *row in self._execute(_SAME, keys):
            if number not in passed:
                return number, rows.to_document(tuple(row))
        return None

    def insert(self, document: Document, spans: Sequence[Span]) -> int:
        """Store a new document with its passages; return its number."""
        number = self._execute(_INSERT, rows.to_row(document)).lastrowid
        assert number is not None
        self._write_chunks(number, document, spans, {})
        return number

    def replace(self, number: int, document: Document, spans: Sequence[Span]) -> None:
        """Give the document ``number`` other content. Passages that stay as they were keep key and vector."""
        kept = self._passages(number)
        self._execute(_UPDATE, (*rows.to_row(document), number))
        self._execute("DELETE FROM chunks WHERE document = ?", (number,))
        self._write_chunks(number, document, spans, kept)
        self._drop(kept.values())
        self._changed(number)

    def describe(self, number: int, document: Document) -> None:
        """Store what changed of a document whose title and text are what they were."""
        self._execute(_UPDATE, (*rows.to_row(document), number))
        self._changed(number)

    def delete(self, number: int) -> None:
        """Delete a document with its passages and vectors."""
        keys = [key for (key,) in self._execute("SELECT key FROM chunks WHERE document = ?", (number,))]
        self._execute("DELETE FROM chunks WHERE document = ?", (number,))
        self._execute("DELETE FROM found WHERE document = ?", (number,))
        self._execute("DELETE FROM documents WHERE number = ?", (number,))
        self._drop(keys)
        self._changed(number)

    def named(self, identifier: str) -> list[int]:
        """Return the numbers of the documents of this id, PMID or DOI."""
        name = identifier.strip().lower()
        query = "SELECT number FROM documents WHERE id = :name OR pmid = :name OR doi = :name"
        return [number for (number,) in self._execute(query, {"name": name})]

    def of_pmid(self, pmid: str) -> list[int]:
        """Return the numbers of the documents of this PMID."""
        return [number for (number,) in self._execute("SELECT number FROM documents WHERE pmid = ?", (pmid,))]

    def document(self, number: int) -> Document:
        """Return the document of this number, which must be there."""
        query = f"SELECT {rows.DOCUMENT} FROM documents WHERE number = ?"
        return rows.to_document(self._execute(query, (number,)).fetchone())

    def _passages(self, number: int) -> dict[str, int]:
        """Return what is embedded for each passage of a document, with the key of its chunk."""
        query = f"SELECT d.title, {rows.CHUNK} WHERE c.document = ?"
        return {passage_text(row[0], row[6]): row[1] for row in self._execute(query, (number,))}

    def _write_chunks(
        self, number: int, document: Document, spans: Sequence[Span], kept: dict[str, int]
    ) -> None:
        """Store the chunks of a document that has none; keys found in ``kept`` are used, and taken out."""
        title, text, pages = document.title, document.text, document.pages
        for ordinal, span in enumerate(spans):
            passage = passage_text(title, text[span.start : span.end])
            page = bisect_right(pages, span.start) if pages else None
            known = kept.pop(passage, None)
            key = self._execute(_CHUNK, (known, number, ordinal, span.start, span.end, page)).lastrowid
            if known is None and key is not None:
                self.waiting[key] = passage

    def _drop(self, keys: Collection[int]) -> None:
        """Forget passages, and note that the indexes of the version before still hold them."""
        for key in keys:
            self.waiting.pop(key, None)
            self._execute("DELETE FROM vectors WHERE key = ?", (key,))
            self._execute(
                "INSERT INTO dropped SELECT ? WHERE ? <= (SELECT last_key FROM progress)", (key, key)
            )

    def _changed(self, number: int) -> None:
        query = "INSERT OR IGNORE INTO changed SELECT ? WHERE ? <= (SELECT last_number FROM progress)"
        self._execute(query, (number, number))
