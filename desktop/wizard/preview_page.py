"""Third page: what the model will read and learn to write, and the figures of the data."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.tuning.reports import DataReport
from desktop.icons import IconButton
from desktop.keys import shortcut
from desktop.theme import GRID, SMALL, set_role, sized
from desktop.wizard.conversation_view import ConversationView
from desktop.wizard.data_check import DataCheck
from desktop.wizard.page import Step, muted, section
from desktop.words import number


class PreviewPage(Step):
    """Conversations on the left, figures on the right."""

    def __init__(self, check: DataCheck, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_words(
            self.tr("Preview"),
            self.tr("This is what the model will read. It learns to write only what is underlined."),
        )
        self._check = check
        self._number = 0
        self.view = ConversationView()
        self.before = IconButton("previous", self.tr("Previous conversation (J)"), bare=True)
        self.after = IconButton("next", self.tr("Next conversation (K)"), bare=True)
        self.place = QLabel()
        self.counts = muted()
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName(self.tr("Counting"))
        self.figures = DataFigures()
        self._build()
        self.before.clicked.connect(lambda: self.walk(-1))
        self.after.clicked.connect(lambda: self.walk(1))
        shortcut("J", self, lambda: self.walk(-1), inside=True)
        shortcut("K", self, lambda: self.walk(1), inside=True)
        check.changed.connect(self._show)

    def initializePage(self) -> None:
        """Show the data as it is now."""
        self._number = 0
        self._show()

    def first(self) -> QWidget:
        return self.after

    def isComplete(self) -> bool:
        return self._check.report is not None

    def walk(self, by: int) -> None:
        """Show another conversation."""
        self._number += by
        self._show_conversation()

    def _build(self) -> None:
        legend = QLabel(self.tr("<u>Underlined</u>: what it learns to write. Plain: what it only reads."))
        legend.setTextFormat(Qt.TextFormat.RichText)
        sized(legend, SMALL)
        set_role(legend, "muted")
        head = QHBoxLayout()
        head.setSpacing(GRID // 2)
        head.addWidget(self.before)
        head.addWidget(self.after)
        head.addSpacing(GRID // 2)
        head.addWidget(self.place, 1)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addLayout(head)
        left.addWidget(legend)
        left.addWidget(self.view, 1)
        left.addWidget(self.counts)
        row = QHBoxLayout()
        row.setSpacing(GRID * 3)
        row.addLayout(left, 1)
        row.addWidget(self.figures, 1)
        self.body.addWidget(self.busy)
        self.body.addLayout(row, 1)

    @Slot()
    def _show(self) -> None:
        report = self._check.report
        self.busy.setVisible(report is None and self._check.busy)
        if report:
            self.figures.show_report(report)
            self._show_conversation()
        self.completeChanged.emit()

    def _show_conversation(self) -> None:
        report = self._check.report
        if report is None or not report.previews:
            return
        count = len(report.previews)
        self._number %= count
        preview = report.previews[self._number]
        self.view.show_preview(preview)
        self.place.setText(self.tr("{0} of {1}").format(number(self._number + 1), number(count)))
        held = self.tr("held out to check") if preview.split == "validation" else self.tr("learned from")
        words = [self.tr("{0} tokens").format(number(preview.tokens)), held]
        if preview.cut:
            words.append(self.tr("{0} tokens of evidence cut to fit").format(number(preview.cut)))
        self.counts.setText(" · ".join(words))


class DataFigures(QWidget):
    """Lengths as plots, the rest as lines of figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from desktop.wizard.plots import Histogram  # loads pyqtgraph

        self.plots = {
            "context": Histogram(self.tr("Evidence")),
            "question": Histogram(self.tr("Question")),
            "answer": Histogram(self.tr("Answer")),
            "conversation": Histogram(self.tr("Whole conversation")),
        }
        self.limit = muted()
        self.lines = QGridLayout()
        self.lines.setHorizontalSpacing(GRID * 2)
        self.lines.setVerticalSpacing(2)
        self.lines.setColumnStretch(1, 1)
        self._values: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setSpacing(GRID * 2)
        for place, plot in enumerate(self.plots.values()):
            plot.setMinimumHeight(16 * GRID)
            grid.addWidget(plot, place // 2, place % 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(section(self.tr("Lengths in tokens")))
        column.addWidget(self.limit)
        column.addLayout(grid, 1)
        column.addSpacing(GRID)
        column.addLayout(self.lines)

    def show_report(self, report: DataReport) -> None:
        """Show the figures of ``report``."""
        limit = self.tr("Longer conversations than {0} lose the end of their evidence (dashed line).")
        self.limit.setText(limit.format(number(report.max_length)))
        for name, plot in self.plots.items():
            spread = getattr(report, name)
            reached = spread.longest > 0.5 * report.max_length
            plot.show_spread(spread, report.max_length if name == "conversation" or reached else 0)
        for name, value in self._lines(report).items():
            self._line(name).setText(value)

    def value(self, name: str) -> str:
        """Return the figure on the line called ``name``."""
        return self._values[name].text()

    def _line(self, name: str) -> QLabel:
        if name not in self._values:
            label, value = muted(name), QLabel()
            label.setWordWrap(False)
            value.setWordWrap(True)
            value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            row = len(self._values)
            self.lines.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self.lines.addWidget(value, row, 1)
            self._values[name] = value
        return self._values[name]

    def _lines(self, report: DataReport) -> dict[str, str]:
        share = 100 * report.trained_tokens / max(1, report.all_tokens)
        classes = ", ".join(f"{name} {number(count)}" for name, count in report.classes.items())
        openings = ", ".join(f"“{words}…” {number(count)}" for words, count in report.diversity.openings[:3])
        return {
            self.tr("Learned tokens"): self.tr("{0} of {1} ({2} %)").format(
                number(report.trained_tokens), number(report.all_tokens), f"{share:.1f}"
            ),
            self.tr("Cut to fit"): self.tr("{0} of {1} conversations").format(
                number(report.truncated), number(report.conversations)
            ),
            self.tr("Left out, too long"): number(report.untrained),
            self.tr("To be refused"): number(report.refusals),
            self.tr("Balance"): classes or self.tr("no decisions"),
            self.tr("Variety"): self.tr("{0} % different words; {1} documents").format(
                f"{100 * report.diversity.distinct_1:.0f}", number(report.diversity.documents)
            ),
            self.tr("Commonest openings"): openings,
        }
