"""The version that a change to a library is writing: a copy of the active one that changes batch by batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.errors import IndexDamaged
from core.library import rows, schema
from core.library.chunking import passage_text
from core.library.editing import Editor
from core.library.spared import FOLDER, Spared
from core.library.storage import copy_file
from core.library.versions import discard
from core.types import Rejected

_VECTOR = "INSERT INTO vectors SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM chunks WHERE key = ?1)"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an interrupted change must have in common with the one that goes on from it.

    Attributes:
        input: fingerprint of what is to be done.
        parent: version it starts from.
        embedder: fingerprint of the embedder.
    """

    input: str
    parent: str | None
    embedder: str


class Tally(msgspec.Struct):
    """What became of the records of one file so far."""

    added: int = 0
    updated: int = 0
    duplicates: int = 0
    deleted: int = 0
    failed: int = 0


class Checkpoint(msgspec.Struct):
    """How far a change has come; it goes on from here.

    Attributes:
        file: place of the file that is being read among the inputs, from 0.
        record: records of it that are done.
        tallies: one a file.
        forgotten: documents deleted because their file is gone, or on demand.
        touched: the version differs from the one before in more than its documents.
        key: last chunk that was embedded anew, where that is what is done.
        lacking: first chunk that has no vector yet, if one was being made at the last commit.
    """

    file: int = 0
    record: int = 0
    tallies: list[Tally] = msgspec.field(default_factory=list)
    forgotten: int = 0
    touched: bool = False
    key: int | None = None
    lacking: int | None = None

    @property
    def records(self) -> int:
        """Records that are done, whatever became of them."""
        return sum(sum(msgspec.structs.astuple(tally)) for tally in self.tallies)


@dataclass(frozen=True, slots=True)
class Delta:
    """How a version differs from the one it was made from.

    Attributes:
        dropped: chunks that are not there any more, ascending.
        last_key: chunks after this key are new.
        changed: documents that changed or are gone, ascending.
        last_number: documents after this number are new.
    """

    dropped: tuple[int, ...]
    last_key: int
    changed: tuple[int, ...]
    last_number: int


