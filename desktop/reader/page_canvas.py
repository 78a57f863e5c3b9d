"""Paper with ink, and the marker drawn over it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.library.readers.pdf_sight import Box
from desktop.theme import LIGHT


class PageCanvas(QWidget):
    """The picture of a page, as large as it is told; blank paper while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._lit: list[QRectF] = []

    def show_page(self, image: QImage, size: QSize, boxes: Sequence[Box], points: float) -> None:
        """Show ``image`` in ``size``, with ``boxes`` lit, for a page that is ``points`` wide."""
        scale = size.width() / points
        self._image = image
        self._lit = [
            QRectF(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale)
            for left, top, right, bottom in boxes
        ]
        self.resize(size)
        self.update()

    def clear(self, size: QSize) -> None:
        """Show paper of ``size`` without ink, none if that is empty."""
        self._image, self._lit = QImage(), []
        self.resize(size)
        self.update()

    def lit_box(self) -> QRectF | None:
        """Return what is around all that is lit."""
        return reduce(QRectF.united, self._lit) if self._lit else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor("white"))
        if self._image.isNull():
            return
        painter.drawImage(self.rect(), self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        for box in self._lit:
            painter.fillRect(box, QColor(LIGHT.mark))  # paper is light in the dark, too
