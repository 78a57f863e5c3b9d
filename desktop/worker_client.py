"""The window's end of a worker process.

A CUDA fault or an out-of-memory kill ends the worker only: the window sees one more ``Failed``
event, and the next request starts a new worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from core.errors import ProtocolError
from core.protocol import Cancel, Done, Event, Failed, Progress, Request, Status, Warm, decode_event, encode

LOG_LIMIT = 1_000_000  # bytes; one older log is kept beside it


@dataclass(frozen=True, slots=True)
class WorkerProgram:
    """What to run as a worker: command line, file for its standard error, and its environment."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


class WorkerClient(QObject):
    """One worker, one job at a time. Every job ends in exactly one Done or Failed."""

    received = Signal(object)  # core.protocol.Event

    def __init__(
        self, program: WorkerProgram, cancel_grace_ms: int = 5000, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._program = program
        self._process: QProcess | None = None
        self._leaving: list[QProcess] = []  # told to end; kept until they have
        self._busy = False
        self._warming = False
        self._waiting: Request | None = None  # a job that came while the model was being warmed
        self._said: Status | None = None  # what the warm-up does now
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(cancel_grace_ms)
        self._patience.timeout.connect(self._on_patience_over)

    @property
    def busy(self) -> bool:
        """True from ``start_job`` to its Done or Failed."""
        return self._busy

    @property
    def process_id(self) -> int | None:
        """Of the running worker, or None."""
        return self._process.processId() if self._process else None

    def start_job(self, request: Request) -> None:
        """Send ``request``, starting the worker if none is running; wait for a warm-up under way."""
        assert not self._busy, "one job at a time"
        self._busy = True
        if self._warming:
            self._waiting = request
            if self._said:
                self._publish(self._said)
        else:
            self._send(request)

    def warm(self, request: Warm) -> None:
        """Load the model while the user thinks. Nobody hears how it ends; a job would fail likewise."""
        if not self._busy and not self._warming:
            self._warming, self._said = True, None
            self._send(request)

    def cancel(self) -> None:
        """Ask the worker to stop the job; kill it when the grace time is over."""
        if not self._busy:
            return
        if self._waiting is not None:  # it never reached the worker
            self._waiting = None
            self._publish(Done(cancelled=True))
        elif self._process and not self._patience.isActive():
            self._process.write(encode(Cancel()))
            self._patience.start()

    def retire(self, grace_ms: int = 3000) -> None:
        """Let an idle worker end, so that the next job starts one that reads the new settings."""
        if not self._busy and (process := self._process):
            self._warming = False
            self._detach(process)
            process.closeWriteChannel()
            insist = QTimer(process)  # goes with the process
            insist.setSingleShot(True)
            insist.timeout.connect(process.kill)
            insist.start(grace_ms)

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End every worker: close its input, then terminate it, then kill it. Blocks."""
        self._busy = self._warming = False
        self._waiting = None
        self._patience.stop()
        if self._process:
            self._detach(self._process)
        for process in list(self._leaving):
            process.closeWriteChannel()
            for insist in (process.terminate, process.kill):
                if not process.waitForFinished(grace_ms) and process.state() != _STOPPED:
                    insist()
            process.waitForFinished(grace_ms)
            process.deleteLater()
        self._leaving.clear()

    def _send(self, request: Request) -> None:
        if self._process is None:
            self._start()
        if self._process and self._process.isOpen():
            self._process.write(encode(request))

    def _start(self) -> None:
        _rotate(self._program.log)
        process = self._process = QProcess(self)
        process.setProgram(self._program.command[0])
        process.setArguments(list(self._program.command[1:]))
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in self._program.environment.items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(str(self._program.log), QProcess.OpenModeFlag.Append)
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_end)
        process.errorOccurred.connect(self._on_error)
        process.start()

    @Slot()
    def _on_output(self) -> None:
        while (process := self._process) and process.canReadLine():
            try:
                self._hear(decode_event(bytes(process.readLine().data())))
            except ProtocolError as error:
                self._abandon()
                self._fail(error.code, self.tr("The answering process sent something unreadable."))

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # other errors are followed by finished
            self._drop()
            self._fail("worker_missing", self.tr("The answering process could not be started."))

    @Slot()
    def _on_end(self) -> None:
        self._on_output()  # what it said before it ended
        self._drop()
        self._fail("worker_died", self.tr("The answering process stopped unexpectedly."))

    @Slot()
    def _on_patience_over(self) -> None:
        self._abandon()
        self._publish(Done(cancelled=True))

    def _hear(self, event: Event) -> None:
        if not self._warming:
            self._publish(event)
            return
        if isinstance(event, Status):
            self._said = event
        if isinstance(event, Done | Failed):
            self._end_warming()
        elif self._waiting and isinstance(event, Status | Progress):
            self._publish(event)  # the job waits for just this

    def _end_warming(self) -> None:
        self._warming = False
        request, self._waiting = self._waiting, None
        if request:
            self._send(request)

    def _fail(self, code: str, message: str) -> None:
        if self._warming:  # the waiting job is tried in a new worker, once
            self._end_warming()
        else:
            hint = self.tr("Ask again to start a new one. If it happens again, choose a smaller model.")
            self._publish(Failed(code, message, hint))

    def _publish(self, event: Event) -> None:
        if not self._busy:  # the job is over: a late line, or an idle worker that ended
            return
        if isinstance(event, Done | Failed):
            self._busy = False
            self._patience.stop()
        self.received.emit(event)

    def _abandon(self) -> None:
        """Kill the worker and forget it; a new job does not wait for its end."""
        if process := self._process:
            self._detach(process)
            process.kill()

    def _detach(self, process: QProcess) -> None:
        for signal in (process.readyReadStandardOutput, process.finished, process.errorOccurred):
            signal.disconnect()
        self._process = None
        self._leaving.append(process)
        process.finished.connect(self._on_left)

    @Slot()
    def _on_left(self) -> None:
        for process in [p for p in self._leaving if p.state() == _STOPPED]:
            self._leaving.remove(process)
            process.deleteLater()

    def _drop(self) -> None:
        if self._process:
            self._process.deleteLater()
            self._process = None


_STOPPED = QProcess.ProcessState.NotRunning


def _rotate(log: Path) -> None:
    """Keep the log small; a log that cannot be moved must not keep a question from its answer."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_name(log.name + ".1"))
    except OSError:
        return
