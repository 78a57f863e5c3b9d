"""First page: what is rebuilt, what this computer has, and which base model fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError, ModelUnusable
from core.hardware import Hardware
from core.paths import Home
from core.registry import ModelInfo, inspect_model, installed
from core.tuning.estimate import fit
from core.tuning.shape import shape_of
from desktop.chat.note import Note
from desktop.theme import GRID
from desktop.wizard.choice_card import ChoiceCard
from desktop.wizard.draft import Draft
from desktop.wizard.fit_table import PRECISIONS, FitTable
from desktop.wizard.hardware_facts import HardwareFacts
from desktop.wizard.page import Step, muted, scrolled, section
from desktop.words import next_step


class StartPage(Step):
    """Cards for the three parts; the choice of the base below them."""

    def __init__(
        self, draft: Draft, home: Home, survey: Callable[[], Hardware], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.set_words(
            self.tr("What to rebuild"),
            self.tr("Alone or together. Nothing is replaced before you have seen the result."),
        )
        self._draft, self._home, self._survey = draft, home, survey
        self._folders: list[Path] = []  # of models chosen from elsewhere
        self._models: list[ModelInfo] = []
        self.assistant = ChoiceCard(
            self.tr("Assistant"), self.tr("Learns from questions and answers how you want answers to be.")
        )
        self.search = ChoiceCard(
            self.tr("Search model"),
            self.tr("Learns from the same pairs which passages answer which questions."),
        )
        self.library = ChoiceCard(
            self.tr("Library"), self.tr("Takes in your papers, so that answers can cite them.")
        )
        self.facts = HardwareFacts()
        self.table = FitTable()
        self.other = QPushButton(self.tr("Other folder…"))
        self.trade_off = muted()
        self.embedder = QComboBox()
        self.trouble = Note()
        self._base = self._base_part()
        self._search_part = self._embedder_part()
        self._build()
        for card in self._cards():
            card.button.toggled.connect(self._on_parts)
        self.table.chosen.connect(self._on_cell)
        self.other.clicked.connect(self._on_other)
        self.embedder.activated.connect(self._on_embedder)

    def initializePage(self) -> None:
        """Look at the computer and its models anew."""
        for card, on in zip(self._cards(), self._parts(), strict=True):
            card.button.setChecked(on)
        self.refresh()

    def isComplete(self) -> bool:
        return any(self._parts()) and (not self._draft.assistant or self._chosen() is not None)

    def refresh(self) -> None:
        """Show hardware and models as they are now."""
        hardware = self._survey()
        self.facts.show_hardware(hardware)
        found = installed(self._home)
        for folder in self._folders:
            found.append(inspect_model(folder))
        self._models = [model for model in found if model.kind == "language" and _can_be_tuned(model)]
        recipe = self._draft.recipe
        fits = [[fit(model, one, recipe, hardware) for one in PRECISIONS] for model in self._models]
        self.table.show_models(self._models, fits)
        self.embedder.clear()
        for model in found:
            if model.kind == "embedder":
                self.embedder.addItem(model.name, model.name)
        self.embedder.setCurrentIndex(max(0, self.embedder.findData(self._draft.embedder.base)))
        if self._models and self._chosen() is None:  # the model in use is not here, or cannot be tuned
            fitting = [row for row, each in enumerate(fits) if each[-1].verdict in ("fits", "tight")]
            self._choose(fitting[0] if fitting else 0, len(PRECISIONS) - 1)
        self._show_choice()

    def _cards(self) -> tuple[ChoiceCard, ChoiceCard, ChoiceCard]:
        return self.assistant, self.search, self.library

    def _parts(self) -> tuple[bool, bool, bool]:
        return self._draft.assistant, self._draft.search, self._draft.library

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID * 2)
        for card in self._cards():
            row.addWidget(card, 1)
        facts = QVBoxLayout()
        facts.setSpacing(GRID)
        facts.addWidget(section(self.tr("This computer")))
        facts.addWidget(self.facts)
        self.trouble.hide()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 2, 0)
        column.setSpacing(GRID * 2)
        column.addLayout(row)
        column.addLayout(facts)
        for part in (self._base, self._search_part, self.trouble):
            column.addWidget(part)
        column.addStretch()
        self.body.addWidget(scrolled(content), 1)

    def _base_part(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        head = QHBoxLayout()
        head.addWidget(section(self.tr("What the assistant is built on")), 1)
        head.addWidget(self.other)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addWidget(self.trade_off)
        return part

    def _embedder_part(self) -> QWidget:
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        label = section(self.tr("What the search model is built on"))
        label.setBuddy(self.embedder)
        self.embedder.setAccessibleName(label.text())
        self.embedder.setMinimumWidth(30 * GRID)
        row.addWidget(label, 1)
        row.addWidget(self.embedder)
        return part

    def _chosen(self) -> int | None:
        base = self._draft.recipe.base.model
        for row, model in enumerate(self._models):
            if base in (model.name, str(model.path)):
                return row
        return None

    def _show_choice(self) -> None:
        self._base.setVisible(self._draft.assistant)
        self._search_part.setVisible(self._draft.search)
        self.trouble.hide()
        row = self._chosen()
        weights = self._draft.recipe.base.weights
        if row is not None:
            self.table.choose(row, PRECISIONS.index(weights))
        self.trade_off.setText(self._words(weights))
        if self._draft.assistant and not self._models:
            hint = self.tr("Install the default models on the Ask page, or choose a folder.")
            self.trouble.say("warning", "warning", self.tr("There is no model to build on."), hint)
        elif row is not None and self._draft.assistant:
            self._warn(row)
        self.completeChanged.emit()

    def _warn(self, row: int) -> None:
        verdict = self.table.rows.fit(row, PRECISIONS.index(self._draft.recipe.base.weights)).verdict
        if verdict == "too_large":
            hint = self.tr("Choose a smaller model or fewer bits, or close other programs.")
            self.trouble.say("warning", "warning", self.tr("This will likely not fit into memory."), hint)
        elif verdict == "no_gpu":
            message = self.tr("This needs a graphics card, and there is none.")
            self.trouble.say("warning", "warning", message, self.tr("Choose “As it is” with a small model."))

    def _words(self, weights: str) -> str:
        return {
            "4bit": self.tr(
                "4 bits: the least memory, at a small loss of precision. Usual for large models."
            ),
            "8bit": self.tr("8 bits: half the memory of 16 bits and nearly as precise, but slower."),
            "full": self.tr("As it is: the most precise and the fastest, with the most memory."),
        }[weights]

    @Slot()
    def _on_parts(self) -> None:
        self._draft.set_parts(*(card.button.isChecked() for card in self._cards()))
        self._show_choice()

    @Slot(int, int)
    def _on_cell(self, row: int, precision: int) -> None:
        self._choose(row, precision)
        self._show_choice()

    def _choose(self, row: int, precision: int) -> None:
        model = self._models[row]
        name = str(model.path) if model.path.parent != self._home.models else model.name
        self._draft.set_base(name, PRECISIONS[precision])

    @Slot(int)
    def _on_embedder(self, index: int) -> None:

        self._draft.set_embedder(replace(self._draft.embedder, base=self.embedder.itemData(index)))

    @Slot()
    def _on_other(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder of the model"))
        if folder:
            self.add_folder(Path(folder))

    def add_folder(self, folder: Path) -> None:
        """Offer the model in ``folder`` too, and choose it; say why when it cannot be used."""
        try:
            model = inspect_model(folder)
        except AppError as error:
            self.trouble.say("warning", "problem", str(error), next_step(error.code, error.hint))
            return
        if model.kind != "language":
            hint = self.tr("Choose a language model.")
            self.trouble.say("warning", "problem", self.tr("{0} is a search model.").format(model.name), hint)
            return
        self._folders.append(folder)
        self._draft.set_base(str(folder), self._draft.recipe.base.weights)
        self.refresh()


def _can_be_tuned(model: ModelInfo) -> bool:
    try:
        shape_of(model)
    except ModelUnusable:
        return False
    return True
