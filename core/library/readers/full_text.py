"""The formats of whole texts: papers, guidelines, books, pages, and archives of any files."""

from __future__ import annotations

from core.library.readers import archive, docx, epub, html, jats, markdown, pdf, plain_text
from core.library.readers.formats import Format

# Told by signs that no other format has; to be tried first. An archive is what no book or document is.
CERTAIN: tuple[Format, ...] = (
    epub.FORMAT,
    docx.FORMAT,
    archive.FORMAT,
    pdf.FORMAT,
    jats.FORMAT,
    html.FORMAT,
)
# Any text may be one of these; to be tried last.
OPEN: tuple[Format, ...] = (markdown.FORMAT, plain_text.FORMAT)
