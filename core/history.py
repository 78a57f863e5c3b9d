"""Conversations and their answers, in one SQLite file that only the window writes.

An answer is saved while it streams, so that a crash of any process leaves the words that were there.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from core.decoding import UNDECODABLE
from core.errors import AppError, StorageFull
from core.types import Answer

TurnState = Literal["streaming", "done", "stopped", "failed"]

SCHEMA_VERSION = 2
UNDO_S = 60.0  # a deletion can be undone this long; then the text is really gone
TITLE_LENGTH = 80

_NOT_A_HISTORY = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TRANSIENT = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class HistoryBusy(AppError):
    """Another window holds the history for longer than we are willing to wait."""

    code = "history_busy"


class HistoryDamaged(AppError):
    """The file is not a history, or not one that this version can read."""

    code = "history_damaged"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One line of the conversation list; ``created`` and ``updated`` are seconds since the epoch."""

    id: int
    title: str
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A question with what came of it.

    Attributes:
        text: the answer as far as it came; equals ``answer.answer`` when there is one.
        state: "streaming" for a turn that nobody is writing any more means that a crash cut it off.
        answer: everything about the answer, None until it is complete.
        message, hint: why it failed and what to do, or empty.
    """

    id: int
    conversation: int
    question: str
    text: str
    state: TurnState
    answer: Answer | None
    message: str
    hint: str
    created: float


class History:
    """The conversations of one user. Make it with ``open_history``."""

    def __init__(self, path: Path, busy_timeout_s: float = 5.0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._errors():
            self._db = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
        try:
            with self._errors():
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.execute("PRAGMA foreign_keys = ON")
                self._db.execute("PRAGMA secure_delete = ON")
                self._migrate()
                self._check()
                self._purge()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Release the file; deletions that can still be undone stay undoable until they expire."""
        self._db.close()

    def conversations(self, search: str = "") -> list[Conversation]:
        """Return the conversations, newest first; with ``search``, those that contain all its words."""
        query = "SELECT id, title, created, updated FROM conversation WHERE deleted IS NULL"
        words = search.split()
        for _ in words:
            query += (
                " AND (title LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM turn"
                " WHERE conversation = conversation.id"
                " AND (question LIKE ? ESCAPE '\\' OR text LIKE ? ESCAPE '\\')))"
            )
        like = [pattern for word in words for pattern in [_like(word)] * 3]
        with self._errors():
            rows = self._db.execute(f"{query} ORDER BY updated DESC, id DESC", like).fetchall()
        return [Conversation(*row) for row in rows]

    def turns(self, conversation: int) -> list[SavedTurn]:
        """Return the turns of ``conversation``, oldest first."""
        query = (
            "SELECT id, conversation, question, text, state, answer, message, hint, created"
            " FROM turn WHERE conversation = ? ORDER BY id"
        )
        with self._errors():
            return [_turn(row) for row in self._db.execute(query, (conversation,)).fetchall()]

    def start(self, question: str) -> Conversation:
        """Begin a conversation that is titled after its first question."""
        now = time.time()
        title = " ".join(question.split())[:TITLE_LENGTH]
        with self._errors():
            cursor = self._db.execute(
                "INSERT INTO conversation (title, created, updated) VALUES (?, ?, ?)", (title, now, now)
            )
        return Conversation(int(cursor.lastrowid or 0), title, now, now)

    def add_turn(self, conversation: int, question: str) -> SavedTurn:
        """Add a turn that is about to be answered."""
        now = time.time()
        with self._transaction():
            cursor = self._db.execute(
                "INSERT INTO turn (conversation, question, created) VALUES (?, ?, ?)",
                (conversation, question, now),
            )
            self._db.execute("UPDATE conversation SET updated = ? WHERE id = ?", (now, conversation))
        turn = int(cursor.lastrowid or 0)
        return SavedTurn(turn, conversation, question, "", "streaming", None, "", "", now)

    def save_text(self, turn: int, text: str) -> None:
        """Keep the answer as far as it has come."""
        with self._errors():
            self._db.execute("UPDATE turn SET text = ? WHERE id = ?", (text, turn))

    def finish(self, turn: SavedTurn) -> None:
        """Keep the outcome of ``turn``."""
        answer = msgspec.json.encode(turn.answer).decode() if turn.answer else None
        with self._errors():
            self._db.execute(
                "UPDATE turn SET text = ?, state = ?, answer = ?, message = ?, hint = ? WHERE id = ?",
                (turn.text, turn.state, answer, turn.message, turn.hint, turn.id),
            )

    def rename(self, conversation: int, title: str) -> None:
        """Give ``conversation`` another title."""
        with self._errors():
            self._db.execute("UPDATE conversation SET title = ? WHERE id = ?", (title, conversation))

    def delete(self, conversation: int) -> None:
        """Hide ``conversation``; ``restore`` brings it back for a minute, then its text is erased."""
        with self._errors():
            self._purge()
            self._db.execute("UPDATE conversation SET deleted = ? WHERE id = ?", (time.time(), conversation))

    def restore(self, conversation: int) -> None:
        """Undo ``delete``."""
        with self._errors():
            self._db.execute("UPDATE conversation SET deleted = NULL WHERE id = ?", (conversation,))

    def _purge(self) -> None:
        """Erase what was deleted and can no longer be undone, in this window or another one."""
        self._db.execute("DELETE FROM conversation WHERE deleted < ?", (time.time() - UNDO_S,))

    def _check(self) -> None:
        verdict = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise HistoryDamaged(f"{self._path.name} is damaged.")

    def _migrate(self) -> None:
        """Bring the file to SCHEMA_VERSION; safe when two windows open it at the same moment."""
        with self._transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise HistoryDamaged(f"{self._path.name} was written by a newer Vademecum.")
            for step in _MIGRATIONS[version:]:
                step(self._db)
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Tell a damaged file from a busy or full disk: only the first may be set aside."""
        try:
            yield
        except UnicodeDecodeError as error:  # sqlite3 could not even say in words what is damaged
            raise HistoryDamaged(f"{self._path.name} is damaged.") from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended part
            if code in _NOT_A_HISTORY:
                raise HistoryDamaged(f"{self._path.name} is damaged.") from error
            if code in _TRANSIENT:
                raise HistoryBusy(
                    "Another window is saving its conversations.", "Try again in a moment."
                ) from error
            raise StorageFull(
                "The conversation could not be saved.",
                f"Make room on the disk, and see that {self._path.parent} can be written.",
            ) from error


def open_history(path: Path) -> tuple[History, str]:
    """Open ``path``; return the history, and a message when a damaged file had to be set aside.

    Raises:
        HistoryBusy: another process holds the file.
        StorageFull: the folder cannot be written.
    """
    try:
        return History(path), ""
    except HistoryDamaged as damage:
        kept = _set_aside(path)
        return History(path), f"{damage} It was kept as {kept.name}, and a new history begins."


def _set_aside(path: Path) -> Path:
    """Move a history, its write-ahead log included, to a name that no one else uses."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    kept, n = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}"), 1
    while kept.exists():
        n += 1
        kept = path.with_name(f"{path.stem}.damaged-{stamp}-{n}{path.suffix}")
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(kept.with_name(kept.name + ending))
    return kept


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _turn(row: tuple[int, int, str, str, TurnState, str | None, str, str, float]) -> SavedTurn:
    number, conversation, question, text, state, answer, message, hint, created = row
    try:
        whole = msgspec.json.decode(answer, type=Answer) if answer else None
    except UNDECODABLE:  # written by another version: the words are still there
        whole = None
    return SavedTurn(number, conversation, question, text, state, whole, message, hint, created)


def _first_tables(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE conversation (id INTEGER PRIMARY KEY, title TEXT NOT NULL,"
        " created REAL NOT NULL, updated REAL NOT NULL, deleted REAL)"
    )
    db.execute(
        "CREATE TABLE turn (id INTEGER PRIMARY KEY,"
        " conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,"
        " question TEXT NOT NULL, text TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT 'streaming',"
        " answer TEXT, message TEXT NOT NULL DEFAULT '', hint TEXT NOT NULL DEFAULT '',"
        " created REAL NOT NULL)"
    )
    db.execute("CREATE INDEX turn_conversation ON turn (conversation)")


def _several_libraries(db: sqlite3.Connection) -> None:
    """Answers named the one library they are from; now they list all."""
    db.execute(
        "UPDATE turn SET answer = json_remove(json_set(answer, '$.libraries',"
        " json_array(json_extract(answer, '$.library'))), '$.library')"
        " WHERE json_valid(answer) AND json_type(answer, '$.library') = 'object'"
    )


# The step at index n brings a file of version n to version n + 1; steps are added, never changed.
_MIGRATIONS: Sequence[Callable[[sqlite3.Connection], None]] = (_first_tables, _several_libraries)
