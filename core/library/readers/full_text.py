"""The formats of whole texts: papers, guidelines, books, pages, and archives of any files."""

from __future__ import annotations

from core.library.readers import pdf
from core.library.readers.formats import Format

# Told by signs that no other format has; to be tried first.
CERTAIN: tuple[Format, ...] = (pdf.FORMAT,)
# Any text may be one of these; to be tried last.
OPEN: tuple[Format, ...] = ()
