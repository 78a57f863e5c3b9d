"""Everything that is kept to learn from: read it, delete it, take it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelection, QLocale, Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.tuning.collected import Collected
from desktop.collected.keeper import Keeper
from desktop.collected.words import as_text, day, kind_words
from desktop.library.tables import RowsModel
from desktop.theme import GRID, LARGE, set_role, sized


class Review(QDialog):
    """A list of what is kept, the one that is chosen in full, and what can be done."""

    def __init__(self, keeper: Keeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Kept to learn from"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(120 * GRID, 75 * GRID)
        self._keeper = keeper
        self._items: list[Collected] = []
        self._deleted: Sequence[Collected] = ()
        self.heading = QLabel()
        self.model = RowsModel([self.tr("Question"), self.tr("What it is"), self.tr("Day")])
        self.table = QTableView()
        self.detail = QTextEdit()
        self.delete = QPushButton(self.tr("Delete"))
        self.delete_all = QPushButton(self.tr("Delete all"))
        self.export = QPushButton(self.tr("Export\u2026"))
        self.said = QLabel()
        self.undo = QPushButton(self.tr("Undo"))
        self._build()
        keeper.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is kept now."""
        row = self.table.currentIndex().row()
        self._items = self._keeper.all()
        self.model.show_rows([(one.question, kind_words(one.kind), day(one.when)) for one in self._items])
        count = len(self._items)
        self.heading.setText(
            self.tr("{0} kept on this computer").format(QLocale().toString(count))
            if count
            else self.tr("Nothing is kept yet")
        )
        for button in (self.delete_all, self.export):
            button.setEnabled(bool(count))
        if count:
            self.table.selectRow(min(max(row, 0), count - 1))
        self._on_chosen()

    @property
    def chosen(self) -> list[Collected]:
        """What is selected in the list."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [self._items[row] for row in sorted(rows) if row < len(self._items)]

    @Slot()
    def _on_chosen(self, *_: QItemSelection) -> None:
        chosen = self.chosen
        self.delete.setEnabled(bool(chosen))
        self.detail.setPlainText(as_text(chosen[0]) if chosen else "")

    @Slot()
    def _on_delete(self) -> None:
        self._forget(self.chosen)

    @Slot()
    def _on_delete_all(self) -> None:
        self._forget(self._items)

    def _forget(self, items: Sequence[Collected]) -> None:
        self._deleted = list(items)
        self._keeper.forget(self._deleted)
        self._tell(self.tr("{0} deleted.").format(QLocale().toString(len(self._deleted))), undoable=True)

    @Slot()
    def _on_undo(self) -> None:
        self._keeper.bring_back(self._deleted)
        self._tell("", undoable=False)

    @Slot()
    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export"), str(Path.home() / "collected.jsonl"), self.tr("JSON lines (*.jsonl)")
        )
        if name and (count := self._keeper.export(Path(name))):
            words = self.tr("{0} exported. The file can be used in a rebuild.")
            self._tell(words.format(QLocale().toString(count)), undoable=False)

    def _tell(self, words: str, *, undoable: bool) -> None:
        self.said.setText(words)
        self.undo.setVisible(undoable)

    def _build(self) -> None:
        sized(self.heading, LARGE, bold=True)
        purpose = QLabel(
            self.tr("Answers you rated or corrected, and sources you opened. A rebuild can learn from them.")
        )
        purpose.setWordWrap(True)
        for label in (purpose, self.said):
            set_role(label, "muted")
        self._dress_table()
        self.detail.setReadOnly(True)
        self.detail.document().setDocumentMargin(GRID)
        self.detail.setAccessibleName(self.tr("What is kept of it"))
        set_role(self.detail, "text")
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID)
        column.addWidget(self.heading)
        column.addWidget(purpose)
        column.addWidget(self.table, 3)
        column.addWidget(self.detail, 2)
        column.addLayout(self._build_buttons())

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setAccessibleName(self.tr("What is kept"))
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        table.selectionModel().selectionChanged.connect(self._on_chosen)

    def _build_buttons(self) -> QHBoxLayout:
        close = QPushButton(self.tr("Close"))
        for button, do in (
            (self.delete, self._on_delete),
            (self.delete_all, self._on_delete_all),
            (self.undo, self._on_undo),
            (self.export, self._on_export),
            (close, self.accept),
        ):
            button.clicked.connect(do)
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.delete)
        row.addWidget(self.delete_all)
        row.addWidget(self.said, 1)
        row.addWidget(self.undo)
        row.addWidget(self.export)
        row.addWidget(close)
        self.undo.hide()
        return row
