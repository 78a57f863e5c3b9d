"""Which column of a table holds what."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from desktop.theme import GRID, set_role

SAMPLE = 64 * 1024  # characters that are looked at for the names of columns
SHOWN = 60  # characters of the first value


class ColumnsDialog(QDialog):
    """``columns()`` is the mapping; what is left on "Recognise" is not in it."""

    def __init__(
        self, path: Path, fields: Mapping[str, str], chosen: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        """Ask for the columns of ``path``.

        Args:
            fields: what there can be, with its name in the window.
            chosen: our field to the name of its column, as far as known.
        """
        super().__init__(parent)
        self.setObjectName("columns")
        self.setWindowTitle(self.tr("Columns of {0}").format(path.name))
        self.setMinimumWidth(60 * GRID)
        header, first = columns_of(path)
        self.boxes: dict[str, QComboBox] = {}
        form = QFormLayout()
        form.setSpacing(GRID)
        for field, label in fields.items():
            box = QComboBox()
            box.addItem(self.tr("Recognise by name"), "")
            for name in header:
                sample = first.get(name, "")
                box.addItem(f"{name}: {sample}" if sample else name, name)
            box.setCurrentIndex(max(0, box.findData(chosen.get(field, ""))))
            box.setAccessibleName(label)
            self.boxes[field] = box
            form.addRow(QLabel(label), box)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        about = QLabel(self.tr("A column is shown with its value in the first row."))
        about.setWordWrap(True)
        set_role(about, "muted")
        column.addWidget(about)
        column.addLayout(form)
        column.addWidget(buttons)

    def columns(self) -> dict[str, str]:
        """Return our field to the name of its column."""
        return {field: box.currentData() for field, box in self.boxes.items() if box.currentData()}


def columns_of(path: Path) -> tuple[list[str], dict[str, str]]:
    """Return the columns of a CSV or JSON Lines file and the values of its first row; none if unreadable."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read(SAMPLE)
        if path.suffix.lower() in (".jsonl", ".json"):
            row = {str(k): str(v) for k, v in json.loads(text.split("\n", 1)[0]).items()}
        else:
            dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
            rows = csv.DictReader(text.splitlines(), dialect=dialect)
            first = next(iter(rows), {})
            row = {name: str(first.get(name) or "") for name in rows.fieldnames or ()}
    except (OSError, ValueError, AttributeError, csv.Error):
        return [], {}
    return list(row), {name: " ".join(value.split())[:SHOWN] for name, value in row.items()}
