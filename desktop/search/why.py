"""Why a document was found: what each part of the search says of it, as bars with numbers and words."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from core.types import Scores
from desktop.theme import GRID, SMALL, set_role, sized

_FINE = 1000  # steps of a bar


@dataclass(frozen=True, slots=True)
class Reason:
    """One line: what was compared, how it came out in [0, 1] of the bar, the number, and what it means."""

    name: str
    share: float | None
    number: str
    meaning: str


class Why(QFrame):
    """Folded to one line until it is asked for, and then for every result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "why")
        self.button = QToolButton()
        self.button.setText(self.tr("Why this result"))
        self.button.setCheckable(True)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self._on_toggled)
        self.rows = QWidget()
        self._grid = QGridLayout(self.rows)
        self._grid.setContentsMargins(GRID, 0, GRID, GRID)
        self._grid.setHorizontalSpacing(GRID + 4)
        self._grid.setVerticalSpacing(GRID // 2)
        self._grid.setColumnStretch(3, 1)
        self.rows.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
        column.addWidget(self.button)
        column.addWidget(self.rows)

    def show_scores(self, scores: Scores, best_lexical: float, best_fused: float) -> None:
        """Explain ``scores`` beside the best of the same search."""
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for row, reason in enumerate(self.reasons(scores, best_lexical, best_fused)):
            self._add(row, reason)

    def reasons(self, scores: Scores, best_lexical: float, best_fused: float) -> list[Reason]:
        """Return the lines for ``scores``."""
        if scores.dense is None and scores.lexical is None:
            listed = self.tr("newest first: there are no words to rank by")
            return [Reason(self.tr("Listed"), None, "", listed)]
        found = [
            self._words(scores.lexical, best_lexical),
            self._meaning(scores.dense),
            Reason(
                self.tr("Together"),
                scores.fused / best_fused if best_fused > 0 else None,
                f"{scores.fused:.2f}",
                self.tr("both combined, by which results are ranked")
                if scores.rerank is None
                else self.tr("both combined, by which the closest are chosen"),
            ),
        ]
        if scores.rerank is not None:
            found.append(
                Reason(
                    self.tr("Read again"),
                    None,
                    f"{scores.rerank:.2f}",
                    self.tr("by a model that reads search and passage together; decides the ranking"),
                )
            )
        return found

    def _words(self, score: float | None, best: float) -> Reason:
        if score is None:
            return Reason(self.tr("Words"), 0.0, "\u2013", self.tr("no word of the search is in it"))
        share = score / best if best > 0 else 0.0
        meaning = self.tr("{0} % of the best match by words").format(round(100 * share))
        return Reason(self.tr("Words"), share, f"{score:.1f}", meaning)

    def _meaning(self, score: float | None) -> Reason:
        if score is None:
            return Reason(self.tr("Meaning"), 0.0, "\u2013", self.tr("not among the closest in meaning"))
        meaning = self.tr("from 0, unrelated, to 1, the same")
        return Reason(self.tr("Meaning"), max(0.0, score), f"{score:.2f}", meaning)

    def _add(self, row: int, reason: Reason) -> None:
        name, value, meaning = QLabel(reason.name), QLabel(reason.number), QLabel(reason.meaning)
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, _FINE)
        bar.setValue(round(_FINE * min(1.0, reason.share or 0.0)))
        bar.setFixedWidth(10 * GRID)
        bar.setAccessibleName(f"{reason.name}: {reason.number}, {reason.meaning}")
        meaning.setWordWrap(True)
        for label in (name, value, meaning):
            sized(label, SMALL)
            set_role(label, "muted" if label is meaning else "plain")
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(name, row, 0)
        if reason.share is not None:
            self._grid.addWidget(bar, row, 1, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(value, row, 2)
        self._grid.addWidget(meaning, row, 3)

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.rows.setVisible(on)
