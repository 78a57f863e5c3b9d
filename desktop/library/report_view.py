"""What an import brought and what it left out, with the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from core.types import ImportReport, Rejected
from desktop.library.tables import RowsModel, plain
from desktop.theme import GRID
from desktop.words import number

ROWS_SHOWN = 5  # of what could not be read, before it scrolls
LEAST_SHOWN = 2  # in a small window
_TABLES = (".csv", ".tsv", ".tab")


class RejectedTable(QTableView):
    """File, record and reason of each record that was left out; hidden when there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowsModel([_tr("File"), _tr("Record"), _tr("Reason")], numeric=[1])
        self.rows.setParent(self)
        plain(self, self.rows, _tr("Records that could not be read"))
        self.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.verticalHeader().setDefaultSectionSize(3 * GRID + 4)
        self.hide()

    def show_rejected(self, rejected: Sequence[Rejected]) -> None:
        """Show these, a few at once."""
        self.rows.show_rows(rejected_rows(rejected))
        self.setVisible(bool(rejected))
        for rows, bound in ((LEAST_SHOWN, self.setMinimumHeight), (ROWS_SHOWN, self.setMaximumHeight)):
            heights = self.verticalHeader().defaultSectionSize() * min(rows, len(rejected))
            bound(self.horizontalHeader().sizeHint().height() + heights + 4)
        self.resizeColumnToContents(0)


def rejected_rows(rejected: Sequence[Rejected]) -> list[tuple[str, str, str]]:
    """Return the cells of a table of ``rejected``."""
    return [(Path(one.file).name, str(one.record or ""), one.reason) for one in rejected]


def report_words(library: str, report: ImportReport) -> tuple[str, str]:
    """Return what came of an import, in a sentence, and its counts."""
    everything = report.added + report.updated + report.duplicates + report.deleted + report.failed
    parts = [
        _tr("{0} added").format(number(report.added)),
        _tr("{0} updated").format(number(report.updated)),
        _tr("{0} already there").format(number(report.duplicates)),
    ]
    if report.deleted:
        parts.append(_tr("{0} deleted").format(number(report.deleted)))
    message = _tr("{0} now holds {1} documents").format(library, number(report.documents))
    if report.failed:
        message = _tr("Couldn't read {0} of {1} records").format(number(report.failed), number(everything))
    return message, " · ".join(parts)


def tables_without_columns(found: ImportReport | Sequence[str]) -> list[str]:
    """Return the tables that were refused as a whole: somebody has to say which column holds what."""
    if isinstance(found, ImportReport):
        found = [one.file for one in found.report if not one.record]
    return [path for path in found if Path(path).suffix.lower() in _TABLES]


def _tr(text: str) -> str:
    return QCoreApplication.translate("ImportReport", text)
