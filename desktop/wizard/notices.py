"""What was noticed about the data: a sentence each, with the rows behind it one click away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.tuning.reports import DataReport
from core.types import Rejected
from desktop.icons import IconLabel
from desktop.library.tables import RowsModel
from desktop.theme import GRID, set_role
from desktop.words import number

ROWS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence, and the table behind it. ``colour`` is one of the theme's."""

    text: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    colour: str = "warning"


class Notice(QFrame):
    """One remark; "Show" opens its rows."""

    def __init__(self, remark: Remark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self.remark = remark
        icon = "warning" if remark.colour != "muted" else "info"
        text = QLabel(remark.text)
        text.setWordWrap(True)
        self.button = QPushButton(self.tr("Show"))
        self.button.setAccessibleName(self.tr("Show: {0}").format(remark.text))
        self.button.setCheckable(True)
        self.button.toggled.connect(self._on_toggled)
        self.table = rows_table(remark.headings, remark.rows, remark.text)
        self.table.hide()
        row = QHBoxLayout()
        row.setSpacing(GRID + 4)
        row.addWidget(IconLabel(icon, remark.colour))
        row.addWidget(text, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(row)
        column.addWidget(self.table)

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        self.table.setVisible(on)
        self.button.setText(self.tr("Hide") if on else self.tr("Show"))


def rows_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], name: str, most: int = ROWS_SHOWN
) -> QTableView:
    """Return a table of texts, a few rows high, whose last column takes the room there is."""
    table = QTableView()
    model = RowsModel(headings)
    model.setParent(table)
    model.show_rows(rows)
    table.setModel(model)
    table.setAccessibleName(name)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setSelectionMode(QTableView.SelectionMode.NoSelection)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(3 * GRID + 4)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(len(headings) - 1, QHeaderView.ResizeMode.Stretch)
    height = table.verticalHeader().defaultSectionSize() * min(most, max(1, len(rows)))
    table.setFixedHeight(table.horizontalHeader().sizeHint().height() + height + 4)
    return table


def remarks(report: DataReport | None, rejected: Sequence[Rejected]) -> list[Remark]:
    """Return what a user should know about the data, gravest first; ``rejected`` from all files."""
    found = [_rejected(rejected)] if rejected else []
    if report is None:
        return found
    if report.personal:
        found.append(_personal(report))
    if report.leaks:
        found.append(_leaks(report))
    if report.duplicates:
        found.append(_duplicates(report))
    return found


def _rejected(rejected: Sequence[Rejected]) -> Remark:
    text = _tr("Rows that could not be read, left out: {0}").format(number(len(rejected)))
    rows = tuple((Path(one.file).name, str(one.record or ""), one.reason) for one in rejected)
    return Remark(text, (_tr("File"), _tr("Row"), _tr("Reason")), rows)


def _personal(report: DataReport) -> Remark:
    text = _tr("Places that look like personal data: {0}. Look at them before you train.")
    rows = tuple((one.file, str(one.record), one.field, one.kind, one.shown) for one in report.personal)
    headings = (_tr("File"), _tr("Row"), _tr("Where"), _tr("Looks like"), _tr("Masked"))
    return Remark(text.format(number(len(rows))), headings, rows, "problem")


def _leaks(report: DataReport) -> Remark:
    text = _tr("Pairs of a known test set, left out: {0}")
    by = {"document": _tr("same document"), "question": _tr("same question")}
    rows = tuple((one.file, str(one.record), f"{one.test_set} ({by[one.by]})") for one in report.leaks)
    return Remark(text.format(number(len(rows))), (_tr("File"), _tr("Row"), _tr("Test set")), rows)


def _duplicates(report: DataReport) -> Remark:
    text = _tr("Pairs that are there twice, taken once: {0}")
    rows = tuple(
        (one.file, str(one.record), f"{one.first_file}, {one.first_record}") for one in report.duplicates
    )
    headings = (_tr("File"), _tr("Row"), _tr("Same as"))
    return Remark(text.format(number(len(rows))), headings, rows, "muted")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Notices", text)
