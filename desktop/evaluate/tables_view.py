"""Tables and plots of a result, one under another."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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

PLOT_WIDTH, PLOT_HEIGHT = 42 * GRID, 32 * GRID
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
            plot.setFixedSize(PLOT_WIDTH, PLOT_HEIGHT)
            flow.addWidget(plot)
        column.addWidget(plots)
        self.tables: list[QTableView] = []
        for table in tables_of(result):
            self.tables.append(add_table(column, table))
        rejected: Sequence[Rejected] = getattr(result, "rejected", ())
        if rejected:
            column.addWidget(muted(_left_out(self, rejected)))
        column.addStretch()


def add_table(column: QVBoxLayout, table: Table) -> QTableView:
    """Put ``table`` with its title and note at the end of ``column``."""
    column.addSpacing(GRID)
    column.addWidget(section(table.title))
    rows = [[cell_text(cell) for cell in row] for row in table.rows]
    words = {at for row in table.rows for at, cell in enumerate(row) if isinstance(cell, str)}
    view = figures(table.columns, rows, table.title, words)
    column.addWidget(view)
    if table.note:
        column.addWidget(muted(table.note))
    return view


def figures(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    name: str,
    words: Collection[int] = (0,),
    most: int = MOST_ROWS,
) -> QTableView:
    """Return a table, ``most`` rows high, that scrolls where it has more or is wider.

    Args:
        words: places of the columns that hold words; the others hold figures.
    """
    view = QTableView()
    model = RowsModel(columns, numeric=[at for at in range(len(columns)) if at not in words])
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
    shown = min(most, max(1, len(rows)))
    bar = view.horizontalScrollBar().sizeHint().height()
    view.setFixedHeight(header.sizeHint().height() + shown * (3 * GRID + 4) + bar + 4)
    return view


def _left_out(parent: QWidget, rejected: Sequence[Rejected]) -> str:
    words = parent.tr("Records that could not be used: {0}. The first: {1} {2}, {3}.")
    first = rejected[0]
    return words.format(number(len(rejected)), first.file, first.record or "", first.reason)
