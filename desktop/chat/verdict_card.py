"""What opens under the sign of a sentence: the verdict, its reasons, and the words it rests on."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.types import Answer, Citation
from desktop.chat.verdicts import look_of
from desktop.icons import IconLabel
from desktop.theme import GRID, set_role, sized

WIDTH = 50 * GRID


class VerdictCard(QFrame):
    """Goes when one clicks elsewhere or presses Esc."""

    citation_wanted = Signal(int)  # its place in Answer.citations

    def __init__(self, answer: Answer, sentence: int, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        set_role(self, "popup")
        self.setFixedWidth(WIDTH)
        verdict = answer.sentences[sentence].verdict
        kind = look_of(verdict)
        self.reasons = verdict.reasons if verdict and verdict.reasons else (kind.meaning,)
        self.setAccessibleName(f"{kind.word}. {'. '.join(self.reasons)}")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        self._column.setSpacing(GRID)
        head = QHBoxLayout()
        head.setSpacing(GRID)
        word = QLabel(kind.word[0].upper() + kind.word[1:])
        sized(word, 1.0, bold=True)
        set_role(word, kind.colour)
        head.addWidget(IconLabel(kind.icon, kind.colour))
        head.addWidget(word, 1)
        self._column.addLayout(head)
        for reason in self.reasons:
            self._column.addWidget(_wrapped(reason[0].upper() + reason[1:]))
        self.buttons: list[QPushButton] = []
        for index, citation in enumerate(answer.citations):
            if citation.sentence == sentence:
                self._add_quote(index, citation)

    def open_at(self, place: QPoint) -> None:
        """Show it at ``place``, or where there is room."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        x = max(room.left(), min(place.x(), room.right() - self.width()))
        y = max(room.top(), min(place.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()
        (self.buttons[0] if self.buttons else self).setFocus()

    def _add_quote(self, index: int, citation: Citation) -> None:
        quote = _wrapped(f"[{citation.marker}] “{citation.quote}”")
        title = _wrapped(citation.document.title)
        set_role(title, "muted")
        button = QPushButton(self.tr("Open"))
        button.setAccessibleName(self.tr("Open {0}").format(citation.document.title))
        button.clicked.connect(lambda: self._on_open(index))
        self._column.addWidget(quote)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(title, 1)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self._column.addLayout(row)
        self.buttons.append(button)

    def _on_open(self, index: int) -> None:
        self.close()
        self.citation_wanted.emit(index)


def _wrapped(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
