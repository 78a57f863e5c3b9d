"""Text into a file that the user names: whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QIODevice, QObject, QSaveFile, Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QFileDialog, QWidget


class Saving(QObject):
    """Asks where, writes, and says how it went."""

    said = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def ask(self, made: Callable[[], str], name: str, kinds: str) -> None:
        """Ask for a place for what ``made`` returns; nothing happens if the user thinks better of it."""
        path, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save"), name, kinds)
        if path:
            self.save(made(), Path(path))

    def save(self, text: str, path: Path) -> None:
        """Write ``text``, which is Markdown, as it is, or as a web page if ``path`` is one."""
        if path.suffix.lower() in (".html", ".htm"):
            page = QTextDocument()
            page.setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
            text = page.toHtml()
        file = QSaveFile(str(path))
        data = text.encode("utf-8-sig" if path.suffix.lower() == ".csv" else "utf-8")  # Excel asks for a mark
        well = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(data) == len(data) and file.commit()
        if well:
            self.said.emit(self.tr("Saved as {0}").format(path.name))
        else:
            self.said.emit(
                self.tr("{0} could not be written: {1}. Choose another place; nothing is lost.").format(
                    path.name, file.errorString()
                )
            )
