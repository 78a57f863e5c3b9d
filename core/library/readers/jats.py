"""JATS, the XML of full-text articles (PubMed Central, Europe PMC): one article or a set of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from core.library.readers.formats import Format, Head
from core.library.readers.jats_text import blocks, inline
from core.library.readers.languages import language_code
from core.library.readers.outline import Outline
from core.library.readers.streams import Position
from core.library.readers.xml_records import elements
from core.library.records import make_document, year_in
from core.types import Document, Rejected

_ROOT = re.compile(rb"<(?:[\w-]+:)?(?:article|pmc-articleset)[\s>/]")
_JATS = re.compile(
    rb"JATS|NLM//DTD|article-type=|<(?:[\w-]+:)?(?:front|pmc-articleset|journal-meta|article-meta)[\s>]"
)
_TYPES = {
    "abstract": "Congress",
    "article-commentary": "Comment",
    "brief-report": "Journal Article",
    "case-report": "Case Reports",
    "clinical-trial": "Clinical Trial",
    "correction": "Published Erratum",
    "data-paper": "Dataset",
    "editorial": "Editorial",
    "expression-of-concern": "Expression of Concern",
    "guideline": "Guideline",
    "letter": "Letter",
    "meta-analysis": "Meta-Analysis",
    "news": "News",
    "obituary": "Obituary",
    "practice-guideline": "Practice Guideline",
    "preprint": "Preprint",
    "protocol": "Clinical Trial Protocol",
    "randomized-controlled-trial": "Randomized Controlled Trial",
    "rapid-communication": "Journal Article",
    "research-article": "Journal Article",
    "retraction": "Retraction of Publication",
    "review-article": "Review",
    "systematic-review": "Systematic Review",
}
_NOT_READ = {"graphical", "teaser", "toc", "web-summary", "key-image"}  # abstracts that only advertise
_NOT_OURS = {"translation", "decision-letter", "reply", "referee-report", "reviewer-report", "editor-report"}
_NOTICES = ("retraction", "expression-of-concern", "correction")
# Kinds of related articles: what was published about this one.
_RETRACTED = ("retraction-forward", "retracted-by", "retraction")
_CONCERN = ("concern-forward", "expression-of-concern-forward", "expression-of-concern")
_CORRECTED = ("correction-forward", "corrected-by", "erratum-forward")
_DATES = ("ppub", "collection", "pub", "epub-ppub", "epub", "")


def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield the articles of ``path``; where the XML breaks, one rejection for the rest. Raises OSError."""
    found = 0
    for item in elements(path, "article", position):
        found += 1
        if isinstance(item, Rejected):
            yield item
            continue
        number, article = item
        try:
            yield _document(article, path.name)
        except ValueError as error:
            yield Rejected(str(path), number, str(error))
    if not found:
        yield Rejected(str(path), 0, "the file has no article in it")


def _document(article: etree._Element, source: str) -> Document:
    front = article.find("front")
    meta = article.find("front/article-meta")
    if front is None or meta is None:
        raise ValueError("it has no front matter with article-meta")
    ids = {found.get("pub-id-type") or "": inline(found) for found in meta.iterfind("article-id")}
    kind = (article.get("article-type") or "").lower()
    title = _title(meta)
    related = {found.get("related-article-type") for found in meta.iter("related-article")}
    if kind in _NOTICES:  # it is the notice itself
        related = set()
    retracted = kind == "retracted-article" or title.casefold().startswith(
        ("retracted:", "retracted article")
    )
    return make_document(
        title=title,
        sections=[*_abstracts(meta), *_texts(article)],
        source=source,
        pmid=ids.get("pmid"),
        doi=ids.get("doi"),
        pmcid=ids.get("pmc") or ids.get("pmcid"),
        authors=_authors(meta),
        journal=inline(front.find(".//journal-title")) or inline(front.find("journal-meta/journal-id")),
        year=_year(meta),
        publication_types=_publication_types(kind, meta),
        keywords=[inline(word) for word in meta.iterfind("kwd-group//kwd")],
        language=language_code(article.get("{http://www.w3.org/XML/1998/namespace}lang")),
        retracted=retracted or not related.isdisjoint(_RETRACTED),
        concern=not related.isdisjoint(_CONCERN),
        corrected=not related.isdisjoint(_CORRECTED),
    )


def _title(meta: etree._Element) -> str:
    parts = [inline(meta.find(f"title-group/{part}")) for part in ("article-title", "subtitle")]
    return ": ".join(part for part in parts if part)


def _authors(meta: etree._Element) -> Iterator[str]:
    for person in meta.iterfind("contrib-group/contrib"):
        if person.get("contrib-type", "author") != "author":
            continue
        family, given = inline(person.find(".//surname")), inline(person.find(".//given-names"))
        collective = person.find("collab")
        if family:
            yield f"{family}, {given}" if given else family
        elif collective is not None:
            yield inline(collective, leave_out=("contrib-group",))
        else:
            yield inline(person.find(".//string-name"))


def _year(meta: etree._Element) -> int | None:
    dates = {date.get("pub-type") or date.get("date-type") or "": date for date in meta.iterfind("pub-date")}
    years = (year_in(dates[kind].findtext("year")) for kind in _DATES if kind in dates)
    return next((year for year in years if year), None)


def _publication_types(kind: str, meta: etree._Element) -> list[str]:
    """Return the types of the article and of its heading in the journal, as PubMed calls them."""
    named = [
        inline(found)
        for found in meta.iterfind("article-categories/subj-group[@subj-group-type='heading']/subject")
    ]
    kinds = [kind, *(name.casefold().replace(" ", "-") for name in named)]
    return list(dict.fromkeys(_TYPES[found] for found in kinds if found in _TYPES))


def _abstracts(meta: etree._Element) -> Iterator[tuple[str, str]]:
    for abstract in meta.iterfind("abstract"):
        kind = abstract.get("abstract-type") or ""
        if kind in _NOT_READ:
            continue
        outline = Outline()
        title = inline(abstract.find("title"))
        outline.heading(1, title or kind.replace("-", " ").capitalize() or "Abstract")
        blocks(abstract, outline, 2)
        yield from outline.finish()


def _texts(article: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the sections of body, appendices, figures and tables; then those of parts such as comments."""
    for name in ("body", "back", "floats-group"):
        for part in article.iterfind(name):
            outline = Outline()
            blocks(part, outline, 1)
            yield from outline.finish()
    for part in (*article.iterfind("sub-article"), *article.iterfind("response")):
        if (part.get("article-type") or "") not in _NOT_OURS:
            title = inline(part.find(".//article-title"))
            for label, text in _texts(part):
                yield " > ".join(filter(None, (title, label))), text


def _matches(head: Head) -> bool:
    text = head.text.lstrip()
    return text.startswith(b"<") and _ROOT.search(text) is not None and _JATS.search(text) is not None


FORMAT = Format("JATS XML", (".nxml", ".xml", ".xml.gz"), _matches, read, read)
