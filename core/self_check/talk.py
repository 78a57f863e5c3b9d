"""Asking a worker process from the outside, as the window does, with patience and without Qt."""

from __future__ import annotations

import subprocess
import threading
from typing import IO

from core import offline
from core.paths import Home
from core.programs import Name, program
from core.protocol import Done, Event, Failed, Request, decode_event, encode


class CheckFailed(Exception):
    """What was tried did not work; the text says how it went wrong."""


class Worker:
    """A worker process, for ``with``. What it prints besides its messages goes to ``logs/NAME.log``."""

    def __init__(self, name: Name, home: Home, patience: float = 900.0) -> None:
        """``patience`` is how many seconds it may take for everything."""
        home.logs.mkdir(parents=True, exist_ok=True)
        self._name, self._home = name, home
        self._log = (home.logs / f"{name}.log").open("ab")
        self._process = subprocess.Popen(
            program(name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=offline.worker_environment(home),
        )
        self._timer = threading.Timer(patience, self._process.kill)
        self._timer.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        _pipe(self._process.stdin).close()  # the end of its input ends a worker
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._timer.cancel()
        _pipe(self._process.stdout).close()
        self._log.close()

    def ask(self, request: Request) -> list[Event]:
        """Return all events of a job. Raises CheckFailed if it failed, or the process ended."""
        stdin = _pipe(self._process.stdin)
        events: list[Event] = []
        stdin.write(encode(request))
        stdin.flush()
        for line in _pipe(self._process.stdout):
            event = decode_event(line)
            if isinstance(event, Failed):
                raise CheckFailed(f"{event.message} {event.hint}".strip())
            events.append(event)
            if isinstance(event, Done):
                return events
        raise CheckFailed(f"The process {self._name} ended: {last_words(self._home, self._name)}")


def last_words(home: Home, name: str) -> str:
    """Return the last line that a process has written to its log, or that there is none."""
    lines = (home.logs / f"{name}.log").read_text("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
