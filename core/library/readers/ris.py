"""RIS, as Ovid, Embase, Scopus, ProQuest, Cochrane, Zotero, EndNote and Rayyan write it.

Our own parser: rispy holds a whole file in memory, passes over text between records in silence, and loses a
last record that has no ER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from core.library.readers.exported import document_of
from core.library.readers.formats import Format, Head
from core.library.readers.kinds import named_alone
from core.library.readers.streams import Position
from core.library.readers.tagged import Fields, Syntax, read_tagged
from core.types import Document, Rejected

_TITLES = ("TI", "T1", "CT", "BT", "TT", "ST")
_JOURNALS = ("JF", "T2", "JO", "J2", "JA", "JI", "J9", "T3")
_LINKS = (
    "UR",
    "L1",
    "L2",
    "L3",
    "LK",
    "M3",
    "N1",
    "U1",
    "U2",
    "U3",
    "U4",
    "U5",
    "ID",
    "AN",
    "C1",
    "C2",
    "C6",
)
_FIRST = re.compile(rb"(?m)^[\s\xef\xbb\xbf]*TY {0,3}- ?[A-Za-z][\w ]{0,30}\s*$")
_KIND = re.compile(r"(?:[A-Z][\w ]{0,30})?\s*")
_MEDLINE = re.compile(r"medline|pubmed|\bnlm\b|national library of medicine", re.IGNORECASE)
_NOTE = re.compile(
    r"cited (?:by|ref)|times cited|export date|nlm uid|journal subset|accession number|correspondence",
    re.IGNORECASE,
)
_LONG = 300  # characters of a note that may be an abstract


def _begins(tag: str, value: str) -> bool:
    return tag == "TY" and _KIND.fullmatch(value) is not None


_SYNTAX = Syntax(
    line=re.compile(r"\s*(?P<tag>[A-Z][A-Z0-9])(?P<gap> {0,3})-(?:\s|$)?(?P<value>.*)", re.DOTALL),
    begins=_begins,
    end="ER",
    gap="  ",
)


def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield the records of ``path``; numbers count them, those without a TY included."""
    return read_tagged(path, _SYNTAX, _document, position)


def _document(fields: Fields, source: str) -> Document:
    notes = _all(fields, "N1", "U3")
    return document_of(
        {
            "title": _all(fields, *_TITLES),
            "abstract": _all(fields, "AB", "N2")
            or [note for note in _all(fields, "N1") if _is_abstract(note)],
            "authors": _all(fields, "AU", "A1") or _all(fields, "A2", "ED", "A3"),
            "journal": _all(fields, *_JOURNALS),
            "year": _all(fields, "PY", "Y1", "DA"),
            "doi": _all(fields, "DO", "DI")
            + [v for v in _all(fields, "M3", "L3", "ID") if v.startswith("10.")],
            "pmid": _all(fields, "PM") + _by_database(fields),
            "pmcid": [value for value in _all(fields, "C2") if value.upper().startswith("PMC")],
            "keywords": _all(fields, "KW"),
            "language": _all(fields, "LA"),
            "type": [*_all(fields, "TY"), *_types(fields), *named_alone("\n".join(notes).splitlines())],
            "links": _all(fields, *_LINKS),
        },
        source,
    )


def _all(fields: Fields, *tags: str) -> list[str]:
    return [value for tag in tags for value in fields.get(tag, ()) if value]


def _types(fields: Fields) -> list[str]:
    """Return what M3 says, unless that is a DOI, or a link."""
    return [value for value in _all(fields, "M3") if "/" not in value and not any(map(str.isdigit, value))]


def _by_database(fields: Fields) -> list[str]:
    """Return the accession numbers that are PubMed's, told by the database that the record is from."""
    database = " ".join(_all(fields, "DB", "DP"))
    numbers: list[str] = []
    if "embase" in database.lower():
        numbers += _all(fields, "C5")  # of Medline; Embase's own begin with L
    elif _MEDLINE.search(database) and "proquest" not in database.lower():
        numbers += _all(fields, "AN")
    elif "scopus" in database.lower():
        numbers += _all(fields, "C2")
    return [number for number in numbers if number.isdigit() and 4 <= len(number) <= 8]


def _is_abstract(note: str) -> bool:
    return note.lower().startswith("abstract") or (len(note) >= _LONG and not _NOTE.search(note))


def _matches(head: Head) -> bool:
    return _FIRST.search(head.text.replace(b"\r", b"\n")) is not None


FORMAT = Format("RIS", (".ris", ".txt"), _matches, read, read)
