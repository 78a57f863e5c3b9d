"""The window's end of the process that draws the pages of one PDF.

A file that was made to break PDFium breaks that process alone: the window hears one ``failed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QObject, QProcess, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from core.decoding import UNDECODABLE
from core.library.readers.pdf_pages import Opened, Refused
from core.library.readers.pdf_sight import LONGEST_LINE, LOOK, MAX_PIXELS, Drawn, Reply, Request

PATIENCE_MS = 15_000  # for one answer; a page of print takes some 15 ms


class PdfProcess(QObject):
    """Answers one request at a time; ``ready`` says when it is time for the next."""

    opened = Signal(int)  # how many pages there are
    answered = Signal(object, object)  # Drawn, Found or Refused; the QImage of a Drawn, else None
    failed = Signal(str)  # in a sentence; the process is gone
    ready = Signal()

    def __init__(
        self, command: Sequence[str], patience_ms: int = PATIENCE_MS, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._patience_ms = patience_ms
        self._process: QProcess | None = None
        self._awaited = False  # an answer
        self._picture: Drawn | None = None  # its pixels are on their way
        self._decoder = msgspec.json.Decoder(Reply)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._on_patience_over)
        if application := QCoreApplication.instance():
            application.aboutToQuit.connect(self.close)

    @property
    def running(self) -> bool:
        """True from ``open`` to ``close`` or a failure."""
        return self._process is not None

    @property
    def idle(self) -> bool:
        """True if a request can be sent."""
        return self.running and not self._awaited

    def open(self, path: Path) -> None:
        """Start it with ``path``, in place of another file."""
        self.close()
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_end)
        process.errorOccurred.connect(self._on_error)
        process.setStandardErrorFile(QProcess.nullDevice())
        self._wait()
        process.start(self._command[0], [*self._command[1:], LOOK, str(path.absolute())])

    def send(self, request: Request, patience_ms: int | None = None) -> None:
        """Ask for a picture or a place, to be answered in ``patience_ms``, or as soon as any."""
        assert self._process, "open a file first"
        assert not self._awaited, "one request at a time"
        self._wait(patience_ms)
        self._process.write(msgspec.json.encode(request) + b"\n")

    @Slot()
    def close(self) -> None:
        """End the process, and so let the file go."""
        self._patience.stop()
        self._awaited, self._picture = False, None
        if process := self._process:
            self._process = None
            for signal in (process.readyReadStandardOutput, process.finished, process.errorOccurred):
                signal.disconnect()
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()

    def _wait(self, patience_ms: int | None = None) -> None:
        self._awaited = True
        self._patience.start(patience_ms or self._patience_ms)

    @Slot()
    def _on_output(self) -> None:
        while (process := self._process) and self._awaited:
            if self._picture is None:
                if not process.canReadLine():
                    break
                try:
                    self._hear(self._decoder.decode(process.readLine().data()))
                except UNDECODABLE:
                    self._fail(self.tr("The PDF cannot be shown: its process spoke nonsense."))
            elif process.bytesAvailable() >= self._picture.bytes:
                self._finish_picture(self._picture, bytes(process.read(self._picture.bytes).data()))
            else:
                return
        if (process := self._process) and process.bytesAvailable() > LONGEST_LINE:  # nobody asked for that
            self._fail(self.tr("The PDF cannot be shown: its process spoke nonsense."))

    def _hear(self, reply: Reply) -> None:
        if isinstance(reply, Drawn):
            if not 0 < reply.width * reply.height <= MAX_PIXELS or reply.width < 1 or reply.points <= 0:
                raise msgspec.ValidationError("no picture has that size")
            self._picture = reply
        elif isinstance(reply, Refused) and reply.page == 0:
            self._fail(self.tr("The PDF cannot be shown: {0}.").format(reply.reason))
        else:
            self._answer()
            if isinstance(reply, Opened):
                self.opened.emit(reply.pages)
            else:
                self.answered.emit(reply, None)
            self.ready.emit()

    def _finish_picture(self, drawn: Drawn, pixels: bytes) -> None:
        self._picture = None
        self._answer()
        image = QImage(pixels, drawn.width, drawn.height, 4 * drawn.width, QImage.Format.Format_RGB32)
        self.answered.emit(drawn, image.copy())  # Qt does not hold the bytes of another
        self.ready.emit()

    def _answer(self) -> None:
        self._awaited = False
        self._patience.stop()

    def _fail(self, words: str) -> None:
        self.close()
        self.failed.emit(words)

    @Slot()
    def _on_end(self) -> None:
        self._on_output()  # what it said before it ended
        if self.running:
            self._fail(self.tr("The PDF cannot be shown: drawing it failed."))

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # other errors are followed by finished
            self._fail(self.tr("The PDF cannot be shown: drawing it could not be started."))

    @Slot()
    def _on_patience_over(self) -> None:
        self._fail(self.tr("The PDF cannot be shown: drawing it takes too long."))
