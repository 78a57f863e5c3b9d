"""Word documents (.docx): headings as sections, tables as text.

Our own reader rather than python-docx: that one leaves out words in content controls, text boxes and accepted
changes without a word, and holds every picture in memory.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from core.library.readers.bounded import is_zip, open_zip, read_member
from core.library.readers.docx_styles import heading_levels
from core.library.readers.docx_text import Body, strip_namespaces
from core.library.readers.formats import Format, Head
from core.library.readers.languages import language_code
from core.library.readers.xml_records import tree
from core.library.records import make_document
from core.types import Document, Rejected

MAX_PART = 64 << 20  # bytes of XML; a thousand pages have ten million
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Word files, and new ones under a password
_NO_TITLE = re.compile(r"^(?:untitled|document\d*|word document|microsoft word.*)$|\.docx?$", re.IGNORECASE)


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the document. Raises OSError."""
    with path.open("rb") as stream:
        if stream.read(len(_OLE)) == _OLE:
            reason = "it is an old Word file, or protected with a password: save it as .docx without one"
            yield Rejected(str(path), 0, reason)
            return
    try:
        with open_zip(path) as package:
            yield _document(package, path)
    except (KeyError, etree.XMLSyntaxError):
        yield Rejected(str(path), 0, "it is damaged: a part of the Word file is missing or broken")
    except ValueError as error:
        yield Rejected(str(path), 1, str(error))


def _document(package: zipfile.ZipFile, path: Path) -> Document:
    body = Body(heading_levels(_part(package, "word/styles.xml")))
    main = _part(package, "word/document.xml")
    if main is None:
        raise KeyError("word/document.xml")
    body.read(main)
    for notes in ("footnotes", "endnotes"):
        if (part := _part(package, f"word/{notes}.xml")) is not None:
            body.heading(1, notes.capitalize())
            body.read(part)
    sections = body.finish()
    if not sections:
        raise ValueError("it has no text")
    properties = _properties(package)
    given = properties.get("title", "").strip()
    title = body.title if not given or _NO_TITLE.search(given) else given
    return make_document(
        title=title or body.first_heading or path.stem,
        sections=sections,
        source=path.name,
        authors=re.split(r"\s*;\s*", properties.get("creator", "")),
        keywords=re.split(r"[;,]", properties.get("keywords", "")),
        language=language_code(properties.get("language")),
    )


def _part(package: zipfile.ZipFile, name: str) -> etree._Element | None:
    try:
        content = read_member(package, name, MAX_PART)
    except KeyError:
        return None
    return strip_namespaces(tree(content))


def _properties(package: zipfile.ZipFile) -> dict[str, str]:
    core = _part(package, "docProps/core.xml")
    return {} if core is None else {str(found.tag): found.text or "" for found in core}


def _matches(head: Head) -> bool:
    if head.raw.startswith(_OLE):
        return head.path.suffix.lower() in (".doc", ".docx", ".docm")
    if not is_zip(head.raw):
        return False
    return b"word/" in head.raw or (b"[Content_Types].xml" in head.raw[:64] and _has_document(head.path))


def _has_document(path: Path) -> bool:
    try:
        with open_zip(path) as package:
            return "word/document.xml" in package.namelist()
    except OSError:
        return False


FORMAT = Format("Word", (".docx",), _matches, read)
