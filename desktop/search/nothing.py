"""In the place of results: why there are none, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from desktop.chat.note import Note
from desktop.theme import GRID

LONGEST = 80  # characters of a query that are repeated


class Nothing(QWidget):
    """A note, and a way out where the filters may be to blame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = Note()
        self.without_filters = QPushButton(self.tr("Search without the filters"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 2)
        column.addWidget(self.note)
        column.addWidget(self.without_filters, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()

    def found(self, query: str, *, filtered: bool) -> None:
        """Say that nothing was found."""
        hint = self.tr("Try other or fewer words.")
        if filtered:
            hint = self.tr("The filters may leave out what you look for.")
        self.say("search", self.tr("Nothing found for “{0}”").format(query[:LONGEST]), hint)
        self.without_filters.setVisible(filtered)

    def say(self, icon: str, message: str, hint: str) -> None:
        """Say something else."""
        self.note.say(icon, "warning" if icon == "warning" else "muted", message, hint)
        self.without_filters.hide()
