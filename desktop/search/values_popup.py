"""A filter that is a list of values: ticked, found by typing, or typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidgetItem, QWidget

from core.protocol import Facets
from core.types import Filters
from desktop.search.filter_popups import Popup, fit, plain_list
from desktop.search.filter_words import Field, choices, label
from desktop.theme import GRID, set_role
from desktop.words import number

_VALUE = Qt.ItemDataRole.UserRole
_ROWS = 9


class ValuesPopup(Popup):
    """Values to tick, found by typing; one that is not in the list can be typed as well."""

    def __init__(self, field: Field, filters: Filters, facets: Facets, parent: QWidget) -> None:
        super().__init__(parent)
        self._field, self._filters = field, filters
        self.box = QLineEdit()
        self.box.setPlaceholderText(self.tr("Find, or type a value and press Enter"))
        self.box.setAccessibleName(label(field))
        self.box.setClearButtonEnabled(True)
        self.box.setMinimumWidth(40 * GRID)
        self.list = plain_list(label(field))
        chosen: Sequence[str] = getattr(filters, field)
        counts = dict(choices(facets, field))
        for value in dict.fromkeys((*chosen, *counts)):
            self._add(value, counts.get(value), ticked=value in chosen)
        self.empty = QLabel(self.tr("The values of your libraries appear here."))
        set_role(self.empty, "muted")
        fit(self.list, min(_ROWS, max(self.list.count(), 3)))
        for widget in (self.box, self.list, self.empty):
            self.column.addWidget(widget)
        self.empty.setVisible(not self.list.count())  # once it has a parent: else it would be a window
        self.list.setVisible(self.list.count() > 0)
        self.box.textChanged.connect(self._find)
        self.box.returnPressed.connect(self._on_enter)
        self.list.itemChanged.connect(self._on_ticked)
        self.list.itemActivated.connect(_turn)
        self.setFocusProxy(self.box)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.box.hasFocus():
            self.list.setFocus()
        else:
            super().keyPressEvent(event)

    def _add(self, value: str, count: int | None, *, ticked: bool) -> None:
        item = QListWidgetItem(value if count is None else f"{value}  ({number(count)})", self.list)
        item.setData(_VALUE, value)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    @Slot(str)
    def _find(self, words: str) -> None:
        for item in self._items():
            item.setHidden(words.casefold() not in str(item.data(_VALUE)).casefold())

    @Slot()
    def _on_enter(self) -> None:
        """Tick what was typed: the value of this name, the only one that is left, or a new one."""
        words = " ".join(self.box.text().split())
        if not words:
            self.close()
            return
        shown = [item for item in self._items() if not item.isHidden()]
        same = [item for item in shown if str(item.data(_VALUE)).casefold() == words.casefold()]
        for item in same or (shown if len(shown) == 1 else []):
            item.setCheckState(Qt.CheckState.Checked)
            break
        else:
            self._add(words, None, ticked=True)
            self.list.show()
            self._on_ticked()
        self.box.clear()

    @Slot()
    def _on_ticked(self) -> None:
        ticked = [item.data(_VALUE) for item in self._items() if item.checkState() == Qt.CheckState.Checked]
        changed: dict[str, Any] = {self._field: tuple(ticked)}
        self._filters = replace(self._filters, **changed)
        self.edited.emit(self._filters)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]


def _turn(item: QListWidgetItem) -> None:
    ticked = item.checkState() == Qt.CheckState.Checked
    item.setCheckState(Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)
