"""EPUB: one document a book, in the order of its spine, with a section for each heading."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from core.library.readers.bounded import is_zip, open_zip, read_member
from core.library.readers.formats import Format, Head
from core.library.readers.languages import language_code
from core.library.readers.markup import parse, sections_of
from core.library.readers.xml_records import strip_namespaces, tree
from core.library.records import make_document, year_in
from core.types import Document, Rejected

MAX_CHAPTER = 32 << 20  # bytes
MAX_CHARACTERS = 50_000_000  # of a book
_TYPE = b"application/epub+zip"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the book, and a rejection for each chapter that cannot be read. Raises OSError."""
    with open_zip(path) as book:
        package, folder = _package(book)
        sections: list[tuple[str, str]] = []
        for number, name in enumerate(_spine(package, folder), start=1):
            try:
                page = parse(read_member(book, name, MAX_CHAPTER))
            except (OSError, KeyError) as error:
                reason = "is not in the file" if isinstance(error, KeyError) else f"cannot be read: {error}"
                yield Rejected(str(path), number, f"chapter {name} {reason}")
                continue
            if page is not None:
                sections += sections_of(page)
            if sum(len(text) for _, text in sections) > MAX_CHARACTERS:
                raise OSError("it is longer than any book")
    try:
        yield _document(package, sections, path)
    except ValueError as error:
        yield Rejected(str(path), 0, str(error))


def _package(book: zipfile.ZipFile) -> tuple[etree._Element, str]:
    """Return the book's package document without namespaces, and the folder that its links start from."""
    try:
        container = _xml(read_member(book, "META-INF/container.xml", 1 << 20))
        root = container.find(".//rootfile")
        name = "" if root is None else root.get("full-path") or ""
        package = _xml(read_member(book, name, MAX_CHAPTER))
        protected = {link.get("URI") for link in _protected(book)}
    except (KeyError, etree.XMLSyntaxError) as error:
        raise OSError("it does not say what is in it, as a book must") from error
    folder = posixpath.dirname(name)
    if protected.intersection(_spine(package, folder)):
        raise OSError("the book is protected against copying")
    return package, folder


def _protected(book: zipfile.ZipFile) -> list[etree._Element]:
    try:
        return list(_xml(read_member(book, "META-INF/encryption.xml", 4 << 20)).iter("CipherReference"))
    except KeyError:
        return []


def _xml(content: bytes) -> etree._Element:
    root = tree(content)
    strip_namespaces(root)
    return root


def _spine(package: etree._Element, folder: str) -> list[str]:
    """Return the names of the chapters in reading order; the table of contents is none."""
    items = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
        for item in package.iterfind("manifest/item")
        if item.get("media-type") in _PAGES and "nav" not in (item.get("properties") or "").split()
    }
    found = [items.get(link.get("idref")) for link in package.iterfind("spine/itemref")]
    return list(dict.fromkeys(name for name in found if name))


def _document(package: etree._Element, sections: list[tuple[str, str]], path: Path) -> Document:
    def values(name: str) -> list[str]:
        return ["".join(map(str, found.itertext())) for found in package.iterfind(f"metadata/{name}")]

    if not sections:
        raise ValueError("it has no text")
    identifiers = values("identifier")
    return make_document(
        title=next(iter(values("title")), "") or path.stem,
        sections=sections,
        source=path.name,
        doi=next((value for value in identifiers if "10." in value and "/" in value), None),
        authors=values("creator"),
        journal=next(iter(values("publisher")), ""),
        year=next((year for value in values("date") if (year := year_in(value))), None),
        keywords=values("subject"),
        language=language_code(next(iter(values("language")), "")),
    )


def _matches(head: Head) -> bool:
    return is_zip(head.raw) and _TYPE in head.raw[:200]


FORMAT = Format("EPUB", (".epub",), _matches, read)
