"""Fourth page: how much is learned, in three words or in every detail, and what it will take."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.hardware import Hardware
from core.paths import Home
from core.registry import ModelInfo, find_model, inspect_model
from core.tuning.estimate import PresetName, effort, preset
from core.tuning.recipe import EmbedderRecipe, Recipe
from core.tuning.reports import DataReport
from desktop.chat.note import Note
from desktop.theme import GRID, LARGE, sized
from desktop.wizard.choice_card import ChoiceCard
from desktop.wizard.data_check import DataCheck
from desktop.wizard.draft import Draft
from desktop.wizard.page import Step, muted, scrolled
from desktop.wizard.recipe_form import RecipeForm
from desktop.words import duration, number, size


class RecipePage(Step):
    """Simple cards, or forms; the estimate below is always true of what is chosen."""

    def __init__(
        self,
        draft: Draft,
        check: DataCheck,
        home: Home,
        survey: Callable[[], Hardware],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.set_words(self.tr("Recipe"), self.tr("How much is learned. The standard is right for most."))
        self._draft, self._check, self._home, self._survey = draft, check, home, survey
        self._hardware: Hardware | None = None
        self.cards: dict[PresetName, ChoiceCard] = {
            "quick": self._card(self.tr("Quick"), self.tr("A look at whether it is worth it: a short run.")),
            "standard": self._card(self.tr("Standard"), self.tr("Reads everything once. Right for most.")),
            "thorough": self._card(
                self.tr("Thorough"),
                self.tr("Reads everything several times; ends early when that no longer helps."),
            ),
        }
        self.form = RecipeForm(draft.recipe)
        self.search_form = RecipeForm(draft.embedder)
        self.tabs = QTabWidget()
        self.forms = QStackedWidget()
        self.steps, self.time, self.memory = QLabel(), QLabel(), QLabel()
        self.warning = Note()
        self._group = QButtonGroup(self)
        self._build()
        for name, card in self.cards.items():
            self._group.addButton(card.button)
            card.button.clicked.connect(lambda _=False, name=name: self._on_preset(name))
        self.form.changed.connect(self._on_recipe)
        self.search_form.changed.connect(self._on_embedder)
        for form in (self.form, self.search_form):
            form.validity.connect(lambda _: self.completeChanged.emit())
        draft.changed.connect(self._show)
        check.changed.connect(self._show)

    def initializePage(self) -> None:
        """Measure the computer anew and show the recipe."""
        self._hardware = self._survey()
        self._show()

    def first(self) -> QWidget:
        return self._group.checkedButton() or self.cards["standard"].button

    def isComplete(self) -> bool:
        forms = [self.form] * self._draft.assistant + [self.search_form] * self._draft.search
        return all(form.valid for form in forms) and self._check.report is not None

    def _card(self, title: str, words: str) -> ChoiceCard:
        return ChoiceCard(title, words, one_of=True)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID * 2)
        for card in self.cards.values():
            row.addWidget(card, 1)
        self.tabs.setDocumentMode(True)
        simple = QWidget()
        column = QVBoxLayout(simple)
        column.setContentsMargins(0, GRID * 3, 0, 0)
        column.addLayout(row)
        column.addStretch()
        self.tabs.addTab(simple, self.tr("Simple"))
        self.tabs.addTab(scrolled(self.form), self.tr("Every detail"))
        self.tabs.addTab(scrolled(self.search_form), self.tr("Search model"))
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self._estimate())
        self.body.addWidget(self.warning)
        self.warning.hide()

    def _estimate(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "note")
        row = QHBoxLayout(frame)
        row.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        row.setSpacing(GRID * 3)
        for label, words in (
            (self.steps, self.tr("Steps")),
            (self.time, self.tr("Time")),
            (self.memory, self.tr("Memory")),
        ):
            sized(label, LARGE, bold=True)
            label.setAccessibleName(words)
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(muted(words))
            column.addWidget(label)
            row.addLayout(column, 1)
        return frame

    @Slot()
    def _show(self) -> None:
        self.form.show_recipe(self._draft.recipe)
        self.search_form.show_recipe(self._draft.embedder)
        for place in (0, 1):
            self.tabs.setTabVisible(place, self._draft.assistant)
        self.tabs.setTabVisible(2, self._draft.search)
        self._show_preset()
        self._show_estimate()
        self.completeChanged.emit()

    def _show_preset(self) -> None:
        self._group.setExclusive(False)
        for name, card in self.cards.items():
            card.button.setChecked(preset(self._draft.recipe, name) == self._draft.recipe)
        self._group.setExclusive(True)

    def _show_estimate(self) -> None:
        report = self._check.report
        if self._hardware is None or report is None:
            counting = self.tr("Counting…") if self._check.busy else ""
            for label in (self.steps, self.time):
                label.setText(counting)
            return
        if not self._draft.assistant:
            self._show_search_effort(report)
            return
        found = effort(self._base(), self._draft.recipe, report, self._hardware)
        free = sum(gpu.memory_free for gpu in self._hardware.gpus) or self._hardware.ram_available
        self.steps.setText(number(found.steps))
        self.time.setText(duration(found.seconds))
        self.memory.setText(self.tr("{0} of {1} free").format(size(found.needed), size(free)))
        too_large = found.needed > free
        self.warning.setVisible(too_large)
        if too_large:
            message = self.tr("This will likely not fit into memory.")
            hint = self.tr("Choose shorter conversations, fewer bits or a smaller model.")
            self.warning.say("warning", "warning", message, hint)

    def _show_search_effort(self, report: DataReport) -> None:
        """The search model is small: only its steps are worth telling beforehand."""
        recipe = self._draft.embedder
        batches = math.ceil(report.used * (1 - recipe.validation) / recipe.batch)
        steps = math.ceil(batches * recipe.epochs)
        self.steps.setText(number(min(steps, recipe.max_steps) if recipe.max_steps else steps))
        self.time.setText(self.tr("short"))
        self.memory.setText(self.tr("little"))
        self.warning.hide()

    def _base(self) -> ModelInfo | None:
        try:
            return inspect_model(find_model(self._home, self._draft.recipe.base.model, "language"))
        except AppError:
            return None

    def _on_preset(self, name: PresetName) -> None:
        self._draft.set_recipe(preset(self._draft.recipe, name))

    @Slot(object)
    def _on_recipe(self, recipe: Recipe) -> None:
        self._draft.set_recipe(recipe)

    @Slot(object)
    def _on_embedder(self, recipe: EmbedderRecipe) -> None:
        self._draft.set_embedder(recipe)
