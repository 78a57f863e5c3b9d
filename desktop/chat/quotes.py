"""Evidence without prose: the quotes that come closest to a question, as cards."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.types import Answer
from desktop.chat.evidence import source_of
from desktop.chat.source_card import SourceCard
from desktop.theme import GRID


class Quotes(QWidget):
    """Hidden unless an answer is quotes alone."""

    chosen = Signal(object)  # desktop.chat.source_card.Source

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[SourceCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self.hide()

    def show_answer(self, answer: Answer) -> None:
        """Show the quotes of ``answer``, once."""
        found = answer.closest if answer.evidence_only and not self.cards else ()
        for citation in found:
            card = SourceCard(source_of(citation, None), whole=True)
            card.activated.connect(lambda card=card: self.chosen.emit(card.source))
            self._column.addWidget(card)
            self.cards.append(card)
        self.setVisible(bool(self.cards))
