"""The table of studies of a literature review, as rows, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from core.library.reports import plain_cell
from core.modes.export import table_line
from core.types import Study
from desktop.badges import grade_words


def headings() -> tuple[str, ...]:
    """Return the names of the columns."""
    return (
        _tr("No."),
        _tr("Study"),
        _tr("Year"),
        _tr("Design"),
        _tr("Population"),
        _tr("Finding"),
    )


def row(study: Study, *, design_below: bool = False) -> tuple[str, ...]:
    """Return one study as it is shown; the design, if it is known, ``design_below`` the title too."""
    document = study.document
    design = grade_words(study.design) if study.design else ""
    return (
        str(study.marker),
        f"{document.title}\n({design})" if design and design_below else document.title,
        str(document.year or ""),
        design or _tr("not told"),
        study.population or _tr("not told"),
        study.finding.quote,
    )


def as_csv(studies: Sequence[Study]) -> str:
    """Return the table with journal, PMID and DOI, for a spreadsheet; no cell is read as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*headings(), _tr("Journal"), "PMID", "DOI"))
    for study in studies:
        document = study.document
        cells = (*row(study), document.journal, document.pmid or "", document.doi or "")
        writer.writerow(map(plain_cell, cells))
    return text.getvalue()


def as_markdown(studies: Sequence[Study]) -> str:
    """Return the table in Markdown."""
    lines = [table_line(headings()), table_line(["---"] * len(headings()))]
    return "\n".join([*lines, *(table_line(row(study)) for study in studies)]) + "\n"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Studies", text)
