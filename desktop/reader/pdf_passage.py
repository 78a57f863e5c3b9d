"""Where a passage of a document stands on the pages of its PDF: exactly, or nowhere."""

from __future__ import annotations

from PySide6.QtGui import QPolygonF
from PySide6.QtPdf import QPdfDocument

from core.library.page_text import locate, page_spans, stored_page
from core.types import Document, Span


def passage_on_pages(pdf: QPdfDocument, document: Document, lit: Span) -> dict[int, list[QPolygonF]] | None:
    """Return the outlines of ``lit`` in points from the top left corner of each page, by page from 1.

    None where not every word of it is found exactly, and there alone.
    """
    found: dict[int, list[QPolygonF]] = {}
    for page, span in page_spans(document, lit.start, lit.end):
        outlines = _outlines(pdf, document, page, span)
        if outlines is None:
            return None
        found[page] = outlines
    return found or None


def _outlines(pdf: QPdfDocument, document: Document, page: int, span: Span) -> list[QPolygonF] | None:
    if not 1 <= page <= pdf.pageCount():
        return None
    stored = stored_page(document, page)
    text = document.text[stored.start : stored.end]
    shown = pdf.getAllText(page - 1).text()
    ranges = locate(text, span.start - stored.start, span.end - stored.start, shown)
    if not ranges:
        return None
    outlines: list[QPolygonF] = []
    for part in ranges:
        selection = pdf.getSelectionAtIndex(page - 1, part.start, part.end - part.start)
        if selection.text() != shown[part.start : part.end]:  # PDFium counts its characters otherwise
            return None
        outlines += selection.bounds()
    return outlines
