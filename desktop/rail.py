"""The left edge: new question, pages, conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.history.history_list import HistoryList
from desktop.icons import IconButton
from desktop.keys import shortcut
from desktop.theme import GRID, SMALL, set_role, sized

WIDTH = 27 * GRID


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page in the rail; ``low`` ones stand at the bottom, under the conversations."""

    icon: str
    label: str
    page: QWidget
    low: bool = False


class Rail(QWidget):
    """Chooses what the window shows."""

    new_wanted = Signal()
    page_chosen = Signal(object)  # QWidget

    def __init__(
        self, entries: Sequence[PageEntry], history: HistoryList, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self.new = IconButton("new", self.tr("New question"), self.tr("New question (Ctrl+N)"))
        self.new.clicked.connect(self.new_wanted)
        self.buttons: dict[QWidget, IconButton] = {}
        self._names: dict[QWidget, str] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID + 4, GRID, GRID)
        column.setSpacing(2)
        column.addWidget(self._wide(self.new))
        column.addSpacing(GRID)
        heading = QLabel(self.tr("Conversations"))
        heading.setContentsMargins(GRID, GRID * 2, 0, GRID // 2)
        sized(heading, SMALL)
        set_role(heading, "muted")
        for number, entry in enumerate(entries, 1):
            if not entry.low:
                column.addWidget(self._entry(entry, number))
        column.addWidget(heading)
        column.addWidget(history, 1)
        column.addSpacing(GRID)
        for number, entry in enumerate(entries, 1):
            if entry.low:
                column.addWidget(self._entry(entry, number))

    def mark(self, page: QWidget) -> None:
        """Show ``page`` as the one on screen."""
        self.buttons[page].setChecked(True)

    def label(self, page: QWidget, note: str) -> None:
        """Write ``note`` beside the name of ``page``, or only its name."""
        button = self.buttons[page]
        name = self._names[page]
        button.setText(f"{name} · {note}" if note else name)
        button.setAccessibleName(button.text())

    def _entry(self, entry: PageEntry, number: int) -> IconButton:
        keys = f"Ctrl+{number}"
        button = self._wide(IconButton(entry.icon, entry.label, f"{entry.label} ({keys})"))
        button.setCheckable(True)
        self._group.addButton(button)
        self.buttons[entry.page] = button
        self._names[entry.page] = entry.label
        button.clicked.connect(lambda: self.page_chosen.emit(entry.page))
        shortcut(keys, self, lambda: self.page_chosen.emit(entry.page))
        return button

    @staticmethod
    def _wide(button: IconButton) -> IconButton:
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button
