"""The plots of a result, drawn by pyqtgraph in the colours of the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QWidget

from core.evaluation.coverage import Point
from core.evaluation.results import (
    AnswersResult,
    BiasResult,
    CitationsResult,
    Estimate,
    Result,
    RetrievalResult,
    SettingScores,
)
from desktop.theme import colours
from desktop.wizard.plots import Plot

Series = Mapping[str, Sequence[Estimate | None]]


@dataclass(frozen=True, slots=True)
class Bars:
    """Groups of bars: a value for each group in each series."""

    title: str
    groups: tuple[str, ...]
    series: Series


def bars_of(result: Result) -> tuple[Bars, ...]:
    """Return what is drawn of ``result``; all values lie in [0, 1]."""
    match result:
        case RetrievalResult(modes=modes):
            names: tuple[str, ...] = tuple(one.mode for one in modes)
            found: Series = {
                "nDCG@10": [one.ndcg_10 for one in modes],
                "Recall@100": [one.recall_100 for one in modes],
                "MRR@10": [one.mrr_10 for one in modes],
            }
            return (Bars(_tr("Search by mode"), names, found),)
        case AnswersResult(settings=settings):
            return _of_answers(settings)
        case CitationsResult(verifiers=verifiers):
            names = tuple(one.name for one in verifiers)
            found = {
                _tr("three classes"): [one.scores.three_way for one in verifiers],
                _tr("supported or not"): [one.scores.supported_or_not for one in verifiers],
            }
            return (Bars(_tr("Checks of citations: balanced accuracy"), names, found),)
        case BiasResult(attributes=attributes):
            names = tuple(one.attribute for one in attributes)
            found = {
                _tr("flips"): [one.flips for one in attributes],
                _tr("accuracy gap"): [one.accuracy_gap for one in attributes],
            }
            return (Bars(_tr("Dependence on the person: lower is better"), names, found),)


def _of_answers(settings: Sequence[SettingScores]) -> tuple[Bars, ...]:
    names = tuple(one.setting for one in settings)
    answers: Series = {
        _tr("accuracy"): [one.accuracy for one in settings],
        _tr("macro-F1"): [one.macro_f1 for one in settings],
        _tr("refused"): [one.refused for one in settings],
    }
    cited = [one for one in settings if one.setting != "none"]
    citations: Series = {
        _tr("precision, as written"): [one.before.precision for one in cited],
        _tr("precision, checked"): [one.after.precision for one in cited],
        _tr("recall, as written"): [one.before.recall for one in cited],
        _tr("recall, checked"): [one.after.recall for one in cited],
    }
    bars = (Bars(_tr("Answers by setting"), names, answers),)
    return (*bars, Bars(_tr("Citations"), tuple(one.setting for one in cited), citations)) if cited else bars


class BarsPlot(Plot):
    """Bars with their 95 % intervals; series differ in fill as well as in colour."""

    def __init__(self, bars: Bars, parent: QWidget | None = None) -> None:
        super().__init__(bars.title, parent)
        self._bars = bars
        self.draw()

    def draw(self) -> None:
        super().draw()
        width = 0.8 / max(1, len(self._bars.series))
        dressed = colours()
        inks = (dressed.accent, dressed.warning, dressed.good, dressed.muted)
        fills = (_SOLID, _STRIPES, _DOTS, _CROSSES)
        for place, (_, values) in enumerate(self._bars.series.items()):
            at = [g + (place - (len(self._bars.series) - 1) / 2) * width for g, v in enumerate(values) if v]
            known = [value for value in values if value]
            ink = QColor(inks[place % len(inks)])
            pen = QPen(ink, 1)
            pen.setCosmetic(True)
            bar = self._graph.BarGraphItem(
                x=at,
                height=[one.value for one in known],
                width=width * 0.86,
                brush=QBrush(ink, fills[place % len(fills)]),
                pen=pen,
            )
            self.view.addItem(bar)
            self.items.append(bar)
            self._draw_intervals(at, known)
        axis = self.view.getPlotItem().getAxis("bottom")
        axis.setTicks([list(enumerate(self._bars.groups))])
        self.view.setYRange(0, 1.02, padding=0)
        self.view.setXRange(-0.6, len(self._bars.groups) - 0.4, padding=0)
        self._explain([QColor(ink).name() for ink in inks])

    def _draw_intervals(self, at: Sequence[float], known: Sequence[Estimate]) -> None:
        import numpy as np

        if not known:
            return
        pen = QPen(QColor(colours().text), 1)
        pen.setCosmetic(True)
        self.view.addItem(
            self._graph.ErrorBarItem(
                x=np.array(at),
                y=np.array([one.value for one in known]),
                top=np.array([max(0.0, one.high - one.value) for one in known]),
                bottom=np.array([max(0.0, one.value - one.low) for one in known]),
                beam=0.04,
                pen=pen,
            )
        )

    def _explain(self, inks: Sequence[str]) -> None:
        signs = ("■", "▨", "░", "▦")
        names = list(self._bars.series)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        parts = [
            f'<span style="color:{inks[n % len(inks)]}">{signs[n % len(signs)]}</span>&nbsp;'
            + name.replace(" ", "&nbsp;")
            for n, name in enumerate(names)
        ]
        self.say("&nbsp; ".join(parts))
        told = [
            f"{group}, {name}: {value.value:.2f}"
            for name, values in self._bars.series.items()
            for group, value in zip(self._bars.groups, values, strict=True)
            if value
        ]
        self.describe("; ".join(told))


class CoveragePlot(Plot):
    """How many of the answers given are right, when only the surest share of the questions is answered."""

    def __init__(self, curve: Sequence[Point], proposed: Point | None, parent: QWidget | None = None) -> None:
        super().__init__(_tr("Coverage and precision"), parent)
        self._curve, self._proposed = curve, proposed
        self.draw()

    def draw(self) -> None:
        super().draw()
        dressed = colours()
        pen = QPen(QColor(dressed.accent), 2)
        pen.setCosmetic(True)
        curve = [(one.coverage, one.precision) for one in self._curve]
        self.items.append(self.view.plot([x for x, _ in curve], [y for _, y in curve], pen=pen))
        words = self.tr("across: share of the questions answered; up: right of these")
        if point := self._proposed:
            dot = {"symbol": "o", "symbolSize": 10, "symbolBrush": QColor(dressed.warning), "symbolPen": None}
            self.items.append(self.view.plot([point.coverage], [point.precision], pen=None, **dot))
            words += self.tr("; ● the threshold proposed ({0})").format(f"{point.threshold:.2f}")
        self.view.setYRange(0, 1, padding=0.02)
        self.view.setXRange(0, 1, padding=0.02)
        self.say(words)
        self.describe(words)


_SOLID = Qt.BrushStyle.SolidPattern
_STRIPES = Qt.BrushStyle.BDiagPattern
_DOTS = Qt.BrushStyle.Dense5Pattern
_CROSSES = Qt.BrushStyle.DiagCrossPattern


def _tr(text: str) -> str:
    return QCoreApplication.translate("Charts", text)
