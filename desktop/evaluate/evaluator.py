"""Evaluations in a process of their own, so that questions can be asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from core.protocol import (
    Done,
    Evaluate,
    Evaluated,
    EvaluationKind,
    Event,
    Failed,
    Progress,
    Status,
)
from desktop.words import doing, next_step, number
from desktop.worker_client import WorkerClient


class Evaluator(QObject):
    """Runs one evaluation at a time. What is done of a stopped one is kept, and it can be resumed.

    The process is started for an evaluation and ends with it, which gives its memory back.
    """

    changed = Signal()  # one has begun or ended
    progressed = Signal()
    finished = Signal(str)  # id of the evaluation
    trouble = Signal(str)  # why it could not begin, or ended

    def __init__(
        self,
        worker: WorkerClient,
        refusal: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """``refusal`` returns why nothing can be measured now, or an empty string."""
        super().__init__(parent)
        self._worker = worker
        self._refusal = refusal
        self._run = ""
        self.words = ""  # what it is at
        self.done, self.total = 0, -1  # of the items; the total is -1 while that is not known
        worker.received.connect(self._on_event)

    @property
    def busy(self) -> bool:
        """True while one runs."""
        return self._worker.busy

    def start(self, kind: EvaluationKind, options: dict[str, Any]) -> bool:
        """Begin a new evaluation; False if that cannot be now."""
        return self._send(Evaluate(kind, options))

    def resume(self, kind: EvaluationKind, run: str) -> bool:
        """Go on with a stopped one; False if that cannot be now."""
        return self._send(Evaluate(kind, resume=run))

    @Slot()
    def stop(self) -> None:
        """Stop after the item that is being measured."""
        if self.busy:
            self.words = self.tr("Stopping")
            self._worker.cancel()
            self.progressed.emit()

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End the process; a run that it was at can be resumed."""
        self._worker.shut_down(grace_ms)

    def _send(self, request: Evaluate) -> bool:
        if reason := self.tr("An evaluation is running.") if self.busy else self._refusal():
            self.trouble.emit(reason)
            return False
        self._run, self.words = "", self.tr("Starting")
        self.done, self.total = 0, -1
        self._worker.start_job(request)
        self.changed.emit()
        return True

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        match event:
            case Status(text):
                self.words = doing(text)
            case Progress(step, done, total, _):
                self.words, self.done, self.total = doing(step), done, -1 if total is None else total
            case Evaluated(run):
                self._run = run
                return
            case Failed(code, message, hint):
                self.trouble.emit(" ".join(filter(None, (message, next_step(code, hint)))))
                self._end()
                return
            case Done():
                self._end()
                return
        self.progressed.emit()

    def _end(self) -> None:
        run, self._run = self._run, ""
        self._worker.retire()
        self.changed.emit()
        if run:
            self.finished.emit(run)

    def sentence(self) -> str:
        """Return what it is at, in words with numbers."""
        if self.total <= 0:
            return f"{self.words}…"
        return self.tr("{0}: {1} of {2}").format(self.words, number(self.done), number(self.total))
