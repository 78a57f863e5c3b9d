"""This computer: what it has, what will run where, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.icons import IconLabel
from desktop.page import Page
from desktop.theme import GRID, LARGE, clear_ground, set_role, sized

if TYPE_CHECKING:
    from core.doctor import Report, Row

LOOK_EVERY_MS = 100
_ICONS = {"ok": ("ok", "accent"), "warning": ("warning", "warning"), "problem": ("warning", "problem")}


@dataclass(slots=True)
class _Examination:
    """A check on its way: filled in by its thread, read by the window once ``done``."""

    examine: Callable[[], Report]
    report: Report | None = field(default=None, init=False)
    failure: str = field(default="", init=False)
    done: bool = field(default=False, init=False)

    def run(self) -> None:
        try:
            self.report = self.examine()
        except Exception as error:  # whatever it is, the page has to say so
            self.failure = str(error) or type(error).__name__
        self.done = True


class DoctorPage(Page):
    """Examines on a thread of its own, because the workers are started and asked for it."""

    def __init__(self, examine: Callable[[], Report], parent: QWidget | None = None) -> None:
        super().__init__(
            _tr("This computer"),
            _tr("What Vademecum found here, what will run where, and what to do about problems."),
            parent,
        )
        self._examine = examine
        self._report: Report | None = None
        self._running: _Examination | None = None
        self.again = QPushButton(self.tr("Check again"))
        self.copy = QPushButton(self.tr("Copy as text"))
        self.state = QLabel()
        set_role(self.state, "muted")
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._on_look)
        self.setFocusProxy(self.again)
        self.bar.addWidget(self.copy)
        self.bar.addWidget(self.again)
        self.body.addWidget(self.state)
        self.body.addWidget(self._area, 1)
        self.again.clicked.connect(self.examine)
        self.copy.clicked.connect(self._on_copy)
        self.copy.setEnabled(False)

    @Slot()
    def examine(self) -> None:
        """Look at everything again."""
        if self._running is None:
            self.state.setText(self.tr("Checking…"))
            self.state.show()
            self.again.setEnabled(False)
            self._running = _Examination(self._examine)
            Thread(target=self._running.run, name="doctor", daemon=True).start()
            self._timer.start()

    def examine_once(self) -> None:
        """Look at everything if that has not been done."""
        if self._report is None:
            self.examine()

    def shut_down(self) -> None:
        """Wait for no result; the thread is a daemon and ends with the window."""
        self._timer.stop()

    @Slot()
    def _on_look(self) -> None:
        """See whether the thread is done: a timer, because signals between threads can crash PySide."""
        if self._running is None or not self._running.done:
            return
        self._timer.stop()
        examination, self._running = self._running, None
        self.again.setEnabled(True)
        if examination.report:
            self._report = examination.report
            self._show(examination.report)
        else:
            self.state.setText(self.tr("The check could not be finished: {0}").format(examination.failure))

    def _show(self, report: Report) -> None:
        self.state.hide()
        self.copy.setEnabled(True)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for section in report.sections:
            heading = QLabel(section.title)
            sized(heading, LARGE, bold=True)
            column.addWidget(heading)
            grid = QGridLayout()
            grid.setHorizontalSpacing(GRID * 2)
            grid.setVerticalSpacing(GRID)
            grid.setColumnStretch(2, 1)
            grid.setColumnMinimumWidth(1, 22 * GRID)
            for row in section.rows:
                _add_row(grid, row)
            column.addLayout(grid)
            column.addSpacing(GRID * 2)
        column.addStretch()
        self._area.setWidget(content)
        clear_ground(self._area)

    @Slot()
    def _on_copy(self) -> None:
        if self._report:
            QGuiApplication.clipboard().setText(as_text(self._report))


def as_text(report: Report) -> str:
    """Return ``report`` for a mail or an issue."""
    lines = []
    for section in report.sections:
        lines.append(section.title)
        for row in section.rows:
            remark = "" if row.state == "ok" else f"  ({row.state}: {row.hint})"
            lines.append(f"  {row.label}: {row.value}{remark}")
        lines.append("")
    return "\n".join(lines)


def _add_row(grid: QGridLayout, row: Row) -> None:
    number = grid.rowCount()
    label, value = QLabel(row.label), QLabel(row.value + (f"\n{row.hint}" if row.hint else ""))
    set_role(label, "muted")
    value.setWordWrap(True)
    value.setTextFormat(Qt.TextFormat.PlainText)
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    icon, colour = _ICONS[row.state]
    mark = IconLabel(icon, colour)
    mark.setAccessibleName(row.state)
    mark.setToolTip(row.state)
    for column, widget in enumerate((mark, label, value)):
        grid.addWidget(widget, number, column, Qt.AlignmentFlag.AlignTop)


def _tr(text: str) -> str:
    return QCoreApplication.translate("DoctorPage", text)
