"""Documents and chunks as rows of ``documents.sqlite``, and back."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any

import msgspec

from core.types import Chunk, Document, DocumentRef, Section

DOCUMENT = (
    "id, title, text, pmid, doi, journal, year, retracted, concern, corrected, original, publication_types, "
    "external_id, meta"
)
REF = "id, pmid, doi, title, journal, year, publication_types, retracted, concern, corrected"
# SQLite counts characters as Python does (code points), from 1.
CHUNK_TEXT = 'substr(d.text, c.start + 1, c."end" - c.start)'
CHUNK = (
    f'c.key, d.id, c.ordinal, c.start, c."end", {CHUNK_TEXT}, c.page '
    "FROM chunks c JOIN documents d ON d.number = c.document"
)

# Columns of ``documents``, ``number`` apart, in the order of ``to_row``.
COLUMNS = (
    "id",
    "pmid",
    "doi",
    "title_key",
    "external_id",
    "title",
    "text",
    "journal",
    "year",
    "retracted",
    "concern",
    "corrected",
    "original",
    "publication_types",
    "meta",
)

_WORD = re.compile(r"[^\W_]+")
_TITLE_WORDS = 4  # a shorter title ("Editorial", "Reply to the authors") identifies nothing


class _Meta(msgspec.Struct, frozen=True):
    """What of a document is only shown."""

    sections: list[tuple[str, int, int]]
    pmcid: str | None = None
    authors: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    language: str = ""
    pages: tuple[int, ...] = ()
    keywords: tuple[str, ...] = ()
    revised: str = ""
    sources: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


_encode = msgspec.json.Encoder().encode
_META = msgspec.json.Decoder(_Meta)
_NAMES = msgspec.json.Decoder(tuple[str, ...])


def title_key(document: Document) -> str | None:
    """Return what is equal for equal titles of one year, however they are written; None for a short title."""
    return _key(document.title, document.year)


@lru_cache(maxsize=8)  # the same document is looked for, then stored
def _key(title: str, year: int | None) -> str | None:
    words = _WORD.findall(title.casefold())
    if len(words) < _TITLE_WORDS:
        return None
    return hashlib.sha256(f"{' '.join(words)}|{year}".encode()).hexdigest()[:16]


def to_row(document: Document) -> tuple[Any, ...]:
    """Return the values of ``COLUMNS``."""
    meta = _Meta(
        sections=[(part.label, part.start, part.end) for part in document.sections],
        pmcid=document.pmcid,
        authors=document.authors,
        mesh=document.mesh,
        language=document.language,
        pages=document.pages,
        keywords=document.keywords,
        revised=document.revised,
        sources=document.sources,
        collections=document.collections,
    )
    return (
        document.id,
        document.pmid,
        document.doi,
        title_key(document),
        document.external_id,
        document.title,
        document.text,
        document.journal,
        document.year,
        document.retracted,
        document.concern,
        document.corrected,
        document.original,
        _encode(document.publication_types).decode(),
        _encode(meta).decode(),
    )


def to_document(row: tuple[Any, ...]) -> Document:
    """Make the document from the columns ``DOCUMENT``. Raises msgspec.DecodeError for damaged JSON."""
    identifier, title, text, pmid, doi, journal, year, *notices, original, types, own, encoded = row
    retracted, concern, corrected = map(bool, notices)
    meta = _META.decode(encoded)
    return Document(
        id=identifier,
        title=title,
        text=text,
        sections=tuple(Section(*part) for part in meta.sections),
        pmid=pmid,
        doi=doi,
        pmcid=meta.pmcid,
        authors=meta.authors,
        journal=journal,
        year=year,
        publication_types=_NAMES.decode(types),
        mesh=meta.mesh,
        language=meta.language,
        pages=meta.pages,
        keywords=meta.keywords,
        retracted=retracted,
        concern=concern,
        corrected=corrected,
        external_id=own,
        revised=meta.revised,
        sources=meta.sources,
        collections=meta.collections,
        original=original,
    )


def to_ref(row: tuple[Any, ...]) -> DocumentRef:
    """Make the reference from the columns ``REF``."""
    identifier, pmid, doi, title, journal, year, types, retracted, concern, corrected = row
    return DocumentRef(
        identifier,
        pmid,
        doi,
        title,
        journal,
        year,
        _NAMES.decode(types),
        bool(retracted),
        bool(concern),
        bool(corrected),
    )


def to_chunk(row: tuple[Any, ...]) -> Chunk:
    """Make the chunk from the columns ``CHUNK``."""
    return Chunk(*row)
