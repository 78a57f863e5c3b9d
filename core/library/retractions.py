"""Lists of retracted publications that the user has imported; they hold for all libraries.

Each is kept in its own file, ``retractions/NAME.txt``, in the form in which Europe PMC gives such lists.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputUnreadable
from core.library.storage import storing, write_atomically
from core.types import Document

_LARGEST = 512 * 1024 * 1024  # bytes; the largest such list known has 40 MB
_PMID = re.compile(r"(?:PMID\s*[:=]?\s*)?([1-9][0-9]{0,9})", re.IGNORECASE)
_PMCID = re.compile(r"(?:PMCID\s*[:=]?\s*)?PMC([1-9][0-9]{0,9})", re.IGNORECASE)
_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi\s*[:=]?\s*)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_HEAD = "# Vademecum retractions 1\n"
_PMID_COLUMNS = ("originalpaperpubmedid", "pmid", "pubmed_id", "pubmedid")
_DOI_COLUMNS = ("originalpaperdoi", "doi")


@dataclass(frozen=True, slots=True)
class Retractions:
    """Identifiers of retracted publications; DOIs in lower case, PMCIDs with "PMC"."""

    pmids: frozenset[str] = frozenset()
    dois: frozenset[str] = frozenset()
    pmcids: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return max(len(self.pmids), len(self.dois), len(self.pmcids))

    def name(self, document: Document) -> bool:
        """True if one of its identifiers is among them."""
        return (
            document.pmid in self.pmids
            or (document.doi or "").lower() in self.dois
            or document.pmcid in self.pmcids
        )


@dataclass(frozen=True, slots=True)
class ImportedList:
    """A list that is kept: how many publications it names, and when it was imported (UTC, ISO 8601)."""

    name: str
    publications: int
    imported: str


def import_list(folder: Path, path: Path) -> Retractions:
    """Read the list in ``path``, keep it in ``folder`` in place of an earlier one of that name, return it.

    A list has one publication a line, as PMID, DOI or PMCID, several separated by commas; or it is the CSV
    file of Retraction Watch, of which only what is retracted counts, not what is corrected.

    Raises:
        InputUnreadable: there is no such file, or it names no publication.
        StorageFull: it could not be kept.
    """
    found = _read_list(path)
    if not len(found):
        raise InputUnreadable(
            f"{path} names no publication by PMID, DOI or PMCID.",
            "Give a list with one of them a line, or the CSV file of Retraction Watch.",
        )
    lines = [f"PMID:{pmid}\n" for pmid in sorted(found.pmids)]
    lines += [f"DOI:{doi}\n" for doi in sorted(found.dois)]
    lines += [f"PMCID:{pmcid}\n" for pmcid in sorted(found.pmcids)]
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{path.stem}.txt", (_HEAD + "".join(lines)).encode())
    return found


def read_lists(folder: Path) -> Retractions:
    """Return what all lists in ``folder``, which need not exist, name together."""
    lists = [_read_list(path) for path in sorted(folder.glob("*.txt"))]
    return Retractions(
        frozenset().union(*(each.pmids for each in lists)),
        frozenset().union(*(each.dois for each in lists)),
        frozenset().union(*(each.pmcids for each in lists)),
    )


def imported_lists(folder: Path) -> list[ImportedList]:
    """Return the lists in ``folder``, which need not exist, by name."""
    return [
        ImportedList(path.stem, len(_read_list(path)), _day(path.stat().st_mtime))
        for path in sorted(folder.glob("*.txt"))
    ]


def remove_list(folder: Path, name: str) -> None:
    """Forget the list called ``name``: what only it names counts again.

    Raises:
        InputUnreadable: there is no such list.
        StorageFull: the folder cannot be written.
    """
    path = next((path for path in folder.glob("*.txt") if path.stem == name), None)
    if path is None:
        raise InputUnreadable(
            f"No list called {name!r} was imported.", "See `vademecum library retractions --list`."
        )
    with storing(folder):
        path.unlink()


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def state_of(folder: Path) -> tuple[tuple[str, int], ...]:
    """Return what changes when a list in ``folder`` does."""
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.txt")))


def _read_list(path: Path) -> Retractions:
    try:
        if path.stat().st_size > _LARGEST:
            raise InputUnreadable(f"{path} is too large for a list of retractions.", "Choose another file.")
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise InputUnreadable(f"Cannot read {path}: {error}.", "Check its name and rights.") from error
    head = text.partition("\n")[0].lower()
    columns = any(f"{name}" in re.split(r'[,;\t"]+', head.strip()) for name in _PMID_COLUMNS + _DOI_COLUMNS)
    values = _of_table(text) if columns else _of_lines(text.splitlines())
    kinds: dict[str, set[str]] = {"pmid": set(), "doi": set(), "pmcid": set()}
    for value in _readable(values, path):
        if found := _PMCID.fullmatch(value):
            kinds["pmcid"].add(f"PMC{found[1]}")
        elif found := _PMID.fullmatch(value):
            kinds["pmid"].add(found[1])
        elif found := _DOI.fullmatch(value):
            kinds["doi"].add(found[1].lower().rstrip(".;"))
    return Retractions(*(frozenset(kinds[kind]) for kind in ("pmid", "doi", "pmcid")))


def _readable(values: Iterable[str], path: Path) -> Iterator[str]:
    try:
        yield from values
    except csv.Error as error:
        raise InputUnreadable(f"{path} cannot be read as a table: {error}.", "Export it again.") from error


def _of_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith(("!", "#")):
            yield from (part for part in re.split(r"[,;\t\s]+(?=\S)", line.strip()) if part)


def _of_table(text: str) -> Iterator[str]:
    """Yield the identifiers of the retracted ones among the rows of a table with a line of names."""
    csv.field_size_limit(2**24)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
        named = {str(name).strip().lower(): str(value or "").strip() for name, value in row.items()}
        if (nature := named.get("retractionnature", "")) and nature.lower() != "retraction":
            continue
        yield from (value for value in _cells(named) if value)


def _cells(row: Mapping[str, str]) -> Iterator[str]:
    yield from (row.get(name, "") for name in (*_PMID_COLUMNS, *_DOI_COLUMNS))
