"""The answer itself: streamed as plain words, then shown with its citation marks and verdicts."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from core.types import Answer
from desktop.chat import tips
from desktop.chat.flow_text import ROOM, FlowText
from desktop.chat.mark_painting import SIGN_ROOM, Chip, Icon, paint_chip, paint_icon
from desktop.chat.pieces import Mark, Piece, Sign, Unsourced, Words, marked_words, pieces
from desktop.chat.verdicts import look_of, summary
from desktop.theme import LARGE, SMALL, colours

_NAMED = ("unsupported", "contradicted")  # verdicts whose word stands beside the icon
FLUSH_MS = 40  # tokens that come closer together than this are shown at once


class AnswerText(FlowText):
    """Keeps the words apart from their look: it is drawn anew when the palette changes."""

    citation_activated = Signal(int)  # its place in Answer.citations
    verdict_activated = Signal(int, QPoint)  # place in Answer.sentences, and on the screen under its sign

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(LARGE, parent=parent)
        self._pending: list[str] = []
        self._answer: Answer | None = None
        self._alternative = 0
        self.chips: list[Chip] = []
        self.icons: list[Icon] = []  # of verdicts and remarks
        self.signs: dict[int, int] = {}  # place in Answer.sentences -> where the sign stands
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
            self.setAccessibleDescription(self.tr("unchecked"))
        else:
            self._write(pieces(answer))
            each = [f"{n + 1}: {tips.verdict_words(answer, n)}" for n in range(len(answer.sentences))]
            self.setAccessibleDescription(". ".join([summary(answer), *each]) if summary(answer) else "")

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
        """Paint the shapes of the marks, then the words over them, then the signs."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for chip in self.chips:
            paint_chip(painter, self, chip, colours(), chip.mark.index == self._current)
        painter.end()
        super().paintEvent(event)
        painter.begin(self.viewport())
        for icon in self.icons:
            paint_icon(painter, self, icon, colours())
        painter.end()

    def _write(self, parts: Iterable[Piece]) -> None:
        self.clear()
        self.chips, self.icons, self.signs = [], [], {}
        writer, plain = self.writer(), QTextCharFormat()
        for part in parts:
            match part:
                case Words(text):
                    writer.insertText(text, plain)
                case Mark():
                    self._write_mark(writer, part)
                case Sign(sentence):
                    self._write_sign(writer, sentence)
                case Unsourced(sentences):
                    self._write_remark(writer, sentences)

    def _write_mark(self, writer: QTextCursor, mark: Mark) -> None:
        assert self._answer is not None
        palette = colours()
        ground, ink = (
            (palette.base, palette.accent) if mark.by_search else (palette.accent, palette.on_accent)
        )
        look = _linked(f"citation:{mark.index}", tips.citation_tip(self._answer.citations[mark.index]))
        look.setFontPointSize(self.document().defaultFont().pointSizeF() * 0.8)
        look.setFontWeight(QFont.Weight.DemiBold)
        bracket = QTextCharFormat(look)
        bracket.setForeground(QColor(ground))  # there to be copied and read out, not to be seen
        look.setForeground(QColor(ink))
        start = writer.position()
        for text, form in (("[", bracket), (str(mark.marker), look), ("]", bracket)):
            writer.insertText(text, form)
        self.chips.append(Chip(start, writer.position(), mark))

    def _write_sign(self, writer: QTextCursor, sentence: int) -> None:
        """Write the verdict: an icon; its word too where the sentence should not be relied on."""
        assert self._answer is not None
        verdict = self._answer.sentences[sentence].verdict
        kind = look_of(verdict)
        form = _linked(f"verdict:{sentence}", tips.verdict_tip(self._answer, sentence))
        word = kind.word.replace(" ", "\u00a0") if verdict and verdict.label in _NAMED else ""
        self.signs[sentence] = self._write_icon(writer, form, kind.icon, kind.colour, word)

    def _write_remark(self, writer: QTextCursor, sentences: int) -> None:
        form = QTextCharFormat()
        form.setToolTip(self.tr("Nothing in the library was found that says this. Check it elsewhere."))
        text = (
            self.tr("no source found").replace(" ", "\u00a0")
            if sentences == 1
            else self.tr("no source found for these sentences")
        )
        self._write_icon(writer, form, "unsourced", "muted", text)

    def _write_icon(
        self, writer: QTextCursor, form: QTextCharFormat, icon: str, colour: str, word: str
    ) -> int:
        form.setForeground(QColor(getattr(colours(), colour)))
        form.setFontPointSize(self.document().defaultFont().pointSizeF() * SMALL / LARGE)
        start = writer.position()
        self.icons.append(Icon(start, icon, colour))
        writer.insertText(ROOM * SIGN_ROOM + word, form)
        return start

    @Slot(QUrl)
    def _on_anchor(self, url: QUrl) -> None:
        if url.scheme() == "citation":
            self.citation_activated.emit(int(url.path()))
        elif url.scheme() == "verdict":
            sentence = int(url.path())
            cursor = QTextCursor(self.document())
            cursor.setPosition(self.signs[sentence])
            under = self.viewport().mapToGlobal(self.cursorRect(cursor).bottomLeft())
            self.verdict_activated.emit(sentence, under)


def _linked(address: str, tip: str) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setAnchor(True)
    form.setAnchorHref(address)
    form.setToolTip(tip)
    return form
