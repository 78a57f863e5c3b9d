"""Form feeds in a text become the places where its pages begin."""

from __future__ import annotations

import re
from itertools import accumulate

_FORM_FEEDS = re.compile(r"\s*\f\s*")
_PAGE = "\ufdd0"  # no character at all, and no white space: stands for a form feed while text is cleaned


def mark_pages(raw: str) -> str:
    """Put a mark for each form feed right before what follows it; cleaning keeps the marks."""
    marked = raw.replace(_PAGE, "")
    return _FORM_FEEDS.sub(lambda found: found[0].replace("\f", "") + _PAGE * found[0].count("\f"), marked)


def take_out_pages(marked: str) -> tuple[str, list[int]]:
    """Return a cleaned text without its marks, and where in it they stood, ascending."""
    pieces = marked.split(_PAGE)
    starts = list(accumulate(map(len, pieces[:-1])))
    text = "".join(pieces).rstrip()
    return text, [min(start, len(text)) for start in starts]
