"""Draws what stands between the words of an answer: the shapes of citation marks, the signs of verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTextLine
from PySide6.QtWidgets import QTextEdit

from desktop.chat.pieces import Mark
from desktop.icons import draw
from desktop.theme import Colours

SIGN_ROOM = 3  # spaces as wide as a digit


@dataclass(frozen=True, slots=True)
class Chip:
    """Where a citation mark stands in the text, for painting the shape behind it."""

    start: int
    end: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class Icon:
    """Where room is left for a sign, and which; ``colour`` is one of the theme's."""

    start: int
    name: str
    colour: str


def paint_chip(painter: QPainter, text: QTextEdit, chip: Chip, palette: Colours, chosen: bool) -> None:
    """Paint the shape of one citation mark; the number is text."""
    found = _line(text, chip.start)
    if found is None:
        return
    line, origin, first = found
    left, right = (_x(line.cursorToX(place - first)) for place in (chip.start, chip.end))
    height = text.fontMetrics().height() * 1.05
    base = origin.y() + line.y() + line.ascent()
    box = QRectF(origin.x() + left, base - height * 0.79, right - left, height)
    accent = QColor(palette.accent)
    if chip.mark.by_search:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QPen(accent, 2 if chosen else 1, Qt.PenStyle.DashLine)
        if chosen:
            frame.setDashPattern([2.0, 1.0])  # the usual pattern leaves too little of so small a frame
        painter.setPen(frame)
    else:
        painter.setBrush(accent)
        painter.setPen(QPen(QColor(palette.text), 2) if chosen else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


def paint_icon(painter: QPainter, text: QTextEdit, icon: Icon, palette: Colours) -> None:
    """Paint a sign into its room: a picture in the text could be parted from its sentence by a new line."""
    found = _line(text, icon.start)
    if found is None:
        return
    line, origin, first = found
    left, right = (_x(line.cursorToX(icon.start - first + n)) for n in (0, SIGN_ROOM))
    size = round(text.fontMetrics().height())
    cursor = text.textCursor()
    under = cursor.selectionStart() <= icon.start < cursor.selectionEnd()  # of the focus, or a selection
    colour = palette.on_accent if under else getattr(palette, icon.colour)
    sign = draw(icon.name, QColor(colour), size, text.devicePixelRatioF())
    base = origin.y() + line.y() + line.ascent()
    painter.drawPixmap(QPointF(origin.x() + (left + right - size) / 2, base - size * 0.78), sign)


def _line(text: QTextEdit, place: int) -> tuple[QTextLine, QPointF, int] | None:
    """Return the line of ``place``, the corner its block has on the viewport, and where that begins."""
    block = text.document().findBlock(place)
    line = block.layout().lineForTextPosition(place - block.position())
    if not line.isValid():
        return None
    origin = text.document().documentLayout().blockBoundingRect(block).topLeft()
    return line, origin, block.position()


def _x(found: object) -> float:
    """Return the x of ``QTextLine.cursorToX``, which PySide6 gives as a pair or a number."""
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]
