"""Vectors of a change that was broken off and gave way to another one: kept, so that none is made twice.

A staged version goes on from the one in use, and is of no use when that is another. Its vectors are: each
is kept by its passage, and taken when the same passage is to be embedded again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.library import rows
from core.library.chunking import passage_text

FOLDER = ".spared"
_KEPT_S = 30 * 24 * 3600.0  # what nobody has gone on with by then is deleted
_TABLES = """
CREATE TABLE IF NOT EXISTS vectors (passage BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS made_by (embedder TEXT PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Spared:
    """The files in ``folder``, one for each change that was broken off; there need not be any."""

    folder: Path

    def keep(self, input: str, embedder: str, staged: sqlite3.Connection, after: int) -> None:
        """Keep the vectors of ``staged`` with keys above ``after``, beside those kept of ``input`` before.

        What cannot be kept has to be embedded again; that is no reason for the next change to fail.
        """
        query = f"SELECT d.title, {rows.CHUNK_TEXT}, v.vector FROM vectors v JOIN chunks c ON c.key = v.key "
        query += "JOIN documents d ON d.number = c.document WHERE v.key > ?"
        if staged.execute("SELECT NOT EXISTS (SELECT 1 FROM vectors WHERE key > ?)", (after,)).fetchone()[0]:
            return
        self.folder.mkdir(exist_ok=True)
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(self._path(input))) as file, file:
            file.executescript(_TABLES)
            file.execute("INSERT OR IGNORE INTO made_by VALUES (?)", (embedder,))
            found = (
                (_digest(passage_text(title, text)), vector)
                for title, text, vector in staged.execute(query, (after,))
            )
            file.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", found)

    def find(self, passages: Mapping[int, str], embedder: str) -> dict[int, NDArray[np.float32]]:
        """Return the vectors that ``embedder`` has made of some of ``passages`` already, by the same keys."""
        if not self.folder.exists():
            return {}
        digests = {key: _digest(text) for key, text in passages.items()}
        query = f"SELECT passage, vector FROM vectors WHERE passage IN ({', '.join('?' * len(digests))})"
        vectors: dict[bytes, NDArray[np.float32]] = {}
        for path in self._files():
            with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as file:
                if file.execute("SELECT embedder FROM made_by").fetchall() == [(embedder,)]:
                    found = file.execute(query, tuple(digests.values()))
                    vectors |= {digest: np.frombuffer(vector, "<f4") for digest, vector in found}
        return {key: vectors[digest] for key, digest in digests.items() if digest in vectors}

    def drop(self, input: str) -> None:
        """Delete what is kept of a change that is done now, and what has been kept for too long."""
        for path in self._files():
            if path == self._path(input) or time.time() - path.stat().st_mtime > _KEPT_S:
                path.unlink(missing_ok=True)
        with suppress(OSError):  # there are others, or none at all
            self.folder.rmdir()

    def _path(self, input: str) -> Path:
        return self.folder / f"{hashlib.sha256(input.encode()).hexdigest()[:16]}.sqlite"

    def _files(self) -> Iterator[Path]:
        return self.folder.glob("*.sqlite")


def _digest(passage: str) -> bytes:
    return hashlib.sha256(passage.encode()).digest()[:16]
