"""A document with its passage lit, exactly."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from core.types import Document, DocumentRef, Section, Span
from desktop.icons import IconButton
from desktop.theme import GRID, LARGE, SMALL, TITLE, colours, set_role

_LIT = QTextFormat.Property.UserProperty.value + 1
LINE_HEIGHT = 145.0  # per cent


class DocumentView(QWidget):
    """Title, reference line and text; ``closed`` asks to go back to where the eye was."""

    closed = Signal()

    def __init__(self, back: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: tuple[Document, Span | None] | None = None
        self.back = IconButton("back", back, self.tr("Back (Esc)"))
        self.back.clicked.connect(self.closed)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setAccessibleName(self.tr("Document"))
        self.text.document().setDocumentMargin(GRID * 2)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setContentsMargins(GRID * 2, GRID, GRID * 2, GRID)
        set_role(self.message, "warning")
        bar = QHBoxLayout()
        bar.setContentsMargins(GRID, GRID, GRID, 0)
        bar.addWidget(self.back)
        bar.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.message)
        column.addWidget(self.text, 1)

    def show_document(self, document: Document, lit: Span | None = None) -> None:
        """Show ``document`` with ``text[start:end]`` of ``lit`` highlighted and in view."""
        self._shown = (document, lit)
        self.message.hide()
        self._write(document, lit)
        QTimer.singleShot(0, self, self._scroll_to_lit)  # once the new size of the text is known

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
        )
        self.show_document(kept, Span(0, len(quote)) if quote else None)
        self.message.setText(
            self.tr("This document is no longer in the library. What was saved with the answer is shown.")
        )
        self.message.show()

    def highlighted(self) -> str:
        """Return the words that are lit, as they stand in the document."""
        found = ""
        block = self.text.document().begin()
        while block.isValid():
            fragments = block.begin()
            while not fragments.atEnd():
                fragment = fragments.fragment()
                if fragment.charFormat().boolProperty(_LIT):
                    found += fragment.text()
                fragments += 1
            block = block.next()
        return found.replace("\u2028", "\n")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_shown", None):
            assert self._shown is not None
            self._write(*self._shown)

    def _write(self, document: Document, lit: Span | None) -> None:
        self.text.clear()
        writer = QTextCursor(self.text.document())
        _paragraph(writer, document.title or self.tr("Untitled"), _look(TITLE * 0.9, bold=True), height=110)
        muted = _look(SMALL, colour=colours().muted)
        for line in _reference_lines(document):
            _paragraph(writer, line, muted, above=GRID // 2, height=110)
        if document.retracted:
            warning = _look(1.0, bold=True, colour=colours().problem)
            _paragraph(writer, self.tr("⚠ This publication was retracted."), warning, above=GRID)
        for section in document.sections or (Section("", 0, len(document.text)),):
            self._write_section(writer, document.text, section, lit)
        self.text.setTextCursor(QTextCursor(self.text.document()))

    def _write_section(self, writer: QTextCursor, text: str, section: Section, lit: Span | None) -> None:
        if section.label:
            label = _look(SMALL, bold=True, colour=colours().accent)
            _paragraph(writer, section.label.capitalize(), label, above=GRID * 2)
        _paragraph(writer, "", _look(LARGE), above=GRID // 2 if section.label else GRID * 2)
        # The blank lines that part sections are shown as distance, unless they are quoted.
        end = section.start + len(text[section.start : section.end].rstrip("\n"))
        for part, is_lit in _split(section.start, end, lit):
            look = _look(LARGE)
            if is_lit:
                look.setProperty(_LIT, True)
                look.setBackground(QColor(colours().mark))
                look.setForeground(QColor(colours().on_mark))
            writer.insertText(text[part.start : part.end].replace("\n", "\u2028"), look)

    @Slot()
    def _scroll_to_lit(self) -> None:
        start = self._first_lit()
        if start is None:
            self.text.verticalScrollBar().setValue(0)
            return
        cursor = QTextCursor(self.text.document())
        cursor.setPosition(start)
        top = self.text.cursorRect(cursor).top() + self.text.verticalScrollBar().value()
        self.text.verticalScrollBar().setValue(top - self.text.viewport().height() // 3)

    def _first_lit(self) -> int | None:
        block = self.text.document().begin()
        while block.isValid():
            fragments = block.begin()
            while not fragments.atEnd():
                if fragments.fragment().charFormat().boolProperty(_LIT):
                    return fragments.fragment().position()
                fragments += 1
            block = block.next()
        return None


def _split(start: int, end: int, lit: Span | None) -> Iterator[tuple[Span, bool]]:
    """Cut ``[start, end)`` into the parts before, in and after ``lit``; empty parts are left out."""
    first, last = (lit.start, lit.end) if lit else (end, end)
    first, last = min(max(first, start), end), min(max(last, start), end)
    for part, is_lit in ((Span(start, first), False), (Span(first, last), True), (Span(last, end), False)):
        if part.start < part.end:
            yield part, is_lit


def _reference_lines(document: Document) -> Iterator[str]:
    people = ", ".join(document.authors[:6]) + (" et al." if len(document.authors) > 6 else "")
    place = ", ".join(filter(None, (document.journal, str(document.year or ""))))
    numbers = "   ".join(
        f"{name} {value}"
        for name, value in (("PMID", document.pmid), ("DOI", document.doi), ("PMCID", document.pmcid))
        if value
    )
    yield from filter(None, (people, place, numbers, ", ".join(document.publication_types)))


def _look(ratio: float, bold: bool = False, colour: str = "") -> QTextCharFormat:
    look = QTextCharFormat()
    look.setFontPointSize(QApplication.font().pointSizeF() * ratio)
    if bold:
        look.setFontWeight(QFont.Weight.DemiBold)
    if colour:
        look.setForeground(QColor(colour))
    return look


def _paragraph(
    writer: QTextCursor, text: str, look: QTextCharFormat, above: int = 0, height: float = LINE_HEIGHT
) -> None:
    block = QTextBlockFormat()
    block.setTopMargin(above)
    block.setLineHeight(height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if writer.atStart():
        writer.setBlockFormat(block)
    else:
        writer.insertBlock(block)
    writer.insertText(text, look)
