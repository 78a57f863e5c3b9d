"""The text of an HTML tree: paragraphs below headings, without what is not read."""

from __future__ import annotations

import re

from lxml import etree, html

from core.library.readers.outline import Outline, joined


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SKIPPED = _words(
    "script style noscript template iframe object embed svg canvas button select textarea input nav head "
    "audio video map dialog"
)
_AROUND = frozenset(("header", "footer", "aside"))  # of the page; those of an article are its own
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = _words(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure "
    "footer form header hr html li main ol p pre section summary table tbody tfoot thead ul tr td th"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NEEDED = 200  # characters that the main part of a page has at least


def parse(content: bytes) -> etree._Element | None:
    """Return the tree of an HTML page in whatever state it is; None if there is nothing in it."""
    parser = html.HTMLParser(
        encoding=_encoding(content), no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        return html.document_fromstring(content, parser=parser, ensure_head_body=True)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _encoding(content: bytes) -> str | None:
    """Return the encoding where it is certain; None leaves it to what the page says of itself."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None if re.search(rb"charset|encoding", content[:4096], re.IGNORECASE) else "cp1252"
    return "utf-8"


def sections_of(page: etree._Element, title: str = "") -> list[tuple[str, str]]:
    """Return the sections of a page; a heading that is its ``title`` is none."""
    return _Reader(title).read(_main_part(page))


def _main_part(page: etree._Element) -> etree._Element:
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = page.findall(path)
        if len(found) == 1 and len("".join(map(str, found[0].itertext())).strip()) >= _NEEDED:
            return found[0]
    body = page.find("body")
    return page if body is None else body


class _Reader:
    """Walks through a tree and writes an outline."""

    def __init__(self, title: str) -> None:
        self._title = " ".join(title.split()).casefold()
        self._outline = Outline()
        self._pieces: list[str] = [""]
        self._cells: list[str] | None = None  # of the row of a table that is being read

    def read(self, root: etree._Element) -> list[tuple[str, str]]:
        # Not recursive: a page may be nested as deeply as its maker likes.
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._end(element)
                if element is not root:
                    self._pieces.append(element.tail or "")
            elif _is_skipped(element, root):
                walk.skip_subtree()
                element.text = None  # its end comes all the same
            else:
                self._start(element)
        self._flush()
        return self._outline.finish()

    def _start(self, element: etree._Element) -> None:
        tag = element.tag
        if tag == "tr" and _is_data(element):
            self._flush()
            self._cells = []
        elif tag == "br":
            self._pieces.append(" ")
        elif tag in _HEADINGS or tag in _BLOCKS:
            self._flush()
        elif tag == "sup" and (element.text or "")[:1].isdigit() and self._pieces[-1][-1:].isdigit():
            self._pieces.append("^")  # 10 to the 9 is not 109
        self._pieces.append(element.text or "")

    def _end(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _HEADINGS and self._cells is None:
            text = self._take()
            if " ".join(text.split()).casefold() != self._title:
                self._outline.heading(_HEADINGS[tag], text)
        elif tag in ("td", "th") and self._cells is not None:
            self._cells.append(self._take())
        elif tag == "tr" and self._cells is not None:
            cells, self._cells = self._cells, None
            self._outline.paragraph(joined([" ".join(cell.split()) for cell in cells]))
        elif tag in _BLOCKS or tag in _HEADINGS:
            self._flush()

    def _flush(self) -> None:
        """End a paragraph; in a cell there are none."""
        if self._cells is None:
            self._outline.paragraph(" ".join(self._take().split()))
        else:
            self._pieces.append(" ")

    def _take(self) -> str:
        text, self._pieces = "".join(self._pieces), [""]
        return text


def _is_skipped(element: etree._Element, root: etree._Element) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in _SKIPPED:
        return True
    if tag in _AROUND and element.getparent() is root and root.tag == "body":
        return True
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return hidden or _HIDDEN.search(element.get("style") or "") is not None


def _is_data(row: etree._Element) -> bool:
    """True for a row of data; tables of old pages hold the whole page in their cells."""
    return (
        row.find(".//table") is None
        and row.find("*/p[2]") is None
        and next(row.iter(*_HEADINGS), None) is None
    )
