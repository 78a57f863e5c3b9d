"""The parts of evaluating, put together: process, and a page that is made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.paths import Home
from desktop.evaluate.evaluator import Evaluator
from desktop.worker_client import WorkerClient

if TYPE_CHECKING:
    from desktop.evaluate.evaluate_page import EvaluatePage


class Place(QStackedWidget):
    """Where the page will stand; ``first`` is what the keyboard goes to."""

    @property
    def first(self) -> QWidget:
        """The page, once it is there."""
        return getattr(self.currentWidget(), "first", self)


class Evaluating(QObject):
    """Everything behind the Evaluate page; the window opens without what figures need, such as numpy."""

    trouble = Signal(str)

    def __init__(
        self, home: Home, worker: WorkerClient, refusal: Callable[[], str], parent: QObject | None = None
    ) -> None:
        """``refusal`` returns why nothing can be measured now, or an empty string."""
        super().__init__(parent)
        self._home = home
        self.evaluator = Evaluator(worker, refusal, self)
        self.evaluator.trouble.connect(self.trouble)
        self.page = Place()
        self._content: EvaluatePage | None = None

    @property
    def content(self) -> EvaluatePage:
        """The page itself."""
        if self._content is None:
            from core.evaluation.runs import Evaluations
            from desktop.evaluate.evaluate_page import EvaluatePage

            self._content = EvaluatePage(self.evaluator, Evaluations(self._home.evaluations), self._models)
            self._content.trouble.connect(self.trouble)
            self.page.addWidget(self._content)
        return self._content

    @Slot()
    def refresh(self) -> None:
        """Read the list of evaluations again."""
        self.content.refresh()

    def _models(self) -> Sequence[str]:
        from core.registry import installed

        return [model.name for model in installed(self._home) if model.kind == "language"]
