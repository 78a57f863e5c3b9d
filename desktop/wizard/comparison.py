"""Before and after: the figures of both models, and their answers side by side."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from core.tuning.reports import GateReport, Measure
from desktop.icons import IconButton
from desktop.theme import GRID, SMALL, set_role, sized
from desktop.wizard.notices import rows_table
from desktop.wizard.page import muted, section
from desktop.words import number

NONE = "\u2013"  # where there is no figure


class MeasuresTable(QWidget):
    """A line a measure: before, after, the difference with its interval, and what it means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID // 2)
        self.rows: list[tuple[str, ...]] = []

    def show_report(self, report: GateReport) -> None:
        """Show the measures of ``report``."""
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        headings = (
            self.tr("Measure"),
            self.tr("Before"),
            self.tr("After"),
            self.tr("Difference (95 % interval)"),
            self.tr("Items"),
            self.tr("Meaning"),
        )
        self.rows = [self._row(measure) for measure in report.measures]
        table = rows_table(headings, self.rows, self.tr("Before and after"), most=16)
        self._column.addWidget(table)
        foot = muted(
            self.tr(
                "{0} of your pairs were held out for this comparison with {1}. In brackets: does not decide."
            ).format(number(report.heldout), report.current)
        )
        sized(foot, SMALL)
        self._column.addWidget(foot)

    def _row(self, measure: Measure) -> tuple[str, ...]:
        return (
            measure.name,
            _figure(measure.before),
            _figure(measure.after),
            self._difference(measure),
            number(measure.items),
            self._meaning(measure),
        )

    def _difference(self, measure: Measure) -> str:
        if measure.before is None or measure.after is None:
            return NONE
        difference = f"{measure.after - measure.before:+.2f}"
        if measure.low is None or measure.high is None:
            return difference
        return self.tr("{0} ({1} to {2})").format(difference, f"{measure.low:+.2f}", f"{measure.high:+.2f}")

    def _meaning(self, measure: Measure) -> str:
        if measure.low is None or measure.high is None:
            return self.tr("not compared")
        sign = 1 if measure.higher_is_better else -1
        low, high = sorted((sign * measure.low, sign * measure.high))
        words = self.tr("better") if low > 0 else self.tr("worse") if high < 0 else self.tr("unclear")
        return words if measure.decides else f"({words})"


class SamplesView(QWidget):
    """One held-out question at a time, with what was expected and what both models wrote."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: GateReport | None = None
        self._number = 0
        self.before_button = IconButton("previous", self.tr("Previous question"), bare=True)
        self.after_button = IconButton("next", self.tr("Next question"), bare=True)
        self.place, self.question, self.expected = QLabel(), QLabel(), muted()
        self.old, self.new = _text(self.tr("Answer before")), _text(self.tr("Answer after"))
        self.question.setWordWrap(True)
        sized(self.question, 1.0, bold=True)
        head = QHBoxLayout()
        head.setSpacing(GRID // 2)
        head.addWidget(section(self.tr("Sample answers")), 1)
        head.addWidget(self.place)
        head.addWidget(self.before_button)
        head.addWidget(self.after_button)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID * 2)
        grid.setVerticalSpacing(GRID // 2)
        grid.setRowStretch(1, 1)  # the answers get what room there is, not their titles
        for column, (title, text) in enumerate(((self.tr("Before"), self.old), (self.tr("After"), self.new))):
            label = QLabel(title)
            set_role(label, "muted")
            grid.addWidget(label, 0, column)
            grid.addWidget(text, 1, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(head)
        layout.addWidget(self.question)
        layout.addWidget(self.expected)
        layout.addLayout(grid, 1)
        self.before_button.clicked.connect(lambda: self.walk(-1))
        self.after_button.clicked.connect(lambda: self.walk(1))

    def show_report(self, report: GateReport) -> None:
        """Show the samples of ``report`` from the first on."""
        self._report, self._number = report, 0
        self.setVisible(bool(report.samples))
        self.walk(0)

    def walk(self, by: int) -> None:
        """Show another sample."""
        if self._report is None or not self._report.samples:
            return
        count = len(self._report.samples)
        self._number = (self._number + by) % count
        sample = self._report.samples[self._number]
        self.place.setText(self.tr("{0} of {1}").format(number(self._number + 1), number(count)))
        self.question.setText(sample.question)
        self.expected.setText(self.tr("Expected: {0}").format(sample.expected))
        self.expected.setVisible(bool(sample.expected))
        self.old.setPlainText(sample.before)
        self.new.setPlainText(sample.after)


def _text(name: str) -> QTextEdit:
    text = QTextEdit()
    text.setReadOnly(True)
    text.setTabChangesFocus(True)
    set_role(text, "text")
    text.setAccessibleName(name)
    text.document().setDocumentMargin(GRID)
    text.setMinimumHeight(10 * GRID)
    text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # what room there is
    text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    return text


def _figure(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"
