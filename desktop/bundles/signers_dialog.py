"""Whose bundles are accepted: the keys that are trusted here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QPushButton,
    QTableView,
    QWidget,
)

from core.bundles.trust import Keyring
from core.errors import AppError
from desktop.library.tables import RowsModel, plain
from desktop.table_dialog import lay_out
from desktop.theme import GRID, set_role


class SignersDialog(QDialog):
    """Lists, adds and removes keys. Those of the administrator cannot be removed here."""

    def __init__(self, keyring: Keyring, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Signers"))
        self.resize(72 * GRID, 40 * GRID)
        self._keyring = keyring
        about = self.tr(
            "Bundles signed by these keys are accepted. Before you add a key, compare its id with its "
            "owner, on the telephone or on paper."
        )
        self.rows = RowsModel([self.tr("Name"), self.tr("Id of the key")])
        self.rows.setParent(self)
        self.table = QTableView()
        plain(self.table, self.rows, self.tr("Signers"))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.add = QPushButton(self.tr("Add a key…"))
        self.remove = QPushButton(self.tr("Trust no more"))
        self.said = lay_out(self, about, self.table, self.remove, self.add)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.refresh()

    def refresh(self) -> None:
        """Read the keys again."""
        keys = self._keyring.keys()
        self.rows.show_rows([(key.name, key.id) for key in keys])
        self.remove.setEnabled(bool(keys))
        if keys:
            self.table.selectRow(0)

    def trust(self, path: str) -> None:
        """Add the key in ``path``."""
        try:
            key = self._keyring.add(Path(path))
        except AppError as error:
            self._say(f"{error} {error.hint}", "warning")
            return
        self.refresh()
        self._say(
            self.tr("{0} is trusted. Does the owner's key have this id, too: {1}?").format(key.name, key.id)
        )

    @Slot()
    def _on_add(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Add a key"), "", "*.pub")
        if path:
            self.trust(path)

    @Slot()
    def _on_remove(self) -> None:
        row = self.table.currentIndex().row()
        if row < 0:
            return
        name = self.rows.cell(row, 0)
        try:
            self._keyring.remove(name)
        except AppError:
            self._say(self.tr("{0} is a key of this computer's administrator.").format(name), "warning")
            return
        self.refresh()
        self._say(self.tr("{0} is not trusted any more. What it signed stays installed.").format(name))

    def _say(self, text: str, role: str = "muted") -> None:
        self.said.setText(text)
        set_role(self.said, role)
