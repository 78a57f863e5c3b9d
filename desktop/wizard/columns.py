"""Which column of a file of questions and answers holds what."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from core.tuning.recipe import Source
from desktop.columns_dialog import ColumnsDialog


def training_columns(source: Source, parent: QWidget) -> ColumnsDialog:
    """Return a dialog that asks for the columns of ``source``."""
    fields = {
        "question": _tr("Question"),
        "answer": _tr("Answer"),
        "context": _tr("Evidence"),
        "decision": _tr("Yes, no or maybe"),
        "document": _tr("Identifier (PMID)"),
    }
    return ColumnsDialog(Path(source.path), fields, source.columns, parent)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ColumnsDialog", text)
