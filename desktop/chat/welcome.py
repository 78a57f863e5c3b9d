"""The first page: what this is, and three questions to try."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.cards import Card
from desktop.chat.turns import Column
from desktop.icons import IconLabel, PrimaryButton
from desktop.setup_process import SetupProcess
from desktop.theme import GRID, LARGE, TITLE, clear_ground, set_role, sized

SETUP_COMMAND = "vademecum setup"


class SetupCard(QFrame):
    """Says what is missing, and gets it."""

    installed = Signal()

    def __init__(self, process: SetupProcess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self._process = process
        self._running = False
        heading = QLabel(self.tr("One step is left before the first answer"))
        sized(heading, LARGE, bold=True)
        self._missing = _paragraph("")
        self.command = QLabel(SETUP_COMMAND)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.command.setStyleSheet("font-family: monospace")
        set_role(self.command, "badge")
        self.button = PrimaryButton(self.tr("Set up now"))
        self.button.clicked.connect(self._on_button)
        self.progress = _paragraph("")
        set_role(self.progress, "muted")
        self.progress.hide()
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addWidget(QLabel(self.tr("or type")))
        row.addWidget(self.command)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        for widget in (heading, self._missing):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(self.progress)
        process.said.connect(self._on_said)
        process.ended.connect(self._on_ended)

    def show_missing(self, missing: Sequence[str]) -> None:
        """Name what is missing; hide when nothing is."""
        self._missing.setText(
            self.tr("Not installed yet: {0}. This is the only step that needs a network.").format(
                ", ".join(missing)
            )
        )
        self.setVisible(bool(missing) or self._running)

    @Slot()
    def _on_button(self) -> None:
        if self._running:
            self._process.stop()
            return
        self._running = True
        self.button.setText(self.tr("Stop"))
        self._on_said(self.tr("Starting…"))
        self._process.start()

    @Slot(str)
    def _on_said(self, line: str) -> None:
        self.progress.setText(line[:300])
        self.progress.show()

    @Slot(bool)
    def _on_ended(self, well: bool) -> None:
        self._running = False
        self.button.setText(self.tr("Set up now") if well else self.tr("Try again"))
        if well:
            self.progress.hide()
            self.installed.emit()
        else:
            last = self.progress.text()
            self._on_said(self.tr("Not finished. What was done is kept.") + (f" {last}" if last else ""))


class Welcome(QScrollArea):
    """Greets, explains in one line, offers examples."""

    example_chosen = Signal(str)

    def __init__(self, examples: Sequence[str], setup: SetupProcess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.examples: list[Card] = []
        self.setup = SetupCard(setup)
        self.setup.hide()
        page = Column()
        page.content.setSpacing(GRID)
        page.content.addStretch(2)
        greeting = QLabel(self.tr("What would you like to know?"))
        greeting.setWordWrap(True)
        sized(greeting, TITLE * 1.15, bold=True)
        page.content.addWidget(greeting)
        page.content.addWidget(
            _paragraph(
                self.tr(
                    "Vademecum answers from the documents on this computer, and shows for each sentence "
                    "the words it rests on. Nothing leaves this computer."
                )
            )
        )
        page.content.addSpacing(GRID)
        page.content.addWidget(self.setup)
        if examples:
            page.content.addSpacing(GRID)
            heading = QLabel(self.tr("Try one of these"))
            set_role(heading, "muted")
            page.content.addWidget(heading)
        for question in examples:
            card = self._example(question)
            page.content.addWidget(card)
            self.examples.append(card)
        page.content.addSpacing(GRID)
        page.content.addLayout(
            _warning_row(self.tr("Answers are AI-generated and can be wrong. Not medical advice."))
        )
        page.content.addStretch(3)
        self.setWidget(page)
        clear_ground(self)

    def _example(self, question: str) -> Card:
        card = Card(question)
        row = QHBoxLayout(card)
        row.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        row.setSpacing(GRID + 4)
        label = _paragraph(question)
        row.addWidget(IconLabel("ask", "accent"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)
        card.activated.connect(lambda: self.example_chosen.emit(question))
        return card


def _paragraph(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    sized(label, LARGE)
    return label


def _warning_row(text: str) -> QHBoxLayout:
    label = QLabel(text)
    label.setWordWrap(True)
    set_role(label, "muted")
    row = QHBoxLayout()
    row.setSpacing(GRID)
    row.addWidget(IconLabel("info"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label, 1)
    return row
