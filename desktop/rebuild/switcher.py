"""Takes tuned models into use and back, in a worker: a search model embeds every library anew."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from core.protocol import Activate, Done, Event, Failed, Progress, Revert, Status, Switched
from core.registry import ModelKind
from desktop.words import doing, next_step, number
from desktop.worker_client import WorkerClient


class Switcher(QObject):
    """One switch at a time."""

    progressed = Signal(str)  # what it does, in words
    changed = Signal()  # one has begun or ended
    switched = Signal(str, str)  # role, the model that is in use now
    trouble = Signal(str)

    def __init__(self, worker: WorkerClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        worker.received.connect(self._on_event)

    @property
    def busy(self) -> bool:
        """True while a model is taken into use or back."""
        return self._worker.busy

    def activate(self, run: str, insist: bool = False) -> None:
        """Take the model of ``run`` into use; ``insist`` although it is worse."""
        self._begin(Activate(run, insist))

    def revert(self, role: ModelKind) -> None:
        """Go back to the model before the one in use."""
        self._begin(Revert(role))

    @Slot()
    def stop(self) -> None:
        """Leave everything as it is."""
        self._worker.cancel()

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End the process; either the old model is in use or the new one."""
        self._worker.shut_down(grace_ms)

    def _begin(self, request: Activate | Revert) -> None:
        if self.busy:
            return
        self._worker.start_job(request)
        self.changed.emit()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        match event:
            case Status(text):
                self.progressed.emit(doing(text))
            case Progress(step=step, done=done, total=total, unit=unit):
                count = f"{number(done)} / {number(total)}" if total else number(done)
                self.progressed.emit(f"{doing(step)}: {count} {unit}")
            case Switched(role, model):
                self.switched.emit(role, model)
            case Failed(code, message, hint):
                if code == "worker_died":
                    message = self.tr("The switch was cut off.")
                    hint = self.tr("The models in use are whole. Try again.")
                self._end(f"{message} {next_step(code, hint)}".strip())
            case Done(cancelled):
                self._end(self.tr("Nothing was switched.") if cancelled else "")

    def _end(self, trouble: str) -> None:
        self._worker.retire()
        if trouble:
            self.trouble.emit(trouble)
        self.changed.emit()
