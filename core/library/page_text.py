"""Where words of a stored text stand on their PDF page: exactly, or not at all.

The text of a page as PDFium gives it and the text we store of it are the same
characters, but for white space, hyphens at line ends and the form of letters; and what is stored leaves out
running heads and line numbers, and may have its columns in another order. So the page is cut into its words,
and the cheapest way through them is sought that spells the stored text; leaving out or going back costs.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate

from core.types import Document, Span

MAX_CHARACTERS = 100_000  # of one page; beyond it nothing is looked for
MAX_STEPS = 1_000_000  # some seconds; a page of print takes ten thousand
_IGNORED = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u00ad\u200b\u2010\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufdd0\ufffe\uffff-]"
)
_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
_LIGATURES |= {"\ufb05": "st", "\ufb06": "st"}
_TOKEN = re.compile("[^\\s\x02\u00ad\ufffe\uffff]+")  # a word, or the part of it before a hyphen
_LINE = re.compile(r"[^\r\n]+")
_NUMBER = re.compile(r"\d{1,5}")
_NEXT_LINE, _FORWARD, _BACK, _INSIDE = 1, 3, 5, 1000  # what it costs to go elsewhere than to the next word


def page_spans(document: Document, start: int, end: int) -> list[tuple[int, Span]]:
    """Return the pages, from 1, that ``document.text[start:end]`` is on, each with its part of the text."""
    found = []
    for index in range(max(bisect_right(document.pages, start) - 1, 0), len(document.pages)):
        first = document.pages[index]
        last = document.pages[index + 1] if index + 1 < len(document.pages) else len(document.text)
        if first >= end:
            break
        if max(first, start) < min(last, end):
            found.append((index + 1, Span(max(first, start), min(last, end))))
    return found


def stored_page(document: Document, page: int) -> Span:
    """Return where the text of ``page``, from 1, is in ``document.text``."""
    last = document.pages[page] if page < len(document.pages) else len(document.text)
    return Span(document.pages[page - 1], last)


def locate(stored: str, start: int, end: int, page_text: str) -> list[Span] | None:
    """Return the ranges of ``page_text`` that are ``stored[start:end]``, in reading order.

    ``stored`` is the whole stored text of the page (``stored_page``), so that words that occur twice are told
    apart. Returns None where the texts do not agree to the letter or more than one place would do.
    """
    if max(len(stored), len(page_text)) > MAX_CHARACTERS:
        return None
    letters, offsets = _fold(stored)
    first = sum(1 for offset in offsets if offset < start)
    last = sum(1 for offset in offsets if offset < end)
    if first == last:
        return None
    page = _Page(page_text)
    upper, lower = page.way(letters, 1), page.way(letters, -1)
    if upper is None or lower is None or upper[first:last] != lower[first:last]:
        return None
    return list(_ranges(upper[first:last], page_text))


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the letters of ``text`` that are compared, and the offset of each."""
    letters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if not _IGNORED.match(character):
            folded = _LIGATURES.get(character) or unicodedata.normalize("NFD", character)
            letters.append(folded)
            offsets += [offset] * len(folded)
    return "".join(letters), offsets


def _ranges(offsets: list[int], page_text: str) -> Iterator[Span]:
    """Join the offsets of letters between which there is nothing that is compared."""
    start = end = offsets[0]
    for offset in offsets:
        if offset < end - 1 or any(not _IGNORED.match(c) for c in page_text[end:offset]):
            yield Span(start, end)
            start = offset
        end = offset + 1
    yield Span(start, end)


