"""Which base models can be tuned on this computer, and held how: one cell is the choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from core.registry import ModelInfo
from core.tuning.estimate import Fit
from core.tuning.recipe import WeightPrecision
from desktop.icons import draw
from desktop.library.tables import Index
from desktop.theme import GRID, colours
from desktop.words import parameters, size

PRECISIONS: tuple[WeightPrecision, ...] = get_args(WeightPrecision)
FIRST = 2  # column of the first precision
ROWS_SHOWN = 5


class FitModel(QAbstractTableModel):
    """A row a model, a column a precision."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.models: Sequence[ModelInfo] = ()
        self._fits: Sequence[Sequence[Fit]] = ()

    def show_models(self, models: Sequence[ModelInfo], fits: Sequence[Sequence[Fit]]) -> None:
        """Show these ``models`` with a Fit for each of PRECISIONS."""
        self.beginResetModel()
        self.models, self._fits = models, fits
        self.endResetModel()

    def fit(self, row: int, precision: int) -> Fit:
        """Return how a model fits."""
        return self._fits[row][precision]

    def words(self, fit: Fit) -> str:
        """Return a verdict with the memory it takes."""
        verdict = {
            "fits": self.tr("Fits"),
            "tight": self.tr("Tight"),
            "too_large": self.tr("Too large"),
            "no_gpu": self.tr("Needs a graphics card"),
        }[fit.verdict]
        return verdict if fit.verdict == "no_gpu" else f"{verdict} · {size(fit.needed)}"

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's)
        return 0 if parent.isValid() else len(self.models)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's)
        return 0 if parent.isValid() else FIRST + len(PRECISIONS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return [
                self.tr("Base model"),
                self.tr("Size"),
                self.tr("4 bits"),
                self.tr("8 bits"),
                self.tr("As it is"),
            ][section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        model = self.models[index.row()]
        if index.column() < FIRST:
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                return (model.name, parameters(model.parameters))[index.column()]
            return None
        fit = self.fit(index.row(), index.column() - FIRST)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.words(fit)
        if role == Qt.ItemDataRole.DecorationRole:
            good = fit.verdict in ("fits", "tight")
            colour = {"fits": "accent", "tight": "warning"}.get(fit.verdict, "muted")
            return QIcon(draw("ok" if good else "warning", QColor(getattr(colours(), colour)), 32))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class FitTable(QTableView):
    """Shows a FitModel; the current cell is the chosen model and precision."""

    chosen = Signal(int, int)  # row, number of the precision

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = FitModel(self)
        self.setModel(self.rows)
        self.setAccessibleName(self.tr("Base models and what fits"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(4 * GRID)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._on_current)

    def show_models(self, models: Sequence[ModelInfo], fits: Sequence[Sequence[Fit]]) -> None:
        """Show ``models``; the choice is set by ``choose``."""
        self.rows.show_models(models, fits)
        rows = max(1, min(ROWS_SHOWN, len(models)))
        head = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(head + rows * self.verticalHeader().defaultSectionSize() + 4)

    def choose(self, row: int, precision: int) -> None:
        """Mark a cell as the choice, without saying so."""
        index = self.rows.index(row, FIRST + precision)
        self.selectionModel().blockSignals(True)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.selectionModel().blockSignals(False)
        self.viewport().update()

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid():
            precision = now.column() - FIRST if now.column() >= FIRST else max(0, before.column() - FIRST)
            self.chosen.emit(now.row(), precision)
