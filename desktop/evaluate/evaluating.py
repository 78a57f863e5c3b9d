"""The parts of evaluating, put together: process, list of runs, and page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from core.evaluation.runs import Evaluations
from core.paths import Home
from core.registry import installed
from desktop.evaluate.evaluate_page import EvaluatePage
from desktop.evaluate.evaluator import Evaluator
from desktop.worker_client import WorkerClient


class Evaluating(QObject):
    """Everything behind the Evaluate page; ``refusal`` returns why nothing can be measured now."""

    def __init__(
        self, home: Home, worker: WorkerClient, refusal: Callable[[], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._home = home
        self.evaluator = Evaluator(worker, Evaluations(home.evaluations), refusal, self)
        self.page = EvaluatePage(self.evaluator, self._models)

    def _models(self) -> Sequence[str]:
        return [model.name for model in installed(self._home) if model.kind == "language"]
