"""What deleted passages still take, and building a library's indexes anew without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from desktop.command_process import CommandProcess
from desktop.library.import_progress import ImportProgress
from desktop.theme import GRID, set_role
from desktop.words import number, size

if TYPE_CHECKING:
    from core.library.shelf import LibraryInfo


class Compaction(QWidget):
    """A line that is there only while there is something to give back, or while that is done."""

    done = Signal(str)  # what the library takes now
    trouble = Signal(str)

    def __init__(self, command: CommandProcess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._library = self._running = ""
        self._stopped = False
        self.said = QLabel()
        set_role(self.said, "muted")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(16 * GRID)
        self.compact = QPushButton(self.tr("Compact"))
        self.compact.setToolTip(
            self.tr("Builds the indexes anew without them. Questions can be asked meanwhile.")
        )
        self.stop = QPushButton(self.tr("Stop"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.said, 1)
        for widget in (self.bar, self.compact, self.stop):
            row.addWidget(widget)
        self.compact.clicked.connect(self._on_compact)
        self.stop.clicked.connect(self._on_stop)
        command.said.connect(self._on_said)
        command.ended.connect(self._on_ended)
        self.hide()

    def show_library(self, info: LibraryInfo | None) -> None:
        """Say how much of this library is deleted; nothing of a shared one, which is only read."""
        offered = info is not None and info.stale > 0 and not info.shared
        if not self._running:
            self._library = info.name if info and offered else ""
            if info:
                one, many = self.tr("1 deleted passage"), self.tr("{0} deleted passages")
                count = one if info.stale == 1 else many.format(number(info.stale))
                self.said.setText(self.tr("Still taking room: {0}").format(count))
        self._refresh()

    def _refresh(self) -> None:
        running = bool(self._running)
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.compact.setVisible(not running)
        self.setVisible(running or bool(self._library))

    @Slot()
    def _on_compact(self) -> None:
        if self._command.busy:
            self.trouble.emit(self.tr("Another change of a library is running. Try again when it is done."))
            return
        self._running, self._stopped = self._library, False
        self.said.setText(self.tr("Compacting {0}…").format(self._running))
        self._refresh()
        self._command.start("library", "compact", self._running)

    @Slot()
    def _on_stop(self) -> None:
        self._stopped = True
        self._command.stop()

    @Slot(str)
    def _on_said(self, line: str) -> None:
        if self._running and line.endswith(" ..."):
            progress = ImportProgress()
            progress.take(line.removesuffix(" ..."), 0, None, "", 0.0)
            self.said.setText(self.tr("Compacting {0}: {1}…").format(self._running, progress.doing()))

    @Slot(object, str)
    def _on_ended(self, printed: dict[str, Any], trouble: str) -> None:
        if not self._running:
            return
        library, self._running, self._library = self._running, "", ""
        self._refresh()
        if self._stopped:
            self.done.emit(self.tr("Stopped. {0} is as it was.").format(library))
        elif trouble:
            self.trouble.emit(trouble)
        else:
            now = int(printed["library"]["bytes"])
            words = self.tr("{0} takes {1} now; it was {2}")
            self.done.emit(words.format(library, size(now), size(int(printed["bytes_before"]))))
