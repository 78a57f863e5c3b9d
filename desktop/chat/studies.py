"""The studies of a literature review: a table that can be sorted, opened and saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QRect, QSortFilterProxyModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QPushButton, QTableView, QVBoxLayout, QWidget

from core.types import Study
from desktop.chat import studies_text
from desktop.flow_layout import FlowLayout
from desktop.library.tables import Index, RowsModel, plain
from desktop.theme import GRID, SMALL, sized

HIGHEST = 52 * GRID  # before it scrolls
_NUMBERS = (0, 2)  # columns that are sorted as numbers
_NARROW = {0: 6 * GRID, 2: 7 * GRID, 3: 13 * GRID}  # widths that do not change
LEAST = 44 * GRID  # pixels for the others
_SHARES = {1: 0.28, 4: 0.26, 5: 0.46}  # of the room that the narrow columns leave


class _Sorted(QSortFilterProxyModel):
    def lessThan(self, left: Index, right: Index) -> bool:
        one, other = (str(index.data() or "") for index in (left, right))
        if left.column() in _NUMBERS:
            return int(one or 0) < int(other or 0)
        return one.casefold() < other.casefold()


class Studies(QWidget):
    """Hidden where an answer has no such table."""

    study_wanted = Signal(object)  # core.types.Study
    save_wanted = Signal(object, str, str)  # () -> the text, name of the file, filter of the dialog

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studies: Sequence[Study] = ()
        self.heading = QLabel()
        sized(self.heading, 1.0, bold=True)
        self._rows = RowsModel(studies_text.headings(), numeric=_NUMBERS)
        self._rows.setParent(self)
        self.sorted = _Sorted(self)
        self.sorted.setSourceModel(self._rows)
        self.table = QTableView()
        plain(self.table, self._rows, self.tr("Studies"))
        self.table.setModel(self.sorted)
        self.table.setWordWrap(True)
        sized(self.table, SMALL)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.table.activated.connect(self._on_activated)
        self.csv = QPushButton(self.tr("Save as CSV…"))
        self.markdown = QPushButton(self.tr("Save as Markdown…"))
        self.csv.clicked.connect(lambda: self._save(studies_text.as_csv, "csv"))
        self.markdown.clicked.connect(lambda: self._save(studies_text.as_markdown, "md"))
        buttons = QWidget()
        flow = FlowLayout(buttons)
        flow.addWidget(self.csv)
        flow.addWidget(self.markdown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self.heading, self.table, buttons):
            column.addWidget(part)
        self.hide()

    def show_studies(self, studies: Sequence[Study]) -> None:
        """Show these, or hide where there are none."""
        self.studies = studies
        self.heading.setText(self.tr("Included studies ({0})").format(len(studies)))
        self._rows.show_rows([studies_text.row(study) for study in studies])
        self.setVisible(bool(studies))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            QTimer.singleShot(0, self, self._fit)  # not in the middle of laying out: the height changes too

    @Slot()
    def _fit(self) -> None:
        """Give the long columns what room there is, and be as high as the rows, up to a limit."""
        header, table = self.table.horizontalHeader(), self.table
        room = max(self.width() - sum(_NARROW.values()) - 4, LEAST)
        widths = {**_NARROW, **{column: round(room * share) for column, share in _SHARES.items()}}
        for column, width in widths.items():
            header.resizeSection(column, width)
        for row in range(self.sorted.rowCount()):
            texts = [(str(self.sorted.index(row, column).data()), width) for column, width in widths.items()]
            table.setRowHeight(row, max(self._height(text, width) for text, width in texts) + 2 * GRID)
        rows = sum(table.rowHeight(row) for row in range(self.sorted.rowCount()))
        bar = table.horizontalScrollBar().sizeHint().height() if header.length() > self.width() else 0
        table.setFixedHeight(min(HIGHEST, header.sizeHint().height() + rows + bar + 4))

    def _height(self, text: str, width: int) -> int:
        """Return the height of ``text`` in a cell, which has the padding of the style sheet at both sides."""
        box = QRect(0, 0, width - 3 * GRID, 10_000)
        return self.table.fontMetrics().boundingRect(box, Qt.TextFlag.TextWordWrap.value, text).height()

    def _save(self, made: Callable[[Sequence[Study]], str], suffix: str) -> None:
        """Ask for the rows in the order in which they are shown."""
        order = [self.sorted.mapToSource(self.sorted.index(row, 0)).row() for row in range(len(self.studies))]
        shown = [self.studies[row] for row in order]
        name = self.tr("studies")
        self.save_wanted.emit(lambda: made(shown), f"{name}.{suffix}", f"*.{suffix}")

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.study_wanted.emit(self.studies[self.sorted.mapToSource(index).row()])
