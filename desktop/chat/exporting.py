"""Answers leave the window here: to the clipboard, or to a file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.chat.answer_export import answer_as_text, conversation_as_text
from desktop.chat.saving import Saving
from desktop.chat.turn_view import TurnView


class Exporting:
    """What leaves is made by ``answer_export``, which keeps the notice with it."""

    def __init__(self, window: QWidget) -> None:
        self.saving = Saving(window)
        self._kinds = self.saving.tr("Markdown (*.md);;Web page (*.html)")

    @Slot(object)
    def copy(self, view: TurnView) -> None:
        """Put an answer on the clipboard."""
        if view.answer:
            QGuiApplication.clipboard().setText(answer_as_text(view.answer, view.parts.leaflet.signed_by))

    @Slot(object)
    def save_answer(self, view: TurnView) -> None:
        """Save an answer with its question."""
        if view.answer:
            self._ask(view.turn.question, [view])

    def save_conversation(self, title: str, views: Sequence[TurnView]) -> None:
        """Save every answer of a conversation."""
        self._ask(title, views)

    def _ask(self, title: str, views: Sequence[TurnView]) -> None:
        answers = [(view.answer, view.parts.leaflet.signed_by) for view in views if view.answer]
        name = "".join(letter if letter.isalnum() else " " for letter in title)
        file = f"{' '.join(name.split())[:60].strip() or 'answer'}.md"
        self.saving.ask(lambda: conversation_as_text(title, answers), file, self._kinds)
