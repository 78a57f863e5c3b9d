"""``vademecum setup``, run from the window for those who do not want to type it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal, Slot


class SetupProcess(QObject):
    """Runs the command and tells its last line of output."""

    said = Signal(str)
    ended = Signal(bool)  # True when it went well

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProgram(command[0])
        self._process.setArguments(list(command[1:]))
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    def start(self) -> None:
        """Begin, unless it is running."""
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self._process.start()

    @Slot()
    def stop(self) -> None:
        """End it; what it has finished stays, and the next start goes on from there."""
        self._process.terminate()

    def shut_down(self) -> None:
        """End it and wait until it has."""
        self.blockSignals(True)
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.terminate()
            if not self._process.waitForFinished(3000):
                self._process.kill()
                self._process.waitForFinished(1000)

    @Slot()
    def _on_output(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        if lines := text.replace("\r", "\n").split("\n"):
            last = next((line.strip() for line in reversed(lines) if line.strip()), "")
            if last:
                self.said.emit(last)

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self.ended.emit(code == 0 and status == QProcess.ExitStatus.NormalExit)

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit(False)
