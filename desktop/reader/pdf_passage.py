"""Where a passage of a document stands on the pages of its PDF: exactly, or nowhere."""

from __future__ import annotations

from core.library.page_text import page_spans, stored_page
from core.library.readers.pdf_sight import Box, Find, Found
from core.types import Document, Span


class PassageOnPages:
    """What has to be asked to light a passage, and what was answered so far."""

    def __init__(self, document: Document, lit: Span | None) -> None:
        spans = page_spans(document, lit.start, lit.end) if lit else []
        self._questions = [_question(document, page, span) for page, span in spans]
        self._found: dict[int, tuple[Box, ...] | None] = {}
        self._nowhere = lit is not None and not spans
        self.first = spans[0][0] if spans else _page_of(document, lit)

    @property
    def open(self) -> list[Find]:
        """What is still to be asked."""
        return [question for question in self._questions if question.page not in self._found]

    @property
    def lost(self) -> bool:
        """True if not every word of it is found."""
        return self._nowhere or None in self._found.values()

    @property
    def boxes(self) -> dict[int, tuple[Box, ...]]:
        """Where it is, by page from 1; nowhere until all of it is found."""
        if self.open or self.lost:
            return {}
        return {page: boxes for page, boxes in self._found.items() if boxes}

    def add(self, question: Find, found: Found) -> None:
        """Take an answer, unless the question was about another passage."""
        if question in self._questions:
            self._found[question.page] = found.boxes


def _question(document: Document, page: int, span: Span) -> Find:
    stored = stored_page(document, page)
    text = document.text[stored.start : stored.end]
    return Find(page, text, span.start - stored.start, span.end - stored.start)


def _page_of(document: Document, lit: Span | None) -> int:
    if lit is None:
        return 1
    return max(1, sum(1 for start in document.pages if start <= lit.start))
