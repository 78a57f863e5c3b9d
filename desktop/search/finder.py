"""What is searched for now: an answer to anything else is never shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.protocol import Search
from core.types import SearchResult
from desktop.search.searcher import Searcher

SHOWN_AFTER_MS = 300  # a search that takes longer says so


class Finder(QObject):
    """Knows the search that is wanted, and asks for its pages."""

    found = Signal(object, object)  # Search, SearchResult: its first page
    more_found = Signal(object)  # SearchResult: a further page
    failed = Signal(str, str)  # what went wrong, what to do
    more_failed = Signal(str)  # why there is no further page
    waiting = Signal(str)  # what is being done, in words; empty when that is not known

    def __init__(self, searcher: Searcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._searcher = searcher
        self._wanted: Search | None = None
        self._doing = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(SHOWN_AFTER_MS)
        self._patience.timeout.connect(self._on_patience_over)
        searcher.searched.connect(self._on_searched)
        searcher.failed.connect(self._on_failed)
        searcher.doing.connect(self._on_doing)

    def want(self, search: Search | None) -> None:
        """Search for this from now on, or for nothing."""
        if search is None:
            self._searcher.give_up()
            self._patience.stop()
        elif search != self._wanted:
            self._patience.start()
            self._searcher.search(search)
        self._wanted = search

    def more(self, offset: int) -> None:
        """Ask for the page of the same search that begins at ``offset``."""
        if (wanted := self._wanted) is None:
            self.more_failed.emit("")
            return
        page = Search(wanted.query, wanted.libraries, wanted.k, wanted.mode, wanted.filters, offset)
        self._searcher.search(page)

    def shut_down(self) -> None:
        """Wait for nothing any more."""
        self._patience.stop()

    def _is_wanted(self, request: Search) -> bool:
        wanted = self._wanted
        return wanted is not None and (request.query, request.libraries, request.filters) == (
            wanted.query,
            wanted.libraries,
            wanted.filters,
        )

    @Slot(object, object)
    def _on_searched(self, request: Search, result: SearchResult) -> None:
        if not self._is_wanted(request):
            return
        self._patience.stop()
        if request.offset:
            self.more_found.emit(result)
        else:
            self.found.emit(request, result)

    @Slot(object, str, str)
    def _on_failed(self, request: Search, message: str, hint: str) -> None:
        if not self._is_wanted(request):
            return
        self._patience.stop()
        if request.offset:
            self.more_failed.emit(f"{message} {hint}")
        else:
            self._wanted = None  # the same again is another try
            self.failed.emit(message, hint)

    @Slot(str)
    def _on_doing(self, words: str) -> None:
        self._doing = words
        if words and self._wanted is not None and not self._patience.isActive():
            self.waiting.emit(words)

    @Slot()
    def _on_patience_over(self) -> None:
        if self._searcher.busy:
            self.waiting.emit(self._doing)
