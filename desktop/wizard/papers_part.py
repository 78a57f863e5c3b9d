"""The papers that go into the library, and into which one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from desktop.theme import GRID
from desktop.wizard.draft import Draft
from desktop.wizard.drop_area import DropArea
from desktop.wizard.page import muted, section

LISTED = 6  # papers, before the list scrolls


class PapersPart(QWidget):
    """Which files go into which library."""

    def __init__(self, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self.target = QComboBox()
        self.target.setEditable(True)
        self.target.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.target.setMinimumWidth(24 * GRID)
        self.target.setAccessibleName(self.tr("Library to add to"))
        self.area = DropArea(
            self.tr("Drop papers for the library here"),
            self.tr("PubMed exports (XML, NBIB) or JSON Lines."),
            self.tr("Records (*.xml *.gz *.nbib *.txt *.jsonl *.json);;All files (*)"),
        )
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Papers to add"))
        self.remove = QPushButton(self.tr("Remove"))
        self._hint = muted(self.tr("The library in use stays as it is until all papers are in."))
        head = QHBoxLayout()
        head.addWidget(section(self.tr("Papers for the library")), 1)
        head.addWidget(self.target)
        foot = QHBoxLayout()
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.area)
        column.addWidget(self.list)
        column.addLayout(foot)
        self.area.landed.connect(self._on_landed)
        self.remove.clicked.connect(self._on_remove)
        self.target.editTextChanged.connect(self._on_target)

    def offer(self, libraries: Sequence[str]) -> None:
        """Offer these libraries to add to."""
        self.target.blockSignals(True)
        self.target.clear()
        self.target.addItems(list(dict.fromkeys([self._draft.target, *libraries])))
        self.target.setEditText(self._draft.target)
        self.target.blockSignals(False)

    def refresh(self) -> None:
        """Show the documents of the draft."""
        names = [Path(path).name for path in self._draft.documents]
        if names != [self.list.item(row).text() for row in range(self.list.count())]:
            self.list.clear()
            self.list.addItems(names)
            rows = max(1, min(LISTED, len(names)))
            self.list.setFixedHeight(rows * max(3 * GRID, self.list.sizeHintForRow(0)) + GRID)
        self.list.setVisible(bool(names))
        self.remove.setVisible(bool(names))

    @Slot(list)
    def _on_landed(self, paths: list[str]) -> None:
        self._draft.set_documents(self.target.currentText().strip(), [*self._draft.documents, *paths])

    @Slot()
    def _on_remove(self) -> None:
        row = max(0, self.list.currentRow())
        left = [path for place, path in enumerate(self._draft.documents) if place != row]
        self._draft.set_documents(self._draft.target, left)

    @Slot(str)
    def _on_target(self, name: str) -> None:
        if name.strip():
            self._draft.set_documents(name.strip(), self._draft.documents)