class Staging:
    """Made by ``open``. Nothing is kept of what was done after the last ``commit``.

    Attributes:
        editor: makes the changes.
        execute: runs a statement within the transaction.
        checkpoint: how far it came; stored with each ``commit``.
    """

    def __init__(self, connection: sqlite3.Connection, plan: Plan, spared: Spared) -> None:
        self._connection = connection
        self._plan = plan
        self._spared = spared
        self.execute = connection.execute
        self.editor = Editor(connection)
        self.checkpoint = _checkpoint(connection)
        connection.execute("BEGIN")

    @classmethod
    def open(cls, folder: Path, base: Path | None, plan: Plan) -> Staging:
        """Go on with what ``plan`` has left in ``folder``, else start there with a copy of ``base``.

        Of what another plan has left, the vectors are kept.
        """
        path, spared = folder / schema.FILE, Spared(folder.with_name(FOLDER))
        if not is_of(folder, plan):
            _spare(path, spared)
            discard(folder)
            folder.mkdir(parents=True)
            _start(path, None if base is None else base / schema.FILE, plan)
        connection = _connect(path)
        connection.execute("PRAGMA journal_mode = WAL")  # a commit is one append, and safe from kill -9
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 8000")  # pages, 64 MB; most are changed again by then
        connection.execute("PRAGMA cache_size = -65536")  # KiB; the usual 2 MB make a large import slow
        return cls(connection, plan, spared)

    def known(self, passages: Mapping[int, str]) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of those of ``passages`` that were embedded in vain before, by the same keys."""
        return self._spared.find(passages, self._plan.embedder)

    def done(self) -> None:
        """Note that the plan is carried out: what was kept for it is of no use any more."""
        self._spared.drop(self._plan.input)

    def commit(
        self, keys: Sequence[int], vectors: NDArray[np.float32], lacking: Collection[int] = ()
    ) -> None:
        """Store the vectors of ``keys``, in this order, and make everything since the last commit last.

        Args:
            keys: of chunks; of those that were dropped while their vectors were made, none is stored.
            lacking: chunks whose vectors come with the next commit.
        """
        pairs = sorted(zip(keys, np.ascontiguousarray(vectors, "<f4"), strict=True), key=itemgetter(0))
        self._connection.executemany(_VECTOR, pairs)
        self.checkpoint.lacking = min(lacking, default=None)
        state = msgspec.json.encode(self.checkpoint).decode()
        self._connection.execute("UPDATE progress SET state = ?", (state,))
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def undo(self) -> None:
        """Forget everything since the last commit."""
        self._connection.execute("ROLLBACK")
        self.checkpoint = _checkpoint(self._connection)
        self.editor.waiting.clear()
        self._connection.execute("BEGIN")

    def lacking(self) -> dict[int, str]:
        """Return the passages, by keys of chunks, whose vectors come after the last commit."""
        if self.checkpoint.lacking is None:
            return {}
        query = f"""SELECT c.key, d.title, {rows.CHUNK_TEXT}
            FROM chunks c JOIN documents d ON d.number = c.document
            WHERE c.key >= ? AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.key = c.key)"""
        found = self._connection.execute(query, (self.checkpoint.lacking,))
        return {key: passage_text(title, text) for key, title, text in found}

    def reject(self, rejected: Rejected) -> None:
        """Keep a line of the report."""
        values = (rejected.file, rejected.record, rejected.reason)
        self._connection.execute("INSERT INTO rejected VALUES (?, ?, ?)", values)

    def rejected(self) -> tuple[Rejected, ...]:
        """Return the report so far, interruptions included."""
        found = self._connection.execute("SELECT file, record, reason FROM rejected ORDER BY rowid")
        return tuple(Rejected(*row) for row in found)

    def forget_vectors(self) -> None:
        """Drop the vectors of the copied version, once in the life of a plan, interruptions included."""
        if self.checkpoint.key is None:
            self._connection.execute("DELETE FROM vectors")
            self.checkpoint.key, self.checkpoint.touched = 0, True
            self.commit([], np.empty((0, 0), np.float32))

    def differs(self) -> bool:
        """True unless the version is what it was copied from."""
        query = """SELECT EXISTS (SELECT 1 FROM changed)
            OR EXISTS (SELECT 1 FROM documents WHERE number > (SELECT last_number FROM progress))"""
        return self.checkpoint.touched or bool(self._connection.execute(query).fetchone()[0])

    def close(self) -> None:
        """Drop what is not committed and give the file back."""
        self._connection.close()


def is_of(folder: Path, plan: Plan) -> bool:
    """True if ``folder`` holds what ``plan`` has left."""
    path = folder / schema.FILE
    if not path.exists():
        return False
    with suppress(sqlite3.DatabaseError, IndexDamaged), closing(_connect(path)) as connection:
        schema.check_version(connection, path)
        row = connection.execute("SELECT input, parent, embedder FROM progress").fetchone()
        return row is not None and Plan(*row) == plan
    return False


def _spare(path: Path, spared: Spared) -> None:
    """Keep the vectors of an unfinished change that gives way to another."""
    if not path.exists():
        return
    with suppress(sqlite3.DatabaseError, IndexDamaged), closing(_connect(path)) as connection:
        schema.check_version(connection, path)
        input, embedder, last = connection.execute(
            "SELECT input, embedder, last_key FROM progress"
        ).fetchone()
        anew = _checkpoint(connection).key is not None  # then all vectors were made by it
        spared.keep(input, embedder, connection, 0 if anew else last)


def finish(folder: Path) -> Delta:
    """Turn the closed staging file into one that needs no journal, as versions are; return what is new."""
    with closing(_connect(folder / schema.FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
        last_number, last_key = connection.execute("SELECT last_number, last_key FROM progress").fetchone()
        dropped, changed = (
            tuple(value for (value,) in connection.execute(f"SELECT * FROM {table} ORDER BY 1"))
            for table in ("dropped", "changed")
        )
    return Delta(dropped, last_key, changed, last_number)


def compact(folder: Path) -> None:
    """Give the room of what was deleted from a finished staging file back to the disk."""
    with closing(_connect(folder / schema.FILE)) as connection:
        connection.execute("VACUUM")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _checkpoint(connection: sqlite3.Connection) -> Checkpoint:
    state: str = connection.execute("SELECT state FROM progress").fetchone()[0]
    return msgspec.json.decode(state, type=Checkpoint)


def _start(path: Path, base: Path | None, plan: Plan) -> None:
    """Write the first state of the file aside, so that a half copy is never taken for it."""
    aside = path.with_name("new.sqlite")
    if base is not None:
        copy_file(base, aside)
    with closing(_connect(aside)) as connection:
        if base is None:
            schema.create(connection)
        connection.execute("BEGIN")
        for table in ("progress", "rejected", "changed", "dropped"):
            connection.execute(f"DELETE FROM {table}")
        values = (plan.input, plan.parent, plan.embedder, *_last_given(connection))
        connection.execute("INSERT INTO progress VALUES (?, ?, ?, ?, ?, '{}')", values)
        connection.execute("COMMIT")
    aside.rename(path)


def _last_given(connection: sqlite3.Connection) -> Iterator[int]:
    """Yield the last number and the last key that were ever given."""
    for table in ("documents", "chunks"):
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        yield row[0] if row else 0
