"""MEDLINE tagged text, as PubMed saves it (.nbib, "PubMed format").

Our own parser rather than Biopython's: that one files a broken line under whatever its first four characters
are, so that nobody learns of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from core.library.readers.abstracts import structured
from core.library.readers.formats import Format, Head
from core.library.readers.streams import READ_ERRORS, Position, byte_lines, decode
from core.library.records import make_document, year_in
from core.types import Document, Rejected

Fields = dict[str, list[str]]

_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3}) *- ?(.*)")
_RETRACTED = "Retracted Publication"
_FIRST = re.compile(rb"(?m)^PMID ?- *\d")


class _BadLine(ValueError):
    """A line that belongs to no field."""


def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield the records of ``path``; a record with a line that cannot be read is rejected as a whole."""
    number = 0
    try:
        for number, block in enumerate(_blocks(path, position), start=1):
            try:
                yield _document(_fields(block), path.name)
            except UnicodeDecodeError:
                yield Rejected(str(path), number, "it is neither in UTF-8 nor in Windows-1252")
            except ValueError as error:
                yield Rejected(str(path), number, str(error))
    except READ_ERRORS as error:
        yield Rejected(str(path), number + 1, f"the file cannot be read from here on: {error}")


def _blocks(path: Path, position: Position | None) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the numbered lines of each record: it begins at PMID, or after a blank line with another tag."""
    block: list[tuple[int, bytes]] = []
    blank = False
    for number, line in enumerate(byte_lines(path, position), start=1):
        if not line.strip():
            blank = True
            continue
        if block and (line.startswith(b"PMID") or (blank and line[:1].isalpha() and _ended(block))):
            yield block
            block = []
        blank = False
        block.append((number, line))
    if block:
        yield block


def _ended(block: list[tuple[int, bytes]]) -> bool:
    """True if the record's last field, its source, has come."""
    return any(line.startswith(b"SO ") for _, line in block)


def _fields(block: list[tuple[int, bytes]]) -> Fields:
    """Return the values by tag. Raises ValueError for a line that has no place."""
    fields: Fields = {}
    values: list[str] | None = None
    for number, encoded in block:
        line = decode(encoded)
        if line.startswith("   ") and values:
            values[-1] += " " + line.strip()
        elif found := _TAG.match(line):
            values = fields.setdefault(found[1], [])
            values.append(found[2].strip())
        else:
            raise _BadLine(f"line {number} is no field of MEDLINE: {line[:40]!r}")
    return fields


def _document(fields: Fields, source: str) -> Document:
    if "OWN" in fields and "SO" not in fields:  # PubMed writes both, the source last
        raise ValueError("the record is cut off before its end")
    types = fields.get("PT", [])
    return make_document(
        title=_first(fields, "TI", "BTI", "TT", "CTI"),
        sections=structured(_first(fields, "AB")),
        source=source,
        pmid=_first(fields, "PMID"),
        doi=_identifier(fields, "[doi]"),
        pmcid=_first(fields, "PMC"),
        authors=[*(fields.get("FAU") or fields.get("AU", [])), *fields.get("CN", [])],
        journal=_first(fields, "JT", "TA", "BTI"),
        year=year_in(_first(fields, "DP")) or year_in(_first(fields, "DEP")),
        publication_types=types,
        mesh=[heading.replace("*", "").split("/")[0] for heading in fields.get("MH", [])],
        keywords=[keyword.replace("*", "") for keyword in fields.get("OT", [])],
        language=_first(fields, "LA"),
        retracted=_RETRACTED in types or "RIN" in fields,
        concern="ECI" in fields,
        corrected="EIN" in fields,
        revised=_revised(_first(fields, "LR")),
    )


def _first(fields: Fields, *tags: str) -> str:
    """Return the first value of the first of ``tags`` that has one."""
    return next((value for tag in tags for value in fields.get(tag, ()) if value), "")


def _revised(date: str) -> str:
    """Return a date as PubMed XML has it, so that both can be compared."""
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdecimal() else ""


def _identifier(fields: Fields, kind: str) -> str | None:
    values = [*fields.get("AID", []), *fields.get("LID", [])]
    return next((value.removesuffix(kind).strip() for value in values if value.endswith(kind)), None)


def _matches(head: Head) -> bool:
    return _FIRST.search(head.text.replace(b"\r", b"\n")) is not None


FORMAT = Format("MEDLINE", (".nbib", ".txt"), _matches, read, read)
