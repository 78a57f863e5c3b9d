"""Lines of print become paragraphs: what belongs together is joined, and words cut at line ends are whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from core.library.readers.pdf_pages import Line

_ITEM = re.compile(
    r"(?:[\u2022\u25cf\u25cb\u25aa\u25a0\u25a1\u25e6\u2023\u2043\u27a2\uf0b7\uf0a7*\u2013\u2014-]"
    r"|o(?= [A-Za-z])|[(\[]?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)\]])\s"
)
_SENTENCE_END = re.compile(r"""[.!?:;]["')\]\u2019\u201d]*$""")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_INDENT = 7.0  # points
_LOOSE = 1.25  # times the usual distance of lines


def without_ligatures(text: str) -> str:
    return text.translate(_LIGATURES)


class Hyphens:
    """Decides whether a hyphen at a line's end belongs to its word, by how the file writes it elsewhere."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: Counter[str] = Counter()
        joined: list[tuple[str, str]] = []
        cut = ""
        for line in lines:
            words = _WORD.findall(line.text.casefold())
            if cut and words:
                joined.append((cut, words[0]))
            cut = words[-1] if line.hyphen and words else ""
            self._words.update(words[:-1] if line.hyphen else words)
        known = [choice for pair in joined if (choice := self._seen(*pair)) is not None]
        self._usually = 2 * sum(known) >= len(known)  # a typeset file cuts words, one of Word's does not

    def joins(self, before: str, after: str) -> bool:
        """True if the hyphen between the end of ``before`` and the start of ``after`` is only typesetting."""
        first, second = _WORD.findall(before.casefold()), _WORD.match(after.casefold())
        if not first or second is None or not after[0].islower():
            return False
        seen = self._seen(first[-1], second[0])
        return self._usually if seen is None else seen

    def _seen(self, before: str, after: str) -> bool | None:
        whole, compound = self._words[before + after], self._words[f"{before}-{after}"]
        return None if whole == compound else whole > compound


class Paragraph:
    """A paragraph as it grows line by line."""

    def __init__(self, line: Line) -> None:
        self.text = line.text
        self._last = line
        self._lines = 1
        self._pitch: float | None = None
        self._item = _ITEM.match(line.text) is not None

    def takes(self, line: Line, usual: float, right: float) -> bool:
        """Tell whether ``line``, next on the same page, goes on with this paragraph.

        ``usual`` is the distance of lines in the file, ``right`` where full lines of this column end.
        """
        last = self._last
        if _ITEM.match(line.text) or abs(line.size - last.size) > 0.6:
            return False
        if line.column != last.column or line.bottom > last.bottom + last.size:
            return self.goes_over_to(line)
        step = last.bottom - line.bottom
        if line.row or last.row or step > _LOOSE * max(self._pitch or usual, last.size):
            return False
        width = right - min(line.left, last.left)
        if last.right < right - 0.3 * width and not line.text[0].islower() and not self._item:
            return False  # a heading of some kind, or a line of a list
        ended = _SENTENCE_END.search(last.text) is not None
        short = last.right < right - 0.1 * width
        if line.left > last.left + _INDENT:  # after the first line, it hangs
            return self._lines == 1 or not (ended or short)
        if line.left < last.left - _INDENT:
            return not (short or (ended and self._lines > 1))
        return not (ended and short) or self._item

    def goes_over_to(self, line: Line) -> bool:
        """Tell whether ``line``, first of a column or page, goes on with this paragraph."""
        if _ITEM.match(line.text) or abs(line.size - self._last.size) > 0.6:
            return False
        return line.text[0].islower() or not _SENTENCE_END.search(self._last.text)

    def add(self, line: Line, hyphens: Hyphens, page_break: str) -> None:
        """Append ``line``; ``page_break`` goes right before its first character."""
        if self._last.column == line.column and self._last.bottom > line.bottom:
            self._pitch = self._last.bottom - line.bottom
        if self._last.hyphen and line.text[0].isalpha():
            if hyphens.joins(self._last.text, line.text):
                self.text = self.text[:-1]
            self.text += page_break + line.text
        else:
            self.text += " " + page_break + line.text
        self._last = line
        self._lines += 1


def usual_distance(pages: Iterable[Sequence[Line]]) -> float:
    """Return the distance of lines, from bottom to bottom, that is usual in the file, in points."""
    steps = [
        before.bottom - after.bottom
        for lines in pages
        for before, after in pairwise(lines)
        if 0 < before.bottom - after.bottom < 4 * before.size
    ]
    return median(steps) if steps else 12.0
