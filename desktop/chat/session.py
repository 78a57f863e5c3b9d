"""The conversation that is shown, and the one question that is being answered; both are saved as they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import AppError
from core.history import Conversation, History, SavedTurn, TurnState
from core.protocol import Answered, Ask, Done, Event, Failed, Token, Warm
from core.types import NO_FILTERS, Filters, Mode, Turn
from desktop.words import next_step
from desktop.worker_client import WorkerClient

SAVE_EVERY_MS = 500


class Session(QObject):
    """Asks, saves and remembers. The widgets show what its signals say."""

    opened = Signal(object, object)  # Conversation | None, its turns: list[SavedTurn]
    started = Signal(object)  # SavedTurn, about to be answered
    progressed = Signal(int, object)  # turn id, core.protocol.Event
    ended = Signal(object)  # SavedTurn, complete
    refused = Signal(str, str)  # question, why it cannot be asked now
    changed = Signal()  # the list of conversations
    trouble = Signal(str)  # what could not be saved, and what to do

    def __init__(self, history: History, worker: WorkerClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._worker = worker
        self._shown: Conversation | None = None
        self._turns: list[SavedTurn] = []
        self._running: SavedTurn | None = None
        self._said = ""
        self.refusal: Callable[[], str] = lambda: ""  # why no question can be asked now
        worker.received.connect(self._on_event)
        self._save_timer = QTimer(self)
        self._save_timer.setInterval(SAVE_EVERY_MS)
        self._save_timer.timeout.connect(self._save_words)

    @property
    def busy(self) -> bool:
        """True while a question is being answered, in this conversation or another."""
        return self._running is not None

    @property
    def shown(self) -> Conversation | None:
        """The conversation on screen; None before its first question."""
        return self._shown

    def live_text(self, turn: int) -> str | None:
        """Return what ``turn`` has been answered so far if it is still being answered."""
        return self._said if self._running and self._running.id == turn else None

    def new(self) -> None:
        """Show an empty conversation; it is saved with its first question."""
        self._show(None, [])

    def open(self, conversation: Conversation) -> None:
        """Show a saved conversation."""
        try:
            self._show(conversation, self._history.turns(conversation.id))
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")

    def ask(
        self,
        question: str,
        libraries: tuple[str, ...],
        filters: Filters = NO_FILTERS,
        mode: Mode = "research",
        *,
        evidence_only: bool = False,
    ) -> None:
        """Answer ``question`` in the shown conversation, unless another answer is still being written.

        Args:
            libraries: those that are searched; none to answer without sources.
            mode: what the answer is for.
            evidence_only: show the closest quotes, and let no model write.
        """
        if self._running:
            return
        if reason := self.refusal():
            self.refused.emit(question, reason)
            return
        turn = self._begin(question)
        if turn is None:
            return
        earlier = _for_prompt([old for old in self._turns if old.question != question])
        self._turns.append(turn)
        self._running, self._said = turn, ""
        self.started.emit(turn)
        self.changed.emit()
        self._save_timer.start()
        self._worker.start_job(Ask(question, earlier, libraries, None, filters, mode, evidence_only))

    @Slot()
    def stop(self) -> None:
        """Stop the answer that is being written; what there is stays."""
        self._worker.cancel()

    def warm(self, libraries: tuple[str, ...]) -> None:
        """Load the model ahead of the first question."""
        if self.refusal():
            return
        self._worker.warm(Warm(libraries))

    def close(self) -> None:
        """Keep what has been said so far; the turn stays marked as cut off."""
        if self._running:
            self._save_words()

    def _show(self, conversation: Conversation | None, turns: list[SavedTurn]) -> None:
        self._shown, self._turns = conversation, turns
        self.opened.emit(conversation, turns)

    def _begin(self, question: str) -> SavedTurn | None:
        try:
            if self._shown is None:
                self._shown = self._history.start(question)
            return self._history.add_turn(self._shown.id, question)
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
            return None

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        turn = self._running
        if turn is None:
            return
        match event:
            case Token(text):
                self._said += text
            case Answered(answer):
                state: TurnState = "stopped" if answer.stopped else "done"
                self._running = replace(turn, answer=answer, text=answer.answer, state=state)
            case Done():
                self._end(_completed(turn, self._said))
                return
            case Failed(code, message, hint):
                text = turn.text if turn.answer else self._said
                hint = next_step(code, hint)
                self._end(replace(turn, state="failed", text=text, message=message, hint=hint))
                return
        self.progressed.emit(turn.id, event)

    def _end(self, turn: SavedTurn) -> None:
        self._running, self._said = None, ""
        self._save_timer.stop()
        self._turns = [turn if old.id == turn.id else old for old in self._turns]
        try:
            self._history.finish(turn)
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
        self.ended.emit(turn)

    @Slot()
    def _save_words(self) -> None:
        if not self._running or self._running.text == self._said:
            return
        try:
            self._history.save_text(self._running.id, self._said)
        except AppError as error:
            self._save_timer.stop()  # say it once; the end of the answer tries again
            self.trouble.emit(f"{error} {error.hint}")
        else:
            self._running = replace(self._running, text=self._said)


def _completed(turn: SavedTurn, said: str) -> SavedTurn:
    """Return ``turn`` as it is after Done: without an answer it was stopped before there was one."""
    return turn if turn.answer else replace(turn, state="stopped", text=said)


def _for_prompt(turns: Sequence[SavedTurn]) -> tuple[Turn, ...]:
    """Return what the model may be reminded of; a question asked again counts once, with its last answer."""
    latest = {turn.question: turn for turn in turns if turn.text and not _without_prose(turn)}
    return tuple(Turn(turn.question, turn.text) for turn in latest.values())


def _without_prose(turn: SavedTurn) -> bool:
    return turn.answer is not None and (turn.answer.refused or turn.answer.evidence_only)
