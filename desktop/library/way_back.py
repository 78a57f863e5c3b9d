"""From the version of a library in use to the one before its last import, and forward again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from desktop.library.source import Libraries
from desktop.words import day, next_step, number

if TYPE_CHECKING:
    from core.library.shelf import LibraryInfo


class WayBack(QObject):
    """Undoes the last import into a library; that can be undone until the next one."""

    switched = Signal()  # a library has another version in use
    undoable = Signal(str, object)  # what was done, and what undoes it
    trouble = Signal(str)

    def __init__(self, libraries: Libraries, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._libraries = libraries

    def before(self, library: str) -> LibraryInfo | None:
        """Describe what ``revert`` goes back to; None if there is nothing, or it cannot be read."""
        try:
            return self._libraries.before(library)
        except AppError:
            return None

    def words(self, before: LibraryInfo) -> str:
        """Return what a click would do."""
        return self.tr(
            "Undoes the last import: {0} has the {1} documents of {2} again. "
            "Your files stay; add them again to have them back."
        ).format(before.name, number(before.documents), day(before.created))

    def revert(self, library: str) -> None:
        """Take the version before the last import into use."""

        def change() -> None:
            left = self._libraries.info(library).version
            now = self._libraries.revert(library)
            done = self.tr("{0} has {1} documents again").format(library, number(now.documents))
            self.undoable.emit(done, lambda: self._do(lambda: self._libraries.use(library, left)))

        self._do(change)

    def restore(self, library: str) -> None:
        """Take the version before into use, as an undo of its own."""

        def change() -> None:
            self._libraries.revert(library)

        self._do(change)

    def _do(self, change: Callable[[], None]) -> None:
        try:
            change()
        except AppError as error:
            self.trouble.emit(f"{error} {next_step(error.code, error.hint)}")
        self.switched.emit()
