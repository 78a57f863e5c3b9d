"""Every evaluation there was, what runs, and the way to a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QItemSelection, Qt, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QLabel, QMessageBox, QPushButton, QTableView, QWidget

from core.errors import AppError
from core.evaluation.runs import Evaluation, EvaluationInfo, Evaluations
from desktop.evaluate.evaluation_words import kind_words, state_words
from desktop.evaluate.evaluator import Evaluator
from desktop.flow_layout import FlowLayout
from desktop.icons import PrimaryButton
from desktop.library.tables import RowsModel, plain
from desktop.page import Page
from desktop.rebuild.banner import Banner
from desktop.theme import GRID
from desktop.words import day, number


class RunsPage(Page):
    """A table of evaluations with the buttons for those that are chosen."""

    new_wanted = Signal()
    open_wanted = Signal(object)  # Evaluation
    compare_wanted = Signal(object, object)  # Evaluation, Evaluation
    sheet_wanted = Signal(object)  # to be rated by people: list[Evaluation]
    ratings_wanted = Signal()
    trouble = Signal(str)

    def __init__(self, evaluator: Evaluator, evaluations: Evaluations, parent: QWidget | None = None) -> None:
        super().__init__(
            _tr("Evaluate"),
            _tr("Measure how good search, answers and their check are, with figures."),
            parent,
        )
        self._evaluator, self._evaluations = evaluator, evaluations
        self.infos: list[EvaluationInfo] = []
        self.new = PrimaryButton(self.tr("New evaluation…"), "evaluate")
        self.running = Banner("evaluate", self.tr("Stop"))
        self.running.hide()
        self.empty = QLabel(
            self.tr(
                "Nothing has been measured yet.\n\n"
                "An evaluation asks questions whose answers are known, and says how often search, answers "
                "and citations were right. It runs in the background; what is done is kept when you stop it."
            )
        )
        self.empty.setWordWrap(True)
        self.empty.setMaximumWidth(80 * GRID)
        headings = [self.tr("What"), self.tr("On"), self.tr("Model"), self.tr("Begun")]
        self._rows = RowsModel([*headings, self.tr("State"), self.tr("Items")], numeric=[5])
        self._rows.setParent(self)
        self.table = QTableView()
        plain(self.table, self._rows, self.tr("Evaluations"))
        self.table.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.open = QPushButton(self.tr("Open"))
        self.resume = QPushButton(self.tr("Resume"))
        self.compare = QPushButton(self.tr("Compare"))
        self.compare.setToolTip(self.tr("Choose two finished ones of a kind, with Ctrl and a click"))
        self.sheet = QPushButton(self.tr("Have answers rated…"))
        self.sheet.setToolTip(
            self.tr(
                "Writes a sheet for experts that does not tell which model wrote what, as CSV and to print"
            )
        )
        self.ratings = QPushButton(self.tr("Read ratings…"))
        self.delete = QPushButton(self.tr("Delete"))
        self.buttons = QWidget()
        self.flow = FlowLayout(self.buttons)
        for button in (self.open, self.resume, self.compare, self.sheet, self.ratings, self.delete):
            self.flow.addWidget(button)
        self.bar.addWidget(self.new)
        self.body.addWidget(self.running)
        self.body.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.buttons)
        self.body.addStretch()
        self.setFocusProxy(self.new)
        self._connect()
        self.refresh()

    @property
    def chosen(self) -> list[EvaluationInfo]:
        """The evaluations whose rows are selected, in the order of the table."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.infos[row] for row in rows if row < len(self.infos)]

    @Slot()
    def refresh(self) -> None:
        """Read the evaluations again, and keep the choice."""
        before = {info.id for info in self.chosen}
        found = (_info(one) for one in self._evaluations.all())
        self.infos = [info for info in found if info]
        self._rows.show_rows([_row(info) for info in self.infos])
        kept = [row for row, info in enumerate(self.infos) if info.id in before]
        for row in kept or ([0] if self.infos else []):
            self.table.selectRow(row)
        for part in (self.table, self.buttons):
            part.setVisible(bool(self.infos))
        self.empty.setVisible(not self.infos and not self._evaluator.busy)
        self.show_running()
        self.show_buttons()

    @Slot()
    def show_running(self) -> None:
        """Show how far the running one is."""
        evaluator = self._evaluator
        self.running.setVisible(evaluator.busy)
        if evaluator.busy:
            self.running.say(evaluator.sentence(), evaluator.done, max(0, evaluator.total))

    @Slot(QItemSelection, QItemSelection)
    def show_buttons(self, *_: object) -> None:
        """Offer what can be done with the chosen ones."""
        chosen, busy = self.chosen, self._evaluator.busy
        one = chosen[0] if len(chosen) == 1 else None
        done = [info for info in chosen if info.state == "done"]
        self.open.setEnabled(one is not None)
        self.resume.setEnabled(one is not None and one.state == "stopped" and not busy)
        self.compare.setEnabled(len(chosen) == len(done) == 2 and chosen[0].kind == chosen[1].kind)
        answers = [info for info in chosen if info.kind == "answers" and info.items]
        self.sheet.setEnabled(bool(chosen) and len(answers) == len(chosen))
        self.delete.setEnabled(one is not None and one.state != "running")
        self.new.setEnabled(not busy)

    def _connect(self) -> None:
        self.new.clicked.connect(self.new_wanted)
        self.running.clicked.connect(self._evaluator.stop)
        self.open.clicked.connect(self._on_open)
        self.table.activated.connect(self._on_open)
        self.resume.clicked.connect(self._on_resume)
        self.compare.clicked.connect(self._on_compare)
        self.sheet.clicked.connect(self._on_sheet)
        self.ratings.clicked.connect(self.ratings_wanted)
        self.delete.clicked.connect(self._on_delete)
        self.table.selectionModel().selectionChanged.connect(self.show_buttons)
        self._evaluator.changed.connect(self.refresh)
        self._evaluator.progressed.connect(self.show_running)

    def _found(self, info: EvaluationInfo) -> Evaluation | None:
        try:
            return self._evaluations.get(info.id)
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
            return None

    @Slot()
    def _on_open(self) -> None:
        if self.chosen and (evaluation := self._found(self.chosen[0])):
            self.open_wanted.emit(evaluation)

    @Slot()
    def _on_resume(self) -> None:
        if self.chosen:
            self._evaluator.resume(self.chosen[0].kind, self.chosen[0].id)

    @Slot()
    def _on_compare(self) -> None:
        newer, older = (self._found(info) for info in self.chosen)
        if newer and older:
            self.compare_wanted.emit(older, newer)

    @Slot()
    def _on_sheet(self) -> None:
        found = [evaluation for info in self.chosen if (evaluation := self._found(info))]
        if found:
            self.sheet_wanted.emit(found)

    @Slot()
    def _on_delete(self) -> None:
        info = self.chosen[0]
        words = self.tr("Delete this evaluation with its {0} items and its report?")
        asked = QMessageBox.question(self, self.tr("Delete"), words.format(number(info.items)))
        if asked == QMessageBox.StandardButton.Yes:
            self.delete_run(info)

    def delete_run(self, info: EvaluationInfo) -> None:
        """Delete an evaluation and everything in it."""
        try:
            self._evaluations.delete(self._evaluations.get(info.id))
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
        self.refresh()


def _info(evaluation: Evaluation) -> EvaluationInfo | None:
    try:
        return evaluation.info()
    except AppError:  # made by a newer version, or damaged: not shown, not touched
        return None


def _row(info: EvaluationInfo) -> Sequence[str]:
    return (
        kind_words(info.kind).name,
        info.subject,
        info.model,
        day(info.created),
        state_words(info.state),
        number(info.items),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunsPage", text)
