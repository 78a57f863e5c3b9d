"""From what a reader found to a ``Document``: clean text, exact offsets, checked identifiers."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

import msgspec

from core.library.page_breaks import mark_pages, take_out_pages
from core.types import Document, Section

_FIRST_YEAR, _LAST_YEAR = 1500, 2200
# Never seen by a reader of the text, and able to hide words from one: control characters (white space is
# handled apart), lone surrogates (no UTF-8 form), zero-width spaces, byte order marks, bidi overrides.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_PMID = re.compile(r"[0-9]{1,10}")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_DOI_PREFIX = re.compile(r"(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*", re.IGNORECASE)
_PMCID = re.compile(r"(?:PMC)?([0-9]{1,10})", re.IGNORECASE)
_YEAR = re.compile(r"(?<![0-9])[12][0-9]{3}(?![0-9])")


def make_document(
    *,
    title: str,
    sections: Iterable[tuple[str, str]],
    source: str,
    pmid: str | None = None,
    doi: str | None = None,
    pmcid: str | None = None,
    authors: Iterable[str] = (),
    journal: str = "",
    year: int | None = None,
    publication_types: Iterable[str] = (),
    mesh: Iterable[str] = (),
    keywords: Iterable[str] = (),
    language: str = "",
    retracted: bool = False,
    concern: bool = False,
    corrected: bool = False,
    external_id: str = "",
    revised: str = "",
    paged: bool = False,
    original: str = "",
) -> Document:
    """Return the document of one record, normalised; ``sections`` are (label, text) in reading order.

    With ``paged``, each form feed in the texts begins a page; one inside a word cuts it, as pages do.

    Identifiers that cannot be right are left out. Where a record was found (``source``), its own name there
    and its date of revision do not enter the id: the same record from another file is the same document.

    Raises:
        ValueError: there is neither a title nor any text.
    """
    title = clean_line(title)
    text, spans, pages = _assemble(title, sections, paged)
    if not text:
        raise ValueError("it has neither a title nor any text")
    document = Document(
        id="",
        title=title,
        text=text,
        sections=spans,
        pages=pages,
        pmid=clean_pmid(pmid),
        doi=clean_doi(doi),
        pmcid=clean_pmcid(pmcid),
        authors=_clean_all(authors),
        journal=clean_line(journal),
        year=year if year is not None and _FIRST_YEAR <= year <= _LAST_YEAR else None,
        publication_types=_clean_all(publication_types),
        mesh=_clean_all(mesh),
        keywords=_clean_all(keywords),
        language=clean_line(language).lower(),
        retracted=retracted,
        concern=concern,
        corrected=corrected,
        external_id=external_id,
        revised=revised,
        sources=_clean_all([source]),
        original=original,
    )
    # Nobody has seen it yet; a copy would take a tenth of the time of reading.
    object.__setattr__(document, "id", content_id(document))
    return document


def clean(text: str) -> str:
    """Return ``text`` in NFC, without invisible characters, paragraphs one blank line apart.

    White space inside a paragraph, single line ends included, becomes one space.
    """
    if _is_plain(text):
        return text.strip() if "  " not in text else " ".join(text.split())
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    if "\n" not in text and "\r" not in text:
        return " ".join(text.split())
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    paragraphs = (" ".join(part.split()) for part in _PARAGRAPH.split(text))
    return "\n\n".join(part for part in paragraphs if part)


def clean_line(text: str) -> str:
    """Return ``clean(text)`` on one line."""
    cleaned = clean(text)
    return " ".join(cleaned.split()) if "\n" in cleaned else cleaned


def _is_plain(text: str) -> bool:
    """True if nothing in ``text`` is invisible or to be composed, and no white space but spaces in it."""
    return text.isprintable() and unicodedata.is_normalized("NFC", text)


def clean_pmid(value: str | None) -> str | None:
    """Return a PubMed number without leading zeros, or None if ``value`` is none."""
    value = (value or "").strip()
    return (value.lstrip("0") or None) if _PMID.fullmatch(value) else None


def clean_doi(value: str | None) -> str | None:
    """Return a DOI in lower case without its resolver, or None if ``value`` is none.

    Full stops, commas and semicolons after it are of the sentence it stood in.
    """
    value = clean_line(value or "").lower().rstrip(".,; ")
    if not value.startswith("10."):
        value = _DOI_PREFIX.sub("", value, count=1)
    return value if _DOI.fullmatch(value) else None


def clean_pmcid(value: str | None) -> str | None:
    """Return a PubMed Central number as ``PMC123``, or None if ``value`` is none."""
    found = _PMCID.fullmatch((value or "").strip())
    return f"PMC{found[1]}" if found else None


def year_in(text: str | None) -> int | None:
    """Return the first four-digit year in a date such as "1998 Dec-1999 Jan", or None."""
    found = _YEAR.search(text or "")
    return int(found[0]) if found else None


def _clean_all(values: Iterable[str]) -> tuple[str, ...]:
    values = tuple(values)
    joined = " ".join(("", *values, ""))
    if "  " in joined or not _is_plain(joined):  # few: all at once are checked in a tenth of the time
        values = tuple(filter(None, map(clean_line, values)))
    return tuple(dict.fromkeys(values))


def _assemble(
    title: str, sections: Iterable[tuple[str, str]], paged: bool
) -> tuple[str, tuple[Section, ...], tuple[int, ...]]:
    """Join the sections that hold text with blank lines; the title stands in when none does.

    Returns the text, its sections, and where pages begin in it.
    """
    parts: list[str] = []
    spans: list[Section] = []
    pages = [0] if paged else []
    position = 0
    for label, raw in sections:
        body = clean(mark_pages(raw) if paged else raw)
        if paged:
            body, starts = take_out_pages(body)
            pages += (position + start for start in starts)
        if body:
            spans.append(Section(clean_line(label), position, position + len(body)))
            parts.append(body)
            position += len(body) + 2
    if not parts and title:
        return title, (Section("", 0, len(title)),), ()
    text = "\n\n".join(parts)
    return text, tuple(spans), tuple(min(start, len(text)) for start in pages)


class _Said(msgspec.Struct, omit_defaults=True):
    """What a document says, in the order of format 1, whose ids stay valid.

    What came later stands at the end, and only where it holds something.
    """

    id: str
    title: str
    text: str
    sections: tuple[Section, ...]
    pmid: str | None
    doi: str | None
    pmcid: str | None
    authors: tuple[str, ...]
    journal: str
    year: int | None
    publication_types: tuple[str, ...]
    mesh: tuple[str, ...]
    language: str
    source: str
    retracted: bool
    external_id: str
    pages: tuple[int, ...] = ()
    keywords: tuple[str, ...] = ()
    concern: bool = False
    corrected: bool = False


_encode = msgspec.json.Encoder().encode


def content_id(document: Document) -> str:
    """Hash everything that ``document`` says, but not its id nor where it was found."""
    said = _Said(
        "",
        document.title,
        document.text,
        document.sections,
        document.pmid,
        document.doi,
        document.pmcid,
        document.authors,
        document.journal,
        document.year,
        document.publication_types,
        document.mesh,
        document.language,
        "",
        document.retracted,
        "",
        document.pages,
        document.keywords,
        document.concern,
        document.corrected,
    )
    return hashlib.sha256(_encode(said)).hexdigest()[:16]
