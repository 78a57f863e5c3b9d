"""A file that is dropped or chosen, named where it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.elided import ElidedLabel
from desktop.icons import IconButton
from desktop.theme import GRID, set_mark, set_role
from desktop.wizard.drop_area import local_files


class FileField(QFrame):
    """``paths`` is what is chosen: one path, or with ``several`` any number."""

    landed = Signal(list)  # more paths than there is room for: list[str], for the other fields of the form
    changed = Signal()

    def __init__(
        self, title: str, help_: str, *, several: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "drop")
        self.setAcceptDrops(True)
        self.title, self._several = title, several
        self.paths: tuple[str, ...] = ()
        self.name = ElidedLabel()
        heading, explained = QLabel(title), QLabel(help_)
        explained.setWordWrap(True)
        set_role(explained, "muted")
        self.button = QPushButton(self.tr("Choose…"))
        self.button.setAccessibleName(f"{title}: {self.button.text()}")
        self.button.clicked.connect(self._on_choose)
        self.clear = IconButton("close", self.tr("Remove: {0}").format(title), bare=True)
        self.clear.clicked.connect(lambda: self.set_paths(()))
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (heading, explained, self.name):
            words.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(GRID)
        row.addLayout(words, 1)
        row.addWidget(self.clear)
        row.addWidget(self.button)
        self.set_paths(())

    def set_paths(self, paths: Sequence[str]) -> None:
        """Choose ``paths``."""
        self.paths = tuple(paths if self._several else paths[:1])
        self.name.setText(", ".join(Path(path).name for path in self.paths))
        self.name.setToolTip("\n".join(self.paths))
        self.name.setVisible(bool(self.paths))
        self.clear.setVisible(bool(self.paths))
        self.setAccessibleName(f"{self.title}: {self.name.text() or self.tr('none')}")
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()
            set_mark(self, "over", "true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        set_mark(self, "over", "false")

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        set_mark(self, "over", "false")
        self._take(local_files(event.mimeData()))

    @Slot()
    def _on_choose(self) -> None:
        if self._several:
            paths, _ = QFileDialog.getOpenFileNames(self, self.title)
        else:
            path, _ = QFileDialog.getOpenFileName(self, self.title)
            paths = [path] if path else []
        if paths:
            self._take(paths)

    def _take(self, paths: list[str]) -> None:
        if self._several:
            self.set_paths([*dict.fromkeys((*self.paths, *paths))])
        elif len(paths) > 1:
            self.landed.emit(paths)
        elif paths:
            self.set_paths(paths)
