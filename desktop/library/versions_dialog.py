"""The versions of a library that are kept: take one into use, check the one that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
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
from desktop.words import day, next_step, number, size

if TYPE_CHECKING:
    from core.library.shelf import LibraryInfo


class VersionsDialog(QDialog):
    """Each import and each deletion makes a version; the one before stays."""

    switched = Signal()

    def __init__(
        self, library: str, libraries: Libraries, command: CommandProcess, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Versions of {0}").format(library))
        self.resize(90 * GRID, 45 * GRID)
        self._library, self._libraries, self._command = library, libraries, command
        self._history: Sequence[LibraryInfo] = ()
        about = self.tr(
            "Every change makes a new version. An earlier one can be taken into use; nothing is deleted."
        )
        self.rows = RowsModel(
            [self.tr("Made"), self.tr("What was done"), self.tr("Documents"), self.tr("Size")], numeric=[2, 3]
        )
        self.rows.setParent(self)
        self.table = QTableView()
        plain(self.table, self.rows, self.tr("Versions"))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.use = QPushButton(self.tr("Use this version"))
        self.verify = QPushButton(self.tr("Check the version in use"))
        self.said = lay_out(self, about, self.table, self.verify, self.use)
        self.use.clicked.connect(self._on_use)
        self.verify.clicked.connect(self._on_verify)
        self.table.selectionModel().currentRowChanged.connect(self._refresh_buttons)
        command.ended.connect(self._on_verified)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the versions again."""
        try:
            self._history = self._libraries.history(self._library)
            self._active = self._libraries.info(self._library).version
        except AppError as error:
            self._history, self._active = (), ""
            self._say(f"{error} {next_step(error.code, error.hint)}", "warning")
        self.rows.show_rows([self._row(info) for info in self._history])
        active = [row for row, info in enumerate(self._history) if info.version == self._active]
        self.table.selectRow(next(iter(active), 0))
        self._refresh_buttons()

    def _row(self, info: LibraryInfo) -> Sequence[str]:
        done = change_words(info, self)
        if info.version == self._active:
            done = self.tr("{0} (in use)").format(done)
        return day(info.created), done, number(info.documents), size(info.bytes)

    def _chosen(self) -> LibraryInfo | None:
        row = self.table.currentIndex().row()
        return self._history[row] if 0 <= row < len(self._history) else None

    @Slot()
    def _refresh_buttons(self) -> None:
        chosen = self._chosen()
        self.use.setEnabled(chosen is not None and chosen.version != self._active)
        self.verify.setEnabled(bool(self._history) and not self._command.busy)

    @Slot()
    def _on_use(self) -> None:
        if (chosen := self._chosen()) is None:
            return
        try:
            now = self._libraries.rollback(self._library, chosen.version)
        except AppError as error:
            self._say(f"{error} {next_step(error.code, error.hint)}", "warning")
            return
        self.refresh()
        self._say(self.tr("{0} has {1} documents now.").format(self._library, number(now.documents)), "muted")
        self.switched.emit()

    @Slot()
    def _on_verify(self) -> None:
        self._command.start("library", "verify", self._library)
        self.verify.setEnabled(False)
        self._say(self.tr("Checking every file, passage and index…"), "muted")

    @Slot(object, str)
    def _on_verified(self, printed: dict[str, Any], trouble: str) -> None:
        self.verify.setEnabled(True)
        if printed.get("ok"):
            self._say(self.tr("{0} is sound: every file, passage and index.").format(self._library), "muted")
        else:
            problems = " ".join(map(str, printed.get("problems", ()))) or trouble
            self._say(problems, "warning")

    def _say(self, text: str, role: str) -> None:
        self.said.setText(text)
        set_role(self.said, role)


def change_words(info: LibraryInfo, where: QWidget) -> str:
    """Return what was done to make a version."""
    if (change := info.change) is None:
        return where.tr("Import")
    words = {
        "import": where.tr("Import"),
        "watch": where.tr("Folder followed"),
        "delete": where.tr("Documents deleted"),
        "compact": where.tr("Indexes built anew"),
        "reindex": where.tr("Embedded with another search model"),
        "upgrade": where.tr("Upgraded to a new format"),
    }[change.kind]
    counts = [
        text.format(number(count))
        for count, text in (
            (change.added, where.tr("{0} added")),
            (change.updated, where.tr("{0} updated")),
            (change.deleted, where.tr("{0} deleted")),
        )
        if count
    ]
    return f"{words}: {', '.join(counts)}" if counts else words
