"""The notice about symptoms that cannot wait: above the answer, in any mode, and not to be closed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop.icons import IconLabel
from desktop.theme import GRID, LARGE, set_role, sized


class Emergency(QFrame):
    """Hidden unless an answer has such a notice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "emergency")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        sized(self.words, LARGE, bold=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        row.setSpacing(GRID + 4)
        row.addWidget(IconLabel("emergency", "base", 24), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.hide()

    def say(self, words: str) -> None:
        """Show ``words``; nothing hides it."""
        self.words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))
