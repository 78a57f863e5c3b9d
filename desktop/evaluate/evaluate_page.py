"""The Evaluate page: the list, the form of a new evaluation, and a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.errors import AppError
from core.evaluation.runs import Evaluation, Evaluations
from core.protocol import EvaluationKind
from desktop.evaluate.evaluator import Evaluator
from desktop.evaluate.form_page import FormPage
from desktop.evaluate.rating import Rating
from desktop.evaluate.result_page import ResultPage
from desktop.evaluate.runs_page import RunsPage
from desktop.keys import shortcut

if TYPE_CHECKING:
    from core.evaluation.ratings import ExpertsResult


class EvaluatePage(QStackedWidget):
    """Shows one of the three."""

    trouble = Signal(str)

    def __init__(
        self,
        evaluator: Evaluator,
        evaluations: Evaluations,
        models: Callable[[], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._evaluator, self._evaluations = evaluator, evaluations
        self.runs = RunsPage(evaluator, evaluations)
        self.form = FormPage(models)
        self.result = ResultPage()
        self.rating = Rating(evaluations, self)
        for page in (self.runs, self.form, self.result):
            self.addWidget(page)
        self.runs.new_wanted.connect(self._on_new)
        self.runs.open_wanted.connect(self.show_run)
        self.runs.compare_wanted.connect(self.show_two)
        self.runs.trouble.connect(self.trouble)
        self.runs.sheet_wanted.connect(self.rating.ask_export)
        self.runs.ratings_wanted.connect(self.rating.ask_import)
        self.rating.said.connect(self.trouble)
        self.rating.read.connect(self.show_ratings)
        self.form.cancelled.connect(self.show_runs)
        self.form.started.connect(self._on_started)
        self.result.closed.connect(self.show_runs)
        evaluator.finished.connect(self._on_finished)
        shortcut("Esc", self, self.show_runs, inside=True)

    @property
    def first(self) -> QWidget:
        """What the keyboard goes to when the page is shown."""
        return self.currentWidget() or self

    @Slot()
    def refresh(self) -> None:
        """Read the list again."""
        self.runs.refresh()

    @Slot()
    def show_runs(self) -> None:
        """Go back to the list."""
        self.setCurrentWidget(self.runs)
        self.runs.table.setFocus()

    @Slot(object)
    def show_run(self, evaluation: Evaluation) -> None:
        """Show what an evaluation found."""
        try:
            self.result.show_run(evaluation)
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
        else:
            self._show_result()

    @Slot(object, object)
    def show_two(self, first: Evaluation, second: Evaluation) -> None:
        """Show two evaluations side by side."""
        try:
            self.result.show_two(first, second)
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
        else:
            self._show_result()

    @Slot(object)
    def show_ratings(self, result: ExpertsResult) -> None:
        """Show what people thought of answers."""
        self.result.show_ratings(result)
        self._show_result()

    def _show_result(self) -> None:
        self.setCurrentWidget(self.result)
        self.result.back.setFocus()

    @Slot()
    def _on_new(self) -> None:
        self.form.begin()
        self.setCurrentWidget(self.form)

    @Slot(str, object)
    def _on_started(self, kind: EvaluationKind, options: dict[str, Any]) -> None:
        if self._evaluator.start(kind, options):
            self.show_runs()

    @Slot(str)
    def _on_finished(self, run: str) -> None:
        """Show a result to somebody who waits for it."""
        self.refresh()
        if self.isVisible() and self.currentWidget() is self.runs:
            try:
                self.show_run(self._evaluations.get(run))
            except AppError as error:
                self.trouble.emit(f"{error} {error.hint}")
