"""Which lines of print are headings, told by size, weight and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.library.readers.pdf_pages import Line

LARGER = 1.14  # times the usual size: not running text
_LARGE = (4, 200)  # lines and characters of a heading in larger print
_BOLD = (2, 110)  # of one in bold print of the usual size: more is a statement
_LONG = 50  # characters of a line of running text
_KNOWN = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2})*\.?\s+)?(?:abstract|summary|background|introduction|objectives?|aims?|methods|"
    r"materials and methods|patients and methods|results|findings|discussion|limitations|conclusions?|"
    r"recommendations|acknowledge?ments?|references|bibliography|appendix|funding|conflicts? of interest)",
    re.IGNORECASE,
)


class Headings:
    """Tells headings in a file whose text is usually of ``size`` and whose lines are ``distance`` apart."""

    def __init__(self, size: float, distance: float) -> None:
        self._size = size
        self._distance = distance

    def runs(self, lines: Sequence[Line]) -> Iterator[tuple[bool, list[Line]]]:
        """Yield the lines of a page in runs of one style, and whether the run is a heading."""
        start = 0
        while start < len(lines):
            end = start + 1
            while end < len(lines) and self._together(lines[end - 1], lines[end]):
                end += 1
            run = list(lines[start:end])
            yield self._is_heading(run, lines[end] if end < len(lines) else None), run
            start = end

    def level(self, line: Line) -> float:
        """Return the rank of a heading: larger print is higher, and bold is above the same size."""
        return -max(2 * line.size + line.bold, 2 * self._size)

    def _style(self, line: Line) -> tuple[bool, float, bool]:
        large = line.size >= self._size * LARGER
        bold = line.bold and line.size > self._size - 0.6
        return large, line.size if large else 0.0, bold

    def _together(self, before: Line, line: Line) -> bool:
        step = before.bottom - line.bottom
        return (
            self._style(before) == self._style(line)
            and before.column == line.column
            and any(self._style(line))
            and 0 < step < max(1.6 * line.size, 1.1 * self._distance)
        )

    def _is_heading(self, run: Sequence[Line], following: Line | None) -> bool:
        text = " ".join(line.text for line in run)
        large, _, bold = self._style(run[0])
        if sum(map(str.isalpha, text)) < 3 or text[0].islower() or any(line.row for line in run):
            return False
        if not large and not bold:  # a run of one line
            long = following is not None and len(following.text) > _LONG
            return long and _KNOWN.fullmatch(text.rstrip(":")) is not None
        most_lines, most_characters = _LARGE if large else _BOLD
        if len(run) > most_lines or len(text) > most_characters or not text[0].isalnum():
            return False
        if large or _KNOWN.fullmatch(text.rstrip(":")):
            return True
        # A sentence that begins in bold and goes on, or is all there is of a paragraph, is no heading.
        goes_on = following is not None and following.text[0].islower() and len(run[-1].text) > _LONG
        return not goes_on and not text.endswith((".", ",", ";"))
