"""A line that says what is going on or in use, with one thing to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.icons import IconLabel
from desktop.theme import GRID, set_role, sized


class Banner(QFrame):
    """``clicked`` tells of its button."""

    clicked = Signal()

    def __init__(self, icon: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        sized(self.words, 1.0, bold=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.button = QPushButton(action)
        self.button.clicked.connect(self.clicked)
        column = QVBoxLayout()
        column.setSpacing(GRID // 2)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(GRID + 4)
        row.addWidget(IconLabel(icon, "accent"))
        row.addLayout(column, 1)
        row.addWidget(self.button)

    def say(self, words: str, done: int = 0, total: int = -1) -> None:
        """Show ``words``, with ``total`` >= 0 also how far it is; 0 while that is not known."""
        self.words.setText(words)
        self.setAccessibleName(words)
        self.bar.setVisible(total >= 0)
        self.bar.setRange(0, max(0, total))
        self.bar.setValue(done)
