"""One question with its answer, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from core.history import SavedTurn
from core.modes.leaflet import needs_signature
from core.protocol import Answered, Event, Found, Progress, Status, Token
from core.types import Answer, DocumentRef
from desktop.chat.answer_parts import AnswerParts
from desktop.chat.answer_text import AnswerText
from desktop.chat.evidence import library_of
from desktop.chat.feedback import Feedback
from desktop.chat.modes import words_of
from desktop.chat.note import Note
from desktop.chat.question_box import QuestionBox
from desktop.chat.refusal import Limits
from desktop.chat.verdict_card import VerdictCard
from desktop.chat.waiting import Waiting
from desktop.collected.keeper import Keeper
from desktop.icons import IconButton
from desktop.library.chooser import named
from desktop.theme import GRID, set_role, sized
from desktop.words import doing


class TurnView(QWidget):
    """Shows a saved turn, or one that is being answered."""

    citation_activated = Signal(object, int)  # this view, place in Answer.citations
    source_wanted = Signal(object, object)  # this view, desktop.chat.source_card.Source
    document_wanted = Signal(object, object)  # DocumentRef, LibraryRef | None
    copy_wanted = Signal(object)  # this view
    save_wanted = Signal(object)  # this view
    again_wanted = Signal(str)  # the question
    found = Signal(object)  # core.protocol.Found
    search_wanted = Signal(str)  # the query that lists what was counted

    def __init__(
        self, turn: SavedTurn, keeper: Keeper, limits: Limits, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.turn = turn
        self.quotes_chosen = False  # the user asked for quotes alone
        self.feedback = Feedback(keeper)
        self.answer: Answer | None = None
        self.passages: Found | None = None
        self.text = AnswerText()
        self.waiting = Waiting()
        self.note = Note()
        self.parts = AnswerParts(limits, self)
        self.place = QLabel()
        set_role(self.place, "muted")
        self._choices = QWidget()
        self._actions = self._build_actions()
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(1500)
        self._copied.timeout.connect(self._restore_copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + 4)
        column.addWidget(QuestionBox(turn.question))
        for part in (
            *self.parts.above,
            self._choices,
            self.place,
            self.text,
            self.waiting,
            self.note,
            *self.parts.below,
            self._actions,
            self.feedback,
        ):
            column.addWidget(part)
        for hidden in (self._choices, self.place, self.text, self._actions, self.note):
            hidden.hide()
        self.text.citation_activated.connect(self._on_citation)
        self.text.verdict_activated.connect(self._on_verdict)
        self.parts.document_wanted.connect(self._on_document)
        self.parts.source_wanted.connect(lambda source: self.source_wanted.emit(self, source))
        self.parts.search_wanted.connect(self.search_wanted)
        self.parts.leaflet.signed.connect(self._show_signed)

    def begin(self, said: str = "") -> None:
        """Show that the answer is being worked on, with what has been said so far."""
        self.waiting.begin()
        if said:
            self._stream(said)

    def show_event(self, event: Event) -> None:
        """Show one step of the answer."""
        match event:
            case Token(text):
                self.waiting.say(self.tr("Writing"))
                self._stream(text)
            case Status(text):
                self.waiting.say(doing(text))
            case Progress(step=step, done=done, total=total, unit=unit):
                self.waiting.say(f"{step}: {done:,}" + (f" / {total:,}" if total else "") + f" {unit}")
            case Found():
                self.passages = event
                self.found.emit(event)
            case Answered(answer):
                self._show_answer(answer)

    def end(self, turn: SavedTurn) -> None:
        """Show how it ended; also for a turn from the history."""
        self.turn = turn
        self.waiting.end()
        if turn.answer:
            self._show_answer(turn.answer)
        else:
            self.text.flush()
            if self.text.toPlainText() != turn.text:
                self.text.show_words(turn.text)
            self.text.setVisible(bool(turn.text))
            self.parts.verdicts.show_unchecked() if turn.text else self.parts.verdicts.hide()
        self._show_outcome(turn)
        self._copy.setVisible(turn.answer is not None and not turn.answer.refused)
        self._save.setVisible(turn.answer is not None)
        self._show_signed()
        self._actions.show()
        prose = turn.answer if turn.answer and not turn.answer.evidence_only else None
        self.feedback.show_answer(prose, self.passages.passages if self.passages else ())

    def _stream(self, text: str) -> None:
        self.text.show()
        self.text.stream(text)
        self.parts.verdicts.show_streaming()

    def _show_answer(self, answer: Answer) -> None:
        self.answer = answer
        self.parts.show_answer(answer, quotes_chosen=self.quotes_chosen)
        mode = words_of(answer.mode).name if answer.mode != "research" else ""
        several = len(answer.libraries) > 1
        place = self.tr("From {0}").format(named([one.name for one in answer.libraries])) if several else ""
        self.place.setText(" · ".join(filter(None, (mode, place))))
        self.place.setVisible(bool(self.place.text()))
        if answer.refused or answer.evidence_only:
            self.text.hide()
            return
        self.text.setVisible(bool(answer.answer))
        self.text.show_answer(answer)
        if answer.alternatives:
            self._show_choices(answer)

    def _show_alternative(self, answer: Answer, number: int) -> None:
        self.text.show_answer(answer, number)
        self.parts.verdicts.show_answer(answer, number)

    def _show_outcome(self, turn: SavedTurn) -> None:
        match turn.state:
            case "failed":
                kept = self.tr("What was written so far is kept.") if turn.text else ""
                self.note.say("warning", "warning", turn.message, " ".join(filter(None, (kept, turn.hint))))
            case "streaming":
                self.note.say(
                    "stopped",
                    "warning",
                    self.tr("This answer was interrupted."),
                    self.tr("What was written so far is kept. Ask again for a whole answer."),
                )
            case "stopped":
                self.note.say("stopped", "muted", self.tr("You stopped this answer."), "")
            case "done" if turn.answer and (turn.answer.refused or turn.answer.evidence_only):
                pass  # the parts say why
            case "done" if turn.answer and not turn.answer.libraries:
                self.note.say(
                    "warning", "warning", self.tr("Answered without any source."), turn.answer.notice
                )
            case "done" if not turn.text.strip():
                self.note.say("info", "muted", self.tr("The model wrote nothing."), self.tr("Ask again."))

    def _show_choices(self, answer: Answer) -> None:
        if self._choices.layout():
            return
        row = QHBoxLayout(self._choices)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        for number in range(len(answer.alternatives) + 1):
            choice = QToolButton()
            choice.setText(self.tr("Answer {0}").format(number + 1))
            choice.setCheckable(True)
            choice.setAutoExclusive(True)
            choice.setChecked(number == 0)
            choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            choice.clicked.connect(lambda _=False, n=number: self._show_alternative(answer, n))
            row.addWidget(choice)
        row.addStretch()
        self._choices.show()

    def _build_actions(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        self._copy = IconButton("copy", self.tr("Copy with references"))
        self._copy.clicked.connect(self._on_copy)
        self._save = IconButton("export", self.tr("Save…"))
        self._save.clicked.connect(lambda: self.save_wanted.emit(self))
        again = IconButton("again", self.tr("Answer again"))
        again.clicked.connect(lambda: self.again_wanted.emit(self.turn.question))
        for button in (self._copy, self._save, again):
            sized(button, 12 / 13)
            set_role(button, "inline")
            row.addWidget(button)
        row.addStretch()
        return bar

    @Slot()
    def _on_copy(self) -> None:
        if self.answer:
            self.copy_wanted.emit(self)
            self._copy.setText(self.tr("Copied"))
            self._copy.set_icon("ok")
            self._copied.start()

    @Slot()
    def _restore_copy(self) -> None:
        self._copy.setText(self.tr("Copy with references"))
        self._copy.set_icon("copy")

    @Slot()
    def _show_signed(self) -> None:
        """A text for patients stays in the window until a clinician has signed it."""
        may = self.answer is None or not needs_signature(self.answer) or bool(self.parts.leaflet.signed_by)
        for button in (self._copy, self._save):
            button.setEnabled(may)
            button.setToolTip("" if may else self.tr("A clinician has to check and sign it first"))

    @Slot(int, QPoint)
    def _on_verdict(self, sentence: int, place: QPoint) -> None:
        if self.answer:
            card = VerdictCard(self.answer, sentence, self.window())
            card.citation_wanted.connect(self._on_citation)
            card.open_at(place)

    @Slot(object)
    def _on_document(self, document: DocumentRef) -> None:
        self.document_wanted.emit(document, library_of(self.answer, document))

    @Slot(int)
    def _on_citation(self, index: int) -> None:
        self.citation_activated.emit(self, index)
