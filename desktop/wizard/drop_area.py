"""A place that says what it takes, by dropping or choosing."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.icons import IconLabel
from desktop.theme import GRID, set_mark, set_role, sized
from desktop.wizard.page import muted


class DropArea(QFrame):
    """Tells of the files that land on it, or are chosen with its button."""

    landed = Signal(list)  # paths

    def __init__(self, title: str, words: str, patterns: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "drop")
        self.setAcceptDrops(True)
        self._title, self._patterns = title, patterns
        heading = QLabel(title)
        sized(heading, 1.0, bold=True)
        self.button = QPushButton(self.tr("Choose files…"))
        self.button.setAccessibleName(f"{title}: {self.button.text()}")
        self.button.clicked.connect(self._on_choose)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(heading)
        text.addWidget(muted(words))
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        row.setSpacing(GRID * 2)
        row.addWidget(IconLabel("file", "accent", 24), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(text, 1)
        row.addWidget(self.button)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()
            set_mark(self, "over", "true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        set_mark(self, "over", "false")

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        set_mark(self, "over", "false")
        self.landed.emit(local_files(event.mimeData()))

    @Slot()
    def _on_choose(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, self._title, "", self._patterns)
        if paths:
            self.landed.emit(paths)


def local_files(data: QMimeData) -> list[str]:
    """Return the paths of the local files that are dragged."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
