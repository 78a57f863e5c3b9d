"""Studies that point different ways: both sides, with what tells how much each of them weighs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.types import Disagreement, Side, Study
from desktop.badges import badges, label_of
from desktop.cards import Card
from desktop.flow_layout import FlowLayout
from desktop.icons import IconLabel
from desktop.theme import GRID, SMALL, set_role, sized

BESIDE_FROM = 480  # pixels: below, the sides stand under one another


class StudyCard(Card):
    """One study of a side; opens where its finding is."""

    def __init__(self, study: Study, parent: QWidget | None = None) -> None:
        document = study.document
        super().__init__(f"[{study.marker}] {document.title}", parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        column.setSpacing(GRID // 2)
        column.addWidget(_wrapped(f"[{study.marker}] {document.title}", bold=True))
        facts = QWidget()
        flow = FlowLayout(facts)
        year = QLabel(str(document.year) if document.year else self.tr("year not known"))
        set_role(year, "muted")
        for label in (year, *map(label_of, badges(document))):
            flow.addWidget(label)
        column.addWidget(facts)
        people = study.population or self.tr("not told")
        who = _wrapped(self.tr("Studied: {0}").format(people))
        set_role(who, "muted")
        column.addWidget(who)
        column.addWidget(_wrapped(f"“{study.finding.quote}”"))


class DisagreementBlock(QFrame):
    """One disagreement with its sides, beside one another where there is room."""

    study_wanted = Signal(object)  # core.types.Study

    def __init__(self, disagreement: Disagreement, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self.cards: list[StudyCard] = []
        heading = _wrapped(self.tr("The studies do not agree"), bold=True)
        head = QHBoxLayout()
        head.setSpacing(GRID + 4)
        head.addWidget(IconLabel("warning", "warning"), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(heading, 1)
        reason = _wrapped(disagreement.reason)
        set_role(reason, "muted")
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(GRID * 2)
        for side in disagreement.sides:
            self._sides.addWidget(self._side(side), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(reason)
        column.addLayout(self._sides)
        self.setAccessibleName(f"{heading.text()}. {disagreement.reason}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        way = QBoxLayout.Direction
        self._sides.setDirection(way.LeftToRight if self.width() >= BESIDE_FROM else way.TopToBottom)
        super().resizeEvent(event)

    def _side(self, side: Side) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        stance = _wrapped(f"{side.stance[:1].upper()}{side.stance[1:]} ({len(side.studies)})", bold=True)
        sized(stance, SMALL, bold=True)
        column.addWidget(stance)
        for study in side.studies:
            card = StudyCard(study)
            card.activated.connect(lambda study=study: self.study_wanted.emit(study))
            self.cards.append(card)
            column.addWidget(card)
        column.addStretch()
        return part


class Disagreements(QWidget):
    """All of an answer; hidden where there is none."""

    study_wanted = Signal(object)  # core.types.Study

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blocks: list[DisagreementBlock] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self.hide()

    def show_all(self, found: Sequence[Disagreement]) -> None:
        """Show these, once."""
        for one in found if not self.blocks else ():
            block = DisagreementBlock(one)
            block.study_wanted.connect(self.study_wanted)
            self.blocks.append(block)
            self._column.addWidget(block)
        self.setVisible(bool(self.blocks))


def _wrapped(words: str, *, bold: bool = False) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if bold:
        sized(label, 1.0, bold=True)
    return label
