"""The libraries, their documents, and taking in new ones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.types import Document
from desktop.icons import PrimaryButton
from desktop.keys import shortcut
from desktop.library.import_panel import ImportPanel
from desktop.library.source import Libraries
from desktop.library.tables import DocumentsModel, RowsModel
from desktop.library.way_back import WayBack
from desktop.page import Page
from desktop.reader.document_view import DocumentView
from desktop.theme import GRID, LARGE, set_role, sized
from desktop.words import day, next_step, number, size

NEW_LIBRARY = "my library"
ROWS_SHOWN = 5  # of the table of libraries, before it scrolls


class LibraryPage(QStackedWidget):
    """A list of libraries above the documents of one of them; a document opens over both."""

    changed = Signal()  # libraries were added to
    trouble = Signal(str)

    def __init__(
        self,
        libraries: Libraries,
        imports: ImportPanel,
        way_back: WayBack,
        bundled: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._libraries = libraries
        self._way_back = way_back
        self._bundled = bundled  # not where one's own files go unless one says so
        self._names: Sequence[str] = ()
        self.imports = imports
        self.target = QComboBox()
        self.add = PrimaryButton(self.tr("Add files…"), "file")
        self.table = QTableView()
        self.documents = QTableView()
        self.heading = QLabel()
        self.revert = QPushButton(self.tr("Go back to the version before"))
        self.reader = DocumentView(self.tr("Library"))
        self._rows = RowsModel(
            [
                self.tr("Library"),
                self.tr("Documents"),
                self.tr("Passages"),
                self.tr("Size"),
                self.tr("Updated"),
            ],
            numeric=[1, 2, 3],
        )
        self._rows.setParent(self)
        self.documents_model = DocumentsModel([self.tr("Title"), self.tr("Journal"), self.tr("Year")])
        self.documents_model.setParent(self)
        self.setAcceptDrops(True)
        self.addWidget(self._build())
        self.addWidget(self.reader)
        self._connect()

    @Slot()
    def refresh(self) -> None:
        """Read the list of libraries again."""
        chosen = self._chosen()
        self._names = self._libraries.names()
        self._rows.show_rows([self._row(name) for name in self._names])
        rows = min(ROWS_SHOWN, len(self._names))
        row_height = self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + rows * row_height + 4)
        self._offer_targets()
        if self._names:
            self.table.selectRow(self._names.index(chosen) if chosen in self._names else 0)
        else:
            self.heading.setText(self.tr("No library yet. Add files to make one, or drop them here."))
            self.documents_model.show_library(0, lambda offset, limit: ())
            self.revert.hide()

    def add_paths(self, paths: list[str]) -> None:
        """Take files or folders into the library that is named beside the button."""
        name = self.target.currentText().strip()
        if self.imports.busy:
            self.trouble.emit(self.tr("Another import is running. Add these files when it is done."))
        elif paths and name:
            self.add.setEnabled(False)
            self.revert.setEnabled(False)
            self.imports.begin(name, paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add_paths([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    @Slot()
    def close_reader(self) -> None:
        """Go back to the list, where it was."""
        self.setCurrentIndex(0)
        self.documents.setFocus()

    def _build(self) -> Page:
        page = Page(
            self.tr("Library"),
            self.tr(
                "What answers are read from. Add PubMed exports (XML, NBIB) or JSON Lines, or drop them here."
            ),
        )
        self.target.setEditable(True)
        self.target.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.target.setMinimumWidth(20 * GRID)
        self.target.setAccessibleName(self.tr("Add to library"))
        self.target.setToolTip(self.tr("The library that files are added to. Type a name to make a new one."))
        page.bar.addWidget(QLabel(self.tr("Add to")))
        page.bar.addWidget(self.target)
        page.bar.addWidget(self.add)
        _plain(self.table, self._rows, self.tr("Libraries"))
        _plain(self.documents, self.documents_model, self.tr("Documents"))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header = self.documents.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(1, 24 * GRID)
        header.resizeSection(2, 8 * GRID)
        sized(self.heading, LARGE, bold=True)
        self.heading.setWordWrap(True)
        self._empty = QLabel(self.tr("Select a document and press Enter to read it."))
        set_role(self._empty, "muted")
        documents = _Yielding()
        lower = QVBoxLayout(documents)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(GRID)
        head = QHBoxLayout()
        head.setSpacing(GRID * 2)
        head.addWidget(self.heading, 1)
        head.addWidget(self.revert)
        lower.addLayout(head)
        self.revert.hide()
        lower.addWidget(self.documents, 1)
        lower.addWidget(self._empty)
        self.setFocusProxy(self.documents)
        page.body.addWidget(self.imports)
        page.body.addWidget(self.table)
        page.body.addWidget(documents, 1)
        return page

    def _connect(self) -> None:
        self.add.clicked.connect(self._on_add)
        self.imports.ended.connect(self._on_imported)
        self.revert.clicked.connect(lambda: self._way_back.revert(self._chosen()))
        self._way_back.switched.connect(self._on_switched)
        self.table.selectionModel().currentRowChanged.connect(self._on_library)
        self._rows.modelReset.connect(self._on_reset)
        self.documents.activated.connect(self._on_document)
        self.reader.closed.connect(self.close_reader)
        shortcut("Esc", self, self.close_reader, inside=True)

    def _row(self, name: str) -> Sequence[str]:
        try:
            info = self._libraries.info(name)
        except AppError as error:
            return (name, "", "", "", str(error))
        return name, number(info.documents), number(info.chunks), size(info.bytes), day(info.created)

    def _chosen(self) -> str:
        row = self.table.currentIndex().row()
        return self._names[row] if 0 <= row < len(self._names) else ""

    def _offer_targets(self) -> None:
        typed = self.target.currentText()
        own = [name for name in self._names if name != self._bundled]
        self.target.clear()
        self.target.addItems([*own, *([] if own else [NEW_LIBRARY]), *set(self._names) - set(own)])
        if typed:
            self.target.setEditText(typed)

    @Slot()
    def _on_add(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Add files to {0}").format(self.target.currentText()),
            "",
            self.tr("Records (*.xml *.gz *.nbib *.txt *.jsonl *.json);;All files (*)"),
        )
        self.add_paths(paths)

    def _show_way_back(self, name: str) -> None:
        before = self._way_back.before(name)
        self.revert.setVisible(before is not None)
        self.revert.setEnabled(not self.imports.busy)
        if before is not None:
            self.revert.setToolTip(self._way_back.words(before))
            self.revert.setAccessibleDescription(self.revert.toolTip())

    @Slot()
    def _on_imported(self) -> None:
        self.add.setEnabled(True)
        self.refresh()
        if self.imports.library in self._names:  # what one has just added is what one wants to see
            self.table.selectRow(self._names.index(self.imports.library))
        self.changed.emit()

    @Slot()
    def _on_switched(self) -> None:
        if not self.imports.busy:
            self.imports.hide()  # what it says of the last import does not hold any more
        self.refresh()

    @Slot()
    def _on_reset(self) -> None:
        self.table.clearSelection()

    @Slot(QModelIndex)
    def _on_library(self, index: QModelIndex) -> None:
        if not index.isValid() or index.row() >= len(self._names):
            return
        name = self._names[index.row()]
        try:
            total = self._libraries.info(name).documents
        except AppError as error:
            self.heading.setText(f"{error} {next_step(error.code, error.hint)}")
            total = 0
        else:
            self.heading.setText(self.tr("{0} documents in {1}").format(number(total), name))
        self._show_way_back(name)
        self.documents_model.show_library(total, lambda offset, limit: self._page(name, offset, limit))

    def _page(self, name: str, offset: int, limit: int) -> Sequence[Document]:
        try:
            return self._libraries.page(name, offset, limit)
        except AppError as error:
            self.trouble.emit(f"{error} {next_step(error.code, error.hint)}")
            return ()

    @Slot(QModelIndex)
    def _on_document(self, index: QModelIndex) -> None:
        if document := self.documents_model.document(index.row()):
            self.reader.show_document(document)
            self.setCurrentWidget(self.reader)
            self.reader.text.setFocus()


class _Yielding(QWidget):
    """Gives way to what stands above it: Qt takes the preferred height of a place with wrapped text for its
    least one, and would cut the others off instead."""

    def hasHeightForWidth(self) -> bool:
        return False


def _plain(table: QTableView, model: RowsModel, name: str) -> None:
    table.setModel(model)
    table.setAccessibleName(name)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(4 * GRID)
    table.horizontalHeader().setHighlightSections(False)
