"""The part of a passage that shows why it was found, and where the words of the search stand in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.types import Span

LENGTH = 240  # characters that are shown


def snippet(text: str, pattern: re.Pattern[str] | None, length: int = LENGTH) -> tuple[str, list[Span]]:
    """Return about ``length`` characters of ``text`` where most words are found, and where they stand in it.

    What is left out is shown as "… " before and " …" after.
    """
    text = " ".join(text.split())
    hits = [Span(*found.span()) for found in pattern.finditer(text)] if pattern else []
    start = _best_start(text, hits, length)
    end = start + length
    if end < len(text):
        end = max(text.rfind(" ", start + length // 2, end), start + length // 2)
    before, after = ("… " if start else ""), (" …" if end < len(text) else "")
    shift = len(before) - start
    shown = [
        Span(hit.start + shift, hit.end + shift) for hit in hits if start <= hit.start and hit.end <= end
    ]
    return before + text[start:end] + after, shown


def _best_start(text: str, hits: Sequence[Span], length: int) -> int:
    """Return where to begin so that the most hits are shown, at a word, with some words before the first."""
    if len(text) <= length or not hits:
        return 0
    counts = [
        sum(1 for hit in hits[n:] if hit.end <= first.start + length * 3 // 4) for n, first in enumerate(hits)
    ]
    first = hits[counts.index(max(counts))].start
    if first < length // 2:
        return 0
    wanted = min(first - length // 6, len(text) - length)
    return text.rfind(" ", 0, wanted) + 1
