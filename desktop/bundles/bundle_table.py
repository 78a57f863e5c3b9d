"""The bundles that are installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QPushButton, QTableView, QVBoxLayout, QWidget

from core.bundles.register import Entry
from desktop.bundles.bundle_words import kind_words, signer_words
from desktop.library.tables import RowsModel, plain
from desktop.theme import GRID, set_role
from desktop.words import day, size

_SIGNER, _DATE, _SIZE = 3, 4, 5  # columns
_WIDE = 84 * GRID  # pixels in which all columns have room


@dataclass(frozen=True, slots=True)
class Row:
    """One version of a bundle; ``used`` is the one in use, ``earlier`` if there is one to go back to."""

    entry: Entry
    used: bool
    earlier: bool


class BundleTable(QWidget):
    """A table, and what can be done with the chosen row."""

    back_wanted = Signal(object)  # Entry: the version before it is wanted, or it, if it is not in use
    removal_wanted = Signal(object)  # Entry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()
        self._free = True
        headings = [
            self.tr("Name"),
            self.tr("Kind"),
            self.tr("Version"),
            self.tr("Signed by"),
            self.tr("Installed"),
            self.tr("Size"),
        ]
        self.model = RowsModel(headings, numeric=[_SIZE])
        self.model.setParent(self)
        self.table = QTableView()
        plain(self.table, self.model, self.tr("Installed bundles"))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.nothing = QLabel(self.tr("No bundle is installed yet."))
        set_role(self.nothing, "muted")
        self.back = QPushButton(self.tr("Go back"))
        self.remove = QPushButton(self.tr("Remove…"))
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch()
        buttons.addWidget(self.remove)
        buttons.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.nothing)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        column.addStretch()
        self.table.selectionModel().currentRowChanged.connect(self._refresh_buttons)
        self.back.clicked.connect(lambda: self._tell(self.back_wanted))
        self.remove.clicked.connect(lambda: self._tell(self.removal_wanted))

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these bundles."""
        self._rows = rows
        self.model.show_rows([self._cells(row) for row in rows])
        self.nothing.setVisible(not rows)
        for widget in (self.table, self.back, self.remove):
            widget.setVisible(bool(rows))
        if rows:
            self.table.selectRow(0)
        self._refresh_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column in (_SIGNER, _DATE):
            self.table.setColumnHidden(column, self.width() < _WIDE)

    def set_free(self, free: bool) -> None:
        """Nothing can be changed while a command runs."""
        self._free = free
        self._refresh_buttons()

    def _cells(self, row: Row) -> Sequence[str]:
        entry = row.entry
        version = self.tr("{0} (in use)").format(entry.version) if row.used else entry.version
        signer = signer_words(entry.signed_by, entry.signer)
        return entry.name, kind_words(entry.kind), version, signer, day(entry.installed), size(entry.bytes)

    def _chosen(self) -> Row | None:
        place = self.table.currentIndex().row()
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def _tell(self, signal: object) -> None:
        if chosen := self._chosen():
            signal.emit(chosen.entry)  # type: ignore[attr-defined]

    @Slot()
    def _refresh_buttons(self) -> None:
        chosen = self._chosen()
        self.remove.setEnabled(self._free and chosen is not None)
        used = chosen is None or chosen.used
        self.back.setText(self.tr("Go back to the version before") if used else self.tr("Use this version"))
        self.back.setEnabled(self._free and chosen is not None and (chosen.earlier or not chosen.used))
