"""Search results as a file: RIS for reference managers, CSV for spreadsheets, Markdown for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsInvalid, StorageFull
from core.library.grades import grade_of
from core.library.reports import plain_cell
from core.library.storage import replacing
from core.types import Document, DocumentRef, Filters, Hit, Section

HEADINGS = (
    "rank", "title", "authors", "journal", "year", "pmid", "doi", "pmcid", "publication types", "evidence",
    "subjects", "language", "retracted", "expression of concern", "corrected", "library", "page", "passage",
    "query", "filters",
)  # fmt: skip
LONGEST_ABSTRACT = 20_000  # characters; of a longer text, only the passage that was found is written
Text = tuple[str, Iterable[str]]  # what stands before the documents, and each of them
_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|~"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A document that was found; ``hit`` is its best passage, and knows of retractions on imported lists."""

    document: Document
    hit: Hit


@dataclass(frozen=True, slots=True)
class ResultList:
    """What is written: documents, best first, and what they were searched by, in words."""

    query: str
    filters: str
    libraries: tuple[str, ...]
    documents: Collection[Listed]


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of ``hits``, each read when it is its turn: they need not fit into memory.

    Of one that ``read`` does not find, it is what the hit says.
    """

    hits: Collection[Hit]
    read: Callable[[DocumentRef], Document | None]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Listed]:
        return (Listed(self.read(hit.document) or _known(hit), hit) for hit in self.hits)

    def __contains__(self, one: object) -> bool:
        return any(one == other for other in self)


def listed(hits: Iterable[Hit], read: Callable[[DocumentRef], Document | None]) -> Documents:
    """Return the documents of ``hits``, each once, with its best passage."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.document.id, hit)
    return Documents(best.values(), read)


def check_name(path: Path) -> None:
    """Raise SettingsInvalid if the name of a file does not say in which form it is to be written."""
    if path.suffix.lower() not in _WRITERS:
        raise SettingsInvalid(
            f"{path.name} does not say what to write.",
            "End its name in .ris (reference managers), .csv (spreadsheets) or .md (text).",
        )


def write_results(path: Path, results: ResultList, tell: Callable[[int, int], None] | None = None) -> None:
    """Write ``results`` to ``path``, in the form that its name ends in, in place of an earlier file.

    Args:
        tell: is told how many documents are written, and of how many; what it raises ends the writing, which
            leaves nothing behind.

    Raises:
        SettingsInvalid: the name does not say which form.
        StorageFull: it cannot be written.
    """
    check_name(path)
    head, items = _WRITERS[path.suffix.lower()](results)
    try:
        with replacing(path) as file:
            file.write(head.encode("utf-8", "replace"))
            for done, item in enumerate(items, start=1):
                file.write(item.encode("utf-8", "replace"))
                if tell:
                    tell(done, len(results.documents))
    except OSError as error:
        raise StorageFull(f"Cannot write {path}: {error.strerror}.", "Choose another place.") from error


def in_words(filters: Filters) -> str:
    """Return ``filters`` in one line; "none" where all documents count but retracted ones."""
    first, last = filters.year_from, filters.year_to
    parts = {
        "years": f"{first or ''}-{last or ''}" if first or last else "",
        "journal": " or ".join(filters.journals),
        "publication type": " or ".join(filters.publication_types),
        "evidence": f"{filters.minimum_grade} or better" if filters.minimum_grade else "",
        "subject": " or ".join(filters.subjects),
        "language": " or ".join(filters.languages),
        "source": " or ".join(filters.sources),
        "collection": " or ".join(filters.collections),
        "retracted work": "included" if filters.retracted else "",
    }
    return "; ".join(f"{name}: {value}" for name, value in parts.items() if value) or "none"


def _as_ris(results: ResultList) -> Text:
    """One RIS record a document. What was searched is in RN, which no reader takes for a number."""
    searched = f"Found by the query {results.query}; filters: {results.filters}"
    records = (
        "".join(f"{tag}  - {line}\n" for tag, value in _ris(one, searched) if (line := _line(value)))
        for one in results.documents
    )
    return "", (f"{record}ER  - \n\n" for record in records)


