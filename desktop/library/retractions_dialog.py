"""The lists of retracted publications that were imported: add one, remove one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QPushButton,
    QTableView,
    QWidget,
)

from core.errors import AppError
from desktop.command_process import CommandProcess
from desktop.library.source import Libraries
from desktop.library.tables import RowsModel, plain
from desktop.table_dialog import lay_out
from desktop.theme import GRID, set_role
from desktop.words import day, number

if TYPE_CHECKING:
    from core.library.retractions import ImportedList


class RetractionsDialog(QDialog):
    """They hold for all libraries."""

    changed = Signal()

    def __init__(self, libraries: Libraries, command: CommandProcess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Lists of retractions"))
        self.resize(80 * GRID, 45 * GRID)
        self._libraries, self._command = libraries, command
        self._lists: Sequence[ImportedList] = ()
        self._busy = False
        about = self.tr(
            "Publications on these lists are left out of answers and searches, and marked wherever they "
            "are shown. A list has a PMID, DOI or PMCID a line, or is the CSV file of Retraction Watch."
        )
        self.rows = RowsModel([self.tr("List"), self.tr("Publications"), self.tr("Imported")], numeric=[1])
        self.rows.setParent(self)
        self.table = QTableView()
        plain(self.table, self.rows, self.tr("Lists of retractions"))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.add = QPushButton(self.tr("Import a list…"))
        self.remove = QPushButton(self.tr("Remove"))
        self.said = lay_out(self, about, self.table, self.add, self.remove)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.table.selectionModel().currentRowChanged.connect(self._refresh_buttons)
        command.ended.connect(self._on_ended)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the lists again."""
        try:
            self._lists = self._libraries.retraction_lists()
        except AppError as error:
            self._lists = ()
            self._say(f"{error} {error.hint}", "warning")
        rows = [(one.name, number(one.publications), day(one.imported)) for one in self._lists]
        self.rows.show_rows(rows)
        self.table.selectRow(0)
        self._refresh_buttons()

    def take(self, path: str) -> None:
        """Import the list in the file ``path``."""
        self._start(self.tr("Importing…"), path)

    @Slot()
    def _on_add(self) -> None:
        kinds = self.tr("Lists (*.txt *.csv *.tsv);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Import a list of retractions"), "", kinds)
        if path:
            self.take(path)

    @Slot()
    def _on_remove(self) -> None:
        name = self._lists[self.table.currentIndex().row()].name
        self._start(self.tr("Removing {0}…").format(name), f"--remove={name}")

    def _start(self, words: str, argument: str) -> None:
        if self._command.busy:
            self._say(self.tr("A library is being changed. Try again when that is done."), "warning")
            return
        self._busy = True
        self._say(words, "muted")
        self._refresh_buttons()
        self._command.start("library", "retractions", argument)

    @Slot()
    def _refresh_buttons(self) -> None:
        chosen = 0 <= self.table.currentIndex().row() < len(self._lists)
        self.add.setEnabled(not self._busy)
        self.remove.setEnabled(chosen and not self._busy)

    @Slot(object, str)
    def _on_ended(self, printed: dict[str, Any], trouble: str) -> None:
        if not self._busy:
            return
        self._busy = False
        self.refresh()
        if trouble:
            self._say(trouble, "warning")
            return
        words = self.tr("It is removed. Import its file again to have it back.")
        if "listed" in printed:
            found = sum(printed["libraries"].values())
            words = self.tr("{0} publications are on the list; your libraries have {1} of them.")
            words = words.format(number(int(printed["listed"])), number(found))
        self._say(words, "muted")
        self.changed.emit()

    def _say(self, text: str, role: str) -> None:
        self.said.setText(text)
        set_role(self.said, role)
