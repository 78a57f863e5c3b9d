"""The Rebuild page: what runs, what is in use, every run there was, and the way to a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.registry import ModelKind
from core.tuning.runs import Run, RunInfo
from desktop.allowed import ALLOWED, Forbidden, WhyNot, explain, grey
from desktop.icons import PrimaryButton
from desktop.library.tables import RowsModel
from desktop.library.way_back import WayBack
from desktop.page import Page
from desktop.rebuild.banner import Banner
from desktop.rebuild.steps import RESUMABLE
from desktop.rebuild.story import state_words
from desktop.rebuild.switcher import Switcher
from desktop.rebuild.trainer import Trainer
from desktop.theme import GRID, LARGE, sized
from desktop.words import day, number


class RebuildPage(Page):
    """A table of runs with the buttons for the chosen one."""

    wizard_wanted = Signal()
    run_wanted = Signal(str)  # to be shown in the wizard
    trouble = Signal(str)

    def __init__(
        self,
        trainer: Trainer,
        switcher: Switcher,
        way_back: WayBack,
        in_use: Callable[[], Sequence[tuple[ModelKind, str, str]]],
        forbidden: WhyNot = ALLOWED,
        parent: QWidget | None = None,
    ) -> None:
        """``in_use`` returns role, model and run of each tuned model that is in use."""
        super().__init__(_tr("Rebuild"), _tr("Learn from your own questions, answers and papers."), parent)
        self._trainer, self._switcher, self._in_use = trainer, switcher, in_use
        self._way_back, self._forbidden = way_back, forbidden
        self._nothing = forbidden.training if forbidden.imports else ""  # that could be rebuilt
        self._infos: list[RunInfo] = []
        self.new = PrimaryButton(self.tr("New rebuild…"), "again")
        self.running = Banner("again", self.tr("Show"))
        self.active = QVBoxLayout()
        self.banners: list[Banner] = []
        self.empty = QLabel(self._what_it_is())
        self.table = QTableView()
        self.open = QPushButton(self.tr("Open"))
        self.resume = QPushButton(self.tr("Resume"))
        self.activate = QPushButton(self.tr("Use it"))
        self.delete = QPushButton(self.tr("Delete"))
        self._rows = RowsModel(
            [
                self.tr("Name"),
                self.tr("What"),
                self.tr("Built on"),
                self.tr("Begun"),
                self.tr("State"),
                self.tr("Result"),
            ]
        )
        self._rows.setParent(self)
        self._build()
        self._connect()
        grey(forbidden.training, self.resume, self.activate)
        grey(self._nothing, self.new)

    @Slot()
    def refresh(self) -> None:
        """Read the runs again."""
        chosen = self.chosen.id if self.chosen else ""
        self._infos = [info for run in self._trainer.runs.all() if (info := _info(run))]
        using = {run for _, _, run in self._in_use()}
        self._rows.show_rows([self._row(info, info.id in using) for info in self._infos])
        ids = [info.id for info in self._infos]
        if ids:
            self.table.selectRow(ids.index(chosen) if chosen in ids else 0)
        self.table.setVisible(bool(ids))
        self._heading.setVisible(bool(ids))
        self._buttons.setVisible(bool(ids))
        self.empty.setVisible(not ids and self._trainer.imported is None)
        self._show_running()
        self._show_active()
        self._show_buttons()

    @property
    def chosen(self) -> RunInfo | None:
        """The run whose row is selected."""
        row = self.table.currentIndex().row()
        return self._infos[row] if 0 <= row < len(self._infos) else None

    @Slot(str)
    def delete_run(self, run: str) -> None:
        """Delete ``run`` and everything in it."""
        try:
            self._trainer.runs.delete(self._trainer.runs.get(run))
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
        self.refresh()

    def _what_it_is(self) -> str:
        return self.tr(
            "Nothing has been rebuilt yet.\n\n"
            "A rebuild teaches the assistant or the search model from your own questions and answers, or "
            "takes your papers into the library. You see whether it is better before anything is replaced."
        )

    def _build(self) -> None:
        self.bar.addWidget(self.new)
        self.empty.setWordWrap(True)
        self.empty.setMaximumWidth(80 * GRID)
        self.active.setSpacing(GRID)
        self.running.hide()
        self.table.setModel(self._rows)
        self.table.setAccessibleName(self.tr("Runs"))
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(4 * GRID)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(5, QHeaderView.ResizeMode.Stretch)
        self._heading = QLabel(self.tr("Runs"))
        sized(self._heading, LARGE, bold=True)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for button in (self.open, self.resume, self.activate, self.delete):
            row.addWidget(button)
        row.addStretch()
        self.body.addWidget(Forbidden(self._forbidden.training))
        self.body.addWidget(self.running)
        self.body.addLayout(self.active)
        self.body.addWidget(self._heading)
        self.body.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self._buttons)
        self.body.addStretch()
        self.setFocusProxy(self.table if self._nothing else self.new)

    def _connect(self) -> None:
        self.new.clicked.connect(self.wizard_wanted)
        self.running.clicked.connect(lambda: self.run_wanted.emit(self._trainer.story.run))
        self.open.clicked.connect(self._on_open)
        self.table.activated.connect(self._on_open)
        self.resume.clicked.connect(self._on_resume)
        self.activate.clicked.connect(self._on_activate)
        self.delete.clicked.connect(self._on_delete)
        self.table.selectionModel().currentRowChanged.connect(self._show_buttons)
        self._trainer.changed.connect(self.refresh)
        self._trainer.progressed.connect(self._show_running)
        self._switcher.changed.connect(self.refresh)
        self._way_back.switched.connect(self.refresh)
        self._switcher.progressed.connect(self._on_switching)

    def _row(self, info: RunInfo, using: bool) -> Sequence[str]:
        kind = self.tr("Assistant") if info.kind == "adapter" else self.tr("Search model")
        state = state_words(info.state)
        if info.state in ("stopped", "interrupted") and info.steps:
            state += self.tr(" · step {0} of {1}").format(number(info.step), number(info.steps))
        verdict = {
            "better": self.tr("better"),
            "equal": self.tr("as good"),
            "worse": self.tr("worse"),
        }.get(info.verdict, "")
        return info.name, kind, info.base, day(info.created), state, self.tr("in use") if using else verdict

    @Slot()
    def _show_running(self) -> None:
        trainer, story = self._trainer, self._trainer.story
        self.running.setVisible(trainer.busy)
        if trainer.busy:
            step = next(step for step in trainer.steps if step.state == "running")
            words = self.tr("Training {0}: step {1} of {2}")
            training = words.format(story.name, number(story.step), number(story.steps))
            self.running.say(training if story.step else step.said, story.step, story.steps)

    def _show_active(self) -> None:
        for banner in self.banners:
            self.active.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.banners = []
        for role, model, _ in self._in_use():
            what = self.tr("assistant") if role == "language" else self.tr("search model")
            banner = Banner("ok", self.tr("Revert"))
            banner.say(self.tr("{0} is in use as the {1}").format(model, what))
            banner.button.setAccessibleName(self.tr("Revert the {0}").format(what))
            banner.button.setToolTip(self.tr("Goes back to the model, and the libraries, from before it."))
            banner.clicked.connect(lambda role=role: self._switcher.revert(role))
            self._add(banner)
            grey(self._forbidden.language if role == "language" else self._forbidden.embedder, banner.button)
        self._show_way_back()

    def _show_way_back(self) -> None:
        """Offer to undo what the last rebuild brought into a library."""
        report, library = self._trainer.imported, self._trainer.imported_into
        if report is None or not report.added + report.updated:
            return
        if before := self._way_back.before(library):
            banner = Banner("ok", self.tr("Go back to the version before"))
            words = self.tr("{0} had {1} documents before its last import")
            banner.say(words.format(library, number(before.documents)))
            banner.button.setAccessibleName(self.tr("Take {0} back to the version before").format(library))
            banner.button.setToolTip(self._way_back.words(before))
            banner.button.setAccessibleDescription(banner.button.toolTip())
            banner.clicked.connect(lambda: self._way_back.revert(library))
            self._add(banner)
            grey(self._forbidden.imports, banner.button)

    def _add(self, banner: Banner) -> None:
        banner.button.setEnabled(not self._switcher.busy and not self._trainer.busy)
        self.active.addWidget(banner)
        self.banners.append(banner)

    @Slot()
    def _show_buttons(self) -> None:
        idle, info = not self._trainer.busy and not self._switcher.busy, self.chosen
        self._buttons.setEnabled(info is not None)
        if info is None:
            return
        using = info.id in {run for _, _, run in self._in_use()}
        self.resume.setEnabled(idle and info.state in RESUMABLE)
        why = self._forbidden.to_use(info.kind)
        self.activate.setEnabled(idle and not using and not why and info.verdict in ("better", "equal"))
        explain(self.activate, why)
        self.delete.setEnabled(idle and not using)

    @Slot()
    def _on_open(self, _: QModelIndex | None = None) -> None:
        if self.chosen:
            self.run_wanted.emit(self.chosen.id)

    @Slot()
    def _on_resume(self) -> None:
        if info := self.chosen:
            self._trainer.show(info.id)
            if self._trainer.resume(info.id):
                self.run_wanted.emit(info.id)

    @Slot()
    def _on_activate(self) -> None:
        if self.chosen:
            self._switcher.activate(self.chosen.id)

    @Slot()
    def _on_delete(self) -> None:
        """Ask first: a run takes hours and cannot be brought back."""
        info = self.chosen
        if info is None:
            return
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Delete run"))
        box.setText(self.tr("Delete {0} with its model?").format(info.name))
        box.setInformativeText(self.tr("It cannot be brought back."))
        sure = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        sure.clicked.connect(lambda: self.delete_run(info.id))
        box.finished.connect(box.deleteLater)
        box.open()

    @Slot(str)
    def _on_switching(self, words: str) -> None:
        for banner in self.banners:
            banner.button.setEnabled(False)
            banner.button.setToolTip(words)


def _info(run: Run) -> RunInfo | None:
    try:
        return run.info()
    except AppError:
        return None


def _tr(text: str) -> str:
    return QCoreApplication.translate("RebuildPage", text)
