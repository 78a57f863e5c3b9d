"""PubMed XML, plain or gzip: articles, book chapters and deletions, one at a time, in flat memory.

The children of an element are gone through once, not searched for each field: a third of the time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from lxml import etree

from core.library.readers.formats import Format, Head, Record
from core.library.readers.streams import Position
from core.library.readers.xml_pieces import parsed_in_pieces
from core.library.records import clean_pmid, make_document, year_in
from core.types import Deletion, Document, Rejected

_SET = "PubmedArticleSet"
_RECORDS = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation", "DeleteDocument")
_ROOT = re.compile(rb"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticleSet|PubmedBookArticle)[\s>/]")
_RETRACTED = "Retracted Publication"
# What is said of a publication by what came after it; a notice itself has RetractionOf, ErratumFor and so on.
_NOTICES = {"RetractionIn": "retracted", "ExpressionOfConcernIn": "concern", "ErratumIn": "corrected"}

Children = dict[str, etree._Element]


def read(path: Path, position: Position | None = None) -> Iterator[Record]:
    """Yield the records of ``path`` as they are parsed; where the XML breaks, one rejection for the rest.

    Each PMID to be deleted is a record of its own. Raises OSError.
    """
    number = 0
    file, source = str(path), path.name
    for found in parsed_in_pieces(path, _SET, *_RECORDS, position=position):
        if isinstance(found, str):
            yield Rejected(file, number + 1, found)
            continue
        for record in _records(found, file, source, number + 1):
            number += 1
            yield record


def _records(element: etree._Element, file: str, source: str, number: int) -> Iterator[Record]:
    if element.tag in ("DeleteCitation", "DeleteDocument"):
        for place, named in enumerate(element.iterchildren("PMID"), start=number):
            if pmid := clean_pmid(named.text):
                yield Deletion(file, place, pmid)
            else:
                reason = f"it asks to delete {named.text or ''!r}, which is not a PubMed number"
                yield Rejected(file, place, reason)
        return
    try:
        make = _article if element.tag == "PubmedArticle" else _book
        yield make(element, source)
    except ValueError as error:
        yield Rejected(file, number, str(error))


def _article(record: etree._Element, source: str) -> Document:
    parts = _children(record)
    whole = parts.get("MedlineCitation")
    citation = _children(whole)
    if whole is None or "Article" not in citation:
        raise ValueError("it has no MedlineCitation with an Article")
    article = _children(citation["Article"])
    journal = _children(article.get("Journal"))
    types = _texts(article.get("PublicationTypeList"))
    ids = _ids(_child(parts.get("PubmedData"), "ArticleIdList"))
    notices = _notices(citation.get("CommentsCorrectionsList"))
    pmid = citation.get("PMID")
    return make_document(
        title=_text(article.get("ArticleTitle")) or _text(article.get("VernacularTitle")),
        sections=_sections(article.get("Abstract")),
        source=source,
        pmid=None if pmid is None else pmid.text,
        doi=ids.get("doi") or _location(citation["Article"]),
        pmcid=ids.get("pmc"),
        authors=_authors(article.get("AuthorList")),
        journal=_text(journal.get("Title")) or _text(journal.get("ISOAbbreviation")),
        year=_year(_child(journal.get("JournalIssue"), "PubDate")) or _year(article.get("ArticleDate")),
        publication_types=types,
        mesh=_mesh(citation.get("MeshHeadingList")),
        keywords=[_text(word) for words in whole.iterchildren("KeywordList") for word in words],
        language=_text(article.get("Language")),
        retracted=_RETRACTED in types or "retracted" in notices,
        concern="concern" in notices,
        corrected="corrected" in notices,
        revised=_revised(citation.get("DateRevised"), pmid),
    )


def _book(record: etree._Element, source: str) -> Document:
    document = _children(record.find("BookDocument"))
    if not document:
        raise ValueError("it has no BookDocument")
    book = _children(document.get("Book"))
    ids = _ids(document.get("ArticleIdList"))
    title = _text(book.get("BookTitle"))
    types = [_text(kind) for kind in record.iterfind("BookDocument/PublicationType")]
    pmid = document.get("PMID")
    return make_document(
        title=_text(document.get("ArticleTitle")) or title,
        sections=_sections(document.get("Abstract")),
        source=source,
        pmid=None if pmid is None else pmid.text,
        doi=ids.get("doi"),
        pmcid=ids.get("pmc"),
        authors=_authors(document.get("AuthorList", book.get("AuthorList"))),
        journal=title,
        year=_year(document.get("ContributionDate")) or _year(book.get("PubDate")),
        publication_types=types,
        keywords=[_text(word) for word in record.iterfind("BookDocument/KeywordList/Keyword")],
        language=_text(document.get("Language")),
        retracted=_RETRACTED in types,
        revised=_revised(document.get("DateRevised"), pmid),
    )


def _children(element: etree._Element | None) -> Children:
    """Return the first child of each tag."""
    return {} if element is None else {child.tag: child for child in element.iterchildren(reversed=True)}


def _child(element: etree._Element | None, tag: str) -> etree._Element | None:
    return None if element is None else next(element.iterchildren(tag), None)


def _text(element: etree._Element | None) -> str:
    """Return all text in ``element``, markup flattened."""
    if element is None:
        return ""
    if not len(element):
        return element.text or ""
    return "".join(_pieces(element))


def _pieces(element: etree._Element) -> Iterator[str]:
    """Yield the text in ``element`` in order; of the unexpanded entities only HTML's characters."""
    yield element.text or ""
    for child in element:
        if child.tag is etree.Entity:
            character = html.unescape(child.text or "")
            yield character if not character.startswith("&") else " "
        else:
            yield from _pieces(child)
        yield child.tail or ""


