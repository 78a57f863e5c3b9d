"""An import: how far it is, what came of it, and going on with one that was paused or cut off."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.protocol import AddToLibrary, Done, Event, Failed, Imported, Progress, Status
from core.types import ImportReport
from desktop.chat.note import Note
from desktop.icons import PrimaryButton
from desktop.library.import_progress import ImportProgress
from desktop.library.pending import Pending, PendingFile
from desktop.library.report_view import RejectedTable, report_words, tables_without_columns
from desktop.theme import GRID, set_role, sized
from desktop.words import doing, next_step, number
from desktop.worker_client import WorkerClient


class ImportPanel(QFrame):
    """Runs one import at a time in a process of its own, so that questions can be asked meanwhile."""

    ended = Signal()
    report_wanted = Signal(str)  # library
    columns_wanted = Signal(str)  # path of a table whose columns are not known

    def __init__(self, worker: WorkerClient, pending: PendingFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self._worker = worker
        self._file = pending
        self._now: Pending | None = None  # what runs, or can be gone on with
        self._pausing = False
        self._progress = ImportProgress()
        self.doing = QLabel()
        sized(self.doing, 1.0, bold=True)
        self.counts = QLabel()
        set_role(self.counts, "muted")
        self.counts.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.pause = QPushButton(self.tr("Pause"))
        self.cancel = QPushButton(self.tr("Stop"))
        self.resume = PrimaryButton(self.tr("Go on"))
        self.drop = QPushButton(self.tr("Leave it"))
        self.report = QPushButton(self.tr("Full report…"))
        self.columns = QPushButton(self.tr("Set the columns…"))
        self.outcome = Note(bare=True)
        self.table = RejectedTable()
        self._build()
        worker.received.connect(self._on_event)
        self.hide()

    @property
    def busy(self) -> bool:
        """True while an import runs."""
        return self._worker.busy

    @property
    def library(self) -> str:
        """The library that the last import was into."""
        return self._now.library if self._now else ""

    def begin(
        self, library: str, paths: list[str], collection: str = "", columns: dict[str, str] | None = None
    ) -> None:
        """Take ``paths`` into ``library``."""
        self._now = pending = Pending(library, tuple(paths), collection, columns or {})
        self._file.keep(pending)
        self._pausing = False
        self._progress = ImportProgress()
        self._show_running(True)
        self._show_progress(self.tr("starting"))
        self.show()
        self._worker.start_job(AddToLibrary(library, pending.paths, collection, pending.columns))

    def offer_pending(self) -> None:
        """Offer to go on with an import that an earlier window did not finish."""
        if not self.busy and (pending := self._file.read()) is not None:
            self._now = pending
            self._show_stopped(self.tr("An import into {0} was not finished.").format(pending.library))
            self.show()

    @Slot()
    def stop(self) -> None:
        """End the import; what is done is kept."""
        self._end_early(pausing=False)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.doing, 1)
        row.addWidget(self.pause)
        row.addWidget(self.cancel)
        came = QHBoxLayout()
        came.setSpacing(GRID)
        came.addWidget(self.outcome, 1)
        for button in (self.drop, self.resume, self.columns, self.report):
            came.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        column.setSpacing(GRID)
        column.addLayout(row)
        for widget in (self.bar, self.counts):
            column.addWidget(widget)
        column.addLayout(came)
        column.addWidget(self.table)
        self.pause.clicked.connect(lambda: self._end_early(pausing=True))
        self.cancel.clicked.connect(self.stop)
        self.resume.clicked.connect(self._on_resume)
        self.drop.clicked.connect(self._on_drop)
        self.report.clicked.connect(lambda: self.report_wanted.emit(self.library))
        self.columns.clicked.connect(lambda: self.columns_wanted.emit(self.columns.property("path")))
        self.counts.setTextFormat(Qt.TextFormat.PlainText)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        match event:
            case Status(text):
                self._show_progress(doing(text))
            case Progress(step=step, done=done, total=total, unit=unit):
                self._progress.take(step, done, total, unit, time.monotonic())
                self._show_progress(self._progress.doing())
            case Imported(report):
                self._show_report(report)
            case Failed(code, message, hint):
                self._show_failure(code, message, hint)
            case Done(cancelled=True):
                self._show_cancelled()
            case Done():
                self._file.clear()
                self._finish()

    def _show_progress(self, step: str) -> None:
        self.doing.setText(self.tr("Adding to {0}: {1}").format(self.library, step[:1].lower() + step[1:]))
        done, total = self._progress.bar
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.counts.setText("  ·  ".join(self._progress.counts()))

    def _show_report(self, report: ImportReport) -> None:
        message, hint = report_words(self.library, report)
        icon, colour = ("warning", "warning") if report.failed else ("ok", "accent")
        self.outcome.say(icon, colour, message, hint)
        self.table.show_rejected(report.report)
        self.report.show()
        self._offer_columns(tables_without_columns(report))

    def _show_failure(self, code: str, message: str, hint: str) -> None:
        paths = self._now.paths if self._now else ()
        self.outcome.say("warning", "warning", message, next_step(code, hint))
        if code == "input_unreadable":
            self._file.clear()
            self._offer_columns(tables_without_columns(paths))
        else:
            self.resume.show()  # memory, room on the disk: it may go well another time
            self.drop.show()
        self._finish()

    def _show_cancelled(self) -> None:
        if self._pausing:
            self._show_stopped(self.tr("The import into {0} is paused.").format(self.library))
        else:
            self._file.clear()
            self._show_stopped(self.tr("The import was stopped."), resumable=False)
        self._finish()

    def _show_stopped(self, message: str, *, resumable: bool = True) -> None:
        files = len(self._now.paths) if self._now else 0
        hint = self.tr("What was done is kept. Add the same files again to go on where it stopped.")
        if resumable:
            hint = self.tr("What was done is kept; it goes on from there.")
        if files > 1:
            hint = self.tr("{0} files. {1}").format(number(files), hint)
        self._show_running(False)
        self.outcome.say("pause", "accent", message, hint)
        self.resume.setVisible(resumable)
        self.drop.setVisible(resumable)

    def _offer_columns(self, tables: list[str]) -> None:
        self.columns.setProperty("path", tables[0] if tables else "")
        self.columns.setVisible(bool(tables))

    def _finish(self) -> None:
        self._hide_running()
        self._worker.retire()  # an import needs memory that questions can use now
        self.ended.emit()

    def _show_running(self, running: bool) -> None:
        for hidden in (self.outcome, self.table, self.resume, self.drop, self.report, self.columns):
            hidden.hide()
        for widget in (self.doing, self.counts, self.bar, self.pause, self.cancel):
            widget.setVisible(running)
            widget.setEnabled(True)

    def _hide_running(self) -> None:
        for widget in (self.doing, self.counts, self.bar, self.pause, self.cancel):
            widget.hide()

    def _end_early(self, *, pausing: bool) -> None:
        self._pausing = pausing
        self.pause.setEnabled(False)
        self.cancel.setEnabled(False)
        self.doing.setText(self.tr("Stopping; what is done is kept"))
        self._worker.cancel()

    @Slot()
    def _on_resume(self) -> None:
        if (pending := self._now) is not None and not self.busy:
            self.begin(pending.library, list(pending.paths), pending.collection, pending.columns)

    @Slot()
    def _on_drop(self) -> None:
        self._file.clear()
        self.hide()
