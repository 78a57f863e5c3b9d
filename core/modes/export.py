"""The studies of a literature review as CSV and Markdown, with where they come from."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from core.library.reports import plain_cell
from core.types import Answer, DocumentRef, Study

HEADINGS = ("No.", "Study", "Year", "Design", "Population", "Finding", "Journal", "PMID", "DOI")
_SHOWN = 6  # columns of the table in Markdown; the rest is in its references


def studies_csv(answer: Answer) -> str:
    """Return the studies of ``answer``, a line each, for a spreadsheet; the last line says what made it.

    No cell is read as a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for cells in (HEADINGS, *map(_row, answer.studies), (provenance(answer),)):
        writer.writerow(map(plain_cell, cells))
    return text.getvalue()


def studies_markdown(answer: Answer) -> str:
    """Return question, studies, references and what made them, in Markdown."""
    rows = [_row(study)[:_SHOWN] for study in answer.studies]
    table = [table_line(HEADINGS[:_SHOWN]), table_line(("---",) * _SHOWN), *map(table_line, rows)]
    parts = (f"# {' '.join(answer.question.split())}", "\n".join(table), references(answer))
    return "\n\n".join((*parts, provenance(answer))) + "\n"


def references(answer: Answer) -> str:
    """Return the documents of the citations and studies of ``answer``, numbered, a line each."""
    documents = {citation.marker: citation.document for citation in answer.citations}
    documents |= {study.marker: study.document for study in answer.studies}
    return "\n".join(f"[{marker}] {_reference(documents[marker])}  " for marker in sorted(documents))


def provenance(answer: Answer) -> str:
    """Return the notice, the model, and the libraries with their versions, in one line."""
    libraries = ", ".join(f"{one.name} (version {one.version})" for one in answer.libraries)
    return f"{answer.notice} Model: {answer.model or 'none'}. Library: {libraries or 'none'}."


def _row(study: Study) -> tuple[str, ...]:
    document = study.document
    return (
        str(study.marker),
        document.title,
        str(document.year or ""),
        study.design or "not told",
        study.population or "not told",
        study.finding.quote,
        document.journal,
        document.pmid or "",
        document.doi or "",
    )


def table_line(cells: Sequence[str]) -> str:
    """Return a row of a table in Markdown."""
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def _reference(document: DocumentRef) -> str:
    number = f"PMID {document.pmid}" if document.pmid else (document.doi or document.id)
    year = str(document.year) if document.year else ""
    place = ", ".join(filter(None, (document.journal, year)))
    warning = "RETRACTED." if document.retracted else ""
    return " ".join(
        filter(None, (f"{document.title.rstrip('.')}.", f"{place}." if place else "", number, warning))
    )
