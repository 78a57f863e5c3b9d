"""Reads the chosen files in the training process as they land, one by one and then together."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.protocol import CheckData, DataChecked, Done, Event, Failed, Progress, Status
from core.tuning.recipe import Recipe, Source
from core.tuning.reports import DataReport
from desktop.wizard.draft import Draft
from desktop.words import doing, number
from desktop.worker_client import WorkerClient

SETTLE_MS = 250  # while a number is being typed, its digits are not checked one by one


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of reading one file: a report, or a message and a hint."""

    state: Literal["waiting", "checking", "ok", "failed"]
    report: DataReport | None = None
    message: str = ""
    hint: str = ""


class DataCheck(QObject):
    """Keeps the report on the draft's data up to date. ``report`` is None while there is none that holds."""

    changed = Signal()
    progressed = Signal(str)

    def __init__(self, draft: Draft, worker: WorkerClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._worker = worker
        self._results: dict[Hashable, FileResult] = {}
        self._reports: dict[Hashable, FileResult] = {}
        self._checking: tuple[bool, Hashable] | None = None  # of one file (else of all), and its key
        self._seen: Hashable = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._next)
        worker.received.connect(self._on_event)
        draft.changed.connect(self._on_draft)

    @property
    def busy(self) -> bool:
        """True while something is read, or is about to be."""
        return self._checking is not None or self._settle.isActive()

    @property
    def usable(self) -> list[Source]:
        """The sources that could be read."""
        return [one for one in self._draft.sources if self.result(one).state == "ok"]

    @property
    def report(self) -> DataReport | None:
        """What would be learned from all usable files, by the recipe as it is now."""
        return self._together().report

    @property
    def failure(self) -> FileResult | None:
        """Why the files cannot be learned from together, or None."""
        return found if (found := self._together()).state == "failed" else None

    def result(self, source: Source) -> FileResult:
        """Return what came of reading ``source``."""
        key = self._file_key(source)
        if self._checking == (True, key):
            return FileResult("checking")
        return self._results.get(key, FileResult("waiting"))

    def refresh(self) -> None:
        """Read what has not been read; call it when the wizard opens."""
        self._next()

    def shut_down(self, grace_ms: int = 3000) -> None:
        """End the process."""
        self._settle.stop()
        self._worker.shut_down(grace_ms)

    def rest(self) -> None:
        """Stop reading, and give the memory back; ``refresh`` goes on."""
        self._settle.stop()
        if self._worker.busy:
            self._worker.cancel()
        else:
            self._worker.retire()

    @Slot()
    def _on_draft(self) -> None:
        if (seen := self._key()) != self._seen:
            self._seen = seen
            self._forget()
            self._settle.start()
            self.changed.emit()

    def _forget(self) -> None:
        """Drop what is known of files that are gone: added again, they may hold something else."""
        wanted = {self._file_key(one) for one in self._draft.sources}
        if gone := self._results.keys() - wanted:
            self._reports.clear()
        for key in gone:
            del self._results[key]

    @Slot()
    def _next(self) -> None:
        if self._worker.busy:
            if self._checking not in self._wanted():
                self._worker.cancel()  # what is being read is no longer asked for
            return
        for wanted in self._wanted():
            one_file, key = wanted
            if key not in (self._results if one_file else self._reports):
                self._checking = wanted
                self._worker.start_job(CheckData(self._recipe_for(wanted)))
                break
        self.changed.emit()

    def _wanted(self) -> list[tuple[bool, Hashable]]:
        files: list[tuple[bool, Hashable]] = [(True, self._file_key(one)) for one in self._draft.sources]
        return [*files, (False, self._key())] if self.usable else files

    def _recipe_for(self, wanted: tuple[bool, Hashable]) -> Recipe:
        one_file, key = wanted
        sources = self.usable
        if one_file:
            sources = [replace(s, weight=1.0) for s in self._draft.sources if self._file_key(s) == key]
        recipe = self._draft.recipe
        return replace(recipe, data=replace(recipe.data, sources=tuple(sources)))

    def _together(self) -> FileResult:
        return self._reports.get(self._key(), FileResult("waiting"))

    def _key(self) -> Hashable:
        recipe = self._draft.recipe
        data = replace(recipe.data, sources=())
        files = tuple((self._file_key(one), one.weight) for one in recipe.data.sources)
        return (files, repr(data), recipe.base.model, recipe.training.seed)

    def _file_key(self, source: Source) -> Hashable:
        columns = tuple(sorted(source.columns.items()))
        return (source.path, source.format, columns, self._draft.recipe.base.model)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        match event:
            case Status(text):
                self.progressed.emit(doing(text))
            case Progress(step=step, done=done, unit=unit):
                self.progressed.emit(f"{doing(step)}: {number(done)} {unit}")
            case DataChecked(report):
                self._keep(FileResult("ok", report))
            case Failed(code, message, hint):
                if code == "worker_died":
                    message = self.tr("Reading stopped unexpectedly.")
                    hint = self.tr("Remove the file and add it again.")
                self._keep(FileResult("failed", None, message, hint))
                self._go_on()
            case Done():
                self._go_on()

    def _keep(self, result: FileResult) -> None:
        if self._checking is None:
            return
        one_file, key = self._checking
        (self._results if one_file else self._reports)[key] = result
        only = self._draft.sources
        alone = one_file and len(only) == 1 and only[0].weight == 1.0 and self._file_key(only[0]) == key
        if alone and result.state == "ok":  # read alone or together, it is the same
            self._reports[self._key()] = result

    def _go_on(self) -> None:
        self._checking = None
        self._next()
