"""An import: how far it is, and what came of it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.protocol import AddToLibrary, Done, Event, Failed, Imported, Progress, Status
from core.types import ImportReport
from desktop.chat.note import Note
from desktop.library.tables import RowsModel
from desktop.theme import GRID, set_role, sized
from desktop.words import doing, duration, next_step, number
from desktop.worker_client import WorkerClient

ESTIMATE_AFTER_S = 5.0
ROWS_SHOWN = 5  # of what could not be read, before it scrolls


class ImportPanel(QFrame):
    """Runs one import at a time in a process of its own, so that questions can be asked meanwhile."""

    ended = Signal()

    def __init__(self, worker: WorkerClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self._worker = worker
        self._library = ""
        self._step, self._step_since = "", 0.0
        self.doing = QLabel()
        sized(self.doing, 1.0, bold=True)
        self.counts = QLabel()
        set_role(self.counts, "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel = QPushButton(self.tr("Stop"))
        self.cancel.clicked.connect(self.stop)
        self.outcome = Note(bare=True)
        self._rejected = RowsModel([self.tr("File"), self.tr("Record"), self.tr("Reason")], numeric=[1])
        self._rejected.setParent(self)
        self.table = QTableView()
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
        return self._library

    def begin(self, library: str, paths: list[str]) -> None:
        """Take ``paths`` into ``library``."""
        self._library = library
        self.outcome.hide()
        self.table.hide()
        self._show_running(True)
        self._show_progress(self.tr("Starting"), 0, None, "")
        self.show()
        self._worker.start_job(AddToLibrary(library, tuple(paths)))

    def _build(self) -> None:
        self.table.setModel(self._rejected)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.table.setShowGrid(False)
        self.table.verticalHeader().setDefaultSectionSize(3 * GRID + 4)
        self.table.setAccessibleName(self.tr("Records that could not be read"))
        row = QHBoxLayout()
        row.addWidget(self.doing)
        row.addWidget(self.counts, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        column.setSpacing(GRID)
        column.addLayout(row)
        for widget in (self.bar, self.outcome, self.table):
            column.addWidget(widget)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        match event:
            case Status(text):
                self._show_progress(doing(text), 0, None, "")
            case Progress(step=step, done=done, total=total, unit=unit):
                self._show_progress(self._words_of(step), done, total, unit)
            case Imported(report):
                self._show_report(report)
            case Failed(code, message, hint):
                self._finish("warning", message, next_step(code, hint))
            case Done(cancelled=True):
                self._finish(
                    "stopped",
                    self.tr("The import was stopped."),
                    self.tr("Add the same files again to go on where it stopped."),
                )
            case Done():
                self._finish("", "", "")

    def _show_progress(self, step: str, done: int, total: int | None, unit: str) -> None:
        now = time.monotonic()
        if step != self._step:
            self._step, self._step_since = step, now
        self.doing.setText(self.tr("Adding to {0}: {1}").format(self._library, step[:1].lower() + step[1:]))
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)
        parts = (
            [f"{number(done)} / {number(total)} {unit}" if total else f"{number(done)} {unit}"]
            if unit
            else []
        )
        elapsed = now - self._step_since
        if total and done and elapsed > ESTIMATE_AFTER_S:
            left = duration(elapsed / done * (total - done))
            parts.append(self.tr("{0} left").format(left))
        self.counts.setText(" · ".join(parts))

    def _words_of(self, step: str) -> str:
        words = {
            "read": self.tr("reading"),
            "check": self.tr("checking"),
            "index words": self.tr("indexing the words"),
            "index vectors": self.tr("indexing the meaning"),
        }
        return words.get(step, step)

    def _show_report(self, report: ImportReport) -> None:
        everything = report.added + report.updated + report.duplicates + report.failed
        parts = [
            self.tr("{0} added").format(number(report.added)),
            self.tr("{0} updated").format(number(report.updated)),
            self.tr("{0} already there").format(number(report.duplicates)),
        ]
        hint = " · ".join(parts)
        if report.failed:
            head = self.tr("Couldn't read {0} of {1} records").format(
                number(report.failed), number(everything)
            )
            self.outcome.say("warning", "warning", head, hint)
        else:
            head = self.tr("{0} now holds {1} documents").format(self._library, number(report.documents))
            self.outcome.say("ok", "accent", head, hint)
        rows = [(Path(one.file).name, str(one.record or ""), one.reason) for one in report.report]
        self._rejected.show_rows(rows)
        self.table.setVisible(bool(rows))
        heights = self.table.verticalHeader().defaultSectionSize() * min(ROWS_SHOWN, len(rows))
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + heights + 4)
        self.table.resizeColumnToContents(0)

    def _finish(self, icon: str, message: str, hint: str) -> None:
        if message:
            self.outcome.say(icon, "warning", message, hint)
        self._show_running(False)
        self._worker.retire()  # an import needs memory that questions can use now
        self.ended.emit()

    def _show_running(self, running: bool) -> None:
        for widget in (self.doing, self.counts, self.bar, self.cancel):
            widget.setVisible(running)
        self.cancel.setEnabled(True)

    @Slot()
    def stop(self) -> None:
        """End the import; what is done is kept."""
        self.cancel.setEnabled(False)
        self.doing.setText(self.tr("Stopping; what is done is kept"))
        self._worker.cancel()
