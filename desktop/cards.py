"""A document as one line that can be opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.badges import Badge, label_of
from desktop.theme import GRID, set_role


class Card(QFrame):
    """A frame that acts like a button, by mouse and by keyboard."""

    activated = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.activated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
        else:
            super().keyPressEvent(event)


class DocumentRow(Card):
    """Title and where it was published."""

    def __init__(
        self, title: str, where: str, badges: Sequence[Badge] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(". ".join((title, where, *(badge.text for badge in badges))), parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        column.setSpacing(2)
        heading, place = QLabel(title), QLabel(where)
        heading.setWordWrap(True)
        set_role(place, "muted")
        for label in (heading, place):
            label.setTextFormat(Qt.TextFormat.PlainText)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        for label in (place, *map(label_of, badges)):
            line.addWidget(label)
        line.addStretch()
        column.addWidget(heading)
        column.addLayout(line)
        place.setVisible(bool(where))  # once it has a parent: else it would be a window
