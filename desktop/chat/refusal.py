"""Why there is no answer in prose, and what can be done: in words, with the limits that hold."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from core.settings import RetrievalSettings
from core.types import Answer
from desktop.chat.note import Note
from desktop.flow_layout import FlowLayout
from desktop.theme import GRID, set_role

Limits = Callable[[], RetrievalSettings]


class Refusal(QWidget):
    """Hidden unless an answer was refused, or is quotes without prose."""

    evidence_wanted = Signal(str)  # the question, to be answered by quotes alone
    search_wanted = Signal(str)  # the question, as a search
    prose_wanted = Signal(str)  # the question, to be answered in prose after all

    def __init__(self, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self._question = ""
        self.note = Note()
        self.limits = QLabel()
        self.limits.setWordWrap(True)
        set_role(self.limits, "muted")
        self.evidence = QPushButton(self.tr("Show the closest quotes"))
        self.prose = QPushButton(self.tr("Write an answer"))
        self.search = QPushButton(self.tr("Search for it"))
        self.evidence.clicked.connect(lambda: self.evidence_wanted.emit(self._question))
        self.prose.clicked.connect(lambda: self.prose_wanted.emit(self._question))
        self.search.clicked.connect(lambda: self.search_wanted.emit(self._question))
        buttons = QWidget()
        flow = FlowLayout(buttons)
        for button in (self.evidence, self.prose, self.search):
            flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self.note, self.limits, buttons):
            column.addWidget(part)
        self.hide()

    def show_answer(self, answer: Answer, *, chosen: bool = False) -> None:
        """Say why ``answer`` is none; ``chosen`` if the user asked for quotes alone."""
        self._question = answer.question
        self.setVisible(answer.refused or answer.evidence_only)
        if answer.evidence_only:
            self.note.say("info", "accent", answer.answer, answer.reason)
        elif answer.refused:
            self.note.say(
                "info", "accent", self.tr("No answer: {0}").format(answer.reason), self._next(answer)
            )
        self.limits.setText(self._why(answer))
        self.limits.setVisible(answer.refused or (not chosen and self._limits().min_support > 0))
        self.evidence.setVisible(answer.refused)
        self.prose.setVisible(answer.evidence_only and chosen)

    def text(self) -> str:
        """Return what is said, for screen readers and tests."""
        return f"{self.note.text()} {self.limits.text()}".strip()

    def _next(self, answer: Answer) -> str:
        if answer.nearest:
            return self.tr(
                "The nearest documents are below. Try other words, add documents to the library, or look at "
                "the quotes that come closest."
            )
        return self.tr("Try other words, or add documents to the library.")

    def _why(self, answer: Answer) -> str:
        limits = self._limits()
        closeness = QLocale().toString(limits.min_similarity, "f", 2)
        words = [
            self.tr(
                "The limit for an answer: a passage with a similarity to the question of at least {0}, where "
                "1 is the same."
            ).format(closeness)
        ]
        if limits.min_support > 0:
            support = QLocale().toString(limits.min_support * 100, "f", 0)
            words.append(
                self.tr(
                    "And a sentence that the quotes bear out with a likelihood of at least {0} %."
                ).format(support)
            )
        words.append(
            self.tr("Both are in the settings under Evidence.")
            if len(words) > 1
            else self.tr("It is in the settings under Evidence.")
        )
        return " ".join(words)
