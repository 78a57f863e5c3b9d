"""How commands speak: data on standard output; progress and failures on standard error."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from core.cancel import CancelToken
from core.errors import InputUnreadable
from core.progress import Progress as Tell
from core.protocol import Progress as Step
from core.protocol import Status
from core.worker_io import claim_stdout

_EVERY_S = 0.1  # between two lines of progress for the window


class Output:
    """Standard output for data alone: what libraries print goes to standard error from now on."""

    def __init__(self) -> None:
        self._stream: BinaryIO = claim_stdout()

    def text(self, text: str) -> None:
        """Write ``text`` and a line end."""
        self._stream.write(text.encode("utf-8", "replace") + b"\n")

    def json(self, value: Any) -> None:
        """Write a dataclass or plain value as one JSON object, indented."""
        self._stream.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def confirm(question: str, verb: str, *, may_ask: bool) -> None:
    """Ask before something is lost; ``verb`` ("delete") is what would be done.

    Raises:
        typer.Abort: the answer was no.
        InputUnreadable: nobody may be asked.
    """
    if not may_ask:
        raise InputUnreadable(f"Nothing was {verb}d.", f"Say --yes to {verb} without being asked.")
    typer.confirm(question, abort=True, err=True)


class ProgressLine:
    """Progress of long steps on standard error: a live bar in a terminal, a line a step elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressLine:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def say(self, text: str) -> None:
        """Tell what is being done now."""
        self._console.print(text, style="dim", highlight=False, markup=False)

    def step(self, step: str, done: int, total: int | None, unit: str) -> None:
        """Tell how far a step is; ``total`` is None while unknown."""
        count = _count(done, total, unit)
        if step not in self._tasks:
            if not self._console.is_terminal:
                self.say(f"{step} ...")
            self._tasks[step] = self._bars.add_task(step, total=total, count=count)
        self._bars.update(self._tasks[step], completed=done, total=total, count=count)

    def event(self, event: Step | Status) -> None:
        """Show an event as the window would get it."""
        if isinstance(event, Status):
            self.say(f"{event.text} ...")
        else:
            self.step(event.step, event.done, event.total, event.unit)


@contextmanager
def cancel_on_interrupt() -> Iterator[CancelToken]:
    """Give a token that Ctrl+C cancels; a second Ctrl+C ends the program at once."""
    cancel = CancelToken()

    def stop(*_: object) -> None:
        if cancel.cancelled:
            sys.exit(130)
        cancel.cancel()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress(events: bool) -> Iterator[tuple[CancelToken, Tell]]:
    """Show progress to a person, or as JSON lines on standard error to the window."""
    with cancel_on_interrupt() as cancel:
        if events:
            yield cancel, _to_window()
        else:
            with ProgressLine() as line:
                yield cancel, line.step


def _to_window() -> Tell:
    last, before = 0.0, ""

    def tell(step: str, done: int, total: int | None, unit: str) -> None:
        nonlocal last, before
        if time.monotonic() - last > _EVERY_S or done == total or step != before:
            last, before = time.monotonic(), step
            print(json.dumps({"step": step, "done": done, "total": total}), file=sys.stderr, flush=True)

    return tell


def fail(message: str, hint: str = "") -> None:
    """Write a failure the user can act on."""
    print(f"vademecum: {message}" + (f"\n{hint}" if hint else ""), file=sys.stderr)


def human_bytes(count: float) -> str:
    """Return ``count`` bytes in words, such as "1.3 GB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit in ("bytes", "kB") else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def _count(done: int, total: int | None, unit: str) -> str:
    if unit == "bytes":
        return human_bytes(done) + (f" of {human_bytes(total)}" if total else "")
    return f"{done:,}" + (f" of {total:,}" if total else "") + f" {unit}"
