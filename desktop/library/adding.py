"""Where files are added: into which library, in which collection."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget

from desktop.flow_layout import FlowLayout
from desktop.icons import PrimaryButton
from desktop.theme import GRID

NEW_LIBRARY = "my library"


class Adding(QWidget):
    """Asks for files or a folder."""

    chosen = Signal(list)  # paths: list[str]

    def __init__(self, bundled: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bundled = bundled  # not where one's own files go unless one says so
        self.target = QComboBox()
        self.target.setEditable(True)
        self.target.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.target.setFixedWidth(15 * GRID)
        self.target.setAccessibleName(self.tr("Add to library"))
        self.target.setToolTip(self.tr("The library that files are added to. Type a name to make a new one."))
        self.collection = QLineEdit()
        self.collection.setPlaceholderText(self.tr("Collection"))
        self.collection.setAccessibleName(self.tr("Collection"))
        self.collection.setToolTip(
            self.tr(
                "If you like, a name for what is added now, such as a project. It can be filtered by later."
            )
        )
        self.collection.setFixedWidth(15 * GRID)
        self.files = PrimaryButton(self.tr("Add files…"), "file")
        self.folder = QPushButton(self.tr("Folder…"))
        self.folder.setToolTip(self.tr("Add all files of a folder"))
        flow = FlowLayout(self)
        for widget in (QLabel(self.tr("Add to")), self.target, self.collection, self.files, self.folder):
            flow.addWidget(widget)
        self.files.clicked.connect(self._on_files)
        self.folder.clicked.connect(self._on_folder)

    @property
    def library(self) -> str:
        """The library that is named."""
        return self.target.currentText().strip()

    def offer(self, names: Sequence[str]) -> None:
        """Offer ``names``, one's own first, and keep what was typed."""
        typed = self.target.currentText()
        own = [name for name in names if name != self._bundled]
        others = [name for name in names if name == self._bundled]
        self.target.clear()
        self.target.addItems([*own, *([] if own else [NEW_LIBRARY]), *others])
        if typed:
            self.target.setEditText(typed)

    @Slot()
    def _on_files(self) -> None:
        from core.library.readers.detect import FORMATS  # the readers are needed for nothing else here

        suffixes = dict.fromkeys(f"*{suffix}" for known in FORMATS for suffix in known.suffixes)
        kinds = self.tr("All that can be read ({0});;All files (*)").format(" ".join(suffixes))
        paths, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Add files to {0}").format(self.library), "", kinds
        )
        if paths:
            self.chosen.emit(paths)

    @Slot()
    def _on_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, self.tr("Add a folder to {0}").format(self.library))
        if path:
            self.chosen.emit([path])
