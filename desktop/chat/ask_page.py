"""The page where questions are asked: conversation in the middle, evidence beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from core.history import Conversation, SavedTurn
from core.protocol import Event, Found
from core.types import Mode
from desktop.chat.citations import Citations
from desktop.chat.exporting import Exporting
from desktop.chat.refusal import Limits
from desktop.chat.session import Session
from desktop.chat.side_panel import SidePanel
from desktop.chat.talk import Talk
from desktop.chat.turn_view import TurnView
from desktop.collected.keeper import Keeper
from desktop.keys import shortcut
from desktop.library.source import Libraries
from desktop.setup_process import SetupProcess

BESIDE_FROM = 1000  # pixels of the window: the evidence stands beside the answer, else under it


class AskPage(QWidget):
    """Shows what the session says, and tells it what the user wants."""

    search_wanted = Signal(str)  # the query that lists what an answer has counted
    refused = Signal(str)  # why a question cannot be asked now

    def __init__(
        self,
        session: Session,
        libraries: Libraries,
        examples: Sequence[str],
        setup: SetupProcess,
        keeper: Keeper,
        limits: Limits,
        parent: QWidget | None = None,
    ) -> None:
        """``limits`` returns the settings that decide whether there is an answer."""
        super().__init__(parent)
        self._keeper, self._limits = keeper, limits
        self._modes: dict[int, Mode] = {}  # chosen for a conversation, though nothing was asked since
        self._quotes_asked = False
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self.talk = talk = Talk(examples, setup)
        self.title, self.libraries, self.filters = talk.title, talk.libraries, talk.filters
        self.welcome, self.turns, self.middle, self.composer = (
            talk.welcome,
            talk.turns,
            talk.middle,
            talk.composer,
        )
        self.side = SidePanel(libraries)
        self.citations = Citations(self.turns, self.side, self.libraries, keeper, self)
        self.exporting = Exporting(self)
        self.splitter = self._build()
        self._connect()
        self._add_shortcuts()
        self._on_opened(None, [])

    def show_libraries(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        """Offer these libraries, and asking without one."""
        self.libraries.offer(names, chosen)

    @Slot(str)
    def ask(self, question: str) -> None:
        """Ask ``question`` in the shown conversation, for the kind of answer that is chosen."""
        self._ask(question, quotes=self.composer.quotes.isChecked())

    def _ask(self, question: str, *, quotes: bool) -> None:
        self._quotes_asked = quotes
        asked, filters = self.libraries.libraries, self.filters.filters
        self._session.ask(question, asked, filters, self.composer.modes.mode, evidence_only=quotes)

    @Slot()
    def step_back(self) -> None:
        """Esc: close the reader, else go to the question box."""
        if self.side.reading:
            self.side.close_reader()
        else:
            self.composer.box.setFocus()

    def _build(self) -> QSplitter:
        self.setFocusProxy(self.composer.box)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.talk)
        splitter.addWidget(self.side)
        splitter.setStretchFactor(0, 5)
        splitter.setStretchFactor(1, 3)
        splitter.setSizes([500, 300])
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(splitter)
        # after the button: before the box, Tab would skip it
        QWidget.setTabOrder(self.composer.quotes, self.libraries)
        QWidget.setTabOrder(self.libraries, self.filters.more)
        return splitter

    def _connect(self) -> None:
        session = self._session
        session.opened.connect(self._on_opened)
        session.started.connect(self._on_started)
        session.progressed.connect(self._on_progressed)
        session.ended.connect(self._on_ended)
        session.refused.connect(self._on_refused)
        self.composer.sent.connect(self.ask)
        self.composer.stopped.connect(session.stop)
        self.composer.modes.chosen.connect(self._on_mode)
        self.talk.save.clicked.connect(self._on_save)
        self.welcome.example_chosen.connect(self.ask)

    def _add_shortcuts(self) -> None:
        shortcut("J", self, lambda: self.citations.walk(1), inside=True)
        shortcut("K", self, lambda: self.citations.walk(-1), inside=True)
        shortcut("Esc", self, self.step_back, inside=True)
        shortcut("Ctrl+.", self, self._session.stop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.window().width() >= BESIDE_FROM
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        super().resizeEvent(event)

    @Slot(object, object)
    def _on_opened(self, conversation: Conversation | None, turns: list[SavedTurn]) -> None:
        self.citations.forget()
        self.title.setText(conversation.title if conversation else self.tr("New question"))
        self.composer.modes.set_mode(self._mode_of(conversation, turns))
        self.talk.save.setVisible(bool(turns))
        views = [self._view(turn) for turn in turns]
        self.turns.show_views(views)
        self.middle.setCurrentWidget(self.turns if views else self.welcome)
        self.side.close_reader()
        self.side.evidence.clear()
        self.side.setVisible(bool(views))
        for view in views:
            live = self._session.live_text(view.turn.id)
            if live is None:
                view.end(view.turn)
            else:
                view.begin(live)
        if views and views[-1].answer:
            self.side.evidence.show_answer(views[-1].answer)
        self.composer.box.setFocus()

    @Slot(object)
    def _on_started(self, turn: SavedTurn) -> None:
        if self._session.shown:
            self.title.setText(self._session.shown.title)
        self.talk.save.show()
        view = self._view(turn)
        view.quotes_chosen = self._quotes_asked
        self.turns.add(view)
        self.middle.setCurrentWidget(self.turns)
        self.side.close_reader()
        self.side.evidence.clear()
        self.side.show()
        self.composer.set_busy(True)
        view.begin()

    @Slot(str, str)
    def _on_refused(self, question: str, reason: str) -> None:
        """Give the question back, so that it can be asked later."""
        self.composer.box.setPlainText(question)
        self.refused.emit(reason)

    @Slot(int, object)
    def _on_progressed(self, turn: int, event: Event) -> None:
        if view := self._shown(turn):
            view.show_event(event)

    @Slot(object)
    def _on_ended(self, turn: SavedTurn) -> None:
        self.composer.set_busy(False)
        if view := self._shown(turn.id):
            view.end(turn)
            if turn.answer and turn.answer.emergency:
                self.turns.keep_in_view(view.parts.emergency)  # however long the answer under it is
            spoken = QAccessibleAnnouncementEvent(view.text, turn.text or turn.message)
            QAccessible.updateAccessibility(spoken)  # the whole answer once, not each token
            if turn.answer and view is self.turns.views[-1] and not self.side.reading:
                self.citations.show_evidence(view)

    def _view(self, turn: SavedTurn) -> TurnView:
        view = TurnView(turn, self._keeper, self._limits)
        view.citation_activated.connect(self.citations.open)
        view.document_wanted.connect(self.citations.open_document)
        view.source_wanted.connect(self.citations.open_source)
        view.copy_wanted.connect(self.exporting.copy)
        view.save_wanted.connect(self.exporting.save_answer)
        view.parts.studies.save_wanted.connect(self.exporting.saving.ask)
        view.parts.refusal.evidence_wanted.connect(lambda question: self._ask(question, quotes=True))
        view.parts.refusal.prose_wanted.connect(lambda question: self._ask(question, quotes=False))
        view.again_wanted.connect(self.ask)
        view.found.connect(self._on_found)
        view.search_wanted.connect(self.search_wanted)
        return view

    def _shown(self, turn: int) -> TurnView | None:
        return next((view for view in self.turns.views if view.turn.id == turn), None)

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        self.side.evidence.show_found(found.passages)

    def _mode_of(self, conversation: Conversation | None, turns: list[SavedTurn]) -> Mode:
        """Return what the conversation was about last: what was chosen, else what was asked for."""
        if conversation is None:
            return "research"
        asked: list[Mode] = [turn.answer.mode for turn in turns if turn.answer]
        return self._modes.get(conversation.id, asked[-1] if asked else "research")

    @Slot(str)
    def _on_mode(self, mode: Mode) -> None:
        if shown := self._session.shown:
            self._modes[shown.id] = mode

    @Slot()
    def _on_save(self) -> None:
        if shown := self._session.shown:
            self.exporting.save_conversation(shown.title, self.turns.views)
