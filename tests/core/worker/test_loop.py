"""The loop of a worker on made-up jobs: how each of them ends."""

import io
import logging
import os
import threading
import time

import pytest

from core.cancel import Cancelled
from core.errors import LibraryMissing
from core.protocol import Ask, Cancel, Done, Failed, Token, decode_event, encode
from core.worker.loop import serve


class Window:
    """The other end: sends its requests, hears the events, and closes when every job has ended."""

    def __init__(self, *requests):
        self.requests = requests
        self.events = []
        self.ended = threading.Semaphore(0)

    def __iter__(self):
        yield from map(encode, self.requests)
        for request in self.requests:
            if not isinstance(request, Cancel):
                assert self.ended.acquire(timeout=10)

    def write(self, line):
        self.events.append(decode_event(line))
        if isinstance(self.events[-1], Done | Failed):
            self.ended.release()


def events_of(run, *requests):
    window = Window(*requests)
    serve(window, window, run)
    return window.events


def failing(error):
    def run(request, cancel):
        yield Token("partial")
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LibraryMissing("none", "make one"), "library_missing"),
        (MemoryError(), "out_of_memory"),
        (ValueError(), "bug"),
    ],
)
def test_that_a_job_that_breaks_ends_in_one_failure(error, code):
    token, failed = events_of(failing(error), Ask("Q?"))
    assert token == Token("partial")
    assert failed.code == code
    assert failed.message


def test_that_cancelling_is_no_failure():
    assert events_of(failing(Cancelled()), Ask("Q?"))[-1] == Done(cancelled=True)


def test_that_the_log_says_where_a_bug_is_but_not_what_was_asked(caplog):
    with caplog.at_level(logging.ERROR):
        (_, failed) = events_of(failing(ValueError("bad token in: secretword")), Ask("secretword"))
    assert "secretword" not in caplog.text + str(failed)
    assert "ValueError" in caplog.text
    assert "test_loop.py" in caplog.text


def test_that_a_cancel_ends_the_running_job_and_the_waiting_one_before_it_begins():
    def run(request, cancel):
        yield Token(request.question)
        while not cancel.cancelled:
            time.sleep(0.01)

    events = events_of(run, Ask("first"), Ask("second"), Cancel())
    assert [event for event in events if isinstance(event, Done)] == [Done(cancelled=True)] * 2
    assert Token("second") not in events


def test_that_the_end_of_the_input_stops_the_running_job():
    def run(request, cancel):
        while not cancel.cancelled:
            time.sleep(0.01)
        yield Token("stopped")

    messages = io.BytesIO()
    serve(io.BytesIO(encode(Ask("Q?"))), messages, run)
    assert decode_event(messages.getvalue().splitlines()[-1]) == Done(cancelled=True)


def test_that_a_worker_whose_window_is_gone_ends_quietly():
    reading, writing = os.pipe()
    os.close(reading)

    def run(request, cancel):
        yield Token("nobody hears")

    with os.fdopen(writing, "wb", buffering=0) as messages:
        serve(io.BytesIO(encode(Ask("Q?"))), messages, run)
