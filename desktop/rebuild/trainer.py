"""What is being rebuilt: a queue of jobs, worked off whether or not anybody watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from core.errors import AppError
from core.protocol import (
    AddToLibrary,
    Done,
    Event,
    Failed,
    Imported,
    Progress,
    Resume,
    RunOpened,
    Status,
)
from core.tuning.runs import Runs
from core.types import ImportReport
from desktop.library.import_panel import ImportPanel
from desktop.rebuild.steps import RESUMABLE, Job, JobState, Step
from desktop.rebuild.story import Story, story_of_run, story_until
from desktop.words import doing, number
from desktop.worker_client import WorkerClient


class Trainer(QObject):
    """Owns the training process. One rebuild at a time; it goes on when the wizard is closed."""

    progressed = Signal()  # the story, or what a step says, is another
    changed = Signal()  # a step has begun or ended
    starting = Signal()  # about to take the graphics card
    trouble = Signal(str)

    def __init__(
        self,
        worker: WorkerClient,
        imports: ImportPanel,
        importer: WorkerClient,
        runs: Runs,
        refusal: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """``refusal`` says in a sentence why nothing can be begun now, or returns an empty string."""
        super().__init__(parent)
        self._worker = worker
        self._imports = imports
        self.runs = runs
        self._refusal = refusal
        self.steps: list[Step] = []
        self.story = Story()
        self.imported: ImportReport | None = None
        self.imported_into = ""  # the library that ``imported`` tells of
        self._importing = False
        self._ending = False
        self.gpu_memory = 0  # bytes of the largest graphics card; 0 without one
        worker.received.connect(self._on_training)
        importer.received.connect(self._on_import)

    @property
    def busy(self) -> bool:
        """True while a job runs."""
        return any(step.state == "running" for step in self.steps)

    @property
    def training(self) -> bool:
        """True while the training process has a job."""
        return self._worker.busy

    @property
    def ending(self) -> bool:
        """True from a pause or stop until the job has saved."""
        return self._ending

    @property
    def resumable(self) -> bool:
        """True if there is something to go on with."""
        if self.busy or self.story.room is not None:
            return False
        stopped = any(step.state in ("stopped", "failed", "waiting") for step in self.steps)
        return stopped or (bool(self.story.run) and self.story.state in RESUMABLE)

    @property
    def results(self) -> list[str]:
        """The runs of this rebuild that have been compared with the current model."""
        runs = [step.run for step in self.steps if step.run and step.state == "done"]
        return runs or ([self.story.run] if self.story.report else [])

    @property
    def has_result(self) -> bool:
        """True if there is something to see: a comparison, or what an import brought."""
        return bool(self.results) or self.imported is not None

    def begin(self, jobs: Sequence[Job], kept: Sequence[Step] = ()) -> bool:
        """Work off ``jobs`` in turn, after what is ``kept`` of them.

        False, with a word about it, when something else is under way.
        """
        reason = self.tr("A rebuild is running already.") if self.busy else self._refusal()
        if not reason and self._imports.busy and any(isinstance(job, AddToLibrary) for job in jobs):
            reason = self.tr("An import is running. Start when it is done.")
        if reason:
            self.trouble.emit(reason)
            return False
        self.steps = [*kept, *(Step(job) for job in jobs)]
        self.story = Story()
        if not kept:
            self.imported = None
        self._next()
        return True

    def resume(self, run: str, changes: dict[str, int | float | str | bool] | None = None) -> bool:
        """Go on with ``run`` and then with what was waiting behind it."""
        waiting = [step.job for step in self.steps if step.state == "waiting"]
        done = [step for step in self.steps if step.state == "done"]
        shown = self.story if self.story.run == run else None
        if not self.begin([Resume(run, changes or {}), *waiting], done):
            return False
        if shown is not None:
            shown.message = shown.hint = ""
            shown.room, self.story = None, shown  # until the process says more
            self.changed.emit()
        return True

    def go_on(self) -> bool:
        """Take up again what was paused, interrupted or failed, and what waits behind it."""
        left = [step for step in self.steps if step.state in ("stopped", "failed", "waiting")]
        if not left:
            return self.resume(self.story.run)
        first, *behind = left
        done = [step for step in self.steps if step.state == "done"]
        if first.run:
            self.steps = [*done, *(step for step in behind if step.state == "waiting")]
            return self.resume(first.run)
        return self.begin([step.job for step in left], done)

    @Slot()
    def pause(self) -> None:
        """Save and let go of the graphics card; the waiting jobs wait for ``go_on``."""
        if not self.busy:
            return
        self._ending = True
        self.changed.emit()
        if self._importing:
            self._imports.stop()
        else:
            self._worker.cancel()

    @Slot()
    def stop(self) -> None:
        """Save and end; what was waiting is given up. The run can be resumed later all the same."""
        self.steps = [step for step in self.steps if step.state != "waiting"]
        self.pause()

    def show(self, run: str) -> None:
        """Let ``story`` tell of another run, unless one is being told live."""
        if self.busy or not run:
            return
        try:
            self.story = story_of_run(self.runs.get(run))
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
            return
        if run not in [step.run for step in self.steps]:
            self.steps = []
        self.progressed.emit()

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End the process; a run that was going is saved first, if the time does."""
        self._worker.shut_down(grace_ms)

    @property
    def _running(self) -> Step | None:
        return next((step for step in self.steps if step.state == "running"), None)

    def _next(self) -> None:
        step = next((step for step in self.steps if step.state == "waiting"), None)
        if step is not None:
            step.state, step.said = "running", self.tr("Starting")
            if isinstance(step.job, AddToLibrary):
                self._importing = True
                self._imports.begin(step.job.library, list(step.job.paths))
            else:
                self.starting.emit()
                self._worker.start_job(step.job)
        elif not self._worker.busy:
            self._worker.retire()
        self.changed.emit()
        self.progressed.emit()

    @Slot(object)
    def _on_training(self, event: Event) -> None:
        step = self._running
        if step is None:
            return
        match event:
            case RunOpened():
                step.run = event.run
                self._take_up(event)
                self.story.add(event)
                self.changed.emit()
                return
            case Failed():
                self._on_failed(step, event)
                return
            case Done(cancelled):
                told = self.story
                ended: JobState = "failed" if told.state == "failed" else "done"
                self._end(step, "stopped" if cancelled else ended, told.message, told.hint)
                return
        self.story.add(event)
        step.said = self.story.doing
        self.progressed.emit()

    def _take_up(self, event: RunOpened) -> None:
        """Begin the story of a run; of one that goes on, with what it told before."""
        try:
            self.story = story_until(self.runs.get(event.run).events(), event)
        except AppError:
            self.story = Story()

    def _on_failed(self, step: Step, event: Failed) -> None:
        message, hint = event.message, event.hint
        if event.code == "worker_died":
            message = self.tr("The training process stopped unexpectedly.")
            hint = self.tr("What was saved is kept: resume the run, or choose a smaller model.")
        elif event.code == "worker_missing":
            message, hint = self.tr("The training process could not be started."), ""
        if step.run and self.story.state == "training":
            self.story.state = "interrupted" if event.code.startswith("worker_") else "failed"
        self.story.message, self.story.hint = message, hint
        self._end(step, "failed", message, hint)

    @Slot(object)
    def _on_import(self, event: Event) -> None:
        step = self._running
        if step is None or not self._importing:
            return
        match event:
            case Status(text):
                step.said = doing(text)
            case Progress(step=what, done=done, total=total, unit=unit):
                step.said = f"{doing(what)}: {number(done)}{f' / {number(total)}' if total else ''} {unit}"
            case Imported(report):
                self.imported, self.imported_into = report, self._imports.library
                step.said = self.tr("{0} documents").format(number(report.documents))
            case Failed():
                self._importing = False
                self._end(step, "failed", event.message, event.hint)
                return
            case Done(cancelled):
                self._importing = False
                self._end(step, "stopped" if cancelled else "done", step.said)
                return
        self.progressed.emit()

    def _end(self, step: Step, state: JobState, said: str, hint: str = "") -> None:
        step.state, step.said, step.hint = state, said, hint
        self.story.doing, self._ending = "", False
        if state == "stopped":
            self._worker.retire()  # gives the graphics card back
            self.changed.emit()
            self.progressed.emit()
        else:
            self._next()