def _ris(listed: Listed, searched: str) -> Iterator[tuple[str, str]]:
    document, ref = listed.document, listed.hit.document
    yield "TY", "JOUR" if document.journal else "GEN"
    yield "TI", document.title
    yield from (("AU", name) for name in document.authors)
    yield "JO", document.journal
    yield "PY", str(document.year or "")
    yield "DO", document.doi or ""
    yield "C2", document.pmcid or ""
    if document.pmid:
        yield "AN", document.pmid
        yield "DB", "PubMed"
        yield "UR", f"https://pubmed.ncbi.nlm.nih.gov/{document.pmid}/"
    yield from (("M3", name) for name in _types(document, ref))
    yield "LA", document.language
    yield from (("KW", term) for term in dict.fromkeys((*document.mesh, *document.keywords)))
    yield "AB", _abstract(listed)
    if ref.concern:
        yield "N1", "Expression of Concern"
    if ref.corrected:
        yield "N1", "A correction was published"
    yield "RN", searched


def _types(document: Document, ref: DocumentRef) -> Iterable[str]:
    marks = ("Retracted Publication",) if ref.retracted else ()
    return dict.fromkeys((*document.publication_types, *marks))


def _abstract(listed: Listed) -> str:
    document = listed.document
    if len(document.text) > LONGEST_ABSTRACT:
        return listed.hit.quote
    sections = document.sections or (Section("", 0, len(document.text)),)
    parts = ((one.label, document.text[one.start : one.end]) for one in sections)
    return " ".join(f"{label.upper()}: {text}" if label else text for label, text in parts)


def _as_csv(results: ResultList) -> Text:
    """A table with a line of headings. No cell is read as a formula."""
    rows = (
        _row(rank, *map(plain_cell, map(_line, (*_cells(one), results.query, results.filters))))
        for rank, one in enumerate(results.documents, start=1)
    )
    # A spreadsheet takes a file without this mark for one in the encoding of its own system.
    return "\ufeff" + _row(*HEADINGS), rows


def _row(*cells: object) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cells(listed: Listed) -> Iterator[str]:
    document, ref = listed.document, listed.hit.document
    yield from (document.title, "; ".join(document.authors), document.journal, str(document.year or ""))
    yield from (document.pmid or "", document.doi or "", document.pmcid or "")
    yield from ("; ".join(document.publication_types), grade_of(document.publication_types) or "")
    yield from ("; ".join(dict.fromkeys((*document.mesh, *document.keywords))), document.language)
    yield from ("yes" if mark else "no" for mark in (ref.retracted, ref.concern, ref.corrected))
    yield from (ref.library, str(listed.hit.page or ""), listed.hit.quote)


def _as_markdown(results: ResultList) -> Text:
    """A numbered list under the query, with filters and libraries."""
    head = (
        f"# {_plain(results.query)}",
        f"Libraries: {_plain(', '.join(results.libraries))}. Filters: {_plain(results.filters)}. "
        f"Documents: {len(results.documents):,}.",
    )
    items = (f"{rank}. {_item(one)}\n" for rank, one in enumerate(results.documents, start=1))
    return "\n\n".join((*head, "")), items


def _item(listed: Listed) -> str:
    document, ref = listed.document, listed.hit.document
    marks = (
        ("RETRACTED", ref.retracted),
        ("EXPRESSION OF CONCERN", ref.concern),
        ("CORRECTED", ref.corrected),
    )
    shown = [f"**{word}.**" for word, is_so in marks if is_so]
    people = ", ".join(document.authors[:3]) + (" et al" if len(document.authors) > 3 else "")
    place = ", ".join(filter(None, (document.journal, str(document.year or ""))))
    number = f"PMID {document.pmid}" if document.pmid else (f"doi:{document.doi}" if document.doi else "")
    parts = (document.title or "Untitled", people, place, number)
    return " ".join((*shown, *(f"{_plain(part).rstrip('.')}." for part in parts if part)))


def _plain(text: str) -> str:
    return _line(text).translate(_MARKDOWN)


def _line(value: str) -> str:
    return " ".join(value.split())


def _known(hit: Hit) -> Document:
    ref = hit.document
    return Document(
        id=ref.id,
        title=ref.title,
        text=hit.quote,
        pmid=ref.pmid,
        doi=ref.doi,
        journal=ref.journal,
        year=ref.year,
        publication_types=ref.publication_types,
    )


_WRITERS: dict[str, Callable[[ResultList], Text]] = {".ris": _as_ris, ".csv": _as_csv, ".md": _as_markdown}
