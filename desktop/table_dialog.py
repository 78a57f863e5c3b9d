"""The shape of a small dialog: what it is about, a table, what was done last, and a button on either side."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QTableView, QVBoxLayout

from desktop.theme import GRID, set_role


def lay_out(dialog: QDialog, about: str, table: QTableView, left: QPushButton, right: QPushButton) -> QLabel:
    """Fill ``dialog`` with these parts; return the empty label that says what was done last."""
    words = QLabel(about)
    words.setWordWrap(True)
    set_role(words, "muted")
    said = QLabel()
    said.setWordWrap(True)
    said.setTextFormat(Qt.TextFormat.PlainText)
    buttons = QHBoxLayout()
    buttons.setSpacing(GRID)
    buttons.addWidget(left)
    buttons.addStretch()
    buttons.addWidget(right)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
    column.setSpacing(GRID + 4)
    for widget in (words, table, said):
        column.addWidget(widget)
    column.addLayout(buttons)
    return said
