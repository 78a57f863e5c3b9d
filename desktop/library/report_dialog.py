"""The reports of the last imports into a library: by file and by record, to be filtered and exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.library.reports import write_report
from core.types import FileReport
from desktop.library.report_view import rejected_rows, report_words
from desktop.library.tables import RowsModel, plain
from desktop.theme import GRID, LARGE, set_role, sized
from desktop.words import day, number

if TYPE_CHECKING:
    from core.library.reports import SavedReport


class ReportDialog(QDialog):
    """One report at a time; a library keeps the last twenty."""

    def __init__(self, library: str, reports: Sequence[SavedReport], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Imports into {0}").format(library))
        self.resize(110 * GRID, 70 * GRID)
        self._library, self._reports = library, reports
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Import"))
        for saved in reports:
            self.choice.addItem(day(saved.when))
        self.message, self.counts, self.said = QLabel(), QLabel(), QLabel()
        sized(self.message, LARGE, bold=True)
        for label in (self.counts, self.said):
            set_role(label, "muted")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by file or reason"))
        self.filter.setAccessibleName(self.filter.placeholderText())
        self.filter.setClearButtonEnabled(True)
        counts = (self.tr("Added"), self.tr("Updated"), self.tr("Already there"), self.tr("Deleted"))
        self.files = RowsModel(
            [self.tr("File"), self.tr("Format"), *counts, self.tr("Not read")], numeric=range(2, 7)
        )
        self.left_out = RowsModel([self.tr("File"), self.tr("Record"), self.tr("Reason")], numeric=[1])
        self.tabs = QTabWidget()
        self.export = QPushButton(self.tr("Export…"))
        self._build()
        self.choice.currentIndexChanged.connect(self._show)
        self.filter.textChanged.connect(self._show)
        self.export.clicked.connect(self._on_export)
        self._show()

    def save(self, path: Path) -> None:
        """Write the report that is shown to ``path``, and say whether that went well."""
        try:
            write_report(path, self._reports[self.choice.currentIndex()].report)
        except OSError as error:
            self.said.setText(self.tr("Couldn't write {0}: {1}").format(path.name, error.strerror or error))
        else:
            self.said.setText(self.tr("Saved as {0}").format(path.name))

    def _build(self) -> None:
        for model, title, stretched in (
            (self.left_out, self.tr("Not read"), 2),
            (self.files, self.tr("Files"), 0),
        ):
            model.setParent(self)
            table = QTableView()
            plain(table, model, title)
            table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            table.horizontalHeader().setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
            self.tabs.addTab(table, title)
        head = QHBoxLayout()
        head.addWidget(self.message, 1)
        head.addWidget(self.choice)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.counts)
        column.addWidget(self.filter)
        column.addWidget(self.tabs, 1)
        column.addLayout(foot)

    @Slot()
    def _show(self) -> None:
        if not self._reports:
            self.message.setText(self.tr("No import is on record."))
            self.export.setEnabled(False)
            return
        report = self._reports[self.choice.currentIndex()].report
        message, counts = report_words(self._library, report)
        self.message.setText(message)
        self.counts.setText(counts)
        words = self.filter.text().casefold()
        rows = [row for row in rejected_rows(report.report) if words in f"{row[0]} {row[2]}".casefold()]
        files = [one for one in report.files if words in Path(one.file).name.casefold()]
        self.left_out.show_rows(rows)
        self.files.show_rows([_file_row(one) for one in files])
        self.tabs.setTabText(0, self.tr("Not read ({0})").format(number(len(rows))))
        self.tabs.setTabText(1, self.tr("Files ({0})").format(number(len(files))))
        self.said.clear()

    @Slot()
    def _on_export(self) -> None:
        name = f"import-{self._library}.csv"
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export the report"), name, self.tr("Table (*.csv);;JSON (*.json)")
        )
        if path:
            self.save(Path(path))


def _file_row(one: FileReport) -> tuple[str, ...]:
    counts = (one.added, one.updated, one.duplicates, one.deleted, one.failed)
    return Path(one.file).name, one.format, *(number(count) for count in counts)
