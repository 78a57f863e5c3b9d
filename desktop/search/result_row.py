"""How one result looks in the list: title, where it was published, marks, and the words that were found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.types import Hit, Span
from desktop.badges import Badge, badges
from desktop.chat.references import where
from desktop.search.results import HIT
from desktop.search.snippet import snippet
from desktop.theme import GRID, SMALL, Colours, colours

SNIPPET_LINES = 2
_SIDE, _END, _GAP = GRID * 2, GRID + 4, GRID // 2
Index = QModelIndex | QPersistentModelIndex


class ResultRow(QStyledItemDelegate):
    """All rows are of one height, so that a list of any length scrolls at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pattern: re.Pattern[str] | None = None  # the words of the search, to be marked
        self.several_libraries = False  # name the library of each result

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        title, small, text = _heights()
        return QSize(200, 2 * _END + title + small + SNIPPET_LINES * text + 3 * _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit: Hit | None = index.data(HIT)
        if hit is None:
            return
        look = colours()
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, box, state, look)
        inner = box.adjusted(_SIDE, _END, -_SIDE, -_END)
        painter.setClipRect(inner)
        title, small, _ = _heights()
        _paint_line(
            painter,
            QRect(inner.left(), inner.top(), inner.width(), title),
            hit.document.title,
            _font(bold=True),
            look.text,
        )
        top = inner.top() + title + _GAP
        self._paint_reference(painter, QRect(inner.left(), top, inner.width(), small + _GAP), hit, look)
        self._paint_snippet(painter, inner, top + small + 2 * _GAP, hit, look)
        painter.restore()

    def _paint_reference(self, painter: QPainter, room: QRect, hit: Hit, look: Colours) -> None:
        left = room.left()
        for badge in badges(hit.document):
            left = _paint_badge(
                painter, QRect(left, room.top(), room.right() - left, room.height()), badge, look
            )
        page = self.tr("p. {0}").format(hit.page) if hit.page else ""
        library = hit.document.library if self.several_libraries else ""
        pmid = f"PMID {hit.document.pmid}" if hit.document.pmid else ""
        words = " · ".join(filter(None, (where(hit.document), page, pmid, library)))
        line = QRect(left, room.top(), room.right() - left, room.height())
        _paint_line(painter, line, words, _font(SMALL), look.muted)

    def _paint_snippet(self, painter: QPainter, inner: QRect, top: int, hit: Hit, look: Colours) -> None:
        text, spans = snippet(hit.quote, self.pattern)
        font = _font()
        text = _cut(text, font, inner.width())
        layout = QTextLayout(text, font)
        plain, marked = QTextCharFormat(), QTextCharFormat()
        plain.setForeground(QColor(look.muted))
        marked.setForeground(QColor(look.on_mark))
        marked.setBackground(QColor(look.mark))
        places = [_range(0, _units(text), plain)]
        places += [_range(start, length, marked) for start, length in in_utf16(text, spans)]
        layout.setFormats(places)
        _lay_out(layout, inner.width())
        layout.draw(painter, QPointF(inner.left(), top))


def in_utf16(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return start and length of ``spans`` of ``text`` as Qt counts them: in units of UTF-16."""
    return [(_units(text[: span.start]), _units(text[span.start : span.end])) for span in spans]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _lay_out(layout: QTextLayout, width: int) -> list[int]:
    """Break the text into lines of ``width``; return where each of them ends, in UTF-16."""
    layout.beginLayout()
    y = 0.0
    ends: list[int] = []
    while len(ends) < SNIPPET_LINES and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += line.height()
        ends.append(line.textStart() + line.textLength())
    layout.endLayout()
    return ends


def _cut(text: str, font: QFont, width: int) -> str:
    """Return ``text`` with an ellipsis where the last line has no room for the rest."""
    units = text.encode("utf-16-le")
    ends = _lay_out(QTextLayout(text, font), width)
    if not ends or ends[-1] * 2 >= len(units):
        return text
    start = ends[-2] if len(ends) > 1 else 0
    first, rest = units[: start * 2].decode("utf-16-le"), units[start * 2 :].decode("utf-16-le")
    return first + QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, width - GRID)


def _paint_ground(painter: QPainter, box: QRect, state: QStyle.StateFlag, look: Colours) -> None:
    flag = QStyle.StateFlag
    if state & (flag.State_Selected | flag.State_MouseOver):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.accent_soft if state & flag.State_Selected else look.raised))
        painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 6, 6)
    if state & flag.State_Selected and state & flag.State_HasFocus:
        painter.setPen(QPen(QColor(look.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(box.adjusted(2, 2, -2, -2)), 6, 6)
    painter.fillRect(box.left() + _SIDE, box.bottom(), box.width() - 2 * _SIDE, 1, QColor(look.line))


def _paint_line(painter: QPainter, room: QRect, text: str, font: QFont, colour: str) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


def _paint_badge(painter: QPainter, room: QRect, badge: Badge, look: Colours) -> int:
    """Paint ``badge`` at the left of ``room``; return where the next thing can begin."""
    font = _font(SMALL)
    width = QFontMetrics(font).horizontalAdvance(badge.text) + 12
    if width > room.width():
        return room.left()
    box = QRect(room.left(), room.top(), width, room.height())
    colour = {"badge-problem": look.problem, "badge-warning": look.warning}.get(badge.role, look.text)
    painter.setPen(Qt.PenStyle.NoPen if badge.role == "badge" else QPen(QColor(colour), 1))
    painter.setBrush(QColor(look.raised) if badge.role == "badge" else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), badge.text)
    return box.right() + GRID


def _range(start: int, length: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, look
    return made


def _font(ratio: float = 1.0, bold: bool = False) -> QFont:
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * ratio)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def _heights() -> tuple[int, int, int]:
    """Return the heights of a line of the title, of the reference, and of the text."""
    return (
        QFontMetrics(_font(bold=True)).height(),
        QFontMetrics(_font(SMALL)).height(),
        QFontMetrics(_font()).height(),
    )
