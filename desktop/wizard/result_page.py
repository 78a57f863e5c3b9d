"""Last page: is it better? Then it is one click to use it; else the old model stays."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.errors import AppError
from core.tuning.reports import GateReport
from core.types import ImportReport
from desktop.allowed import ALLOWED, WhyNot, explain
from desktop.chat.note import Note
from desktop.icons import PrimaryButton
from desktop.rebuild.switcher import Switcher
from desktop.rebuild.trainer import Trainer
from desktop.theme import GRID, set_role
from desktop.wizard.comparison import MeasuresTable, SamplesView
from desktop.wizard.page import Step, scrolled
from desktop.words import number

_VERDICT = {"better": ("ok", "accent"), "equal": ("ok", "accent"), "worse": ("warning", "problem")}


class ResultPage(Step):
    """Verdict, table, samples, and what is done with the model."""

    discarded = Signal(str)  # run
    kept = Signal()

    def __init__(
        self,
        trainer: Trainer,
        switcher: Switcher,
        in_use: Callable[[str], bool],
        forbidden: WhyNot = ALLOWED,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.set_words(self.tr("Result"), self.tr("Both models answered questions that were held out."))
        self._trainer, self._switcher, self._in_use = trainer, switcher, in_use
        self._forbidden = forbidden
        self._insisting = False
        self.which = QComboBox()
        self.verdict = Note()
        self.imported = Note()
        self.measures = MeasuresTable()
        self.samples = SamplesView()
        self.activate = PrimaryButton(self.tr("Use it"))
        self.keep = QPushButton(self.tr("Keep it, without using it"))
        self.discard = QPushButton(self.tr("Discard it"))
        self.status = QLabel()
        self._build()
        self.which.currentIndexChanged.connect(self._show_another)
        self.activate.clicked.connect(self._on_activate)
        self.keep.clicked.connect(self.kept)
        self.discard.clicked.connect(self._on_discard)
        switcher.changed.connect(self._show)
        switcher.progressed.connect(self.status.setText)
        switcher.trouble.connect(self._on_trouble)

    @property
    def run(self) -> str:
        """The run that is shown, or an empty string."""
        return str(self.which.currentData() or "")

    def initializePage(self) -> None:
        """Show what came of the rebuild."""
        self.which.blockSignals(True)
        self.which.clear()
        for run in self._trainer.results:
            self.which.addItem(self._name(run), run)
        self.which.blockSignals(False)
        self.which.setVisible(self.which.count() > 1)
        self._show_import(self._trainer.imported)
        self._show_another()

    def first(self) -> QWidget:
        return self.activate if self.activate.property("role") == "primary" else self.keep

    def _build(self) -> None:
        self.which.setAccessibleName(self.tr("Which result"))
        set_role(self.status, "muted")
        self.status.setWordWrap(True)
        self.keep.setToolTip(self.tr("It stays in the list on the Rebuild page and can be used later."))
        self.discard.setToolTip(self.tr("Deletes the run and its model."))
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        for button in (self.activate, self.keep, self.discard):
            buttons.addWidget(button)
        buttons.addWidget(self.status, 1)
        self._model = QWidget()
        column = QVBoxLayout(self._model)
        column.setContentsMargins(0, 0, 2, 0)
        column.setSpacing(GRID * 2)
        column.addWidget(self.verdict)
        column.addLayout(buttons)
        column.addWidget(self.measures)
        column.addWidget(self.samples, 1)
        self.body.addWidget(self.imported)
        self.body.addWidget(self.which)
        self.body.addWidget(scrolled(self._model), 1)

    def _report(self) -> GateReport | None:
        try:
            return self._trainer.runs.get(self.run).report() if self.run else None
        except AppError:
            return None

    def _name(self, run: str) -> str:
        try:
            recipe = self._trainer.runs.get(run).recipe()
        except AppError:
            return run
        kind = self.tr("Assistant") if recipe.kind == "adapter" else self.tr("Search model")
        return f"{kind}: {recipe.name}"

    @Slot()
    def _show_another(self) -> None:
        """Show the chosen result, without what was said of the one before, or insisted on."""
        self._insisting = False
        self.status.setText("")
        self._show()

    @Slot()
    def _show(self) -> None:
        report = self._report()
        self._model.setVisible(report is not None)
        if report is None:
            return
        using, busy = self._in_use(report.run), self._switcher.busy
        why = self._why_not(report.run)
        self._show_verdict(report, using, why)
        self.measures.show_report(report)
        if self.samples._report is not report:
            self.samples.show_report(report)
        worse = report.verdict == "worse"
        set_role(self.activate, "" if worse and not using else "primary")
        set_role(self.keep, "primary" if worse and not using else "")
        words = self.tr("Use it anyway…") if worse else self.tr("Use it")
        self.activate.setText(self.tr("Yes, use the worse model") if self._insisting else words)
        explain(self.activate, why)
        self.activate.setEnabled(not busy and not using and not why)
        self.discard.setEnabled(not busy and not using)
        self.keep.setVisible(not using)
        self.keep.setEnabled(not busy)
        if not busy and why:
            self.status.setText(why)
        elif not busy and using:
            self.status.setText(self.tr("In use now. “Revert” on the Rebuild page goes back."))

    def _why_not(self, run: str) -> str:
        try:
            return self._forbidden.to_use(self._trainer.runs.get(run).recipe().kind)
        except AppError:
            return ""

    def _show_verdict(self, report: GateReport, using: bool, why_not: str) -> None:
        icon, colour = _VERDICT[report.verdict]
        stays = self.tr("The current model stays in use.")
        can = stays if why_not else self.tr("It can take over.")
        head, hint = {
            "better": (self.tr("Better than the current model"), can),
            "equal": (self.tr("As good as the current model, as far as can be told"), can),
            "worse": (self.tr("Worse than the current model"), stays),
        }[report.verdict]
        self.verdict.say(icon, colour, head, f"{report.reason} {self.tr('It is in use.') if using else hint}")

    def _show_import(self, report: ImportReport | None) -> None:
        self.imported.setVisible(report is not None)
        if report is None:
            return
        head = self.tr("The library now holds {0} documents").format(number(report.documents))
        parts = [
            self.tr("{0} added").format(number(report.added)),
            self.tr("{0} updated").format(number(report.updated)),
            self.tr("{0} could not be read").format(number(report.failed)),
        ]
        self.imported.say("ok", "accent", head, " · ".join(parts))

    @Slot()
    def _on_activate(self) -> None:
        report = self._report()
        if report is None:
            return
        if report.verdict == "worse" and not self._insisting:
            self._insisting = True
            self.status.setText(self.tr("The comparison speaks against it. Click once more if you are sure."))
            self._show()
            return
        insist, self._insisting = self._insisting, False
        self.status.setText(self.tr("Switching…"))
        self._switcher.activate(report.run, insist)

    @Slot()
    def _on_discard(self) -> None:
        if self.run:
            self.discarded.emit(self.run)

    @Slot(str)
    def _on_trouble(self, words: str) -> None:
        self.status.setText(words)
