"""Tables of libraries, documents and rejected records; long ones are read page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.types import Document

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
        return (document.title, document.journal, str(document.year or ""))[column]
