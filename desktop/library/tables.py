"""Tables of libraries, documents and rejected records; long ones are read page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableView

from core.types import Document
from desktop.badges import badges
from desktop.theme import GRID

Index = QModelIndex | QPersistentModelIndex
PAGE = 100  # documents
PAGES_KEPT = 20


class RowsModel(QAbstractTableModel):
    """A table of texts."""

    def __init__(self, headings: Sequence[str], numeric: Sequence[int] = ()) -> None:
        super().__init__()
        self._headings = headings
        self._numeric = frozenset(numeric)
        self._rows: Sequence[Sequence[str]] = ()

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show ``rows`` instead of the ones before."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's)
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self._numeric:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = Qt.AlignmentFlag.AlignRight if section in self._numeric else Qt.AlignmentFlag.AlignLeft
            return right | Qt.AlignmentFlag.AlignVCenter
        return None

    def cell(self, row: int, column: int) -> str:
        """Return the text of one cell."""
        return self._rows[row][column]


class TickedModel(RowsModel):
    """A table whose rows can be ticked in their first column; at least one stays ticked."""

    ticked = Signal(object)  # rows that are ticked: list[int]

    def __init__(self, headings: Sequence[str], numeric: Sequence[int] = ()) -> None:
        super().__init__(headings, numeric)
        self._ticked: set[int] = set()

    def show_ticks(self, rows: Sequence[int]) -> None:
        """Tick these rows and no others."""
        self._ticked = set(rows)
        if self.rowCount():
            last = self.index(self.rowCount() - 1, 0)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.CheckStateRole])

    def flags(self, index: Index) -> Qt.ItemFlag:
        more = Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | more

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            return Qt.CheckState.Checked if index.row() in self._ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return ". ".join((self.headerData(0, Qt.Orientation.Horizontal), self.cell(index.row(), 1)))
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        wanted = self._ticked ^ {index.row()}
        if not wanted:
            return False
        self.show_ticks(sorted(wanted))
        self.ticked.emit(sorted(wanted))
        return True


class DocumentsModel(RowsModel):
    """All documents of a library; a page is read when one of its rows comes into view."""

    def __init__(self, headings: Sequence[str]) -> None:
        super().__init__(headings)
        self._read: Callable[[int, int], Sequence[Document]] = lambda offset, limit: ()
        self._total = 0
        self._pages: OrderedDict[int, Sequence[Document]] = OrderedDict()

    def show_library(self, total: int, read: Callable[[int, int], Sequence[Document]]) -> None:
        """Show ``total`` documents, which ``read(offset, limit)`` returns."""
        self.beginResetModel()
        self._total, self._read = total, read
        self._pages.clear()
        self.endResetModel()

    def document(self, row: int) -> Document | None:
        """Return the document of a row, or None when it cannot be read any more."""
        number, place = divmod(row, PAGE)
        if number not in self._pages:
            self._pages[number] = self._read(number * PAGE, PAGE)
            if len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        page = self._pages[number]
        self._pages.move_to_end(number)
        return page[place] if place < len(page) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's)
        return 0 if parent.isValid() else self._total

    def cell(self, row: int, column: int) -> str:
        document = self.document(row)
        if document is None:
            return ""
        marks = ", ".join(badge.text for badge in badges(document))
        return (document.title, document.journal, str(document.year or ""), marks)[column]


def plain(table: QTableView, model: RowsModel, name: str) -> None:
    """Give a table our looks: whole rows, no grid, room to breathe."""
    table.setModel(model)
    table.setAccessibleName(name)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(4 * GRID)
    table.horizontalHeader().setHighlightSections(False)
