"""The text of a document with its passage lit, exactly."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QTimer, Slot
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QApplication, QFrame, QTextBrowser, QWidget

from core.types import Document, Section, Span
from desktop.theme import GRID, LARGE, SMALL, TITLE, colours

_LIT = QTextFormat.Property.UserProperty.value + 1
LINE_HEIGHT = 145.0  # per cent


class DocumentText(QTextBrowser):
    """Title, reference lines, notices and sections."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Document, Span | None] | None = None
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Document"))
        self.document().setDocumentMargin(GRID * 2)

    def show_document(self, document: Document, lit: Span | None) -> None:
        """Show ``document`` with ``text[start:end]`` of ``lit`` highlighted and in view."""
        self._shown = (document, lit)
        self._write(document, lit)
        QTimer.singleShot(0, self, self._scroll_to_lit)  # once the new size of the text is known

    def lit_words(self) -> str:
        """Return the words that are lit, as they stand in the document."""
        return "".join(text for _, text in self._lit_parts()).replace("\u2028", "\n")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_shown", None):
            assert self._shown is not None
            self._write(*self._shown)

    def _write(self, document: Document, lit: Span | None) -> None:
        self.clear()
        writer = QTextCursor(self.document())
        _paragraph(writer, document.title or self.tr("Untitled"), _look(TITLE * 0.9, bold=True), height=110)
        muted = _look(SMALL, colour=colours().muted)
        for line in _reference_lines(document):
            _paragraph(writer, line, muted, above=GRID // 2, height=110)
        for line, colour in self._notices(document):
            _paragraph(writer, line, _look(1.0, bold=True, colour=colour), above=GRID)
        for section in document.sections or (Section("", 0, len(document.text)),):
            self._write_section(writer, document.text, section, lit)
        self.setTextCursor(QTextCursor(self.document()))

    def _notices(self, document: Document) -> Iterator[tuple[str, str]]:
        if document.retracted:
            yield self.tr("⚠ This publication was retracted."), colours().problem
        if document.concern:
            yield self.tr("⚠ An expression of concern was published about it."), colours().warning
        if document.corrected:
            yield self.tr("A correction to it was published."), colours().warning

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
        start = next((place for place, _ in self._lit_parts()), None)
        if start is None:
            self.verticalScrollBar().setValue(0)
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        top = self.cursorRect(cursor).top() + self.verticalScrollBar().value()
        self.verticalScrollBar().setValue(top - self.viewport().height() // 3)

    def _lit_parts(self) -> Iterator[tuple[int, str]]:
        """Yield position and words of each stretch that is lit."""
        block = self.document().begin()
        while block.isValid():
            fragments = block.begin()
            while not fragments.atEnd():
                fragment = fragments.fragment()
                if fragment.charFormat().boolProperty(_LIT):
                    yield fragment.position(), fragment.text()
                fragments += 1
            block = block.next()


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
