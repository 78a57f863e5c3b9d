"""What the assistant worker does for each request: a generator of events, Done and Failed excepted."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from core.assistant import Question
from core.cancel import CancelToken
from core.evaluation.plans import plan_of
from core.inspection import inspect
from core.library.shelf import shelf_of
from core.library.upgrade import settle as upgrade
from core.paths import Home
from core.progress import Progress as Tell
from core.protocol import (
    Activate,
    AddToLibrary,
    Ask,
    Evaluate,
    Evaluated,
    Event,
    Imported,
    Inspect,
    ListFacets,
    Progress,
    Request,
    Revert,
    Search,
    Searched,
    Status,
    Switched,
    Warm,
)
from core.retrieval.retriever import search_result
from core.runtime import Runtime
from core.settings import settings_of
from core.tuning.activation import activate, revert
from core.tuning.switching import settle

_PACKAGES = ("torch", "transformers", "sentence-transformers", "hnswlib", "tantivy", "bitsandbytes")


class Jobs:
    """Runs requests one at a time. Settings are read anew for each, so that a change needs no restart."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._runtime: Runtime | None = None
        self._upgraded: set[Path] = set()  # versions of libraries that need not be looked at again

    def run(self, request: Request, cancel: CancelToken) -> Iterator[Event]:
        """Yield the events of one job.

        Raises:
            AppError: the job cannot be done, and why.
            Cancelled: it was cancelled where nothing is left to show.
        """
        match request:
            case Ask():
                yield from self._ask(request, cancel)
            case Search():
                yield from self._search(request)
            case ListFacets():
                yield from self._facets(request)
            case AddToLibrary():
                yield from self._add(request, cancel)
            case Warm():
                yield from self._warm(request)
            case Activate() | Revert():
                yield from self._switch(request, cancel)
            case Evaluate():
                yield from self._evaluate(request, cancel)
            case Inspect():
                yield inspect("assistant", _PACKAGES)
            case _:  # Cancel is no job; the worker handles it as it arrives
                return

    def _ask(self, request: Ask, cancel: CancelToken) -> Iterator[Event]:
        runtime = self._current()
        retriever = runtime.retriever(request.libraries) if request.libraries else None
        seed = secrets.randbelow(2**31) if request.seed is None else request.seed
        question = Question(
            request.question, request.history, seed, request.filters, request.mode, request.evidence_only
        )
        yield from runtime.assistant().answer(question, retriever, cancel)

    def _search(self, request: Search) -> Iterator[Event]:
        runtime = self._current()
        if request.mode != runtime.settings.retrieval.mode:
            self._home.policy.must_leave("retrieval", "mode")
        settings = replace(runtime.settings.retrieval, mode=request.mode)
        retriever = runtime.retriever(request.libraries)
        yield Searched(
            search_result(retriever, request.query, settings, request.k, request.filters, request.offset)
        )

    def _facets(self, request: ListFacets) -> Iterator[Event]:
        yield self._current().retriever(request.libraries).facets()

    def _add(self, request: AddToLibrary, cancel: CancelToken) -> Iterator[Event]:
        runtime = self._current()
        yield Status("Loading the embedder")
        runtime.embedder()
        paths = [Path(path) for path in request.paths]
        collection, columns = request.collection, request.columns

        def work(tell: Tell) -> Event:
            return Imported(runtime.add(request.library, paths, cancel, tell, collection, columns))

        yield from _telling(work)

    def _switch(self, request: Activate | Revert, cancel: CancelToken) -> Iterator[Event]:
        def work(tell: Tell) -> Event:
            if isinstance(request, Activate):
                made = activate(self._home, request.run, request.insist, cancel, tell)
                return Switched(made.role, made.model)
            undone = revert(self._home, request.role, cancel, tell)
            return Switched(undone.role, undone.previous)

        yield Status("Switching the model")
        yield from _telling(work)

    def _evaluate(self, request: Evaluate, cancel: CancelToken) -> Iterator[Event]:
        """A cancel keeps what was finished; the same evaluation can then be resumed."""
        from core.evaluation.running import Evaluator  # with matplotlib and more, for this alone

        runtime = self._current()
        plan = None if request.resume else plan_of(request.measure, request.options)

        def work(tell: Tell) -> Event:
            evaluator = Evaluator(runtime, cancel, tell)
            done = evaluator.run(plan) if plan else evaluator.resume(request.resume)
            return Evaluated(done.id)

        yield Status("Preparing the evaluation")
        yield from _telling(work)

    def _warm(self, request: Warm) -> Iterator[Event]:
        runtime = self._current()
        if request.libraries:
            yield Status("Opening the library")
            runtime.retriever(request.libraries)
            runtime.embedder()
        yield Status("Loading the model")
        runtime.engine()

    def _current(self) -> Runtime:
        """Return the runtime for the settings as they are now; models stay loaded while unchanged."""
        settle(self._home)
        upgrade(shelf_of(self._home), self._upgraded)  # one that cannot be is told by what opens it
        settings = settings_of(self._home)
        if self._runtime is None or self._runtime.settings.model != settings.model:
            self._runtime = Runtime(self._home, settings)
        self._runtime.settings = settings
        return self._runtime


def _telling(work: Callable[[Tell], Event]) -> Iterator[Event]:
    """Do ``work`` on a thread, so that its progress can be told while it runs; its result comes last."""
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            events.put(work(lambda *progress: events.put(Progress(*progress))))
        except BaseException as error:  # handed to the caller, below
            failure.append(error)
        finally:
            events.put(None)

    thread = threading.Thread(target=run, name="job")
    thread.start()
    while (event := events.get()) is not None:
        yield event
    thread.join()
    if failure:
        raise failure[0]
