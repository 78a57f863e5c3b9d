"""Which styles of a Word document are headings."""

from __future__ import annotations

import re

from lxml import etree

TITLE = 0  # the level of the document's own title
_HEADING = re.compile(r"heading ([1-9])")
_DEEPEST = 20  # styles based on styles


def heading_levels(styles: etree._Element | None) -> dict[str, int]:
    """Return the level of each style, by its id, that is a heading; 0 is the title."""
    if styles is None:
        return {}
    by_id = {style.get("styleId") or "": style for style in styles.iterfind("style")}
    found = {name: _level(style, by_id) for name, style in by_id.items()}
    return {name: level for name, level in found.items() if level is not None}


def _level(style: etree._Element | None, by_id: dict[str, etree._Element]) -> int | None:
    for _ in range(_DEEPEST):
        if style is None:
            return None
        name = (_value(style, "name") or "").lower()
        if name == "title":
            return TITLE
        if heading := _HEADING.fullmatch(name):
            return int(heading[1])
        if (level := outline_level(style)) is not None:
            return level
        style = by_id.get(_value(style, "basedOn") or "")
    return None


def outline_level(element: etree._Element) -> int | None:
    """Return the level, from 1, that a style or paragraph gives itself, or None for running text."""
    level = _value(element, "pPr/outlineLvl") or ""
    return int(level) + 1 if re.fullmatch("[0-8]", level) else None


def _value(element: etree._Element, path: str) -> str | None:
    found = element.find(path)
    return None if found is None else found.get("val")
