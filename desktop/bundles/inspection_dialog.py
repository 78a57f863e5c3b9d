"""What a bundle says of itself, before it is installed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.bundles.bundle_words import kind_words, signer_words, window_hint
from desktop.chat.note import Note
from desktop.icons import PrimaryButton
from desktop.library.tables import RowsModel, plain
from desktop.theme import GRID, LARGE, set_role, sized
from desktop.words import day, number, size


class InspectionDialog(QDialog):
    """Accepted when the bundle is to be installed; ``unsigned`` says that the user takes the risk."""

    def __init__(self, found: dict[str, Any], path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found, self.path = found, path
        self.setWindowTitle(self.tr("Install a bundle"))
        self.resize(80 * GRID, 70 * GRID)
        self.note = Note()
        self.risk = QCheckBox(self.tr("Install it although nobody I trust has signed it"))
        self.install = PrimaryButton(self.tr("Install"))
        self.cancel = QPushButton(self.tr("Cancel"))
        heading = QLabel(f"{found['name']} {found['version']}")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        sized(heading, LARGE, bold=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 2)
        column.setSpacing(GRID + 4)
        column.addWidget(heading)
        if found["about"]:
            column.addWidget(_plain(found["about"]))
        column.addLayout(self._facts())
        column.addWidget(self._contents(), 1)
        column.addWidget(self.note)
        column.addWidget(self.risk)
        column.addLayout(self._buttons())
        self._judge()
        self.risk.toggled.connect(self._on_risk)
        self.install.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)

    @property
    def unsigned(self) -> bool:
        """The user wants it although nobody who is trusted has signed it."""
        return self.risk.isVisibleTo(self) and self.risk.isChecked()

    def _facts(self) -> QFormLayout:
        found, form = self.found, QFormLayout()
        form.setHorizontalSpacing(GRID * 3)
        form.setVerticalSpacing(GRID // 2)
        amount = self.tr("{0} in {1} files").format(size(found["size"]), number(found["files"]))
        if found["parts"] > 1:
            amount = self.tr("{0}, cut into {1} parts").format(amount, number(found["parts"]))
        for name, value in (
            (self.tr("Kind"), kind_words(found["kind"])),
            (self.tr("Signed by"), signer_words(found["signed_by"], found["signer"])),
            (self.tr("Licence"), found["licence"]),
            (self.tr("Made"), day(found["created"])),
            (self.tr("Made from"), ", ".join(found["parents"])),
            (self.tr("Installed now"), found["installed"]),
            (self.tr("Size"), amount),
        ):
            if value:
                label = QLabel(name)
                set_role(label, "muted")
                form.addRow(label, _plain(value))
        return form

    def _contents(self) -> QTableView:
        self.rows = RowsModel([self.tr("File"), self.tr("Size")], numeric=[1])
        self.rows.setParent(self)
        table = QTableView()
        plain(table, self.rows, self.tr("What is in it"))
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.rows.show_rows([(path, size(count)) for path, count in self.found["contents"]])
        table.setMinimumHeight(16 * GRID)
        return table

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addStretch()
        row.addWidget(self.cancel)
        row.addWidget(self.install)
        return row

    def _judge(self) -> None:
        found = self.found
        refused, warnings = found["refusal"], " ".join(found["warnings"])
        self.risk.setVisible(found["at_own_risk"])
        self.install.setEnabled(not refused)
        if refused:
            self.note.say("warning", "warning", refused, window_hint(found["hint"]))
        elif warnings:
            self.note.say("info", "accent", self.tr("Before you install it"), warnings)
        else:
            self.note.hide()

    @Slot(bool)
    def _on_risk(self, on: bool) -> None:
        self.install.setEnabled(on)


def _plain(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
