"""One evaluation, or two side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.evaluation.runs import About, Evaluation
from core.evaluation.tables import comparison_table
from desktop.evaluate.evaluation_words import kind_words
from desktop.evaluate.rating import ratings_as_tables
from desktop.evaluate.side_by_side import side_by_side
from desktop.evaluate.tables_view import ResultView, add_table, figures
from desktop.icons import IconButton
from desktop.page import Page
from desktop.theme import GRID
from desktop.wizard.page import muted, scrolled, section
from desktop.words import day

if TYPE_CHECKING:
    from core.evaluation.ratings import ExpertsResult


class ResultPage(Page):
    """Closed with Esc or the arrow."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_tr("Evaluation"), "", parent)
        self._folder: Path | None = None
        self.back = IconButton("back", self.tr("All evaluations"))
        self.folder = QPushButton(self.tr("Open the folder of the report"))
        self.folder.clicked.connect(self._on_folder)
        self.bar.insertWidget(0, self.back)
        self.bar.addWidget(self.folder)
        self.back.clicked.connect(self.closed)
        self.content: QWidget | None = None
        self._area = scrolled(QWidget())
        self.body.addWidget(self._area, 1)

    def show_run(self, evaluation: Evaluation) -> None:
        """Show what ``evaluation`` found; raise RunUnusable if that cannot be read."""
        about, result = evaluation.about(), evaluation.result()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(_facts(about))
        if result is None:
            column.addWidget(muted(self.tr("Not finished: there is no result yet. Resume it to get one.")))
            column.addStretch()
        else:
            column.addWidget(ResultView(result))
        self._show(kind_words(about.kind).name, content, evaluation.folder)

    def show_two(self, first: Evaluation, second: Evaluation) -> None:
        """Show two finished ones of a kind side by side; raise RunUnusable if they are not."""
        from core.evaluation.comparing import compare_runs  # it needs much that the window does not

        both = compare_runs(first, second)
        abouts = (first.about(), second.about())
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        for name, about in zip((self.tr("First"), self.tr("Second")), abouts, strict=True):
            column.addWidget(section(name))
            column.addWidget(_facts(about))
        if both.comparisons:
            add_table(column, comparison_table(both.comparisons))
        for part in side_by_side(both.first, both.second):
            column.addSpacing(GRID)
            column.addWidget(section(part.title))
            columns = (self.tr("Figure"), self.tr("First"), self.tr("Second"), self.tr("Difference"))
            column.addWidget(figures(columns, part.rows, part.title, most=len(part.rows)))
        column.addWidget(
            muted(self.tr("A difference smaller than the intervals in brackets may well be chance."))
        )
        column.addStretch()
        name = self.tr("{0}: two evaluations compared").format(kind_words(abouts[0].kind).name)
        self._show(name, content, None)

    def show_ratings(self, result: ExpertsResult) -> None:
        """Show what people thought of answers."""
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        column.addWidget(muted(self.tr("Rated by {0}").format(", ".join(result.raters))))
        for table in ratings_as_tables(result):
            add_table(column, table)
        for one in result.rejected:
            words = self.tr("Left out: {0}, row {1}, {2}.")
            column.addWidget(muted(words.format(Path(one.file).name, one.record, one.reason)))
        column.addStretch()
        self._show(self.tr("Ratings"), content, None)

    def _show(self, title: str, content: QWidget, folder: Path | None) -> None:
        self._folder = folder
        self.heading.setText(title)
        self.folder.setVisible(folder is not None)
        self.content = content
        self._area.setWidget(content)
        content.setAutoFillBackground(False)

    @Slot()
    def _on_folder(self) -> None:
        if self._folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def _facts(about: About) -> QWidget:
    """Return what it was made on and with, and the notice."""
    files = ", ".join(Path(path).name for path in about.inputs)
    models = ", ".join(dict.fromkeys(about.models.values()))
    words = _tr("{0} · on {1} · with {2} · Vademecum {3}").format(
        day(about.created), files, models, about.program
    )
    return muted(f"{words}\n{about.notice}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("ResultPage", text)
