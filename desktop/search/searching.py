"""The parts of searching, put together: process, page, and the filters of the page of questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from core.protocol import Facets
from core.settings import Settings
from core.types import SearchMode
from desktop.chat.talk import Talk
from desktop.command_process import CommandProcess
from desktop.library.source import Libraries
from desktop.search.search_page import SearchPage
from desktop.search.searcher import Searcher
from desktop.worker_client import WorkerClient


class Searching(QObject):
    """Everything behind the Search page."""

    def __init__(
        self,
        worker: WorkerClient,
        libraries: Libraries,
        settings: Callable[[], Settings],
        takes_graphics_card: Callable[[], bool],
        talk: Talk,
        command: CommandProcess,
        forbidden: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._takes_graphics_card, self._talk = settings, takes_graphics_card, talk
        self.searcher = Searcher(worker, self)
        command.setParent(self)
        self.page = SearchPage(self.searcher, libraries, self.mode, command, forbidden)
        self.searcher.facets_found.connect(self._on_facets)
        talk.filters.facets_wanted.connect(self._on_facets_wanted)

    def mode(self) -> SearchMode:
        """Return how to search: by words alone, without a model, while a rebuild has the graphics card."""
        now = self._settings()
        busy = now.model.device != "cpu" and self._takes_graphics_card()
        return "lexical" if busy else now.retrieval.mode

    def show_libraries(self, names: Sequence[str]) -> None:
        """Offer ``names`` and the order of the kinds of evidence."""
        now = self._settings()
        self.page.show_libraries(names, now.libraries)
        for filters in (self.page.filters, self._talk.filters):
            filters.grades = now.retrieval.grades

    @Slot()
    def retire(self) -> None:
        """Give the memory back."""
        self.searcher.retire()

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End the process."""
        self.page.shut_down()
        self.searcher.shut_down(grace_ms)

    @Slot()
    def _on_facets_wanted(self) -> None:
        if self._talk.libraries.libraries:
            self.searcher.list_facets(self._talk.libraries.libraries)

    @Slot(object, object)
    def _on_facets(self, libraries: tuple[str, ...], facets: Facets) -> None:
        if libraries == self._talk.libraries.libraries:
            self._talk.filters.show_facets(facets)
