"""Which column of a table of publications holds what."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop.columns_dialog import ColumnsDialog


def document_columns(path: str, parent: QWidget) -> ColumnsDialog:
    """Return a dialog that asks for the columns of the table at ``path``; see ``readers.table.FIELDS``."""
    fields = {
        "title": _tr("Title"),
        "abstract": _tr("Abstract"),
        "authors": _tr("Authors"),
        "journal": _tr("Journal"),
        "year": _tr("Year"),
        "doi": _tr("DOI"),
        "pmid": _tr("PMID"),
        "mesh": _tr("MeSH headings"),
        "keywords": _tr("Keywords"),
        "type": _tr("Publication type"),
        "language": _tr("Language"),
    }
    return ColumnsDialog(Path(path), fields, {}, parent)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ColumnsDialog", text)
