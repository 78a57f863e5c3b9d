"""``vademecum bundle`` beside the window, with its progress."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot


class BundleProcess(QObject):
    """One command at a time. It can be killed at any point: installing again goes on from there."""

    progressed = Signal(str, object, object)  # step, done: int, total: int or None
    ended = Signal(object, str)  # what it printed: a dict, empty when it failed; what went wrong
    stopped = Signal()

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._said: list[str] = []
        self._rest = b""
        self._stopping = False
        self._process = QProcess(self)
        values = QProcessEnvironment()
        for name, value in environment.items():
            values.insert(name, value)
        self._process.setProcessEnvironment(values)
        self._process.readyReadStandardError.connect(self._on_said)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    @property
    def busy(self) -> bool:
        """True while a command runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, *arguments: str) -> None:
        """Run ``vademecum bundle`` with ``arguments``, unless one is running."""
        if not self.busy:
            self._said, self._rest, self._stopping = [], b"", False
            self._process.setProgram(self._command[0])
            self._process.setArguments([*self._command[1:], "bundle", *arguments, "--json"])
            self._process.start()

    @Slot()
    def stop(self) -> None:
        """End the command now."""
        if self.busy:
            self._stopping = True
            self._process.kill()

    def shut_down(self) -> None:
        """End it and wait until it has."""
        self.blockSignals(True)
        if self.busy:
            self._process.kill()
            self._process.waitForFinished(3000)

    @Slot()
    def _on_said(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardError().data())).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace"))

    def _take(self, line: str) -> None:
        found = _decoded(line)
        if "step" in found:
            self.progressed.emit(str(found["step"]), found.get("done"), found.get("total"))
        elif line.strip():
            self._said.append(line.strip())

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_said()
        self._take(self._rest.decode("utf-8", "replace"))
        printed = _decoded(bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace"))
        if self._stopping:
            self.stopped.emit()
        elif code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.ended.emit(printed, "")
        else:
            words = " ".join(self._said).removeprefix("vademecum: ")
            self.ended.emit({}, words or self.tr("It ended without saying why."))

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit({}, self.tr("It could not be started."))


def _decoded(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
