"""A card that can be switched on: a check box with a sentence under it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QFrame,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import GRID, set_mark, set_role, sized
from desktop.wizard.page import muted


class ChoiceCard(QFrame):
    """``button`` is what is on or off; a click anywhere on the card reaches it."""

    def __init__(
        self, title: str, words: str, *, one_of: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.button: QAbstractButton = QRadioButton(title) if one_of else QCheckBox(title)
        self.button.setAutoExclusive(False)  # cards of one choice share a QButtonGroup instead
        sized(self.button, 1.0, bold=True)
        self.button.setAccessibleDescription(words)
        self.words = muted(words)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        column.setSpacing(GRID // 2)
        column.addWidget(self.button)
        column.addWidget(self.words)
        self.button.toggled.connect(self._on_toggled)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.button.setFocus()
            self.button.click()

    def _on_toggled(self, on: bool) -> None:
        set_mark(self, "chosen", "true" if on else "false")
