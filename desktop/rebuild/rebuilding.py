"""The parts of the rebuild, put together: processes, draft, page, and the wizard while it is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core import offline
from core.errors import AppError
from core.hardware import Hardware, survey
from core.paths import Home
from core.registry import ModelKind
from core.settings import Settings
from core.tuning.activation import active
from core.tuning.collected import CollectedPairs
from core.tuning.runs import Runs
from desktop.allowed import why_not
from desktop.library.import_panel import ImportPanel
from desktop.library.way_back import WayBack
from desktop.rebuild.rebuild_page import RebuildPage
from desktop.rebuild.switcher import Switcher
from desktop.rebuild.trainer import Trainer
from desktop.wizard.data_check import DataCheck
from desktop.wizard.draft import Draft
from desktop.words import number
from desktop.worker_client import WorkerClient, WorkerProgram

SAVING_MS = 120_000  # a training process that is asked to stop ends its step and saves first


@dataclass(frozen=True, slots=True)
class Workers:
    """What the rebuild starts or shares: the command of the training process and of the assistant worker, and
    the imports of the window."""

    training: Sequence[str]
    assistant: Sequence[str]
    imports: ImportPanel
    importer: WorkerClient


class Rebuilding(QObject):
    """Everything behind the Rebuild page."""

    trouble = Signal(str)
    switched = Signal()  # another model is in use: the settings are to be read again
    told = Signal(str, str)  # what runs, in words and very short; both empty when nothing does
    starting = Signal()  # about to take the graphics card

    def __init__(
        self,
        home: Home,
        workers: Workers,
        way_back: WayBack,
        settings: Callable[[], Settings],
        libraries: Callable[[], Sequence[str]],
        refusal: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._home, self._settings, self._libraries = home, settings, libraries
        self.runs = Runs(home.runs)
        self.hardware: Hardware | None = None
        training = self._client(workers.training, "training")
        self.trainer = Trainer(training, workers.imports, workers.importer, self.runs, refusal, self)
        self.switcher = Switcher(self._client(workers.assistant, "switching"), self)
        self._checker = self._client(workers.training, "checking")
        self.draft = self._new_draft()
        self.check = DataCheck(self.draft, self._checker, self)
        self.page = RebuildPage(self.trainer, self.switcher, way_back, self.in_use, why_not(home.policy))
        self.wizard: QWidget | None = None
        self._connect()

    def in_use(self) -> list[tuple[ModelKind, str, str]]:
        """Return role, model and run of each tuned model that is in use."""
        try:
            return [(each.role, each.model, each.run) for each in active(self._home)]
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
            return []

    def measure(self) -> Hardware:
        """Look at what this computer has now."""
        self.hardware = survey(self._home.root)
        self.trainer.gpu_memory = max((gpu.memory_total for gpu in self.hardware.gpus), default=0)
        return self.hardware

    def takes_graphics_card(self) -> bool:
        """True while a training run needs the graphics card for itself."""
        return self.trainer.training and bool(self.trainer.gpu_memory)

    @Slot()
    def open_wizard(self) -> None:
        """Show the wizard from its first page on."""
        from desktop.wizard.wizard import PageId

        self._open(PageId.START)

    @Slot(str)
    def show_run(self, run: str) -> None:
        """Show a run in the wizard: its result if it has one, else its charts."""
        from desktop.wizard.wizard import PageId

        self.trainer.show(run)
        finished = not self.trainer.busy and self.trainer.story.state == "judged"
        self._open(PageId.RESULT if finished else PageId.RUN)

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End every process, and the wizard."""
        if self.wizard is not None:
            self.wizard.close()
            self.wizard.deleteLater()
            self.wizard = None
        self.check.shut_down(grace_ms)
        self.switcher.shut_down(grace_ms)
        self.trainer.shut_down(grace_ms)

    def _connect(self) -> None:
        self.page.wizard_wanted.connect(self.open_wizard)
        self.page.run_wanted.connect(self.show_run)
        for part in (self.page, self.trainer, self.switcher):
            part.trouble.connect(self.trouble)
        self.switcher.switched.connect(self._on_switched)
        self.trainer.starting.connect(self._on_starting)
        self.trainer.changed.connect(self._tell)
        self.trainer.progressed.connect(self._tell)

    def _client(self, command: Sequence[str], name: str) -> WorkerClient:
        program = WorkerProgram(
            command, self._home.logs / f"{name}.log", offline.worker_environment(self._home)
        )
        return WorkerClient(program, SAVING_MS if name == "training" else 5000, self)

    def _new_draft(self) -> Draft:
        now = self._settings()
        return Draft(now.model.language, now.model.embedder, now.libraries[0], self)

    def _open(self, page: int) -> None:
        from desktop.wizard.wizard import PageId, RebuildWizard, Surroundings

        self.measure()
        if not isinstance(self.wizard, RebuildWizard):
            around = Surroundings(
                self._home,
                self.measure,
                lambda run: run in {one for _, _, one in self.in_use()},
                lambda: len(CollectedPairs(self._home).all()),
            )
            wizard = RebuildWizard(
                self.draft, self.check, self.trainer, self.switcher, around, self.page.window()
            )
            wizard.discarded.connect(self.page.delete_run)
            self.wizard = wizard
        self.wizard.files.papers.offer(self._libraries())
        self.wizard.open_at(PageId(page))

    @Slot()
    def _on_starting(self) -> None:
        self.measure()
        self.starting.emit()

    @Slot(str, str)
    def _on_switched(self, role: str, model: str) -> None:
        self.switched.emit()
        self.page.refresh()

    @Slot()
    def _tell(self) -> None:
        trainer, story = self.trainer, self.trainer.story
        if not trainer.busy:
            self.told.emit("", "")
        elif story.step:
            share = 100 * story.step // max(1, story.steps)
            percent = self.tr("{0} %").format(number(share))
            self.told.emit(self.tr("Training: {0}").format(percent), percent)
        else:
            self.told.emit(self.tr("Rebuilding"), "…")
