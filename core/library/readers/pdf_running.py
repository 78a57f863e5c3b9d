"""Running headers, footers and page numbers: lines that stand in the same place of many pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from core.library.readers.pdf_pages import Line, Page

_ZONE = 0.13  # share of a page's height, at its top and at its bottom, in which they stand
_DEPTH = 4  # lines of each zone that are looked at
_NEAR = 6  # pages to each side that are compared: chapters change their headers
_OFTEN = 3  # pages nearby with the same line
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"[\W_]*(?:page\s*)?(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?[\W_]*", re.IGNORECASE)
_OF = re.compile(r"page\s*\d+\s*of\s*\d+", re.IGNORECASE)
_Key = tuple[str, bool, int]


def without_running(pages: Sequence[Page]) -> Iterator[tuple[Page, list[Line]]]:
    """Yield each page with the lines that are its own."""
    places: dict[_Key, set[int]] = defaultdict(set)
    for index, page in enumerate(pages):
        for line in _edges(page):
            places[_key(page, line, index)].add(index)
    for index, page in enumerate(pages):
        running = {id(line) for line in _edges(page) if _recurs(places[_key(page, line, index)], index, line)}
        yield page, [line for line in page.lines if id(line) not in running]


def _edges(page: Page) -> list[Line]:
    """Return the outermost lines of the page's top and bottom zone."""
    height = page.top - page.bottom
    top = [line for line in page.lines if line.bottom > page.top - _ZONE * height]
    bottom = [line for line in page.lines if line.top < page.bottom + _ZONE * height]
    top.sort(key=lambda line: -line.top)
    bottom.sort(key=lambda line: line.bottom)
    return top[:_DEPTH] + bottom[:_DEPTH]


def _key(page: Page, line: Line, index: int) -> _Key:
    """Return what running lines have in common: words and side; of a page number, the count it goes by."""
    upper = line.bottom > (page.top + page.bottom) / 2
    if found := _NUMBER.fullmatch(line.text):
        return "#", upper, int(found[1]) - index
    return _DIGITS.sub("#", line.text.casefold()), upper, round(line.bottom / 12)


def _recurs(places: set[int], index: int, line: Line) -> bool:
    near = sum(1 for place in range(index - _NEAR, index + _NEAR + 1) if place in places)
    return near >= _OFTEN or _OF.fullmatch(line.text) is not None
