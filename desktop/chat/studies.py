"""The studies of a literature review: a table that can be sorted, opened and saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QModelIndex, QRect, QSize, QSortFilterProxyModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.types import Study
from desktop.chat import studies_text
from desktop.flow_layout import FlowLayout
from desktop.library.tables import Index, RowsModel, plain
from desktop.theme import GRID, SMALL, sized

HIGHEST = 52 * GRID  # before it scrolls
NUMBER, STUDY, YEAR, DESIGN, POPULATION, FINDING = range(6)
_NUMBERS = (NUMBER, YEAR)  # columns that are sorted as numbers
_NARROW = {NUMBER: 6 * GRID, YEAR: 7 * GRID, DESIGN: 13 * GRID}  # widths that do not change
_SHARES = {STUDY: 0.3, POPULATION: 0.26}  # of the room that the narrow columns leave
DESIGN_FROM = 80 * GRID  # pixels from which the design has a column of its own
_PADDING = GRID  # of a cell, on each side


class _Sorted(QSortFilterProxyModel):
    def lessThan(self, left: Index, right: Index) -> bool:
        one, other = (str(index.data() or "") for index in (left, right))
        if left.column() in _NUMBERS:
            return int(one or 0) < int(other or 0)
        return one.casefold() < other.casefold()


def widths(room: int, least: Mapping[int, int]) -> dict[int, int]:
    """Return the widths of the columns in ``room`` pixels: no heading is cut, and the finding has the rest.

    ``least`` is how wide the headings are of those that are shown.
    """
    made = {column: max(_NARROW[column], width) for column, width in least.items() if column in _NARROW}
    left = room - sum(made.values())
    made |= {column: max(int(left * share), least[column]) for column, share in _SHARES.items()}
    return {**made, FINDING: room - sum(made.values())}


class _Cells(QStyledItemDelegate):
    """Cells that begin at the top of their row, and hyphenate what is wider than they are."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        across = option.displayAlignment & Qt.AlignmentFlag.AlignHorizontal_Mask
        option.displayAlignment = across | Qt.AlignmentFlag.AlignTop
        room = _room(option)
        option.text = hyphenated(option.text, lambda text: option.fontMetrics.horizontalAdvance(text) <= room)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a cell as wide as ``option``; that of a style sheet leaves the padding out."""
        self.initStyleOption(option, index)
        box = QRect(0, 0, _room(option), 10_000)
        text = option.fontMetrics.boundingRect(box, Qt.TextFlag.TextWordWrap.value, option.text)
        return QSize(option.rect.width(), text.height() + 2 * _PADDING)


def _room(option: QStyleOptionViewItem) -> int:
    return option.rect.width() - 3 * _PADDING  # with the margin of the style


def hyphenated(text: str, fits: Callable[[str], bool]) -> str:
    """Return ``text`` with places to break in the words that do not fit into a line."""
    parts = re.split(r"([\s-]+)", text)
    return "".join(part if len(part) < 6 or fits(part) else _breakable(part) for part in parts)


def _breakable(word: str) -> str:
    return "\N{SOFT HYPHEN}".join((word[:3], *word[3:-3], word[-3:]))


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
        self.table.setItemDelegate(_Cells(self.table))
        self.table.setStyleSheet(f"QTableView::item {{ padding: {_PADDING}px; }}")
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setTextElideMode(Qt.TextElideMode.ElideNone)
        sized(self.table, SMALL)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
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
        self.table.setColumnHidden(DESIGN, self.width() < DESIGN_FROM)
        self._show_rows()
        self.setVisible(bool(studies))
        self._fit()

    def _show_rows(self) -> None:
        """Show the design below the title where it has no column."""
        current = self.table.currentIndex()
        below = self.table.isColumnHidden(DESIGN)
        self._rows.show_rows([studies_text.row(study, design_below=below) for study in self.studies])
        self.table.setCurrentIndex(self.sorted.index(current.row(), current.column()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            QTimer.singleShot(0, self, self._fit)  # not in the middle of laying out: the height changes too

    @Slot()
    def _fit(self) -> None:
        """Give the long columns what room there is, and be as high as the rows, up to a limit."""
        header, table = self.table.horizontalHeader(), self.table
        if (below := self.width() < DESIGN_FROM) != table.isColumnHidden(DESIGN):
            table.setColumnHidden(DESIGN, below)
            self._show_rows()
        least = {
            column: header.fontMetrics().horizontalAdvance(name) + 3 * GRID
            for column, name in enumerate(studies_text.headings())
            if not table.isColumnHidden(column)
        }
        height = 0
        for bar in (0, table.verticalScrollBar().sizeHint().width()):  # where it is not too high, without
            for column, width in widths(self.width() - bar - 2, least).items():
                header.resizeSection(column, width)
            table.resizeRowsToContents()
            rows = sum(table.rowHeight(row) for row in range(self.sorted.rowCount()))
            height = header.sizeHint().height() + rows + 4
            if height <= HIGHEST:
                break
        table.setFixedHeight(min(HIGHEST, height))

    def _save(self, made: Callable[[Sequence[Study]], str], suffix: str) -> None:
        """Ask for the rows in the order in which they are shown."""
        order = [self.sorted.mapToSource(self.sorted.index(row, 0)).row() for row in range(len(self.studies))]
        shown = [self.studies[row] for row in order]
        name = self.tr("studies")
        self.save_wanted.emit(lambda: made(shown), f"{name}.{suffix}", f"*.{suffix}")

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.study_wanted.emit(self.studies[self.sorted.mapToSource(index).row()])
