"""Searches in a process of their own: the latest wins, and nobody waits for an older one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.protocol import Done, Event, Facets, Failed, ListFacets, Request, Search, Searched, Status
from desktop.words import doing, next_step
from desktop.worker_client import WorkerClient

IDLE_MS = 180_000  # without a search for so long, the process ends and gives its memory back


class Searcher(QObject):
    """Runs one search at a time, and the latest that was wanted after it.

    Neither of the other workers would do: a worker has one job at a time, the assistant's is an answer that
    takes its time, the importer's may take hours. This one is started by the first search. It holds the
    search model and the indexes but no language model (584 MB with the default one and the starter library),
    and is let go when it has been idle for a while.
    """

    searched = Signal(object, object)  # Search, SearchResult; maybe not what is wanted any more
    facets_found = Signal(object, object)  # names of libraries: tuple[str, ...], Facets
    doing = Signal(str)  # what it is at, in words; empty when it is done
    failed = Signal(object, str, str)  # Search, what went wrong, what to do

    def __init__(self, worker: WorkerClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._running: Request | None = None
        self._search: Search | None = None  # what comes next, and after it
        self._facets: ListFacets | None = None
        self._leaving = False  # the process is to end with its job
        worker.received.connect(self._on_event)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(worker.retire)

    @property
    def busy(self) -> bool:
        """True while something is searched for, or waits for it."""
        return self._running is not None

    def search(self, request: Search) -> None:
        """Search for ``request``; one that still runs is given up."""
        self._search = request
        if isinstance(self._running, Search):
            self._worker.cancel()
        self._next()

    def list_facets(self, libraries: tuple[str, ...]) -> None:
        """Find out what the documents of ``libraries`` can be filtered by."""
        self._facets = ListFacets(libraries)
        self._next()

    @Slot()
    def give_up(self) -> None:
        """Drop the search that runs or waits."""
        self._search = None
        if isinstance(self._running, Search):
            self._worker.cancel()

    @Slot()
    def retire(self) -> None:
        """Let the process go when its job is done; the next search starts another."""
        self._leaving = self.busy
        self._worker.retire()

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End the process."""
        self._idle.stop()
        self._running = self._search = self._facets = None
        self._worker.shut_down(grace_ms)

    def _next(self) -> None:
        if self._running is not None:
            return
        self._running = self._search or self._facets
        if self._running is None:
            self._idle.start()
            return
        self._idle.stop()
        if self._running is self._search:
            self._search = None
        else:
            self._facets = None
        self._worker.start_job(self._running)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        running = self._running
        if running is None:
            return
        match event:
            case Status(text):
                self.doing.emit(doing(text))
            case Searched(result):
                self.searched.emit(running, result)
            case Facets() if isinstance(running, ListFacets):
                self.facets_found.emit(running.libraries, event)
            case Failed(code, message, hint):
                if isinstance(running, Search):
                    self.failed.emit(running, message, next_step(code, hint))
                self._end()
            case Done():
                self._end()

    def _end(self) -> None:
        self._running = None
        if self._leaving:
            self.retire()
        self._next()
        if self._running is None:
            self.doing.emit("")
