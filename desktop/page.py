"""The frame of the pages other than Ask: a title, a line that says what the page is for, and content."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.theme import GRID, TITLE, set_role, sized


class Page(QWidget):
    """Put buttons into ``bar`` and the rest into ``body``."""

    def __init__(self, title: str, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.heading = QLabel(title)
        sized(self.heading, TITLE, bold=True)
        line = QLabel(purpose)
        line.setWordWrap(True)
        set_role(line, "muted")
        self.bar = QHBoxLayout()
        self.bar.setSpacing(GRID)
        self.bar.addWidget(self.heading, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(GRID * 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 4, GRID * 3, GRID * 4, GRID * 3)
        column.setSpacing(GRID)
        column.addLayout(self.bar)
        column.addWidget(line)
        line.setVisible(bool(purpose))  # once it has a parent: else it would be a window
        column.addSpacing(GRID)
        column.addLayout(self.body, 1)
