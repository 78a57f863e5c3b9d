"""Answers that people rate: the sheet goes out, the filled copies come back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from core.errors import AppError
from core.evaluation.runs import Evaluation, Evaluations
from core.evaluation.tables import Table

if TYPE_CHECKING:
    from core.evaluation.ratings import ExpertsResult


class Rating(QObject):
    """Asks for folder or files, and says how it went."""

    said = Signal(str)
    read = Signal(object)  # ExpertsResult

    def __init__(self, evaluations: Evaluations, window: QWidget) -> None:
        super().__init__(window)
        self._evaluations, self._window = evaluations, window

    def ask_export(self, runs: Sequence[Evaluation]) -> None:
        """Ask for a folder, and write the sheet of these evaluations into it."""
        folder = QFileDialog.getExistingDirectory(self._window, self.tr("Folder for the rating sheet"))
        if folder:
            self.export(runs, Path(folder))

    def ask_import(self) -> None:
        """Ask for filled sheets, and say what they come to."""
        title, kinds = self.tr("Filled rating sheets, one of each rater"), self.tr("Sheets (*.csv)")
        paths, _ = QFileDialog.getOpenFileNames(self._window, title, "", kinds)
        if paths:
            self.bring([Path(path) for path in paths])

    def export(self, runs: Sequence[Evaluation], folder: Path) -> None:
        """Write a sheet that does not tell which model wrote what; its key stays with the first run."""
        from core.evaluation.experts import export_sheet  # it needs much that the window does not

        try:
            table, page = export_sheet(runs, folder, None, 0)
        except AppError as error:
            self.said.emit(f"{error} {error.hint}")
            return
        words = self.tr("Wrote {0} and {1}. Give each rater a copy of the table, named after the rater.")
        self.said.emit(words.format(table.name, page.name))

    def bring(self, files: Sequence[Path]) -> None:
        """Read filled sheets."""
        from core.evaluation.ratings import import_sheets

        try:
            self.read.emit(import_sheets(self._evaluations, files))
        except AppError as error:
            self.said.emit(f"{error} {error.hint}")


def ratings_as_tables(result: ExpertsResult) -> tuple[Table, ...]:
    """Return the mean ratings, and how far the raters agree."""
    names = tuple(result.agreement)
    rows = tuple(
        (one.setting, one.model or "none", one.answers, *(score.mean for score in one.scores))
        for one in result.settings
    )
    means = Table(
        f"Ratings of {len(result.raters)} people",
        ("setting", "model", "answers", *names),
        rows,
        "Means from 1 to 5, 5 the best; in brackets: 95 % interval, bootstrap over answers.",
    )
    agreement = Table(
        "How far they agree",
        ("measure", *names),
        (("Krippendorff's alpha", *(result.agreement[name] for name in names)),),
        "1 is perfect, 0 is chance; a dash where no answer was rated by two.",
    )
    return means, agreement
