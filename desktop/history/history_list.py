"""The conversations, newest first; found by their words, renamed in place, deleted with an undo."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtWidgets import QLineEdit, QListView, QMenu, QVBoxLayout, QWidget

from core.errors import AppError
from core.history import Conversation, History
from desktop.keys import shortcut
from desktop.theme import GRID

Index = QModelIndex | QPersistentModelIndex
SEARCH_AFTER_MS = 150


class ConversationModel(QAbstractListModel):
    """Titles for the list view; editing one renames the conversation."""

    renamed = Signal(object, str)  # Conversation, its new title

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Conversation] = []

    def show_rows(self, rows: list[Conversation]) -> None:
        """Show these conversations."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def conversation(self, index: Index) -> Conversation:
        """Return the conversation of a row."""
        return self._rows[index.row()]

    def row_of(self, conversation: int) -> int:
        """Return the row of a conversation, or -1."""
        return next((row for row, one in enumerate(self._rows) if one.id == conversation), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's)
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole):
            return self._rows[index.row()].title
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        title = " ".join(str(value).split())
        if not title or title == self._rows[index.row()].title:
            return False
        self.renamed.emit(self._rows[index.row()], title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable


class HistoryList(QWidget):
    """Search field and list."""

    chosen = Signal(object)  # Conversation
    deleted = Signal(object)  # Conversation
    renamed = Signal(object)  # Conversation, with its new title
    trouble = Signal(str)

    def __init__(self, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search conversations"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self.model = ConversationModel()
        self.model.setParent(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setAccessibleName(self.tr("Conversations"))
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setUniformItemSizes(True)
        self.view.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.search)
        column.addWidget(self.view, 1)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(SEARCH_AFTER_MS)
        self._delay.timeout.connect(self.refresh)
        self.search.textChanged.connect(self._delay.start)
        self.view.clicked.connect(self._on_chosen)
        self.view.activated.connect(self._on_chosen)
        self.view.customContextMenuRequested.connect(self._on_menu)
        self.model.renamed.connect(self._on_renamed)
        shortcut("Del", self.view, self._delete_current, inside=True)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the list again, and keep the selection."""
        index = self.view.currentIndex()
        current = self.model.conversation(index).id if index.isValid() else -1
        try:
            self.model.show_rows(self._history.conversations(self.search.text()))
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
        self.select(current)

    def select(self, conversation: int) -> None:
        """Mark that conversation as the one on screen; none for -1."""
        row = self.model.row_of(conversation)
        if row < 0:
            self.view.setCurrentIndex(QModelIndex())
        else:
            self.view.setCurrentIndex(self.model.index(row, 0))

    @Slot(QModelIndex)
    def _on_chosen(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model.conversation(index))

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if not index.isValid():
            return
        self.view.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename"), lambda: self.view.edit(index))
        menu.addAction(self.tr("Delete"), self._delete_current)
        menu.popup(self.view.viewport().mapToGlobal(place))

    @Slot()
    def _delete_current(self) -> None:
        index = self.view.currentIndex()
        if not index.isValid():
            return
        conversation = self.model.conversation(index)
        if self._tried(lambda: self._history.delete(conversation.id)):
            self.refresh()
            self.deleted.emit(conversation)

    @Slot(object, str)
    def _on_renamed(self, conversation: Conversation, title: str) -> None:
        if self._tried(lambda: self._history.rename(conversation.id, title)):
            self.refresh()
            self.renamed.emit(
                Conversation(conversation.id, title, conversation.created, conversation.updated)
            )

    def restore(self, conversation: Conversation) -> None:
        """Undo a deletion."""
        if self._tried(lambda: self._history.restore(conversation.id)):
            self.refresh()

    def _tried(self, change: Any) -> bool:
        try:
            change()
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
            return False
        return True
