"""The words of a JATS article: running text in paragraphs, and what stands inside of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree

from core.library.readers.outline import Outline, joined

_DEEPEST = 60  # nested elements; libxml2 allows 256


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Inside a paragraph these are read after it, as paragraphs of their own.
_BLOCKS = _words(
    "boxed-text disp-formula disp-formula-group disp-quote fig fig-group fn list def-list p sec "
    "supplementary-material table-wrap table-wrap-group verse-group"
)
_NEVER = _words(
    "ref-list graphic inline-graphic media object-id tex-math permissions contrib-group processing-meta "
    "related-article related-object"
)
_CITED = re.compile(r"[\d\s,;()\[\]\u2013\u2014-]*")  # numbers of references
_EMPTIED = re.compile(r"\s*[\[(][\s,;\u2013\u2014-]*[\])]")  # brackets whose numbers were taken out
_RAISED = re.compile(r"[\d+\u2212\u2013-]")


def inline(element: etree._Element | None, leave_out: tuple[str, ...] = ()) -> str:
    """Return the text in ``element`` on one line, without the numbers of references."""
    if element is None:
        return ""
    text = "".join(_pieces(element, frozenset(leave_out) | _NEVER, 0))
    return " ".join(_EMPTIED.sub("", text).split())


def blocks(element: etree._Element, outline: Outline, level: int) -> None:
    """Put what is in ``element`` into ``outline``; headings in it are of ``level`` and below."""
    if level > _DEEPEST:
        outline.paragraph(inline(element))
        return
    for part in element:
        _block(part, outline, level)


def _block(part: etree._Element, outline: Outline, level: int) -> None:
    tag = part.tag
    if not isinstance(tag, str) or tag in _NEVER or tag in ("title", "label", "sec-meta"):
        return
    if tag in ("sec", "ack", "app", "notes", "fn-group", "glossary", "boxed-text", "bio"):
        heading = " ".join(filter(None, (inline(part.find("label")), inline(_heading(part)))))
        heading = heading.capitalize() if heading.islower() else heading
        outline.heading(level, heading or ("Acknowledgements" if tag == "ack" else ""))
        blocks(part, outline, level + 1)
    elif tag in ("fig", "table-wrap", "supplementary-material"):
        _float(part, outline, level)
    elif tag in ("p", "disp-formula", "verse-line", "attrib"):
        _paragraph(part, outline, level)
    elif tag in ("list-item", "def-item", "fn"):
        _item(part, outline, level)
    elif tag == "table":
        _rows(part, outline)
    elif _has_words(part):
        _paragraph(part, outline, level)
    else:
        blocks(part, outline, level + 1)


def _has_words(part: etree._Element) -> bool:
    """True if there are words in ``part`` itself, not only in elements below."""
    return bool("".join(filter(None, (part.text, *(child.tail for child in part)))).strip())


def _heading(part: etree._Element) -> etree._Element | None:
    title = part.find("title")
    return title if title is not None else part.find("caption/title")


def _paragraph(part: etree._Element, outline: Outline, level: int) -> None:
    outline.paragraph(inline(part, leave_out=tuple(_BLOCKS)))
    for inner in part.iter(*_BLOCKS):
        if inner is not part and _nearest(inner) is part:
            _block(inner, outline, level)


def _nearest(inner: etree._Element) -> etree._Element | None:
    """Return the block around ``inner`` that reads it."""
    above = inner.getparent()
    while above is not None and above.tag not in _BLOCKS:
        above = above.getparent()
    return above


def _item(part: etree._Element, outline: Outline, level: int) -> None:
    """A list item of one paragraph is one line, with its label."""
    label = inline(part.find("label"))
    inner = Outline()
    blocks(part, inner, level + 1)
    text = "\n\n".join(text for _, text in inner.finish())
    outline.paragraph(f"{label} {text}" if label and text else text)


def _float(part: etree._Element, outline: Outline, level: int) -> None:
    label, title = inline(part.find("label")), inline(part.find("caption/title"))
    caption = [inline(found) for found in part.iterfind("caption/p")]
    head = " ".join(filter(None, (label and label.rstrip(".") + ".", title)))
    outline.paragraph(" ".join(filter(None, (head, *caption))))
    for table in part.iter("table"):
        _rows(table, outline)
    for foot in part.iterfind("table-wrap-foot"):
        blocks(foot, outline, level + 1)


def _rows(table: etree._Element, outline: Outline) -> None:
    for row in table.iter("tr"):
        outline.paragraph(joined([inline(cell) for cell in row if isinstance(cell.tag, str)]))


def _pieces(element: etree._Element, leave_out: frozenset[str], depth: int) -> Iterator[str]:
    """Yield the text in ``element`` in order; of the unexpanded entities only HTML's characters."""
    yield element.text or ""
    for child in element:
        tag = child.tag
        if tag is etree.Entity:
            character = html.unescape(child.text or "")
            yield character if not character.startswith("&") else " "
        elif isinstance(tag, str) and tag not in leave_out and depth < _DEEPEST * 4:
            yield from _inner(child, leave_out, depth + 1)
        yield child.tail or ""


def _inner(child: etree._Element, leave_out: frozenset[str], depth: int) -> Iterator[str]:
    if child.tag in ("xref", "sup") and _is_reference(child):
        return
    if child.tag == "math":
        yield f" {' '.join(text.strip() for text in map(str, child.itertext()) if text.strip())} "
    elif child.tag == "sup" and _RAISED.match(child.text or "") and _after_digit(child):
        yield "^"  # 10 to the 9 is not 109
        yield from _pieces(child, leave_out, depth)
    elif child.tag in ("break", "p", "title", "td", "th", "list-item"):
        yield " "
        yield from _pieces(child, leave_out, depth)
        yield " "
    else:
        yield from _pieces(child, leave_out, depth)


def _is_reference(element: etree._Element) -> bool:
    """True for the number of a reference, alone or raised with others."""
    if element.tag == "sup" and not any(found.get("ref-type") == "bibr" for found in element.iter("xref")):
        return False
    if element.tag == "xref" and element.get("ref-type") != "bibr":
        return False
    return _CITED.fullmatch("".join(map(str, element.itertext()))) is not None


def _after_digit(element: etree._Element) -> bool:
    previous = element.getprevious()
    parent = element.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else ""
    return (before or "")[-1:].isdigit()
