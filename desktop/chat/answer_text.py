"""The answer itself: streamed as plain words, then shown with its citation marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QWidget

from core.types import Answer, Citation
from desktop.chat.flow_text import ROOM, FlowText
from desktop.chat.pieces import Mark, Piece, Unsourced, Words, marked_words, pieces
from desktop.icons import draw
from desktop.theme import LARGE, SMALL, Colours, colours

_SIGN_ROOM = 3  # spaces as wide as a digit
FLUSH_MS = 40  # tokens that come closer together than this are shown at once


@dataclass(frozen=True, slots=True)
class _Chip:
    """Where a mark stands in the document, for painting the shape behind it."""

    start: int
    end: int
    mark: Mark


class AnswerText(FlowText):
    """Keeps the words apart from their look: it is drawn anew when the palette changes."""

    citation_activated = Signal(int)  # its place in Answer.citations

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(LARGE, parent=parent)
        self._pending: list[str] = []
        self._answer: Answer | None = None
        self._alternative = 0
        self._chips: list[_Chip] = []
        self._signs: list[int] = []  # where remarks begin, with room for their sign
        self._current: int | None = None
        self._flush_timer = QTimer(self)
        self._flush_timer.setSingleShot(True)
        self._flush_timer.setInterval(FLUSH_MS)
        self._flush_timer.timeout.connect(self.flush)
        self.setAccessibleName(self.tr("Answer"))
        self.anchorClicked.connect(self._on_anchor)

    def stream(self, text: str) -> None:
        """Add ``text`` soon, together with what else comes in the next moments."""
        self._pending.append(text)
        if not self._flush_timer.isActive():
            self._flush_timer.start()

    @Slot()
    def flush(self) -> None:
        """Show what has come so far."""
        if self._pending:
            self.writer().insertText("".join(self._pending))
            self._pending.clear()

    def show_answer(self, answer: Answer, alternative: int = 0) -> None:
        """Show ``answer`` with its marks, or the n-th of its alternatives."""
        self._flush_timer.stop()
        self._pending.clear()
        self._answer, self._alternative = answer, alternative
        if alternative:
            self._write(marked_words(answer.alternatives[alternative - 1], answer))
        else:
            self._write(pieces(answer))

    def choose(self, index: int | None) -> None:
        """Make the mark of that citation stand out."""
        self._current = index
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_answer", None):
            assert self._answer is not None
            self.show_answer(self._answer, self._alternative)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shapes of the marks, then the words over them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for chip in self._chips:
            self._paint_chip(painter, chip, colours())
        for start in self._signs:
            self._paint_sign(painter, start)
        painter.end()
        super().paintEvent(event)

    def _write(self, parts: Iterable[Piece]) -> None:
        self.clear()
        self._chips, self._signs = [], []
        writer, plain = self.writer(), QTextCharFormat()
        for part in parts:
            match part:
                case Words(text):
                    writer.insertText(text, plain)
                case Mark():
                    self._write_mark(writer, part)
                case Unsourced(sentences):
                    self._write_remark(writer, sentences)

    def _write_mark(self, writer: QTextCursor, mark: Mark) -> None:
        assert self._answer is not None
        look, palette = QTextCharFormat(), colours()
        ground, ink = (
            (palette.base, palette.accent) if mark.by_search else (palette.accent, palette.on_accent)
        )
        look.setAnchor(True)
        look.setAnchorHref(f"citation:{mark.index}")
        look.setToolTip(self._describe(self._answer.citations[mark.index]))
        look.setFontPointSize(self.document().defaultFont().pointSizeF() * 0.8)
        look.setFontWeight(QFont.Weight.DemiBold)
        bracket = QTextCharFormat(look)
        bracket.setForeground(QColor(ground))  # there to be copied and read out, not to be seen
        look.setForeground(QColor(ink))
        start = writer.position()
        for text, form in (("[", bracket), (str(mark.marker), look), ("]", bracket)):
            writer.insertText(text, form)
        self._chips.append(_Chip(start, writer.position(), mark))

    def _write_remark(self, writer: QTextCursor, sentences: int) -> None:
        look = QTextCharFormat()
        look.setForeground(QColor(colours().muted))
        look.setFontPointSize(self.document().defaultFont().pointSizeF() * SMALL / LARGE)
        look.setToolTip(self.tr("Nothing in the library was found that says this. Check it elsewhere."))
        text = (
            self.tr("no source found").replace(" ", "\u00a0")
            if sentences == 1
            else self.tr("no source found for these sentences")
        )
        writer.insertText(" ", QTextCharFormat())
        # Room for the sign, which is painted: a picture in the text could be parted from its words.
        self._signs.append(writer.position())
        writer.insertText(ROOM * _SIGN_ROOM + text, look)

    def _paint_sign(self, painter: QPainter, start: int) -> None:
        block = self.document().findBlock(start)
        line = block.layout().lineForTextPosition(start - block.position())
        if not line.isValid():
            return
        origin = self.document().documentLayout().blockBoundingRect(block).topLeft()
        left, right = (_x(line.cursorToX(start - block.position() + n)) for n in (0, _SIGN_ROOM))
        size = round(self.fontMetrics().height() * 0.85)
        base = origin.y() + line.y() + line.ascent()
        sign = draw("unsourced", QColor(colours().muted), size, self.devicePixelRatioF())
        place = QPointF(origin.x() + (left + right - size) / 2, base - size * 0.82)
        painter.drawPixmap(place, sign)

    def _paint_chip(self, painter: QPainter, chip: _Chip, palette: Colours) -> None:
        block = self.document().findBlock(chip.start)
        layout = block.layout()
        line = layout.lineForTextPosition(chip.start - block.position())
        if not line.isValid():
            return
        origin = self.document().documentLayout().blockBoundingRect(block).topLeft()
        left = _x(line.cursorToX(chip.start - block.position()))
        right = _x(line.cursorToX(chip.end - block.position()))
        height = self.fontMetrics().height() * 1.05
        base = origin.y() + line.y() + line.ascent()
        box = QRectF(origin.x() + left, base - height * 0.79, right - left, height)
        box = box.adjusted(0.5, 0.5, -0.5, -0.5)
        chosen = chip.mark.index == self._current
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
        painter.drawRoundedRect(box, 4, 4)

    def _describe(self, citation: Citation) -> str:
        document = citation.document
        where = ", ".join(filter(None, (document.journal, str(document.year or ""))))
        how = (
            self.tr("Found by search, not cited by the model.")
            if citation.origin == "search"
            else self.tr("Cited by the model.")
        )
        return f"{document.title}\n{where}\n{how}"

    @Slot(QUrl)
    def _on_anchor(self, url: QUrl) -> None:
        if url.scheme() == "citation":
            self.citation_activated.emit(int(url.path()))


def _x(found: object) -> float:
    """Return the x of ``QTextLine.cursorToX``, which PySide6 gives as a pair or a number."""
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]
