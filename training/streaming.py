"""Work on a thread of its own, so that its events can be told while it goes on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

from core.protocol import Event

Emit = Callable[[Event], None]


def streamed(work: Callable[[Emit], None]) -> Iterator[Event]:
    """Yield what ``work`` emits as it comes; raise what it raises, after the last event.

    If the caller stops listening, the work is waited for all the same: what it writes must be whole.
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            work(events.put)
        except BaseException as error:  # handed to the caller, below
            failure.append(error)
        finally:
            events.put(None)

    thread = threading.Thread(target=run, name="training")
    thread.start()
    try:
        while (event := events.get()) is not None:
            yield event
    finally:
        thread.join()
    if failure:
        raise failure.pop()
