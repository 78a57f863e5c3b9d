"""Beside the results: the document of one of them, and why it was found."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.types import Hit, Span
from desktop.library.source import Libraries, found_document
from desktop.reader.document_view import DocumentView
from desktop.search.why import Why


class ResultPanel(QWidget):
    """Shows one result."""

    closed = Signal()

    def __init__(self, libraries: Libraries, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._libraries = libraries
        self.reader = DocumentView(self.tr("Results"))
        self.reader.closed.connect(self.closed)
        self.why = Why()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.reader, 1)
        column.addWidget(self.why)
        self.setFocusProxy(self.reader)

    def show_hit(self, hit: Hit, best_lexical: float, best_fused: float) -> None:
        """Open the document of ``hit`` where its passage is."""
        document, original = found_document(self._libraries, hit.document, hit.document.library)
        if document is None or document.text[hit.start : hit.end] != hit.quote:
            self.reader.show_missing(hit.document, hit.quote)
        else:
            self.reader.show_document(document, Span(hit.start, hit.end), original, hit.document)
        self.why.show_scores(hit.scores, best_lexical, best_fused)
