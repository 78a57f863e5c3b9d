"""Under an answer: how many of its sentences the sources bear out. It is the legend of the signs as well."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.types import Answer
from desktop.chat.verdicts import Look, claims, counts, how_many, look, summary
from desktop.flow_layout import FlowLayout
from desktop.icons import IconLabel
from desktop.theme import GRID, SMALL, set_role, sized
from desktop.words import number


class VerdictLine(QWidget):
    """Hidden while there is nothing to say of an answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID // 2)
        self._words = ""
        self.hide()

    def show_streaming(self) -> None:
        """Say that what stands there is not checked yet."""
        self._say(self.tr("Not checked yet"))

    def show_unchecked(self) -> None:
        """Say that what was written will not be checked any more: there is no whole answer."""
        self._say(self.tr("Not checked"))

    def show_answer(self, answer: Answer, alternative: int = 0) -> None:
        """Count the verdicts of ``answer``; its further answers are not checked."""
        if alternative:
            self.show_unchecked()
            return
        found = counts(answer)
        self._clear()
        self.setVisible(bool(found))
        if not found:
            return
        self._words = summary(answer)
        row = self._row()
        row.addWidget(_label(f"{how_many(len(claims(answer)))}:"))
        for kind, count in found:
            row.addWidget(_part(kind, f"{number(count)} {kind.word}"))
        if answer.unchecked:
            why = _label(answer.unchecked)
            why.setWordWrap(True)
            self._column.addWidget(why)
            self._words = f"{self._words}. {answer.unchecked}"
        self.setAccessibleName(self._words)

    def text(self) -> str:
        """Return what is said, for screen readers and tests."""
        return self._words

    def _say(self, words: str) -> None:
        if self._words != words:
            self._clear()
            self._words = words
            self._row().addWidget(_part(look(None), words))
            self.setAccessibleName(words)
        self.show()

    def _row(self) -> FlowLayout:
        line = QWidget()
        self._column.addWidget(line)
        return FlowLayout(line)

    def _clear(self) -> None:
        self._words = ""
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()


def _part(kind: Look, words: str) -> QWidget:
    part = QWidget()
    part.setToolTip(kind.meaning)
    row = QHBoxLayout(part)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID // 2)
    row.addWidget(IconLabel(kind.icon, kind.colour, 15))
    row.addWidget(_label(words, kind.colour))
    return part


def _label(words: str, role: str = "muted") -> QLabel:
    label = QLabel(words)
    sized(label, SMALL)
    set_role(label, role)
    return label
