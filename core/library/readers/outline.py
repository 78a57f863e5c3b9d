"""Headings and paragraphs in reading order become the labelled sections of a document."""

from __future__ import annotations

_HEADING = 90  # characters that a heading may bring into a label
_LABEL = 140  # characters of a label
_BETWEEN = " > "


class Outline:
    """Collects the text below each heading. A label is the path of headings: "Methods > Participants".

    A heading with nothing below it is kept as text, so that no words are lost. Form feeds in front of a
    heading or paragraph (where pages begin) come before the next words that are kept.
    """

    def __init__(self) -> None:
        self.sections: list[tuple[str, str]] = []
        self._path: list[tuple[float, str]] = []
        self._held: list[str] = []
        self._bare = False  # nothing has come since the last heading
        self._breaks = ""

    def heading(self, level: float, text: str) -> None:
        """Begin a section. A lower ``level`` is a higher rank, as in HTML: 1 is above 2."""
        breaks, text = _page_breaks(text), " ".join(text.split())
        if not text:
            return
        self._close(level)
        self._breaks += breaks
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, text))
        self._bare = True

    def paragraph(self, text: str) -> None:
        """Add a paragraph to the section that is open."""
        if text.strip():
            self._hold(text)
            self._bare = False

    def finish(self, breaks: str = "") -> list[tuple[str, str]]:
        """Return the sections, (label, text with blank lines between paragraphs); ``breaks`` end the last."""
        self._close(float("-inf"))
        self._breaks += breaks
        self._path.clear()
        self._bare = False
        if self.sections and self._breaks:  # pages without text at the end
            label, text = self.sections[-1]
            self.sections[-1] = (label, text + self._breaks)
        return self.sections

    def _hold(self, text: str) -> None:
        self._held.append(self._breaks + text)
        self._breaks = ""

    def _close(self, level: float) -> None:
        """End the section that is open, before a heading of ``level``."""
        if self._bare and level <= self._path[-1][0]:
            _, heading = self._path.pop()
            self._hold(heading)
        if self._held:
            self.sections.append((label_of([text for _, text in self._path]), "\n\n".join(self._held)))
            self._held = []


def label_of(headings: list[str]) -> str:
    """Join a path of headings; a long one keeps its first and its last."""
    parts = [_short(heading) for heading in headings]
    if len(parts) > 2 and len(_BETWEEN.join(parts)) > _LABEL:
        parts = [parts[0], "\u2026", parts[-1]]
    if len(parts) > 1 and len(_BETWEEN.join(parts)) > _LABEL:
        parts = parts[-1:]
    return _BETWEEN.join(parts)


def joined(cells: list[str]) -> str:
    """Return a row of a table as text; empty cells stay, so that columns can be counted."""
    while cells and not cells[-1].strip():
        cells.pop()
    return " | ".join(cells).strip()


def _page_breaks(text: str) -> str:
    return text[: len(text) - len(text.lstrip("\f"))]


def _short(heading: str) -> str:
    if len(heading) <= _HEADING:
        return heading
    return heading[: _HEADING - 1].rsplit(" ", 1)[0] + "\u2026"
