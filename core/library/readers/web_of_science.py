"""Web of Science: tagged text (``FN``, ``VR``, ``PT`` ... ``ER``, ``EF``), and tables with the same tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from core.library.readers.delimited import read_rows
from core.library.readers.exported import document_of
from core.library.readers.formats import Format, Head
from core.library.readers.streams import Position
from core.library.readers.tagged import Fields, Syntax, read_tagged
from core.types import Document, Rejected

_FIRST = re.compile(rb"(?m)^[\s\xef\xbb\xbf]*PT [A-Z]\s*$")
_HEADING = re.compile(rb"\s*\"?PT\"?\t\"?[A-Z][A-Z0-9]\"?\t")

_SYNTAX = Syntax(
    line=re.compile(r"(?P<tag>[A-Z][A-Z0-9])(?P<gap>)(?:[ \t](?P<value>.*)|$)", re.DOTALL),
    begins=lambda tag, value: tag == "PT" and len(value.strip()) <= 1,
    end="ER",
    around=("FN", "VR", "EF"),
    gap=None,
)


def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield the records of a tagged file."""
    return read_tagged(path, _SYNTAX, _document, position)


def read_table(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield the records of a table; numbers count the rows below the heading."""

    def make(row: dict[str, str], number: int) -> Document:
        fields = {tag: [value] for tag, value in row.items()}
        for tag in ("AU", "AF", "BE"):  # in a table, one cell
            fields[tag] = row.get(tag, "").split(";")
        return _document(fields, path.name)

    return read_rows(path, "\t", make, position)


def _document(fields: Fields, source: str) -> Document:
    def lines(*tags: str) -> list[str]:
        return [line for tag in tags for value in fields.get(tag, ()) for line in value.splitlines()]

    def whole(*tags: str) -> list[str]:
        return [" ".join(value.split()) for tag in tags for value in fields.get(tag, ()) if value.strip()]

    return document_of(
        {
            "title": whole("TI"),
            "abstract": fields.get("AB", []),
            "authors": [*(lines("AF") or lines("AU") or lines("BF", "BA", "BE", "ED")), *whole("CA")],
            "journal": whole("SO", "JI", "J9"),
            "year": whole("PY", "EA"),
            "doi": whole("DI", "D2"),
            "pmid": whole("PM"),
            "keywords": whole("DE", "ID"),
            "language": whole("LA"),
            "type": whole("DT"),
        },
        source,
    )


def _matches(head: Head) -> bool:
    text = head.text.lstrip()
    return text.startswith((b"FN ", b"PT ")) and _FIRST.search(text.replace(b"\r", b"\n")) is not None


def _is_table(head: Head) -> bool:
    return _HEADING.match(head.text) is not None


FORMAT = Format("Web of Science tagged text", (".txt", ".ciw"), _matches, read, read)
TABLE = Format("Web of Science table", (".txt", ".tsv"), _is_table, read_table, read_table)
