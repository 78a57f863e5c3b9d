"""HTML pages: the main text with its headings, and what the page's head says about the publication."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from core.library.readers.bounded import read_file
from core.library.readers.formats import Format, Head
from core.library.readers.languages import language_code
from core.library.readers.markup import parse, sections_of
from core.library.records import make_document, year_in
from core.types import Document, Rejected

MAX_BYTES = 32 << 20
_ROOT = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]", re.I | re.S
)


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the page. Raises one of ``READ_ERRORS``."""
    page = parse(read_file(path, MAX_BYTES))
    try:
        if page is None:
            raise ValueError("it has no text")
        yield _document(page, path)
    except ValueError as error:
        yield Rejected(str(path), 1, str(error))


def _document(page: etree._Element, path: Path) -> Document:
    meta: dict[str, list[str]] = defaultdict(list)
    for tag in page.iter("meta"):
        name = (tag.get("name") or tag.get("property") or "").lower()
        meta[name].append(tag.get("content") or "")

    def first(*names: str) -> str:
        return next((value for name in names for value in meta[name] if value.strip()), "")

    title = (
        first("citation_title", "dc.title", "og:title")
        or _text(page.find(".//title"))
        or _text(page.find(".//h1"))
    )
    sections = sections_of(page, title)
    if not sections:
        raise ValueError("it has no text")
    doi = first("citation_doi", "prism.doi", "bepress_citation_doi", "dc.identifier")
    return make_document(
        title=title or path.stem,
        sections=sections,
        source=path.name,
        pmid=first("citation_pmid"),
        doi=doi,
        authors=meta["citation_author"] or meta["dc.creator"],
        journal=first("citation_journal_title", "prism.publicationname"),
        year=year_in(first("citation_publication_date", "citation_date", "citation_year", "dc.date")),
        keywords=re.split(r"[;,]", first("citation_keywords", "keywords")),
        language=language_code(first("citation_language", "dc.language") or page.get("lang")),
    )


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def _matches(head: Head) -> bool:
    return _ROOT.match(head.text[:8192]) is not None


FORMAT = Format("HTML", (".html", ".htm", ".xhtml"), _matches, read)
