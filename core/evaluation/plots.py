"""The figures of a result as pictures: SVG, drawn by matplotlib without a window."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation.results import (
    AnswersResult,
    BiasResult,
    CitationsResult,
    Coverage,
    Estimate,
    Result,
    RetrievalResult,
)

# Colours that stay apart for the colour-blind (Okabe and Ito 2008); bars differ in hatching too.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
_HATCHES = ("", "//", "..", "xx")
Bars = Mapping[str, Sequence[Estimate | None]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture: ``svg`` is one ``<svg>`` element; ``caption`` says what is to be seen."""

    title: str
    caption: str
    svg: str


def plots_of(result: Result) -> tuple[Plot, ...]:
    """Return the pictures of ``result``; it takes about a second, most of it for loading matplotlib."""
    match result:
        case RetrievalResult():
            modes = [one.mode for one in result.modes]
            bars: Bars = {
                "nDCG@10": [one.ndcg_10 for one in result.modes],
                "Recall@100": [one.recall_100 for one in result.modes],
                "MRR@10": [one.mrr_10 for one in result.modes],
            }
            return (_bars("Search by mode", "Higher is better; lines: 95 % intervals.", modes, bars),)
        case AnswersResult():
            return _answers(result)
        case CitationsResult():
            names = [one.name for one in result.verifiers]
            bars = {
                "three classes": [one.scores.three_way for one in result.verifiers],
                "supported or not": [one.scores.supported_or_not for one in result.verifiers],
            }
            return (_bars("Checks of citations", "Balanced accuracy; 95 % intervals.", names, bars),)
        case BiasResult():
            names = [one.attribute for one in result.attributes]
            bars = {
                "flips": [one.flips for one in result.attributes],
                "accuracy gap": [one.accuracy_gap for one in result.attributes],
            }
            return (_bars("Dependence on the person", "Lower is better; 95 % intervals.", names, bars),)


def _answers(result: AnswersResult) -> tuple[Plot, ...]:
    names = [one.setting for one in result.settings]
    bars: Bars = {
        "accuracy": [one.accuracy for one in result.settings],
        "macro-F1": [one.macro_f1 for one in result.settings],
        "refused": [one.refused for one in result.settings],
    }
    found = [_bars("Answers by setting", "Lines: 95 % intervals.", names, bars)]
    cited = [one for one in result.settings if one.setting != "none"]
    if cited:
        bars = {
            "precision, as written": [one.before.precision for one in cited],
            "precision, checked": [one.after.precision for one in cited],
            "recall, as written": [one.before.recall for one in cited],
            "recall, checked": [one.after.recall for one in cited],
        }
        caption = "As the model wrote them, and after the check; 95 % intervals."
        found.append(_bars("Citations", caption, [one.setting for one in cited], bars))
    if result.coverage:
        found.append(_curve(result.coverage))
    return tuple(found)


def _bars(title: str, caption: str, groups: Sequence[str], bars: Bars) -> Plot:
    def draw(axes: Any) -> None:
        width = 0.8 / len(bars)
        for place, (name, values) in enumerate(bars.items()):
            at = [group + (place - (len(bars) - 1) / 2) * width for group in range(len(groups))]
            heights = [value.value if value else 0.0 for value in values]
            lows = [value.value - value.low if value else 0.0 for value in values]
            highs = [value.high - value.value if value else 0.0 for value in values]
            errors = [[max(0.0, low) for low in lows], [max(0.0, high) for high in highs]]
            style = {"color": _COLOURS[place % 4], "hatch": _HATCHES[place % 4], "edgecolor": "white"}
            axes.bar(at, heights, width, yerr=errors, capsize=3, label=name, **style)
        axes.set_xticks(range(len(groups)), groups)
        axes.set_ylim(0, 1)
        axes.grid(axis="y", alpha=0.3)
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=len(bars))

    return Plot(title, caption, _svg(draw))


def _curve(coverage: Coverage) -> Plot:
    def draw(axes: Any) -> None:
        axes.plot(
            [point.coverage for point in coverage.curve],
            [point.precision for point in coverage.curve],
            color=_COLOURS[0],
            linewidth=2,
        )
        if coverage.proposed:
            axes.plot(coverage.proposed.coverage, coverage.proposed.precision, "o", color=_COLOURS[1])
        axes.set(
            xlim=(0, 1), ylim=(0, 1.02), xlabel="share of the questions answered", ylabel="right of these"
        )
        axes.grid(alpha=0.3)

    caption = (
        f"{coverage.answerable:,} questions with their sources and {coverage.unanswerable:,} without: what "
        "is right when only the surest are answered. The dot is the threshold proposed, if there is one."
    )
    return Plot("Coverage and precision", caption, _svg(draw))


def _svg(draw: Callable[[Any], None]) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.8), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    stream = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(stream, format="svg", metadata=nothing)
    text = stream.getvalue()
    return text[text.index("<svg") :]
