"""EndNote's tagged text (``%0 Journal Article``), which Zotero and many publishers write too."""

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

_FIRST = re.compile(rb"(?m)^[\s\xef\xbb\xbf]*%0 [A-Z]")
_OTHERS = re.compile(rb"(?m)^%(?:[TAXJD]) \S")
_MEDLINE = re.compile(r"medline|pubmed|\bnlm\b", re.IGNORECASE)

_SYNTAX = Syntax(
    line=re.compile(
        r"\s*%(?P<tag>[0-9A-Z@!&$~^*()+=|<>?\[\]{}#])(?P<gap>)(?:[ \t](?P<value>.*)|$)", re.DOTALL
    ),
    begins=lambda tag, value: tag == "0",
)


def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield the records of ``path``; where they lack their ``%0``, a blank line parts them."""
    return read_tagged(path, _SYNTAX, _document, position)


def _document(fields: Fields, source: str) -> Document:
    database = " ".join(_all(fields, "~", "W"))
    numbers = _all(fields, "M") if _MEDLINE.search(database) else []
    notes = "\n".join(_all(fields, "Z")).splitlines()
    return document_of(
        {
            "title": _all(fields, "T", "!"),
            "abstract": _all(fields, "X"),
            "authors": _all(fields, "A") or _all(fields, "E", "Y"),
            "journal": _all(fields, "J", "B"),
            "year": _all(fields, "D", "8"),
            "doi": _all(fields, "R"),
            "pmid": numbers,
            "pmcid": _all(fields, "2"),
            "keywords": _all(fields, "K"),
            "language": _all(fields, "G"),
            "type": [*_kind(fields), *_all(fields, "9"), *named_alone(notes)],
            "links": _all(fields, "U", "Z", "M", "R", "2", "1", "3", "4"),
        },
        source,
    )


def _kind(fields: Fields) -> list[str]:
    """Return the type of reference, unless every article has it."""
    return [
        kind
        for kind in _all(fields, "0")
        if kind.strip().lower() not in ("journal article", "book", "web page")
    ]


def _all(fields: Fields, *tags: str) -> list[str]:
    return [value for tag in tags for value in fields.get(tag, ()) if value]


def _matches(head: Head) -> bool:
    """True if a record begins with ``%0``, or three kinds of its lines are there."""
    text = head.text.replace(b"\r", b"\n")
    return _FIRST.search(text) is not None or len({found[0] for found in _OTHERS.finditer(text)}) >= 3


FORMAT = Format("EndNote tagged text", (".enw", ".txt"), _matches, read, read)
