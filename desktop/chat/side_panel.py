"""Beside the conversation: its evidence, or one document of it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.types import DocumentRef, LibraryRef
from desktop.chat.evidence import EvidencePanel
from desktop.chat.source_card import Source
from desktop.library.source import Libraries, found_document
from desktop.reader.document_view import DocumentView


class SidePanel(QStackedWidget):
    """Two pages: the list of sources, and the reader."""

    source_opened = Signal(object)  # Source, by a click on its card
    closed = Signal()  # the reader gave way to the list

    def __init__(self, libraries: Libraries, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._libraries = libraries
        self.evidence = EvidencePanel()
        self.reader = DocumentView(self.tr("Evidence"))
        self.addWidget(self.evidence)
        self.addWidget(self.reader)
        self.evidence.chosen.connect(self.source_opened)
        self.reader.closed.connect(self.close_reader)

    @property
    def reading(self) -> bool:
        """True while a document is open."""
        return self.currentWidget() is self.reader

    def open_source(self, source: Source, library: LibraryRef | None) -> None:
        """Open the document of ``source`` where its words are."""
        self.evidence.choose(source)
        document, original = found_document(self._libraries, source.document, library)
        if document is None or document.text[source.span.start : source.span.end] != source.quote:
            self.reader.show_missing(source.document, source.quote)
        else:
            self.reader.show_document(document, source.span, original, source.document)
        self.setCurrentWidget(self.reader)

    def open_document(self, document: DocumentRef, library: LibraryRef | None) -> None:
        """Open a document without a passage."""
        whole, original = found_document(self._libraries, document, library)
        if whole is None:
            self.reader.show_missing(document, "")
        else:
            self.reader.show_document(whole, None, original, document)
        self.setCurrentWidget(self.reader)

    @Slot()
    def close_reader(self) -> None:
        """Go back to the list of sources."""
        if self.reading:
            self.setCurrentWidget(self.evidence)
            self.closed.emit()
