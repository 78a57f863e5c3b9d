"""One file of pairs: what was found in it, how much it counts, and how to be rid of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.tuning.recipe import Source
from desktop.elided import ElidedLabel
from desktop.icons import IconButton, IconLabel
from desktop.theme import GRID, indent, set_role
from desktop.wizard.data_check import FileResult
from desktop.wizard.draft import source_name
from desktop.wizard.page import muted
from desktop.words import next_step, number

WITH_COLUMNS = (".csv", ".tsv", ".jsonl", ".json")


class FileCard(QFrame):
    """Shows a source and the result of reading it."""

    weighed = Signal(float)
    columns_wanted = Signal()
    removed = Signal()

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self.source = source
        name = source_name(source) or self.tr("Pairs collected in the app")
        self.setAccessibleName(name)
        self._icon = IconLabel("file")
        self.name = ElidedLabel(name)
        self.name.setText(name)
        self.name.setToolTip(source.path or name)
        self.found = muted()
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedWidth(10 * GRID)
        self.busy.setAccessibleName(self.tr("Reading {0}").format(name))
        self.weight = QDoubleSpinBox()
        indent(self.weight)
        self.weight.setRange(0.1, 10.0)
        self.weight.setSingleStep(0.5)
        self.weight.setDecimals(1)
        self.weight.setPrefix("\u00d7 ")
        self.weight.setValue(source.weight)
        self.weight.setKeyboardTracking(False)
        self.weight.setAccessibleName(self.tr("Weight of {0}").format(name))
        self.weight.setToolTip(
            self.tr("How often each pair is taken: 0.5 takes half of them, 2 takes each twice.")
        )
        self.columns = QPushButton(self.tr("Columns…"))
        self.columns.setAccessibleName(self.tr("Columns of {0}").format(name))
        self.remove = IconButton("close", self.tr("Remove {0}").format(name), bare=True)
        self._build()
        self.weight.valueChanged.connect(self.weighed)
        self.columns.clicked.connect(self.columns_wanted)
        self.remove.clicked.connect(self.removed)

    def show_result(self, result: FileResult) -> None:
        """Say what came of reading the file."""
        reading = result.state in ("waiting", "checking")
        self.busy.setVisible(reading)
        set_role(self.found, "problem" if result.state == "failed" else "muted")
        if reading:
            self._icon.show_icon("file", "muted")
            self.found.setText(self.tr("Reading…") if result.state == "checking" else self.tr("Waiting"))
        elif result.report is None:
            self._icon.show_icon("warning", "problem")
            self.found.setText(f"{result.message} {next_step('', result.hint)}".strip())
        else:
            source = result.report.sources[0]
            rejected = self.tr("{0} could not be read").format(number(source.rejected))
            parts = [self.tr("{0} pairs").format(number(source.entries)), _format_words(source.format)]
            parts += [rejected] if source.rejected else []
            self._icon.show_icon(
                "warning" if source.rejected else "ok", "warning" if source.rejected else "accent"
            )
            self.found.setText(" · ".join(parts))
        self.weight.setEnabled(result.state != "failed")
        self.setAccessibleDescription(self.found.text())

    def _build(self) -> None:
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(self.name)
        text.addWidget(self.found)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(GRID + 4)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(text, 1)
        row.addWidget(self.busy)
        row.addWidget(self.columns)
        row.addWidget(self.weight)
        row.addWidget(self.remove)
        self.columns.setVisible(self.source.path.lower().endswith(WITH_COLUMNS))


def _format_words(name: str) -> str:
    collected = QCoreApplication.translate("FileCard", "rated or corrected by you")
    words = {"pubmedqa": "PubMedQA", "bioasq": "BioASQ", "medqa": "JSON Lines", "csv": "CSV"}
    return collected if name == "collected" else words.get(name, name)
