"""The documents of one library: read, find the way back, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QPushButton, QTableView, QVBoxLayout, QWidget

from core.errors import AppError
from core.types import Document
from desktop.command_process import CommandProcess
from desktop.keys import shortcut
from desktop.library.compaction import Compaction
from desktop.library.source import Libraries
from desktop.library.tables import DocumentsModel, plain
from desktop.library.way_back import WayBack
from desktop.theme import GRID, LARGE, set_role, sized
from desktop.words import next_step, number

NARROW = 600  # pixels; below, there is no room for all columns
WIDE = 900  # pixels; above, there is room for several marks
MOST_DELETED = 500  # at once: they are named on a command line


class Documents(QWidget):
    """A heading with what can be done with the library, and its documents, read as they come into view."""

    opened = Signal(object, str)  # Document, library
    deleted = Signal(str, int)  # library, documents
    report_wanted = Signal(str)
    versions_wanted = Signal(str)
    trouble = Signal(str)

    def __init__(
        self,
        libraries: Libraries,
        way_back: WayBack,
        command: CommandProcess,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._libraries, self._way_back, self._command = libraries, way_back, command
        self._library = ""
        self._deleting = ("", 0)
        self.heading = QLabel()
        self.revert = QPushButton(self.tr("Go back to the version before"))
        self.versions = QPushButton(self.tr("Versions…"))
        self.report = QPushButton(self.tr("Imports…"))
        self.delete = QPushButton(self.tr("Delete"))
        self.model = DocumentsModel([self.tr("Title"), self.tr("Journal"), self.tr("Year"), self.tr("Marks")])
        self.model.setParent(self)
        self.table = QTableView()
        self.hint = QLabel(self.tr("Select a document and press Enter to read it."))
        self.compaction = Compaction(command)
        self._build()
        self._connect()

    def hasHeightForWidth(self) -> bool:
        """Give way to what stands above: Qt takes the preferred height of a place with wrapped text for its
        least one, and would cut the others off instead."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.table.setColumnHidden(1, self.width() < NARROW)
        self.table.horizontalHeader().resizeSection(3, (34 if self.width() > WIDE else 20) * GRID)
        super().resizeEvent(event)

    def show_library(self, name: str, *, busy: bool) -> None:
        """Show the documents of ``name``; nothing can be changed while it is ``busy``."""
        self._library = name
        try:
            info = self._libraries.info(name)
        except AppError as error:
            self.compaction.show_library(None)
            self.heading.setText(f"{error} {next_step(error.code, error.hint)}")
            total = 0
        else:
            total = info.documents
            self.compaction.show_library(info)
            self.heading.setText(self.tr("{0} documents in {1}").format(number(total), name))
        self._show_way_back(busy=busy)
        for button in (self.versions, self.report):
            button.show()
        self.model.show_library(total, lambda offset, limit: self._page(name, offset, limit))
        self._refresh_delete()

    def show_none(self, text: str) -> None:
        """Say why there is nothing."""
        self._library = ""
        self.heading.setText(text)
        self.compaction.show_library(None)
        self.model.show_library(0, lambda offset, limit: ())
        for button in (self.revert, self.versions, self.report, self.delete):
            button.hide()

    def _build(self) -> None:
        plain(self.table, self.model, self.tr("Documents"))
        self.table.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 22), (2, 8), (3, 20)):
            header.resizeSection(column, width * GRID)
        self.table.setMinimumHeight(8 * GRID)
        sized(self.heading, LARGE, bold=True)
        self.heading.setWordWrap(True)
        set_role(self.hint, "muted")
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(self.heading, 1)
        for button in (self.revert, self.versions, self.report):
            head.addWidget(button)
            button.hide()
        foot = QHBoxLayout()
        foot.addWidget(self.hint, 1)
        foot.addWidget(self.delete)
        self.delete.hide()
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(GRID)
        page.addLayout(head)
        page.addWidget(self.table, 1)
        page.addLayout(foot)
        page.addWidget(self.compaction)

    def _connect(self) -> None:
        self.revert.clicked.connect(lambda: self._way_back.revert(self._library))
        self.versions.clicked.connect(lambda: self.versions_wanted.emit(self._library))
        self.report.clicked.connect(lambda: self.report_wanted.emit(self._library))
        self.delete.clicked.connect(self._on_delete)
        self.table.activated.connect(self._on_document)
        self.table.selectionModel().selectionChanged.connect(self._refresh_delete)
        self._command.ended.connect(self._on_command_ended)
        shortcut("Del", self.table, self._on_delete, inside=True)

    def _show_way_back(self, *, busy: bool) -> None:
        before = self._way_back.before(self._library)
        self.revert.setVisible(before is not None)
        self.revert.setEnabled(not busy)
        if before is not None:
            self.revert.setToolTip(self._way_back.words(before))
            self.revert.setAccessibleDescription(self.revert.toolTip())

    def _page(self, name: str, offset: int, limit: int) -> Sequence[Document]:
        try:
            return self._libraries.page(name, offset, limit)
        except AppError as error:
            self.trouble.emit(f"{error} {next_step(error.code, error.hint)}")
            return ()

    @Slot(QModelIndex)
    def _on_document(self, index: QModelIndex) -> None:
        if document := self.model.document(index.row()):
            self.opened.emit(document, self._library)

    @Slot()
    def _refresh_delete(self) -> None:
        count = len(self.table.selectionModel().selectedRows())
        self.delete.setVisible(bool(count) and bool(self._library))
        self.delete.setEnabled(not self._command.busy and count <= MOST_DELETED)
        self.delete.setText(
            self.tr("Delete {0} documents").format(number(count)) if count > 1 else self.tr("Delete document")
        )

    @Slot()
    def _on_delete(self) -> None:
        rows = [index.row() for index in self.table.selectionModel().selectedRows()]
        found = [document.id for row in rows if (document := self.model.document(row))]
        if found and self.delete.isEnabled() and not self._command.busy and len(found) <= MOST_DELETED:
            self._deleting = (self._library, len(found))
            self.delete.setEnabled(False)
            self.delete.setText(self.tr("Deleting…"))
            self._command.start("library", "delete", self._library, *found)

    @Slot(object, str)
    def _on_command_ended(self, printed: dict[str, Any], trouble: str) -> None:
        if "deleted" in printed:
            self.deleted.emit(*self._deleting)
        elif trouble and self._deleting[0]:
            self.trouble.emit(trouble)
        self._deleting = ("", 0)
        self._refresh_delete()
