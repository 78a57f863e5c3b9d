"""The kinds of evidence in the order that the user gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.library.grades import complete
from core.types import Grade
from desktop.badges import grade_words
from desktop.icons import IconButton
from desktop.keys import shortcut
from desktop.theme import GRID

_GRADE = Qt.ItemDataRole.UserRole


class GradeOrder(QWidget):
    """A list whose rows are moved by buttons or keys."""

    def __init__(self, change: Callable[[Any], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._change = change
        self.list = QListWidget()
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.up = IconButton("up", self.tr("Up"), self.tr("Up (Ctrl+Up)"))
        self.down = IconButton("down", self.tr("Down"), self.tr("Down (Ctrl+Down)"))
        buttons = QHBoxLayout()
        for button, step in ((self.up, -1), (self.down, 1)):
            button.clicked.connect(lambda _=False, step=step: self._move(step))
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.list)
        column.addLayout(buttons)
        shortcut("Ctrl+Up", self.list, lambda: self._move(-1), inside=True)
        shortcut("Ctrl+Down", self.list, lambda: self._move(1), inside=True)
        self.list.currentRowChanged.connect(self._on_row)
        self.setFocusProxy(self.list)

    def show_order(self, order: Sequence[Grade]) -> None:
        """Show ``order``, and keep the row that was chosen."""
        row = max(self.list.currentRow(), 0)
        self.list.clear()
        for grade in complete(order):
            item = QListWidgetItem(grade_words(grade), self.list)
            item.setData(_GRADE, grade)
        self.list.setFixedHeight(self.list.count() * self.list.sizeHintForRow(0) + 4)
        self.list.setAccessibleName(self.accessibleName())
        self.list.setCurrentRow(row)

    def _move(self, step: int) -> None:
        row = self.list.currentRow()
        if not 0 <= row + step < self.list.count():
            return
        order = [self.list.item(place).data(_GRADE) for place in range(self.list.count())]
        order.insert(row + step, order.pop(row))
        self.list.setCurrentRow(row + step)
        self._change(tuple(order))

    @Slot(int)
    def _on_row(self, row: int) -> None:
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.list.count() - 1)