class _Ways:
    """The words by which a number of letters can be spelt, to go on from to another word."""

    def __init__(
        self, states: dict[int, tuple[int, int]], last: set[int], line: list[int], prefer: int
    ) -> None:
        self._states = states
        self._prefer = prefer
        self._least = min((cost, prefer * place) for place, (cost, _) in states.items())
        ends = sorted(
            (line[place], cost, prefer * place) for place, (cost, _) in states.items() if place in last
        )
        self._lines = [line for line, _, _ in ends]
        self._ends = [(cost, place) for _, cost, place in ends]
        # The best of the lines so far, from either side.
        self._above = list(accumulate(self._ends, min))
        self._below = list(accumulate(reversed(self._ends), min))[::-1]

    def to(self, place: int, line: int | None) -> tuple[int, int]:
        """Return the least cost of coming to ``place``, which may begin ``line``, and from which word."""
        ways = [(self._least[0] + _INSIDE, self._least[1])]
        if place - 1 in self._states:
            ways.append((self._states[place - 1][0], self._prefer * (place - 1)))
        if line is not None:
            before, here = bisect_left(self._lines, line - 1), bisect_left(self._lines, line)
            ways += [(cost + _NEXT_LINE, last) for cost, last in self._ends[before:here]]
            if before:
                ways.append((self._above[before - 1][0] + _FORWARD, self._above[before - 1][1]))
            if here < len(self._lines):
                ways.append((self._below[here][0] + _BACK, self._below[here][1]))
        cost, last = min(ways)
        return cost, self._prefer * last


class _Page:
    """The words of a page, and the way through them that spells a text."""

    def __init__(self, text: str) -> None:
        self._words: list[str] = []
        self._offsets: list[list[int]] = []
        self._line: list[int] = [-1]  # of each word; the last one stands for "before the first"
        self._first: set[int] = set()  # words that a line may begin with
        self._last: set[int] = {-1}  # words that it may end with
        for line, content in enumerate(_LINE.finditer(text)):
            self._add_line(text, content.span(), line)
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self._words):
            self._places[word].append(place)
        self._lengths = {len(word) for word in self._words}

    def _add_line(self, text: str, span: tuple[int, int], line: int) -> None:
        begin = len(self._words)
        for token in _TOKEN.finditer(text, *span):
            letters, offsets = _fold(token[0])
            if letters:
                self._words.append(letters)
                self._offsets.append([token.start() + offset for offset in offsets])
                self._line.insert(-1, line)
        end = len(self._words)
        if begin == end:
            return
        # A number at either end may be the line's own, in the margin.
        self._first |= {begin, begin + 1} if _NUMBER.fullmatch(self._words[begin]) else {begin}
        self._last |= {end - 1, end - 2} if _NUMBER.fullmatch(self._words[end - 1]) else {end - 1}

    def way(self, letters: str, prefer: int) -> list[int] | None:
        """Return the offset in the page of each of ``letters``, by the cheapest way; None if there is none.

        Of ways that cost the same, ``prefer`` 1 takes what stands earlier on the page, -1 what stands later.
        """
        # For each number of letters spelt: the last word used -> (cost, the word before it).
        reached: list[dict[int, tuple[int, int]]] = [{} for _ in range(len(letters) + 1)]
        reached[0][-1] = (0, -1)
        steps = 0
        for spelt, states in enumerate(reached):
            if not states:
                continue
            if spelt == len(letters):
                return self._trace(reached, prefer)
            ways = _Ways(states, self._last, self._line, prefer)
            for length in (length for length in self._lengths if spelt + length <= len(letters)):
                for place in self._places.get(letters[spelt : spelt + length], ()):
                    line = self._line[place] if place in self._first else None
                    reached[spelt + length][place] = ways.to(place, line)
                    steps += 1
            if steps > MAX_STEPS:
                return None
        return None

    def _trace(self, reached: list[dict[int, tuple[int, int]]], prefer: int) -> list[int] | None:
        """Return the offsets of the way that ends cheapest; None if it uses a word twice."""
        spelt = len(reached) - 1
        place = prefer * min((cost, prefer * last) for last, (cost, _) in reached[spelt].items())[1]
        words: list[int] = []
        while spelt:
            words.append(place)
            back = reached[spelt][place][1]
            spelt -= len(self._words[place])
            place = back
        if len(set(words)) < len(words):
            return None
        return [offset for word in reversed(words) for offset in self._offsets[word]]
