"""Tables and plots of a result, one under another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableView, QVBoxLayout, QWidget

from core.evaluation.results import AnswersResult, Result
from core.evaluation.tables import Table, cell_text, tables_of
from core.types import Rejected
from desktop.evaluate.charts import BarsPlot, CoveragePlot, bars_of
from desktop.flow_layout import FlowLayout
from desktop.library.tables import RowsModel
from desktop.theme import GRID
from desktop.wizard.page import muted, section
from desktop.words import number

PLOT_WIDTH = 52 * GRID
MOST_ROWS = 14


class ResultView(QWidget):
    """Everything that was found."""

    def __init__(self, result: Result, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        self.plots: list[BarsPlot | CoveragePlot] = [BarsPlot(bars) for bars in bars_of(result)]
        if isinstance(result, AnswersResult) and result.coverage:
            self.plots.append(CoveragePlot(result.coverage.curve, result.coverage.proposed))
        plots = QWidget()
        flow = FlowLayout(plots, GRID * 2)
        for plot in self.plots:
            plot.setFixedWidth(PLOT_WIDTH)
            flow.addWidget(plot)
        column.addWidget(plots)
        self.tables: list[QTableView] = []
        for table in tables_of(result):
            self._add(column, table)
        rejected: Sequence[Rejected] = getattr(result, "rejected", ())
        if rejected:
            column.addWidget(muted(_left_out(self, rejected)))
        column.addStretch()

    def _add(self, column: QVBoxLayout, table: Table) -> None:
        column.addSpacing(GRID)
        column.addWidget(section(table.title))
        rows = [[cell_text(cell) for cell in row] for row in table.rows]
        view = figures(table.columns, rows, table.title)
        self.tables.append(view)
        column.addWidget(view)
        if table.note:
            column.addWidget(muted(table.note))


def figures(columns: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> QTableView:
    """Return a table of figures that scrolls sideways where it is wider than the window."""
    view = QTableView()
    model = RowsModel(columns, numeric=range(1, len(columns)))
    model.setParent(view)
    model.show_rows(rows)
    view.setModel(model)
    view.setAccessibleName(name)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(3 * GRID + 4)
    header = view.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    shown = min(MOST_ROWS, max(1, len(rows)))
    bar = view.horizontalScrollBar().sizeHint().height()
    view.setFixedHeight(header.sizeHint().height() + shown * (3 * GRID + 4) + bar + 4)
    return view


def _left_out(parent: QWidget, rejected: Sequence[Rejected]) -> str:
    words = parent.tr("Records that could not be used: {0}. The first: {1} {2}, {3}.")
    first = rejected[0]
    return words.format(number(len(rejected)), first.file, first.record or "", first.reason)
