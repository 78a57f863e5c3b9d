"""The page of the libraries, their documents, and taking in new ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from core.errors import AppError
from core.types import Document, LibraryRef
from desktop.allowed import Forbidden, grey
from desktop.command_process import CommandProcess
from desktop.keys import shortcut
from desktop.library.adding import Adding
from desktop.library.columns import document_columns
from desktop.library.documents import Documents
from desktop.library.import_panel import ImportPanel
from desktop.library.library_table import LibraryTable
from desktop.library.report_dialog import ReportDialog
from desktop.library.retractions_dialog import RetractionsDialog
from desktop.library.source import Libraries
from desktop.library.versions_dialog import VersionsDialog
from desktop.library.way_back import WayBack
from desktop.page import Page
from desktop.reader.document_view import DocumentView
from desktop.words import next_step, number


class LibraryPage(QStackedWidget):
    """A list of libraries above the documents of one of them; a document opens over both."""

    changed = Signal()  # libraries were added to
    asked = Signal(object)  # names of the libraries that are to be asked: tuple[str, ...]
    undoable = Signal(str, object)  # what was done, and what undoes it
    trouble = Signal(str)

    def __init__(
        self,
        libraries: Libraries,
        imports: ImportPanel,
        way_back: WayBack,
        command: CommandProcess,
        bundled: str,
        asked: Callable[[], Sequence[str]],
        forbidden: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """``forbidden`` says why libraries cannot be changed on this computer; empty where they can."""
        super().__init__(parent)
        self._libraries, self._way_back, self._command, self._asked = libraries, way_back, command, asked
        self.imports, self.forbidden = imports, forbidden
        self.adding = Adding(bundled)
        self.target, self.add = self.adding.target, self.adding.files
        self.table = LibraryTable(libraries)
        self.list = Documents(libraries, way_back, command)
        self.heading, self.revert = self.list.heading, self.list.revert
        self.documents, self.documents_model = self.list.table, self.list.model
        self.reader = DocumentView(self.tr("Library"))
        self.addWidget(self._build())
        self.addWidget(self.reader)
        self._connect()
        grey(forbidden, self.adding.target, self.adding.collection, self.add, self.adding.folder)
        grey(forbidden, self.revert, self.list.delete, self.list.compaction.compact)
        grey(forbidden, imports.resume, imports.columns)
        imports.offer_pending()

    @Slot()
    def refresh(self) -> None:
        """Read the list of libraries again."""
        self.table.refresh(self._asked())
        self.adding.offer(self.table.names)

    @Slot(list)
    def add_paths(self, paths: list[str], columns: dict[str, str] | None = None) -> None:
        """Take files or folders into the library that is named beside the button."""
        if self.forbidden:
            self.trouble.emit(self.forbidden)
        elif self.imports.busy:
            self.trouble.emit(self.tr("Another import is running. Add these files when it is done."))
        elif paths and self.adding.library:
            self._allow(changes=False)
            collection = " ".join(self.adding.collection.text().split())
            self.imports.begin(self.adding.library, paths, collection, columns)

    @Slot()
    def close_reader(self) -> None:
        """Go back to the list, where it was."""
        self.setCurrentIndex(0)
        self.documents.setFocus()

    def _build(self) -> Page:
        page = Page(
            self.tr("Library"),
            self.tr(
                "What answers are read from. Add or drop PubMed, RIS, EndNote, Web of Science, CSV, JSON, "
                "JATS, PDF, Word, HTML, EPUB, Markdown or text files, folders, ZIP."
            ),
        )
        self.retractions = QPushButton(self.tr("Retractions…"))
        self.retractions.setToolTip(self.tr("Lists of retracted publications, which hold for all libraries"))
        self.retractions.clicked.connect(self.show_retractions)
        page.bar.addWidget(self.retractions)
        self.first = self.documents  # no focus proxy: Tab would skip what stands before it
        for widget in (self.adding, Forbidden(self.forbidden), self.imports, self.table):
            page.body.addWidget(widget)
        page.body.addWidget(self.list, 1)
        return page

    def _connect(self) -> None:
        self.adding.chosen.connect(self.add_paths)
        self.imports.ended.connect(self._on_imported)
        self.imports.report_wanted.connect(self.show_reports)
        self.imports.columns_wanted.connect(self._on_columns)
        self._way_back.switched.connect(self._on_switched)
        self.table.chosen.connect(self._on_library)
        self.table.asked.connect(self.asked)
        self.list.opened.connect(self._on_document)
        self.list.deleted.connect(self._on_deleted)
        self.list.report_wanted.connect(self.show_reports)
        self.list.versions_wanted.connect(self.show_versions)
        for part in (self.list, self.list.compaction):
            part.trouble.connect(self.trouble)
        self.list.compaction.done.connect(self._on_compacted)
        self.reader.closed.connect(self.close_reader)
        shortcut("Esc", self, self.close_reader, inside=True)

    def _allow(self, *, changes: bool) -> None:
        for button in (self.adding.files, self.adding.folder, self.revert):
            button.setEnabled(changes)

    @Slot(str)
    def show_reports(self, library: str) -> None:
        """Show the reports of the last imports into ``library``."""
        try:
            dialog = ReportDialog(library, self._libraries.reports(library), self)
        except AppError as error:
            self.trouble.emit(f"{error} {next_step(error.code, error.hint)}")
        else:
            dialog.open()

    @Slot(str)
    def show_versions(self, library: str) -> None:
        """Show the versions of ``library`` that are kept."""
        dialog = VersionsDialog(library, self._libraries, self._command, self)
        dialog.switched.connect(self._way_back.switched)
        grey(self.forbidden, dialog.use)
        dialog.open()

    @Slot()
    def show_retractions(self) -> None:
        """Show the lists of retractions that were imported."""
        dialog = RetractionsDialog(self._libraries, self._command, self)
        dialog.changed.connect(self._on_retractions)
        grey(self.forbidden, dialog.add, dialog.remove)
        dialog.open()

    @Slot()
    def _on_retractions(self) -> None:
        self.refresh()
        self.changed.emit()

    @Slot()
    def _on_imported(self) -> None:
        self._allow(changes=True)
        self.refresh()
        self.table.choose(self.imports.library)  # what one has just added is what one wants to see
        self.changed.emit()

    @Slot()
    def _on_switched(self) -> None:
        if not self.imports.busy:
            self.imports.hide()  # what it says of the last import does not hold any more
        self.refresh()
        self.changed.emit()

    @Slot(str)
    def _on_library(self, name: str) -> None:
        if name:
            self.list.show_library(name, busy=self.imports.busy)
        else:
            words = self.tr("No library yet. Add files to make one, or drop them here.")
            self.list.show_none(self.tr("No library yet.") if self.forbidden else words)

    @Slot(object, str)
    def _on_document(self, document: Document, library: str) -> None:
        self.reader.show_document(document, None, self._libraries.original(LibraryRef(library, ""), document))
        self.setCurrentWidget(self.reader)
        self.reader.setFocus()

    @Slot(str, int)
    def _on_deleted(self, library: str, count: int) -> None:
        self.refresh()
        self.changed.emit()
        words = self.tr("Deleted 1 document of {0}").format(library)
        if count > 1:
            words = self.tr("Deleted {0} documents of {1}").format(number(count), library)
        self.undoable.emit(words, lambda: self._way_back.restore(library))

    @Slot(str)
    def _on_compacted(self, words: str) -> None:
        self.refresh()
        self.changed.emit()
        self.trouble.emit(words)

    @Slot(str)
    def _on_columns(self, path: str) -> None:
        dialog = document_columns(path, self)
        dialog.accepted.connect(lambda: self._add_table(path, dialog.columns()))
        dialog.open()

    def _add_table(self, path: str, columns: dict[str, str]) -> None:
        self.adding.target.setEditText(self.imports.library)
        self.add_paths([path], columns)
