"""Text that is as tall as its words, so that a page of them scrolls as one."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QMimeData, QSizeF, Qt, Slot
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCursor, QTextOption, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QTextBrowser, QWidget

ROOM = "\u2007"  # a space that does not break; never part of the words
LINE_HEIGHT = 145.0  # per cent


class FlowText(QTextBrowser):
    """Selectable text without a frame or scroll bars of its own."""

    def __init__(
        self, ratio: float = 1.0, line_height: float = LINE_HEIGHT, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._line_height = line_height
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setStyleSheet("QTextBrowser { background: transparent; }")
        font = QFont(QApplication.font())
        font.setPointSizeF(font.pointSizeF() * ratio)
        self.document().setDefaultFont(font)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._on_size)

    def show_words(self, text: str) -> None:
        """Show ``text`` as it is, in place of what was there."""
        self.clear()
        self.writer().insertText(text)

    def writer(self) -> QTextCursor:
        """Return a cursor at the end, wherever the user has put theirs."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if self.document().isEmpty():
            block = QTextBlockFormat()
            block.setLineHeight(self._line_height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            cursor.setBlockFormat(block)
        return cursor

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy words, without the room that is left for signs between them."""
        data = QMimeData()
        data.setText(re.sub(f" ?{ROOM}+ ?", " ", self.textCursor().selection().toPlainText()))
        return data

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave scrolling to the page."""
        event.ignore()

    @Slot(QSizeF)
    def _on_size(self, size: QSizeF) -> None:
        self.setFixedHeight(max(1, math.ceil(size.height())))
