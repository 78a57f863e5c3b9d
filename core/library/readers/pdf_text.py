"""From the lines of all pages to a title and labelled sections, with a form feed where each page begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from core.library.readers.outline import Outline
from core.library.readers.pdf_headings import LARGER, Headings
from core.library.readers.pdf_pages import Line, Page
from core.library.readers.pdf_paragraphs import Hyphens, Paragraph, usual_distance, without_ligatures
from core.library.readers.pdf_running import without_running

_NO_TITLE = re.compile(
    r"^(?:microsoft \w+ - |untitled|document\d*$|slide \d|title$|\(anonymous\))|"
    r"\.(?:docx?|pdf|indd|tex|rtf|odt|qxd|dvi|ps|fm)$",
    re.IGNORECASE,
)
_TITLE_LENGTH = (8, 300)
_TITLE_ZONE = 0.45  # of page 1, from its top


def text_of(pages: Sequence[Page], given_title: str) -> tuple[str, list[tuple[str, str]]]:
    """Return title (empty if none is certain) and sections of a file; the pages are 1, 2, 3, ... in order."""
    pages = [msgspec.structs.replace(page, lines=tuple(map(_plain, page.lines))) for page in pages]
    own = [lines for _, lines in without_running(pages)]
    size = _usual_size(own)
    title, title_lines = _title(pages[0], own[0], size, given_title) if pages else ("", [])
    writer = _Writer(size, usual_distance(own), Hyphens(line for lines in own for line in lines))
    for number, lines in enumerate(own, start=1):
        writer.page(number, [line for line in lines if number > 1 or line not in title_lines])
    return title, writer.finish()


def _plain(line: Line) -> Line:
    return msgspec.structs.replace(line, text=without_ligatures(line.text))


def _usual_size(pages: Sequence[Sequence[Line]]) -> float:
    """Return the font size that most characters have."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _title(page: Page, lines: Sequence[Line], usual: float, given: str) -> tuple[str, list[Line]]:
    """Return the title, and the lines of page 1 it is made of (none if the file says it by itself)."""
    given = " ".join(given.split())
    if _could_be_title(given) and not _NO_TITLE.search(given) and " " in given:
        return given, []
    upper = [line for line in lines if line.bottom > page.top - _TITLE_ZONE * (page.top - page.bottom)]
    large = [line for line in upper if line.size >= usual * LARGER and any(map(str.isalpha, line.text))]
    if not large:
        return "", []
    largest = max(line.size for line in large)
    found: list[Line] = []
    for line in large:
        if line.size >= largest - 0.6 and (not found or 0 < found[-1].bottom - line.bottom < 3 * line.size):
            found.append(line)
    title = " ".join(line.text for line in found)
    return (title, found) if _could_be_title(title) else ("", [])


def _could_be_title(text: str) -> bool:
    shortest, longest = _TITLE_LENGTH
    return shortest <= len(text) <= longest and sum(map(str.isalpha, text)) > len(text) / 2


class _Writer:
    """Puts lines into the paragraphs of an outline."""

    def __init__(self, size: float, distance: float, hyphens: Hyphens) -> None:
        self._outline = Outline()
        self._headings = Headings(size, distance)
        self._distance = distance
        self._hyphens = hyphens
        self._paragraph: Paragraph | None = None
        self._breaks = ""  # form feeds that wait for the first character of a page

    def page(self, number: int, lines: Sequence[Line]) -> None:
        """Take the lines of the next page."""
        self._breaks += "\f" if number > 1 else ""
        right: dict[int, float] = {}
        for line in lines:
            right[line.column] = max(right.get(line.column, 0.0), line.right)
        first = True
        for heading, run in self._headings.runs(lines):
            if heading:
                self._add_heading(run)
                continue
            for line in run:
                self._add(line, right[line.column], first=first)
                first = False

    def finish(self) -> list[tuple[str, str]]:
        self._end_paragraph()
        return self._outline.finish(self._breaks)

    def _add_heading(self, run: Sequence[Line]) -> None:
        self._end_paragraph()
        text = self._breaks + " ".join(line.text for line in run)
        self._outline.heading(self._headings.level(run[0]), text)
        self._breaks = ""

    def _add(self, line: Line, right: float, *, first: bool) -> None:
        held = self._paragraph
        if held and (held.goes_over_to(line) if first else held.takes(line, self._distance, right)):
            held.add(line, self._hyphens, self._breaks)
        else:
            self._end_paragraph()
            self._paragraph = Paragraph(line)
            self._paragraph.text = self._breaks + line.text
        self._breaks = ""

    def _end_paragraph(self) -> None:
        if self._paragraph:
            self._outline.paragraph(self._paragraph.text)
            self._paragraph = None
