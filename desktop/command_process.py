"""A command of ``vademecum``, run beside the window: what would take it too long or too much memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot


class CommandProcess(QObject):
    """One command at a time, with ``--json``."""

    ended = Signal(object, str)  # what it printed: a dict, empty when it failed; what went wrong

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._process = QProcess(self)
        values = QProcessEnvironment()
        for name, value in environment.items():
            values.insert(name, value)
        self._process.setProcessEnvironment(values)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    @property
    def busy(self) -> bool:
        """True while a command runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, *arguments: str) -> None:
        """Run the command with ``arguments``, unless one is running."""
        if not self.busy:
            self._process.setProgram(self._command[0])
            self._process.setArguments([*self._command[1:], *arguments, "--json"])
            self._process.start()

    def shut_down(self) -> None:
        """End it and wait until it has."""
        self.blockSignals(True)
        if self.busy:
            self._process.terminate()
            if not self._process.waitForFinished(3000):
                self._process.kill()
                self._process.waitForFinished(1000)

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        output = bytes(self._process.readAllStandardOutput().data())
        errors = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        printed = _decoded(output)
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.ended.emit(printed, "")
        else:
            words = " ".join(errors.removeprefix("vademecum: ").split())
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
