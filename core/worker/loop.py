"""The loop of every worker process: requests in, events out, one job at a time, cancel at any time."""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import BinaryIO

from core.cancel import Cancelled, CancelToken
from core.errors import AppError, ProtocolError
from core.protocol import Cancel, Done, Event, Failed, Request, decode_request, encode

log = logging.getLogger("vademecum.worker")

Run = Callable[[Request, CancelToken], Iterator[Event]]


def serve(requests: BinaryIO, messages: BinaryIO, run: Run) -> None:
    """Answer ``requests`` with ``messages`` until the end of the input.

    Every job ends in exactly one Done or Failed. A Cancel stops the running job and the waiting ones; the
    end of input does the same, so that a worker never outlives its window.
    """
    inbox: queue.SimpleQueue[tuple[Request, CancelToken] | ProtocolError | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, inbox), name="requests", daemon=True).start()
    while (item := inbox.get()) is not None:
        if isinstance(item, ProtocolError):
            messages.write(encode(Failed(item.code, str(item), item.hint)))
            continue
        request, cancel = item
        try:
            for event in job(run, request, cancel):
                messages.write(encode(event))
        except BrokenPipeError:  # the window has gone, and with it whoever would read the rest
            cancel.cancel()
            return


def job(run: Run, request: Request, cancel: CancelToken) -> Iterator[Event]:
    """Yield the events of one job, the last of them Done or Failed whatever happens."""
    try:
        cancel.check()
        yield from run(request, cancel)
    except Cancelled:
        yield Done(cancelled=True)
    except AppError as error:
        yield Failed(error.code, str(error), error.hint)
    except MemoryError:
        yield Failed(
            "out_of_memory", "There is not enough memory.", "Close other programs or choose a smaller model."
        )
    except Exception as error:  # a bug: told to the user, with its traceback in the log; never the question
        # where, but not what: the message of an exception may hold words of the question
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s failed: %s\n%s", type(request).__name__, type(error).__name__, places)
        yield Failed(
            "bug",
            f"Something unexpected went wrong ({type(error).__name__}).",
            "Details are in the log folder.",
        )
    else:
        yield Done(cancelled=cancel.cancelled)


def _read(
    requests: BinaryIO, inbox: queue.SimpleQueue[tuple[Request, CancelToken] | ProtocolError | None]
) -> None:
    waiting: list[CancelToken] = []
    for line in requests:
        try:
            request = decode_request(line)
        except ProtocolError as error:
            inbox.put(error)
            continue
        if isinstance(request, Cancel):
            for token in waiting:
                token.cancel()
            waiting.clear()
        else:
            waiting.append(CancelToken())
            inbox.put((request, waiting[-1]))
    for token in waiting:
        token.cancel()
    inbox.put(None)
