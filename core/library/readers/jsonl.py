"""JSON lines: one record a line, in our own schema (docs/FORMATS.md) or as BEIR's corpus.jsonl."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from core.library.readers.formats import Format, Head
from core.library.readers.streams import HEAD, READ_ERRORS, Position, byte_lines
from core.library.records import clean_pmid, make_document, year_in
from core.types import Document, Rejected


class _Part(msgspec.Struct, frozen=True):
    """A labelled part of an abstract."""

    text: str
    label: str | None = None


class _Line(msgspec.Struct, frozen=True):
    """One line as it may be written; unknown keys are ignored, null counts as left out."""

    id: str | int | None = None
    beir_id: str | int | None = msgspec.field(name="_id", default=None)
    pmid: str | int | None = None
    doi: str | None = None
    pmcid: str | None = None
    title: str | None = None
    authors: list[str] | None = None
    journal: str | None = None
    year: int | str | None = None
    publication_types: list[str] | None = None
    mesh: list[str] | None = None
    keywords: list[str] | None = None
    language: str | None = None
    abstract: str | list[_Part] | None = None
    text: str | None = None
    retracted: bool | None = None
    concern: bool | None = None
    corrected: bool | None = None


_WORDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}
_FIRST = re.compile(rb"""\s*\{\s*"(?:[^"\\]|\\.)+"\s*:""")
_EXPECTED = re.compile(r"Expected `(.+?)`, got `(.+?)`(?: - at `\$\.?(.*)`)?$")
_MISSING = re.compile(r"Object missing required field `(.+?)`(?: - at `\$\.?(.*)`)?$")


def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield one document or rejection for each line that is not blank; records count lines."""
    decoder = msgspec.json.Decoder(_Line)
    number = 0
    try:
        for number, line in enumerate(byte_lines(path, position), start=1):
            if line.strip():
                yield _record(decoder, line, path, number)
    except READ_ERRORS as error:
        yield Rejected(str(path), number + 1, f"the file cannot be read from here on: {error}")


def _record(
    decoder: msgspec.json.Decoder[_Line], line: bytes, path: Path, number: int
) -> Document | Rejected:
    try:
        return _document(decoder.decode(line), path.name)
    except LINE_ERRORS as error:
        return Rejected(str(path), number, plainly(error))


def _document(line: _Line, source: str) -> Document:
    """Raises ValueError, in words for a person, for values that are typed right and still wrong."""
    if line.pmid is not None and line.pmid != "" and clean_pmid(str(line.pmid)) is None:
        raise ValueError(f"pmid: {str(line.pmid)[:40]!r} is not a PubMed number")
    year = year_in(str(line.year)) if line.year else None
    if line.year and year is None:
        raise ValueError(f"year: {str(line.year)[:40]!r} is not a year")
    identifier = line.id if line.beir_id is None else line.beir_id
    return make_document(
        title=line.title or "",
        sections=_sections(line),
        source=source,
        pmid=None if line.pmid is None else str(line.pmid),
        doi=line.doi,
        pmcid=line.pmcid,
        authors=line.authors or (),
        journal=line.journal or "",
        year=year,
        publication_types=line.publication_types or (),
        mesh=line.mesh or (),
        keywords=line.keywords or (),
        language=line.language or "",
        retracted=bool(line.retracted) or "Retracted Publication" in (line.publication_types or ()),
        concern=bool(line.concern),
        corrected=bool(line.corrected),
        external_id="" if identifier is None else str(identifier),
    )


def _sections(line: _Line) -> list[tuple[str, str]]:
    """The abstract if there is one, else the text."""
    if isinstance(line.abstract, list):
        return [(part.label or "", part.text) for part in line.abstract]
    return [("", line.abstract or line.text or "")]


# What decoding a line of JSON raises, and what our own checks of it do.
LINE_ERRORS = (msgspec.DecodeError, RecursionError, ValueError)


def plainly(error: Exception) -> str:
    """Say what is wrong with a line (one of ``LINE_ERRORS``) without the vocabulary of the library."""
    if isinstance(error, UnicodeDecodeError):
        return "the line is not in UTF-8"
    if isinstance(error, RecursionError):
        return "the line is nested too deeply"
    message = str(error)
    if not isinstance(error, msgspec.DecodeError):
        return message
    if found := _EXPECTED.match(message):
        expected = " or ".join(_WORDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null")
        return f"{found[3] or 'the line'}: expected {expected}, got {_WORDS.get(found[2], found[2])}"
    if found := _MISSING.match(message):
        return f"{found[2] or 'the line'}: {found[1]} is missing"
    if isinstance(error, msgspec.ValidationError):
        return message
    return f"the line is not valid JSON ({message})"


def _matches(head: Head) -> bool:
    """True if the first line is one whole JSON object, or longer than we have read.

    A file that says it is JSON lines is one, even if its first line is broken: the report then says so.
    """
    first, newline, _ = head.text.lstrip().partition(b"\n")
    if _FIRST.match(first) and (
        first.rstrip().endswith(b"}") or (not newline and len(head.text) >= HEAD // 2)
    ):
        return True
    return not {".jsonl", ".ndjson"}.isdisjoint(head.path.suffixes)


FORMAT = Format("JSON lines", (".jsonl", ".ndjson"), _matches, read, read)
