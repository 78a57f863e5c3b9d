"""A command of ``vademecum``, run beside the window: what would take it too long or too much memory."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot

LONGEST_ERROR = 10_000  # bytes


class CommandProcess(QObject):
    """One command at a time, with ``--json``."""

    said = Signal(str)  # a line of how far it is
    progressed = Signal(str, object, object)  # with ``--events``: step, done: int, total: int or None
    ended = Signal(object, str)  # what it printed: a dict, empty when it failed; what went wrong

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._process = QProcess(self)
        self._errors = self._begun = b""  # of standard error: its lines, and what of the next is there
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
        """Run the command with ``arguments``, unless one is running."""
        if not self.busy:
            self._errors = self._begun = b""
            self._process.setProgram(self._command[0])
            self._process.setArguments([*self._command[1:], *arguments, "--json"])
            self._process.start()

    @Slot()
    def stop(self) -> None:
        """End it before it is done: what it changes is changed at its end or not at all."""
        if self.busy:
            self._process.terminate() if os.name != "nt" else self._process.kill()

    def shut_down(self) -> None:
        """End it and wait until it has."""
        self.blockSignals(True)
        if self.busy:
            self._process.terminate()
            if not self._process.waitForFinished(3000):
                self._process.kill()
                self._process.waitForFinished(1000)

    @Slot()
    def _on_said(self) -> None:
        new = bytes(self._process.readAllStandardError().data())
        *lines, self._begun = (self._begun + new).split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        if "step" in (found := _decoded(line)):
            self.progressed.emit(str(found["step"]), found.get("done"), found.get("total"))
        else:
            self._errors = (self._errors + line + b"\n")[-LONGEST_ERROR:]
            self.said.emit(line.decode("utf-8", "replace").strip())

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        output = bytes(self._process.readAllStandardOutput().data())
        self._on_said()
        self._errors += self._begun
        errors = self._errors.decode("utf-8", "replace")
        printed = _decoded(output)
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.ended.emit(printed, "")
        else:
            said = errors.rpartition("vademecum: ")[2] if "vademecum: " in errors else errors
            words = " ".join(said.split())
            self.ended.emit(printed, words or self.tr("It ended without saying why."))

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit({}, self.tr("It could not be started."))


def _decoded(output: bytes) -> dict[str, Any]:
    try:
        found = json.loads(output)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
