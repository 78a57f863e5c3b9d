"""The libraries: how large, how new, and which of them are asked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from core.errors import AppError
from desktop.library.source import Libraries
from desktop.library.tables import TickedModel, plain
from desktop.words import day, number, size

ROWS_SHOWN = 5  # before it scrolls
NARROW = 600  # pixels; below, there is no room for all columns


class LibraryTable(QTableView):
    """A tick asks a library, a click shows its documents."""

    chosen = Signal(str)  # the one whose documents are to be shown; empty when there is none
    asked = Signal(object)  # names: tuple[str, ...]

    def __init__(self, libraries: Libraries, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._libraries = libraries
        self.names: Sequence[str] = ()
        headings = [self.tr("Asked"), self.tr("Library"), self.tr("Documents"), self.tr("Passages")]
        self.rows = TickedModel([*headings, self.tr("Size"), self.tr("Updated")], numeric=[2, 3, 4])
        self.rows.setParent(self)
        plain(self, self.rows, self.tr("Libraries"))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.rows.ticked.connect(self._on_ticked)
        self.rows.modelReset.connect(self.clearSelection)
        self.selectionModel().currentRowChanged.connect(self._on_current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setColumnHidden(3, self.width() < NARROW)
        super().resizeEvent(event)

    @property
    def current(self) -> str:
        """The library whose documents are shown."""
        row = self.currentIndex().row()
        return self.names[row] if 0 <= row < len(self.names) else ""

    def refresh(self, asked: Sequence[str]) -> None:
        """Read the list again, and keep what was chosen; tick those that are asked."""
        before = self.current
        self.names = self._libraries.names()
        self.rows.show_rows([self._row(name) for name in self.names])
        self.rows.show_ticks([row for row, name in enumerate(self.names) if name in asked])
        rows = min(ROWS_SHOWN, len(self.names))
        height = self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * height + 4)
        self.setVisible(bool(self.names))
        if self.names:
            self.choose(before if before in self.names else self.names[0])
        else:
            self.chosen.emit("")

    def choose(self, name: str) -> None:
        """Show the documents of ``name``."""
        if name in self.names:
            self.selectRow(self.names.index(name))

    def _row(self, name: str) -> Sequence[str]:
        try:
            info = self._libraries.info(name)
        except AppError as error:
            return ("", name, "", "", "", str(error))
        shown = self.tr("{0} (read-only)").format(name) if info.shared else name
        return "", shown, number(info.documents), number(info.chunks), size(info.bytes), day(info.created)

    @Slot(object)
    def _on_ticked(self, rows: list[int]) -> None:
        self.asked.emit(tuple(self.names[row] for row in rows))

    @Slot(QModelIndex)
    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid() and index.row() < len(self.names):
            self.chosen.emit(self.names[index.row()])
