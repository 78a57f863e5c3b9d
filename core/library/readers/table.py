"""Tables with one publication a row: exports of Embase, Scopus, PubMed and Zotero, and tables of one's own.

Columns are known by their names, whatever the capitals, spaces and underscores. Where they are not, the user
says which column holds what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import InputUnreadable
from core.library.readers.delimited import DELIMITERS, heading, read_rows
from core.library.readers.exported import document_of
from core.library.readers.formats import Format, Head, head_of
from core.library.readers.streams import Position
from core.types import Document, Rejected

# Names of columns, as ``_plain`` makes them, the ones to be believed first.
_NAMES = {
    "title": "title articletitle documenttitle primarytitle ti t1 originaltitle translatedtitle",
    "abstract": "abstract abstractnote abstracttext ab n2 summary originalabstract text",
    "authors": "authorfullnames authors author authornames authorname au af a1 creators creator",
    "journal": "sourcetitle journal journaltitle journalname journalbook publicationtitle containertitle "
    "publicationname secondarytitle jf t2 so source alternatetitle3 alternatetitle2",
    "year": "publicationyear year pubyear py yearpublished y1 date publicationdate dateofpublication source",
    "doi": "doi digitalobjectidentifier articledoi do di",
    "pmid": "pmid pubmedid medlinepmid pubmed pubmedpmid pm",
    "pmcid": "pmcid pmc pmcidentifier",
    "keywords": "authorkeywords keywords indexkeywords keyword manualtags automatictags tags kw de subjects "
    "emtreedrugindextermsmajorfocus emtreedrugindexterms emtreemedicalindextermsmajorfocus "
    "emtreemedicalindexterms emtreedeviceindextermsmajorfocus emtreedeviceindexterms",
    "mesh": "mesh meshterms meshheadings meshheading",
    "language": "language languageoforiginaldocument languageofarticle languageofdocument articlelanguage "
    "languages la",
    "type": "documenttype publicationtype publicationtypes articletype typeofpublication type itemtype "
    "typeofreference pt dt m3",
    "links": "url urls link doiurl fulltextlinks openurllink extra note notes u1",
}
FIELDS = tuple(_NAMES)  # what the user may name a column for
_COLUMNS = {field: tuple(names.split()) for field, names in _NAMES.items()}
_KNOWN = frozenset(name for names in _COLUMNS.values() for name in names)
# Of these, all columns count; of the others the first that holds something.
_SEVERAL = ("keywords", "mesh", "links")
_EMBASE_SOURCE = re.compile(r"(.{2,200}?) \(((?:19|20)\d\d)\)(?= |$)")
_EMTREE_QUALIFIER = re.compile(r"\s*\([^()]*\)(?=\s*(?:,|$))")
_SUFFIXES = {".csv", ".tsv", ".tab"}
_LONGEST_NAME = 80


def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
    """Yield the rows of ``path`` by the columns that are known."""
    return _read(path, position, {})


def by_columns(head: Head, columns: Mapping[str, str]) -> Format | None:
    """Return the format of a table whose columns are as ``columns`` says; None if they are not all there.

    Raises:
        InputUnreadable: one of ``columns`` is no field of a document.
    """
    if unknown := sorted(set(columns) - set(FIELDS)):
        raise InputUnreadable(
            f"A column cannot be named for \u201c{unknown[0][:40]}\u201d.",
            f"Possible are {', '.join(FIELDS)}.",
        )
    if not _is_known(_heading(head, columns)[0], columns):
        return None

    def read(path: Path, position: Position | None = None) -> Iterator[Document | Rejected]:
        return _read(path, position, columns)

    return replace(FORMAT, read=read, follow=read)


def lacks_columns(head: Head, columns: Mapping[str, str]) -> InputUnreadable:
    """Say which of ``columns`` a table does not have."""
    names = _heading(head, {})[0]
    missing = next((column for column in columns.values() if column not in names), "")
    return InputUnreadable(
        f"{head.path} has no column \u201c{missing[:60]}\u201d. Its columns are {_listed(names)}.",
        "Correct the name after --column, capitals included.",
    )


def not_recognised(head: Head) -> InputUnreadable:
    """Say what the columns of a table are, of which none is known."""
    return InputUnreadable(
        f"{head.path} is a table without a column for the title or the abstract. "
        f"Its columns are {_listed(_heading(head, {})[0])}.",
        'Say which column holds what: --column title="..." --column abstract="...".',
    )


def looks_like_one(head: Head) -> bool:
    """True if the file's name says that it is a table."""
    return not _SUFFIXES.isdisjoint(suffix.lower() for suffix in head.path.suffixes)


def _read(path: Path, position: Position | None, columns: Mapping[str, str]) -> Iterator[Document | Rejected]:
    names, delimiter = _heading(head_of(path), columns)
    emtree = any(_plain(name).startswith("emtree") for name in names)

    def make(row: dict[str, str], number: int) -> Document:
        return document_of(_values(row, columns, emtree), path.name)

    return read_rows(path, delimiter, make, position)


def _values(row: Mapping[str, str], columns: Mapping[str, str], emtree: bool) -> dict[str, list[str]]:
    """Return the values of a row by the names of our fields."""
    plain: dict[str, str] = {}
    for name, value in row.items():
        if value.strip():
            plain.setdefault(_plain(name), value)
    values = {}
    for field, names in _COLUMNS.items():
        found = (
            [row[columns[field]]] if field in columns else [plain[name] for name in names if name in plain]
        )
        values[field] = found if field in _SEVERAL else found[:1]
    if (source := plain.get("source")) and (parts := _EMBASE_SOURCE.match(source)):
        values["journal"] = [parts[1] if value is source else value for value in values["journal"]]
        values["year"] = [parts[2] if value is source else value for value in values["year"]]
    if emtree:
        values["keywords"] = [_EMTREE_QUALIFIER.sub("", value) for value in values["keywords"]]
    return values


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _heading(head: Head, columns: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the columns and the delimiter by which most of them are known; of equals, by which most are."""

    def fit(found: tuple[list[str], str]) -> tuple[int, int]:
        return sum(name in columns.values() or _plain(name) in _KNOWN for name in found[0]), len(found[0])

    return max(((heading(head, delimiter), delimiter) for delimiter in DELIMITERS), key=fit)


def _is_known(names: Iterable[str], columns: Mapping[str, str]) -> bool:
    """True if there is a title or an abstract, and each column that ``columns`` names."""
    names = list(names)
    plain = {_plain(name) for name in names}
    texts = ("title", "abstract")
    readable = any(field in columns or not plain.isdisjoint(_COLUMNS[field]) for field in texts)
    return readable and set(columns.values()) <= set(names)


def _matches(head: Head) -> bool:
    """True if the first line names two columns that are known, or one and the file's name says what it is."""
    names, _ = _heading(head, {})
    if not _is_known(names, {}) or max(map(len, names)) > _LONGEST_NAME:
        return False
    return looks_like_one(head) or sum(_plain(name) in _KNOWN for name in names) >= 2


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:40] if name) or "without names"


FORMAT = Format("table", (".csv", ".tsv", ".tab", ".txt"), _matches, read, read)
