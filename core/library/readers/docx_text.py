"""The paragraphs and tables of a part of a Word document."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from core.library.readers.docx_styles import TITLE, outline_level
from core.library.readers.outline import Outline, joined

_AS_TEXT = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-", "ptab": " "}


def strip_namespaces(root: etree._Element) -> etree._Element:
    """Take the namespaces from tags and attributes: those of transitional and strict files differ."""
    for part in root.iter():
        if not isinstance(part.tag, str):
            continue
        part.tag = part.tag.rpartition("}")[2]
        for name in [name for name in map(str, part.attrib) if name.startswith("{")]:
            part.set(name.rpartition("}")[2], part.attrib.pop(name))
    return root


class Body:
    """Collects sections. ``levels`` are those of the heading styles, by the id of the style.

    Attributes:
        title: text of the paragraph in the style of titles, or empty.
        first_heading: text of the first heading, or empty.
    """

    def __init__(self, levels: dict[str, int]) -> None:
        self.title = ""
        self.first_heading = ""
        self._levels = levels
        self._outline = Outline()

    def read(self, part: etree._Element) -> None:
        """Take the paragraphs and tables of ``part``, in order."""
        walk = etree.iterwalk(part, events=("start",), tag=("p", "tr", "Fallback"))
        for _, element in walk:
            if element.tag == "p":
                self._paragraph(element)
            elif element.tag == "tr":
                self._outline.paragraph(
                    joined([_cell(cell) for cell in element.iterfind(".//tc") if _own(cell, element)])
                )
            walk.skip_subtree()  # a fallback repeats what is before it for older programs

    def heading(self, level: int, text: str) -> None:
        self._outline.heading(level, text)

    def finish(self) -> list[tuple[str, str]]:
        return self._outline.finish()

    def _paragraph(self, element: etree._Element) -> None:
        text = _text(element)
        level = self._level(element)
        if level is None or not text.strip():
            self._outline.paragraph(text)
        elif level == TITLE and not self.title:
            self.title = text
        else:
            self.first_heading = self.first_heading or text
            self._outline.heading(max(level, 1), text)
        for box in element.iter("txbxContent"):
            if not any(above.tag == "Fallback" for above in box.iterancestors()):
                self.read(box)

    def _level(self, element: etree._Element) -> int | None:
        style = element.find("pPr/pStyle")
        named = None if style is None else self._levels.get(style.get("val") or "")
        return outline_level(element) if named is None else named


def _own(cell: etree._Element, row: etree._Element) -> bool:
    """True if ``cell`` is of this row, and not of a table in it."""
    return next(cell.iterancestors("tr")) is row


def _cell(cell: etree._Element) -> str:
    return " ".join(" ".join(_text(part).split()) for part in cell.iter("p")).strip()


def _text(paragraph: etree._Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    before = ""
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, element in walk:
        if element.tag in ("Fallback", "txbxContent", "pPr", "rPr"):
            walk.skip_subtree()
            continue
        piece = (element.text or "") if element.tag == "t" else _AS_TEXT.get(str(element.tag), "")
        if piece[:1].isdigit() and before[-1:].isdigit() and _is_raised(element):
            yield "^"  # 10 to the 9 is not 109
        if piece:
            yield piece
            before = piece


def _is_raised(element: etree._Element) -> bool:
    run = element.getparent()
    align = None if run is None else run.find("rPr/vertAlign")
    return align is not None and align.get("val") == "superscript"
