"""A new evaluation: what is measured, on which files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.protocol import EvaluationKind
from desktop.evaluate.evaluation_words import KINDS, kind_words
from desktop.evaluate.fields import Fields, fields_of
from desktop.icons import PrimaryButton
from desktop.page import Page
from desktop.theme import GRID, set_role
from desktop.wizard.choice_card import ChoiceCard
from desktop.wizard.page import scrolled


class FormPage(Page):
    """Nothing is started before the fields are filled in."""

    started = Signal(str, object)  # EvaluationKind, its options
    cancelled = Signal()

    def __init__(self, models: Callable[[], Sequence[str]], parent: QWidget | None = None) -> None:
        """``models`` returns the names of the language models that are there."""
        super().__init__(_tr("New evaluation"), _tr("Measured on this computer, in the background."), parent)
        self._models = models
        self.kind: EvaluationKind = "answers"
        self.fields = Fields()
        self.cards: dict[EvaluationKind, ChoiceCard] = {}
        self.start = PrimaryButton(self.tr("Start"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        set_role(self.problem, "problem")
        self._place = QVBoxLayout()
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, GRID, 0)
        inside.setSpacing(GRID * 2)
        inside.addLayout(self._kinds())
        inside.addLayout(self._place)
        inside.addStretch()
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.start)
        row.addWidget(self.cancel)
        row.addWidget(self.problem, 1)
        self.body.addWidget(scrolled(content), 1)
        self.body.addLayout(row)
        self.start.clicked.connect(self._on_start)
        self.cancel.clicked.connect(self.cancelled)
        self.show_kind("answers")

    @Slot()
    def begin(self) -> None:
        """Empty the fields of the kind that is chosen."""
        self.show_kind(self.kind)
        self.cards[self.kind].button.setFocus()

    def show_kind(self, kind: EvaluationKind) -> None:
        """Ask for what ``kind`` needs."""
        self.kind = kind
        self.cards[kind].button.setChecked(True)
        self._place.removeWidget(self.fields)
        self.fields.hide()
        self.fields.deleteLater()
        self.fields = fields_of(kind, self._models())
        self._place.addWidget(self.fields)
        self.problem.clear()

    def _kinds(self) -> QGridLayout:
        grid, group = QGridLayout(), QButtonGroup(self)
        grid.setSpacing(GRID)
        for place, kind in enumerate(KINDS):
            words = kind_words(kind)
            card = ChoiceCard(words.name, words.help, one_of=True)
            group.addButton(card.button)
            card.button.clicked.connect(lambda _=False, kind=kind: self.show_kind(kind))
            grid.addWidget(card, place // 2, place % 2, Qt.AlignmentFlag(0))
            self.cards[kind] = card
        return grid

    @Slot()
    def _on_start(self) -> None:
        missing = self.fields.missing()
        self.problem.setText(missing)
        if not missing:
            self.started.emit(self.kind, self.fields.options())


def _tr(text: str) -> str:
    return QCoreApplication.translate("FormPage", text)
