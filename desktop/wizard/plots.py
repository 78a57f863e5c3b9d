"""Plots in the colours of the theme. pyqtgraph is loaded when the first one is made, not with the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.tuning.reports import Spread
from desktop.theme import SMALL, colours, set_role, sized
from desktop.words import number

MOST_DOTS = 30  # more would run into one another
SMOOTHED_FROM = 60  # steps; a longer curve is drawn as its mean of a twentieth of them, over the values
Points = Mapping[int, float]


class Plot(QWidget):
    """A titled plot that repaints itself when the theme changes; ``name`` is for screen readers."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        import pyqtgraph

        self._graph = pyqtgraph
        self.title = QLabel(title)
        sized(self.title, 1.0, bold=True)
        self.legend = QLabel()
        sized(self.legend, SMALL)
        self.legend.setWordWrap(True)
        set_role(self.legend, "muted")
        self.view = pyqtgraph.PlotWidget()
        self.view.setMenuEnabled(False)
        self.view.setMouseEnabled(False, False)
        self.view.hideButtons()
        self.view.setFrameShape(pyqtgraph.PlotWidget.Shape.NoFrame)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setAccessibleName(title)
        self.items: list[Any] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.legend)
        column.addWidget(self.view, 1)
        self.legend.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "items"):
            self.draw()

    def draw(self) -> None:
        """Paint everything anew."""
        dressed = colours()
        plot = self.view.getPlotItem()
        self.view.setBackground(QColor(dressed.base))
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(QPen(QColor(dressed.line), 1))
            axis.setTextPen(QPen(QColor(dressed.muted), 1))
            axis.setTickFont(self.legend.font())
            axis.enableAutoSIPrefix(False)
        plot.showGrid(x=False, y=True, alpha=0.12)
        self.view.clear()
        self.items = []

    def describe(self, words: str) -> None:
        """Say in words what is drawn."""
        self.view.setAccessibleDescription(words)

    def say(self, legend: str) -> None:
        """Explain the lines, above them."""
        self.legend.setText(legend)
        self.legend.setVisible(bool(legend))


class CurvePlot(Plot):
    """Lines over steps: the first whole, the second dashed with dots, so that colour is not needed.

    A long first line is smoothed, its values faint behind it, unless it is ``exact``.
    """

    def __init__(
        self, title: str, names: tuple[str, ...], *, exact: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self._names, self._exact = names, exact
        self.curves: tuple[Points, ...] = tuple({} for _ in names)
        self.draw()

    def show_curves(self, *curves: Points) -> None:
        """Draw ``curves``, each a value for a step."""
        self.curves = curves
        self.draw()

    def draw(self) -> None:
        super().draw()
        dressed = colours()
        inks = (dressed.accent, dressed.warning)
        for place, curve in enumerate(self.curves):
            steps = sorted(curve)
            if not place and not self._exact and len(steps) >= SMOOTHED_FROM:
                faint = QColor(inks[place])
                faint.setAlpha(60)
                self.view.plot(steps, [curve[s] for s in steps], pen=QPen(faint, 0))
                curve = smoothed(curve)
            pen = QPen(QColor(inks[place]), 2, Qt.PenStyle.DashLine if place else Qt.PenStyle.SolidLine)
            pen.setCosmetic(True)
            dots = {"symbol": "o", "symbolSize": 7, "symbolBrush": QColor(inks[place]), "symbolPen": None}
            dotted = len(steps) == 1 or (place and len(steps) <= MOST_DOTS)
            self.items.append(
                self.view.plot(steps, [curve[s] for s in steps], pen=pen, **(dots if dotted else {}))
            )
        signs = ("—", "- • -")
        if len(self._names) > 1:
            lines = zip(inks, signs, self._names, strict=False)
            self.legend.setTextFormat(Qt.TextFormat.RichText)
            self.say("&nbsp;&nbsp;".join(f'<span style="color:{i}">{s}</span> {n}' for i, s, n in lines))
        self.describe("; ".join(_words(n, c) for n, c in zip(self._names, self.curves, strict=False)))


def smoothed(curve: Points) -> Points:
    """Return the running mean of the last twentieth of the values at each step."""
    steps = sorted(curve)
    width = max(2, len(steps) // 20)
    windows = {step: steps[max(0, place - width + 1) : place + 1] for place, step in enumerate(steps)}
    return {step: sum(curve[one] for one in window) / len(window) for step, window in windows.items()}


class Histogram(Plot):
    """How many conversations have how many tokens; a line marks the longest that is allowed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.spread: Spread | None = None
        self._limit = 0
        self.draw()

    def show_spread(self, spread: Spread, limit: int = 0) -> None:
        """Draw ``spread``; with ``limit`` also that number of tokens as a line."""
        self.spread, self._limit = spread, limit
        self.draw()

    def draw(self) -> None:
        super().draw()
        if self.spread is None:
            return
        dressed, spread = colours(), self.spread
        bars = self._graph.BarGraphItem(
            x0=[place * spread.width for place in range(len(spread.bins))],
            width=spread.width * 0.9,
            height=list(spread.bins),
            brush=QColor(dressed.accent),
            pen=QPen(Qt.PenStyle.NoPen),
        )
        self.view.addItem(bars)
        self.items.append(bars)
        if self._limit:
            pen = QPen(QColor(dressed.warning), 2, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            line = self._graph.InfiniteLine(self._limit, 90, pen)
            self.view.addItem(line)
            self.items.append(line)
        words = self.tr("median {0}, 95 % up to {1}, longest {2}").format(
            *(number(round(value)) for value in (spread.median, spread.p95, spread.longest))
        )
        self.say(words)
        self.describe(words)


def _words(name: str, curve: Points) -> str:
    if not curve:
        return name
    last = max(curve)
    return f"{name}: {curve[last]:.4g} ({number(last)})"
