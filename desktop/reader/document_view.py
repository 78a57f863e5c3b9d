"""A document to read: its text, or the page of its PDF, with the passage lit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from core.types import Document, DocumentRef, Section, Span
from desktop.badges import Marked, badges, label_of
from desktop.flow_layout import FlowLayout
from desktop.icons import IconButton
from desktop.reader.document_text import DocumentText
from desktop.theme import GRID, set_role

if TYPE_CHECKING:  # loaded with the first page that is looked at
    from desktop.reader.page_view import PageView


class DocumentView(QWidget):
    """Says what is marked about a document above it; ``closed`` asks to go back to where the eye was."""

    closed = Signal()

    def __init__(self, back: str, parent: QWidget | None = None, *, pdf: Sequence[str] | None = None) -> None:
        """``pdf`` starts the process that draws pages; ``core.programs`` knows the usual one."""
        super().__init__(parent)
        self.setObjectName("reader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: tuple[Document, Span | None] | None = None
        self._original: Path | None = None
        self._pdf = pdf
        self.pages: PageView | None = None
        self.back = IconButton("back", back, self.tr("Back (Esc)"))
        self.back.clicked.connect(self.closed)
        self.as_page = IconButton("page", self.tr("Page"), self.tr("Show the page of the PDF"))
        self.as_page.setCheckable(True)
        self.as_page.toggled.connect(self._show_kind)
        self.text = DocumentText()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.text)
        self.badges = QWidget()
        self._flow = FlowLayout(self.badges)
        self._flow.setContentsMargins(GRID * 2, GRID // 2, GRID * 2, GRID)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setContentsMargins(GRID * 2, GRID, GRID * 2, GRID)
        set_role(self.message, "warning")
        bar = QHBoxLayout()
        bar.setContentsMargins(GRID, GRID, GRID, 0)
        bar.addWidget(self.back)
        bar.addStretch()
        bar.addWidget(self.as_page)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(bar)
        self.column.addWidget(self.badges)
        self.column.addWidget(self.message)
        self.column.addWidget(self.stack, 1)
        self.setFocusProxy(self.text)

    def show_document(
        self,
        document: Document,
        lit: Span | None = None,
        original: Path | None = None,
        marks: Marked | None = None,
    ) -> None:
        """Show ``document`` with ``text[start:end]`` of ``lit`` highlighted and in view.

        Args:
            original: its PDF, if it has one: pages are shown when they were for the document before.
            marks: what else is known about it, such as that it is on a list of retractions.
        """
        self._shown, self._original = (document, lit), original
        self._show_badges(marks or document)
        self.text.show_document(document, lit)
        self.as_page.setVisible(original is not None)
        self._show_kind()

    def show_missing(self, document: DocumentRef, quote: str) -> None:
        """Show what is still known of a document that is no longer in the library."""
        kept = Document(
            id=document.id,
            title=document.title,
            text=quote,
            sections=(Section(self.tr("Quoted passage"), 0, len(quote)),) if quote else (),
            pmid=document.pmid,
            doi=document.doi,
            journal=document.journal,
            year=document.year,
            publication_types=document.publication_types,
            retracted=document.retracted,
            concern=document.concern,
            corrected=document.corrected,
        )
        self.show_document(kept, Span(0, len(quote)) if quote else None)
        self._say(
            self.tr("This document is no longer in the library. What was saved with the answer is shown.")
        )

    def highlighted(self) -> str:
        """Return the words that are lit in the text, as they stand in the document."""
        return self.text.lit_words()

    def _show_badges(self, marked: Marked) -> None:
        while item := self._flow.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        found = badges(marked)
        for badge in found:
            self._flow.addWidget(label_of(badge))
        self.badges.setVisible(bool(found))

    @Slot()
    def _show_kind(self) -> None:
        """Show the page if it is wanted and there is one, else the text."""
        self._say("")
        if self._shown is None or self._original is None or not self.as_page.isChecked():
            self.stack.setCurrentWidget(self.text)
            return
        pages = self.pages or self._make_pages()
        self.stack.setCurrentWidget(pages)
        pages.open(self._original, *self._shown)

    def _make_pages(self) -> PageView:
        from core.programs import program
        from desktop.reader.page_view import PageView

        pages = self.pages = PageView(self._pdf or program("pdf"))
        pages.noted.connect(self._say)
        pages.failed.connect(self._on_failed)
        self.stack.addWidget(pages)
        return pages

    @Slot(str)
    def _on_failed(self, words: str) -> None:
        """Show the text instead of the page; another click on the button tries again."""
        self.as_page.setChecked(False)
        self._say(words + self.tr(" This is the text that was read from it."))

    @Slot(str)
    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))
