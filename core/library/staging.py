"""The version that an import is writing: a copy of the active one that grows batch by batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import IndexDamaged
from core.library import rows, schema
from core.library.versions import discard
from core.types import Document, Span

Outcome = Literal["added", "updated", "duplicate"]
_NO_DOCUMENT = ""  # an id that no document has


@dataclass(frozen=True, slots=True)
class Plan:
    """What an interrupted import must have in common with the one that goes on from it."""

    input: str  # fingerprint of the paths
    parent: str | None  # version it started from
    embedder: str


class Staging:
    """Made by ``open``. Nothing is kept of what was done after the last ``commit``."""

    def __init__(self, connection: sqlite3.Connection, run: int) -> None:
        self._connection = connection
        self._run = run
        connection.execute("BEGIN")

    @classmethod
    def open(cls, folder: Path, base: Path | None, plan: Plan) -> Staging:
        """Go on with what ``plan`` has left in ``folder``, else start there with a copy of ``base``."""
        path = folder / schema.FILE
        run = _last_run(path, plan)
        if run is None:
            discard(folder)
            folder.mkdir(parents=True)
            _start(path, None if base is None else base / schema.FILE, plan)
            run = 0
        connection = _connect(path)
        connection.execute("PRAGMA journal_mode = WAL")  # a commit is one append, and safe from kill -9
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("UPDATE imports SET run = ?", (run + 1,))
        return cls(connection, run + 1)

    def recall(self, identifier: str) -> Outcome | None:
        """Return what became of this document earlier in this import, interruptions included.

        The first time after an interruption that is what it was counted as; each further time it is a
        duplicate. None: it has not come yet.
        """
        query = "SELECT outcome, run FROM imported WHERE id = ?"
        row: tuple[Outcome, int] | None = self._connection.execute(query, (identifier,)).fetchone()
        if row is None:
            return None
        if row[1] == self._run:
            return "duplicate"
        self._connection.execute("UPDATE imported SET run = ? WHERE id = ?", (self._run, identifier))
        return row[0]

    def remember(self, identifier: str, outcome: Outcome) -> None:
        """Note what became of a document, for ``recall``."""
        self._connection.execute("INSERT INTO imported VALUES (?, ?, ?)", (identifier, outcome, self._run))

    def holds(self, identifier: str) -> bool:
        """True if the document of this id is in the library."""
        query = "SELECT 1 FROM documents WHERE id = ?"
        return self._connection.execute(query, (identifier,)).fetchone() is not None

    def older(self, document: Document) -> int | None:
        """Return the number of the stored document that is the same publication with other content.

        The same PMID, else the same DOI, else the same title and year; but never two different PMIDs, nor by
        title two different DOIs. Records that bear ids of their own are only the same if those are equal too:
        several summaries of one guideline share its PMID.
        """
        query = """
            SELECT number FROM documents WHERE pmid = :pmid AND external_id = :own
            UNION ALL SELECT number FROM documents WHERE doi = :doi AND external_id = :own
                AND (pmid IS NULL OR :pmid IS NULL)
            UNION ALL SELECT number FROM documents WHERE title_key = :title_key AND external_id = :own
                AND (pmid IS NULL OR :pmid IS NULL) AND (doi IS NULL OR :doi IS NULL) LIMIT 1"""
        keys = {
            "pmid": document.pmid,
            "doi": document.doi,
            "title_key": rows.title_key(document),
            "own": document.external_id,
        }
        row: tuple[int] | None = self._connection.execute(query, keys).fetchone()
        return None if row is None else row[0]

    def delete(self, number: int) -> list[int]:
        """Delete a document with its chunks and vectors; return the keys of the chunks."""
        execute = self._connection.execute
        keys = [key for (key,) in execute("SELECT key FROM chunks WHERE document = ?", (number,))]
        self._connection.executemany("DELETE FROM vectors WHERE key = ?", [(key,) for key in keys])
        execute("DELETE FROM chunks WHERE document = ?", (number,))
        execute("DELETE FROM documents WHERE number = ?", (number,))
        return keys

    def insert(self, document: Document, spans: Iterable[Span]) -> list[int]:
        """Store a document and its chunks; return the keys of the chunks, which still lack vectors."""
        row = rows.to_row(document)
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        number = self._connection.execute(f"INSERT INTO documents ({names}) VALUES ({places})", row).lastrowid
        query = 'INSERT INTO chunks (document, ordinal, start, "end") VALUES (?, ?, ?, ?)'
        inserted = (
            self._connection.execute(query, (number, ordinal, span.start, span.end)).lastrowid
            for ordinal, span in enumerate(spans)
        )
        return [key for key in inserted if key is not None]

    def commit(self, keys: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Store the vectors of ``keys``, in this order, and make everything since the last commit last."""
        encoded = [(key, vector.astype("<f4").tobytes()) for key, vector in zip(keys, vectors, strict=True)]
        self._connection.executemany("INSERT INTO vectors VALUES (?, ?)", encoded)
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def drop_vectors(self) -> None:
        """Forget the vectors of the copied version, once in the life of a plan, interruptions included."""
        if self.recall(_NO_DOCUMENT) is None:
            self._connection.execute("DELETE FROM vectors")
            self.remember(_NO_DOCUMENT, "updated")
            self.commit([], np.empty((0, 0), np.float32))

    def last_vector(self) -> int:
        """Return the highest key of a chunk that has a vector; 0 if none has."""
        (key,) = self._connection.execute("SELECT coalesce(max(key), 0) FROM vectors").fetchone()
        return int(key)

    def differs_from(self, base: Path | None) -> bool:
        """True unless exactly the documents of ``base`` are stored here."""
        self._connection.execute("COMMIT")
        if base is None:
            return self._connection.execute("SELECT 1 FROM documents LIMIT 1").fetchone() is not None
        self._connection.execute("ATTACH ? AS base", (str(base / schema.FILE),))
        query = "SELECT id FROM {}.documents EXCEPT SELECT id FROM {}.documents LIMIT 1"
        orders = (("main", "base"), ("base", "main"))
        found = [self._connection.execute(query.format(*order)).fetchone() for order in orders]
        self._connection.execute("DETACH base")
        return any(found)

    def close(self) -> None:
        """Drop what is not committed and give the file back."""
        self._connection.close()


def finish(folder: Path) -> None:
    """Turn the closed staging file into one that needs no journal, as versions are."""
    with closing(_connect(folder / schema.FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _last_run(path: Path, plan: Plan) -> int | None:
    """Return how often ``plan`` has been at ``path``; None if it was not, or left nothing usable."""
    if not path.exists():
        return None
    with suppress(sqlite3.DatabaseError, IndexDamaged), closing(_connect(path)) as connection:
        schema.check_version(connection, path)
        query = "SELECT run FROM imports WHERE input = ? AND parent IS ? AND embedder = ?"
        row: tuple[int] | None = connection.execute(
            query, (plan.input, plan.parent, plan.embedder)
        ).fetchone()
        return None if row is None else row[0]
    return None


def _start(path: Path, base: Path | None, plan: Plan) -> None:
    """Write the first state of the file aside, so that a half copy is never taken for it."""
    aside = path.with_name("new.sqlite")
    if base is not None:
        copyfile(base, aside)
    with closing(_connect(aside)) as connection:
        if base is None:
            schema.create(connection)
        connection.execute("BEGIN")
        connection.execute("DELETE FROM imports")
        connection.execute("DELETE FROM imported")
        connection.execute(
            "INSERT INTO imports VALUES (?, ?, ?, 0)", (plan.input, plan.parent, plan.embedder)
        )
        connection.execute("COMMIT")
    aside.rename(path)
