"""A PDF to look at: drawn by Qt, with its text as the reader of PDFs would store it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QPageSize, QPainter, QPdfWriter

from core.types import Document, Section

TITLE = "Guideline on made-up rhythms"
PAGES = (
    "This guideline is an example. It was written for tests and for pictures, and advises on nothing. "
    "Its first page says what it is about and for whom it was written.",
    "We recommend a beta blocker for adults with a made-up rhythm who have palpitations at rest. "
    "We suggest a lower dose for people above the age of eighty. "
    "Evidence for other drugs was too weak for a recommendation.",
    "The panel met three times. Conflicts of interest were declared by all of its members.",
)


def make_pdf(path: Path, pages: tuple[str, ...] = PAGES) -> Path:
    """Draw ``pages`` into ``path``, with a running head, in lines of Qt's making."""
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(20, 20, 20, 20))
    writer.setResolution(150)
    painter = QPainter(writer)
    wide = writer.width()
    for number, text in enumerate(pages):
        if number:
            writer.newPage()
        painter.setFont(QFont("Sans", 8))
        painter.drawText(QRectF(0, 0, wide, 40), f"{TITLE}   {number + 1}")
        painter.setFont(QFont("Sans", 12))
        wrapped = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(0, 120, wide, 1200), int(wrapped), text)
    painter.end()
    return path


def paged_document(path: Path, pages: tuple[str, ...] = PAGES) -> Document:
    """Return what would be stored of ``make_pdf(path)``."""
    starts, text = [], ""
    for page in pages:
        starts.append(len(text))
        text += page + "\n\n"
    text = text.rstrip()
    return Document(
        id="00000000000000f1",
        title=TITLE,
        text=text,
        sections=(Section("", 0, len(text)),),
        pages=tuple(starts),
        journal="Society of Examples",
        year=2022,
        publication_types=("Practice Guideline",),
        original=str(path),
    )
