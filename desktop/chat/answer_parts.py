"""What an answer has besides its words, in the order in which it is read."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from core.types import Answer, Study
from desktop.chat.answer_export import provenance
from desktop.chat.disagreement import Disagreements
from desktop.chat.document_rows import DocumentRows
from desktop.chat.emergency import Emergency
from desktop.chat.evidence import source_of
from desktop.chat.leaflet import Leaflet
from desktop.chat.quotes import Quotes
from desktop.chat.refusal import Limits, Refusal
from desktop.chat.studies import Studies
from desktop.chat.verdict_line import VerdictLine
from desktop.theme import SMALL, set_role, sized


class AnswerParts(QObject):
    """Owns the parts; ``above`` and ``below`` are to stand over and under the words."""

    source_wanted = Signal(object)  # desktop.chat.source_card.Source
    document_wanted = Signal(object)  # DocumentRef
    search_wanted = Signal(str)  # a query

    def __init__(self, limits: Limits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answer: Answer | None = None
        self.emergency = Emergency()
        self.verdicts = VerdictLine()
        self.legend = QLabel(self.tr("[n] in a dashed frame: found by search, not cited by the model"))
        self.refusal = Refusal(limits)
        self.quotes = Quotes()
        self.disagreements = Disagreements()
        self.studies = Studies()
        self.leaflet = Leaflet()
        self.documents = DocumentRows()
        self.provenance = QLabel()
        for label in (self.legend, self.provenance):
            sized(label, SMALL)
            set_role(label, "muted")
            label.setWordWrap(True)
            label.hide()
        self.above: tuple[QWidget, ...] = (self.emergency,)
        self.below: tuple[QWidget, ...] = (
            self.verdicts,
            self.legend,
            self.refusal,
            self.quotes,
            self.disagreements,
            self.studies,
            self.leaflet,
            self.documents,
            self.provenance,
        )
        self.documents.document_wanted.connect(self.document_wanted)
        self.documents.search_wanted.connect(self.search_wanted)
        self.refusal.search_wanted.connect(self.search_wanted)
        self.quotes.chosen.connect(self.source_wanted)
        self.disagreements.study_wanted.connect(self._on_study)
        self.studies.study_wanted.connect(self._on_study)

    def show_answer(self, answer: Answer, *, quotes_chosen: bool = False) -> None:
        """Show what ``answer`` has; ``quotes_chosen`` if the user asked for quotes alone."""
        self._answer = answer
        self.emergency.say(answer.emergency)
        self.verdicts.show_answer(answer)
        self.legend.setVisible(any(one.origin == "search" for one in answer.citations))
        self.refusal.show_answer(answer, chosen=quotes_chosen)
        self.quotes.show_answer(answer)
        self.disagreements.show_all(answer.disagreements)
        self.studies.show_studies(answer.studies)
        self.leaflet.show_answer(answer)
        self.documents.show_answer(answer)
        self.provenance.setText(provenance(answer))
        self.provenance.show()

    @Slot(object)
    def _on_study(self, study: Study) -> None:
        if self._answer is None:
            return
        cited = self._answer.citations
        index = cited.index(study.finding) if study.finding in cited else None
        self.source_wanted.emit(source_of(study.finding, index))