def _texts(elements: Iterable[etree._Element] | None) -> list[str]:
    return [_text(element) for element in elements] if elements is not None else []


def _sections(abstract: etree._Element | None) -> list[tuple[str, str]]:
    parts = abstract if abstract is not None else ()
    return [(_label(part), _text(part)) for part in parts if part.tag == "AbstractText"]


def _label(part: etree._Element) -> str:
    label = part.get("Label") or ""
    return "" if label.upper() == "UNLABELLED" else label


def _authors(authors: etree._Element | None) -> list[str]:
    """Return "Family, Given" of persons and the names of groups."""
    names = []
    for author in authors if authors is not None else ():
        named = {part.tag: part.text for part in islice(author, 2)}  # two names, or one, and then the rest
        family, given = named.get("LastName"), named.get("ForeName") or named.get("Initials")
        if family:
            names.append(f"{family}, {given}" if given else family)
        else:
            names.append(_text(_child(author, "CollectiveName")))
    return names


def _mesh(headings: etree._Element | None) -> list[str]:
    """Return the headings without their qualifiers."""
    return [] if headings is None else [name.text or "" for name in headings.iter("DescriptorName")]


def _ids(identifiers: etree._Element | None) -> dict[str, str]:
    """Return the article's own identifiers by type ("doi", "pmc", ...)."""
    found = identifiers if identifiers is not None else ()
    return {element.get("IdType") or "": element.text or "" for element in found}


def _location(article: etree._Element) -> str | None:
    """Return the DOI that the publisher gave as electronic location."""
    for element in article.iterfind("ELocationID"):
        if element.get("EIdType") == "doi" and element.get("ValidYN") != "N":
            return element.text
    return None


def _year(date: etree._Element | None) -> int | None:
    if date is None:
        return None
    year = _text(_child(date, "Year"))
    return int(year) if year.isdecimal() else year_in(year or _text(_child(date, "MedlineDate")))


def _notices(comments: etree._Element | None) -> set[str]:
    """Return which notices on this publication have appeared."""
    found = comments if comments is not None else ()
    return {_NOTICES[kind] for comment in found if (kind := comment.get("RefType")) in _NOTICES}


def _revised(date: etree._Element | None, pmid: etree._Element | None) -> str:
    """Return the date as "2024-03-01", with " v2" behind it for a second version: the later, the greater."""
    parts = [part.text or "" for part in date] if date is not None else []
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return ""
    version = pmid.get("Version") if pmid is not None else None
    behind = f" v{int(version):02d}" if version and version.isdecimal() and version != "1" else ""
    return f"{parts[0]:0>4}-{parts[1]:0>2}-{parts[2]:0>2}{behind}"


def _matches(head: Head) -> bool:
    return head.text.lstrip().startswith(b"<") and _ROOT.search(head.text) is not None


FORMAT = Format("PubMed XML", (".xml", ".xml.gz"), _matches, read, read)
