"""A training process from the terminal's end: one request, its events, and Ctrl+C."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from core import offline
from core.cancel import Cancelled, CancelToken
from core.errors import AppError, ProtocolError
from core.paths import Home
from core.programs import program
from core.protocol import Cancel, Done, Event, Failed, Request, decode_event, encode

WORKER = program("training")
LAUNCHER = (sys.executable, "-m", "accelerate.commands.launch")
_LOOK_S = 0.2  # how often it is looked whether Ctrl+C was pressed


class TrainingFailed(AppError):
    """The training process said that it failed; code, message and hint are its own."""

    def __init__(self, said: Failed) -> None:
        super().__init__(said.message, said.hint)
        self.code = said.code


def ask(home: Home, request: Request, cancel: CancelToken) -> Iterator[Event]:
    """Yield the events of ``request`` from a process of its own, which ends with it.

    Raises:
        TrainingFailed: it failed, and why.
        Cancelled: it was cancelled, and what there was is saved.
        ProtocolError: the process ended in the middle.
    """
    with _started(home, WORKER, stdin=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(encode(request))
        process.stdin.flush()
        yield from _events(home, process, cancel)


def launch(home: Home, config: Path, arguments: Sequence[str], cancel: CancelToken) -> Iterator[Event]:
    """Yield the events of one run that accelerate starts in several processes; raises as ``ask``.

    Args:
        config: of accelerate (``accelerate config`` writes one): processes, machines, FSDP.
        arguments: of ``python -m training``.
    """
    command = (*LAUNCHER, "--config_file", str(config), "-m", "training", *arguments)
    with _started(home, command, stdin=subprocess.DEVNULL) as process:
        yield from _events(home, process, cancel)


class _started:
    """A process that does not hear Ctrl+C itself, and is gone when the block is left."""

    def __init__(self, home: Home, command: Sequence[str], stdin: int) -> None:
        home.logs.mkdir(parents=True, exist_ok=True)
        self._log = (home.logs / "training.log").open("ab")
        own_group = sys.platform == "win32" and subprocess.CREATE_NEW_PROCESS_GROUP
        self._process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=offline.worker_environment(home),
            start_new_session=True,
            creationflags=own_group or 0,
        )

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self._process

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
        self._log.close()


def _events(home: Home, process: subprocess.Popen[bytes], cancel: CancelToken) -> Iterator[Event]:
    assert process.stdout
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.stdout, lines), name="training", daemon=True).start()
    told = False
    while True:
        if cancel.cancelled and not told:
            told = True
            _stop(process)
        try:
            line = lines.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        if not line:
            raise ProtocolError(
                "The training process stopped unexpectedly.",
                f"What it said is in {home.logs / 'training.log'}; resume the run to go on.",
            )
        if not line.startswith(b'{"kind"'):  # said by a launcher
            continue
        event = decode_event(line)
        if isinstance(event, Failed):
            raise TrainingFailed(event)
        if isinstance(event, Done):
            if event.cancelled:
                raise Cancelled
            return
        yield event


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask for the end: by a message where one is read, else by a signal to all processes of the run."""
    if process.stdin:
        process.stdin.write(encode(Cancel()))
        process.stdin.flush()
    elif sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        os.killpg(process.pid, signal.SIGINT)


def _read(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(b"")
