"""Which file brought which document: what a file read again replaces, and what goes when a file is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.library.staging import Staging
from core.types import Document


class Origins:
    """The tables ``files`` and ``found`` of a version that is being written."""

    def __init__(self, stage: Staging) -> None:
        self._stage = stage
        self._execute = stage.execute

    def number(self, path: Path) -> int:
        """Return the number of a file, which gets one if it has none."""
        name = str(path.resolve())
        self._execute("INSERT OR IGNORE INTO files (path) VALUES (?)", (name,))
        (number,) = self._execute("SELECT number FROM files WHERE path = ?", (name,)).fetchone()
        return int(number)

    def begin(self, path: Path) -> None:
        """Note that ``path`` is read: what it brought earlier, if it did, is stale until it comes again."""
        self._execute("UPDATE found SET stale = 1 WHERE file = ?", (self.number(path),))

    def note_new(self, document: int, file: int) -> None:
        """Note that ``file`` has brought ``document``, which was not there before."""
        self._execute("INSERT INTO found VALUES (?, ?, 0)", (document, file))

    def note(self, document: int, file: int) -> None:
        """Note that ``file`` has brought ``document``."""
        query = "UPDATE found SET stale = 0 WHERE document = ? AND file = ?"
        if not self._execute(query, (document, file)).rowcount:
            self.note_new(document, file)
            self._stage.checkpoint.touched = True

    def is_only(self, document: int, file: int) -> bool:
        """True if only an earlier reading of ``file`` brought ``document``: not this one, no other file."""
        rows = self._execute("SELECT file, stale FROM found WHERE document = ?", (document,)).fetchall()
        return rows == [(file, 1)]

    def move(self, document: int, to: int) -> None:
        """Let what brought ``document`` have brought ``to``."""
        query = "INSERT OR IGNORE INTO found SELECT ?, file, stale FROM found WHERE document = ?"
        self._execute(query, (to, document))

    def forget(self, path: Path, gone: bool) -> int:
        """Take out what ``path`` has not brought again, or all of it if it is ``gone``.

        A document stays that another file has brought too. Returns how many were deleted.
        """
        file = self.number(path)
        query = "SELECT document FROM found WHERE file = ? AND stale >= ?"
        numbers = [number for (number,) in self._execute(query, (file, 0 if gone else 1)).fetchall()]
        for number in numbers:
            self._execute("DELETE FROM found WHERE document = ? AND file = ?", (number, file))
            self._stage.checkpoint.touched = True
        deleted = sum(self._release(number, path.name) for number in numbers)
        if gone:
            self._execute("DELETE FROM files WHERE number = ?", (file,))
        return deleted

    def _release(self, number: int, name: str) -> bool:
        """Delete a document that no file has any more, else take ``name`` out of its sources."""
        editor = self._stage.editor
        query = "SELECT path FROM files JOIN found ON file = files.number WHERE document = ?"
        others = {Path(path).name for (path,) in self._execute(query, (number,))}
        document = editor.document(number)
        sources = tuple(each for each in document.sources if _file_of(each) != name or name in others)
        # A library from before files were noted knows some sources by their names only.
        if not others and not sources:
            editor.delete(number)
            return True
        self._describe(number, document, sources)
        return False

    def _describe(self, number: int, document: Document, sources: tuple[str, ...]) -> None:
        if sources != document.sources:
            self._stage.editor.describe(number, replace(document, sources=sources))


def _file_of(source: str) -> str:
    """Return the file's name of a source such as "a.zip/b.ris"."""
    return source.partition("/")[0]
