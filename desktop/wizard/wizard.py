"""The wizard: its pages in order, the list of steps beside them, and what its buttons say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget, QWizard

from core.hardware import Hardware
from core.paths import Home
from desktop.allowed import grey, why_not
from desktop.rebuild.switcher import Switcher
from desktop.rebuild.trainer import Trainer
from desktop.theme import GRID, set_mark, set_role
from desktop.wizard.data_check import DataCheck
from desktop.wizard.draft import Draft
from desktop.wizard.files_page import FilesPage
from desktop.wizard.page import Step
from desktop.wizard.preview_page import PreviewPage
from desktop.wizard.recipe_page import RecipePage
from desktop.wizard.result_page import ResultPage
from desktop.wizard.run_page import RunPage
from desktop.wizard.start_page import StartPage


class PageId(IntEnum):
    """The pages in order."""

    START, FILES, PREVIEW, RECIPE, RUN, RESULT = range(6)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the wizard looks at: the data folder, the hardware, whether the model of a run is in use, and
    how many answers the user has rated or corrected."""

    home: Home
    survey: Callable[[], Hardware]
    in_use: Callable[[str], bool]
    kept: Callable[[], int]


class RebuildWizard(QWizard):
    """Closing it is always safe: the draft stays, and so does a rebuild that runs."""

    discarded = Signal(str)  # run

    def __init__(
        self,
        draft: Draft,
        check: DataCheck,
        trainer: Trainer,
        switcher: Switcher,
        around: Surroundings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._draft, self._check, self._trainer = draft, check, trainer
        self.setWindowTitle(self.tr("Rebuild"))
        self.setWizardStyle(QWizard.WizardStyle.ModernStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.setOption(QWizard.WizardOption.NoCancelButtonOnLastPage)
        self.setMinimumSize(120 * GRID, 80 * GRID)
        self.resize(136 * GRID, 92 * GRID)
        self.start = StartPage(draft, around.home, around.survey)
        self.files = FilesPage(draft, check, around.kept)
        self.preview = PreviewPage(check)
        self.recipe = RecipePage(draft, check, around.home, around.survey)
        self.running = RunPage(trainer)
        forbidden = why_not(around.home.policy)
        self.outcome = ResultPage(trainer, switcher, around.in_use, forbidden)
        pages: tuple[Step, ...] = (
            self.start,
            self.files,
            self.preview,
            self.recipe,
            self.running,
            self.outcome,
        )
        grey(forbidden.imports, self.start.library)
        grey(forbidden.training, self.start.assistant, self.start.search)
        grey(forbidden.training, self.running.resume, self.outcome.activate)
        if forbidden.training:
            draft.set_parts(False, False, not forbidden.imports)
        self._contents = Contents([page.heading.text() for page in pages])
        self.setSideWidget(self._contents)
        for number, page in zip(PageId, pages, strict=True):
            self.setPage(number, page)
        for button, words in (
            (QWizard.WizardButton.BackButton, self.tr("Back")),
            (QWizard.WizardButton.NextButton, self.tr("Next")),
            (QWizard.WizardButton.CancelButton, self.tr("Close")),
            (QWizard.WizardButton.FinishButton, self.tr("Close")),
        ):
            self.setButtonText(button, words)
        set_role(self.button(QWizard.WizardButton.NextButton), "primary")
        self.currentIdChanged.connect(self._on_page)
        self.outcome.kept.connect(self.close)
        self.outcome.discarded.connect(self._on_discarded)
        trainer.changed.connect(self._label_next)
        draft.changed.connect(self._label_next)

    def open_at(self, page: PageId) -> None:
        """Show the wizard with ``page`` in front; from there the way goes back to the first one."""
        self.restart()
        if page == PageId.RESULT:  # the charts are one step back
            self.setCurrentId(PageId.RUN)
            self.next()
        elif page != PageId.START:
            self.setCurrentId(page)
        self.show()
        self.activateWindow()

    def nextId(self) -> int:
        page = self.currentId()
        if page == PageId.FILES and not self._draft.tuning:
            return int(PageId.RUN)
        return -1 if page in (PageId.RESULT, -1) else page + 1

    def validateCurrentPage(self) -> bool:
        """Begin the rebuild when leaving the last page before it; go there if one runs already."""
        if self.nextId() != PageId.RUN or self._trainer.busy:
            return super().validateCurrentPage()
        return self._trainer.begin(self._draft.jobs(self._check.usable))

    def done(self, result: int) -> None:
        """Close, by whatever button or key."""
        self._check.rest()
        super().done(result)

    @Slot(int)
    def _on_page(self, page: int) -> None:
        self._label_next()
        shown = self.currentPage()
        if isinstance(shown, Step) and (first := shown.first()):
            first.setFocus()

    @Slot()
    def _label_next(self) -> None:
        page = self.currentId()
        self._contents.mark(page, tuning=self._draft.tuning)
        words = self.tr("Next")
        if page != -1 and self.nextId() == PageId.RUN:
            words = self.tr("Show the rebuild") if self._trainer.busy else self.tr("Start")
        elif page == PageId.RUN:
            words = self.tr("See the result")
        self.button(QWizard.WizardButton.NextButton).setText(words)

    @Slot(str)
    def _on_discarded(self, run: str) -> None:
        self.discarded.emit(run)
        self.close()


class Contents(QWidget):
    """The steps on the left: done, now, to come, and those that do not take part."""

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(22 * GRID)
        self._labels = [QLabel(f"{number}  {title}") for number, title in enumerate(titles, 1)]
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 3, GRID * 2, GRID * 2)
        column.setSpacing(GRID // 2)
        for label in self._labels:
            label.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
            set_role(label, "step")
            column.addWidget(label)
        column.addStretch()

    def mark(self, page: int, tuning: bool) -> None:
        """Show ``page`` as the one in front."""
        for number, label in enumerate(self._labels):
            taken = tuning or number not in (PageId.PREVIEW, PageId.RECIPE)
            label.setEnabled(taken)
            set_mark(label, "now", "true" if number == page else "false")
            label.setAccessibleDescription(self.tr("you are here") if number == page else "")
