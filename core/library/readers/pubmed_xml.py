"""PubMed XML, plain or gzip: articles and book chapters, one at a time, in flat memory."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from core.library.readers.formats import Format, Head
from core.library.readers.streams import READ_ERRORS, open_binary
from core.library.records import make_document, year_in
from core.types import Document, Rejected

_RECORDS = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation")
_RETRACTED = "Retracted Publication"
_ROOT = re.compile(rb"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticleSet|PubmedBookArticle)[\s>/]")


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the records of ``path`` as they are parsed; where the XML breaks, one rejection for the rest."""
    number = 0
    with open_binary(path) as stream:
        # Entities stay unexpanded and nothing outside is fetched: no file can blow up or look around.
        events = etree.iterparse(
            stream,
            events=("end",),
            tag=_RECORDS,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )
        try:
            for _, element in events:
                number += 1
                yield _record(element, path, number)
                _forget(element)
        except etree.XMLSyntaxError as error:
            yield Rejected(
                str(path), number + 1, f"the file breaks off or is not XML from here on: {error.msg}"
            )
        except READ_ERRORS as error:
            yield Rejected(str(path), number + 1, f"the file cannot be read from here on: {error}")


def _forget(element: etree._Element) -> None:
    """Free ``element`` and what was before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _record(element: etree._Element, path: Path, number: int) -> Document | Rejected:
    try:
        if element.tag == "PubmedArticle":
            return _article(element, path.name)
        if element.tag == "PubmedBookArticle":
            return _book(element, path.name)
    except ValueError as error:
        return Rejected(str(path), number, str(error))
    return Rejected(str(path), number, "it asks for records to be deleted, which an import does not do")


def _article(record: etree._Element, source: str) -> Document:
    citation = record.find("MedlineCitation")
    article = None if citation is None else citation.find("Article")
    if citation is None or article is None:
        raise ValueError("it has no MedlineCitation with an Article")
    types = _texts(article, "PublicationTypeList/PublicationType")
    ids = _ids(record.find("PubmedData/ArticleIdList"))
    return make_document(
        title=_text(article.find("ArticleTitle")) or _text(article.find("VernacularTitle")),
        sections=_sections(article),
        source=source,
        pmid=citation.findtext("PMID"),
        doi=ids.get("doi") or _location(article),
        pmcid=ids.get("pmc"),
        authors=_authors(article.find("AuthorList")),
        journal=_text(article.find("Journal/Title")) or _text(article.find("Journal/ISOAbbreviation")),
        year=_year(article.find("Journal/JournalIssue/PubDate")) or _year(article.find("ArticleDate")),
        publication_types=types,
        mesh=_texts(citation, "MeshHeadingList/MeshHeading/DescriptorName"),
        language=_text(article.find("Language")),
        retracted=_RETRACTED in types or _has_retraction(citation),
    )


def _book(record: etree._Element, source: str) -> Document:
    document = record.find("BookDocument")
    if document is None:
        raise ValueError("it has no BookDocument")
    ids = _ids(document.find("ArticleIdList"))
    book = _text(document.find("Book/BookTitle"))
    types = _texts(document, "PublicationType")
    authors = document.find("AuthorList")
    return make_document(
        title=_text(document.find("ArticleTitle")) or book,
        sections=_sections(document),
        source=source,
        pmid=document.findtext("PMID"),
        doi=ids.get("doi"),
        pmcid=ids.get("pmc"),
        authors=_authors(document.find("Book/AuthorList") if authors is None else authors),
        journal=book,
        year=_year(document.find("ContributionDate")) or _year(document.find("Book/PubDate")),
        publication_types=types,
        language=_text(document.find("Language")),
        retracted=_RETRACTED in types,
    )


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


def _texts(element: etree._Element, path: str) -> list[str]:
    return [_text(found) for found in element.iterfind(path)]


def _sections(element: etree._Element) -> list[tuple[str, str]]:
    return [(_label(part), _text(part)) for part in element.iterfind("Abstract/AbstractText")]


def _label(part: etree._Element) -> str:
    label = part.get("Label") or ""
    return "" if label.upper() == "UNLABELLED" else label


def _authors(authors: etree._Element | None) -> list[str]:
    """Return "Family, Given" of persons and the names of groups."""
    names = []
    for author in authors if authors is not None else ():
        family = _text(author.find("LastName"))
        given = _text(author.find("ForeName")) or _text(author.find("Initials"))
        names.append(
            f"{family}, {given}" if family and given else family or _text(author.find("CollectiveName"))
        )
    return names


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
    return year_in(date.findtext("Year") or date.findtext("MedlineDate"))


def _has_retraction(citation: etree._Element) -> bool:
    found = citation.iterfind("CommentsCorrectionsList/CommentsCorrections")
    return any(element.get("RefType") == "RetractionIn" for element in found)


def _matches(head: Head) -> bool:
    return head.text.lstrip().startswith(b"<") and _ROOT.search(head.text) is not None


FORMAT = Format("PubMed XML", (".xml", ".xml.gz"), _matches, read)
