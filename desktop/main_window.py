"""The window: rail, pages, footer, and what passes between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from core.history import Conversation
from desktop.chat.ask_page import AskPage
from desktop.chat.session import Session
from desktop.footer import Footer
from desktop.history.history_list import HistoryList
from desktop.keys import shortcut
from desktop.rail import PageEntry, Rail
from desktop.theme import GRID
from desktop.toast import Toast


class MainWindow(QMainWindow):
    """Shows one page at a time."""

    closing = Signal()
    page_shown = Signal(object)  # QWidget
    files_dropped = Signal(list)  # paths: list[str]

    def __init__(
        self,
        session: Session,
        ask: AskPage,
        history: HistoryList,
        footer: Footer,
        more: Sequence[PageEntry] = (),
    ) -> None:
        super().__init__()
        self._session = session
        self.may_close: Callable[[], bool] = lambda: True  # asked before the window closes
        self.refuses: Callable[[Sequence[str]], str] = lambda _: ""  # why files cannot be dropped here
        self.ask = ask
        self.history = history
        self.footer = footer
        entries = [PageEntry("ask", self.tr("Ask"), ask), *more]
        self.rail = Rail(entries, history)
        self.pages = QStackedWidget()
        for entry in entries:
            self.pages.addWidget(entry.page)
        self._build()
        self.toast = Toast(self)
        self._connect()
        self.show_page(ask)

    @Slot(object)
    def show_page(self, page: QWidget) -> None:
        """Show ``page``."""
        self.pages.setCurrentWidget(page)
        self.rail.mark(page)
        self.page_shown.emit(page)
        getattr(page, "first", page).setFocus()  # a page may name what comes first on it

    @Slot()
    def new_question(self) -> None:
        """Show an empty conversation, ready to type."""
        self.show_page(self.ask)
        self._session.new()

    @Slot(str)
    def say(self, text: str) -> None:
        """Tell something that needs no answer."""
        self.toast.say(text)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = _local_files(event.mimeData())
        if why := self.refuses(paths):
            self.say(why)
        elif paths:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        if paths := _local_files(event.mimeData()):
            self.files_dropped.emit(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)

    def _build(self) -> None:
        self.setWindowTitle("Vademecum")
        self.setAcceptDrops(True)
        self.setMinimumSize(95 * GRID, 60 * GRID)
        self.resize(160 * GRID, 100 * GRID)
        centre = QWidget()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.pages, 1)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.footer)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        self.rail.page_chosen.connect(self.show_page)
        self.rail.new_wanted.connect(self.new_question)
        self.history.chosen.connect(self._on_chosen)
        self.history.deleted.connect(self._on_deleted)
        self.history.renamed.connect(self._on_renamed)
        self.history.trouble.connect(self.say)
        self._session.changed.connect(self._on_changed)
        self._session.opened.connect(self._on_opened)
        self._session.trouble.connect(self.say)
        self.ask.refused.connect(self.say)
        self._session.ended.connect(self.footer.count)
        shortcut("Ctrl+N", self, self.new_question)
        shortcut("Ctrl+F", self, self._find)

    @Slot()
    def _find(self) -> None:
        """Find in the conversations, or where the page has a field of its own, there."""
        field = getattr(self.pages.currentWidget(), "field", self.history.search)
        field.setFocus()
        field.selectAll()

    @Slot()
    def _on_changed(self) -> None:
        self.history.refresh()
        if self._session.shown:
            self.history.select(self._session.shown.id)

    @Slot(object, object)
    def _on_opened(self, conversation: Conversation | None, _: object) -> None:
        self.history.select(conversation.id if conversation else -1)

    @Slot(object)
    def _on_chosen(self, conversation: Conversation) -> None:
        self.show_page(self.ask)
        if self._session.shown is None or self._session.shown.id != conversation.id:
            self._session.open(conversation)

    @Slot(object)
    def _on_renamed(self, conversation: Conversation) -> None:
        if self._session.shown and self._session.shown.id == conversation.id:
            self.ask.title.setText(conversation.title)

    @Slot(object)
    def _on_deleted(self, conversation: Conversation) -> None:
        if self._session.shown and self._session.shown.id == conversation.id:
            self._session.new()
        title = conversation.title if len(conversation.title) <= 40 else conversation.title[:39] + "…"
        self.toast.say(
            self.tr("Deleted “{0}”").format(title),
            self.tr("Undo"),
            lambda: self._undo_delete(conversation),
        )

    def _undo_delete(self, conversation: Conversation) -> None:
        self.history.restore(conversation)
        if not self._session.busy:
            self.show_page(self.ask)
            self._session.open(conversation)


def _local_files(data: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
