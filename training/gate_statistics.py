"""How sure a difference between two models is, and what the differences come to.

Intervals are of the paired difference, by bootstrap over questions (Efron 1979; Koehn 2004 for two systems on
the same items): 2,000 resamples, percentiles 2.5 and 97.5, seed 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.tuning.reports import Measure, Verdict

Floats = NDArray[np.float64]
# From how often each item is in each resample, shape (resamples, items), to a figure for each resample; NaN
# where it is undefined.
Statistic = Callable[[Floats], Floats]

RESAMPLES = 2000
FEW = 100  # questions; below that the reason of an "equal" says how little that proves


def share(numerators: Sequence[float], denominators: Sequence[float]) -> Statistic:
    """Return the statistic sum of ``numerators`` / sum of ``denominators``: a share, or a weighted mean."""
    upper, lower = np.asarray(numerators, np.float64), np.asarray(denominators, np.float64)

    def of(weights: Floats) -> Floats:
        return quotient(weights @ upper, weights @ lower)

    return of


def quotient(upper: Floats, lower: Floats) -> Floats:
    """Divide element by element; NaN where ``lower`` is not positive."""
    undefined = np.full(upper.shape, np.nan)
    return np.asarray(np.divide(upper, lower, out=undefined, where=lower > 0), np.float64)


def paired(
    name: str,
    before: Sequence[float],
    after: Sequence[float],
    *,
    higher_is_better: bool = True,
    decides: bool = False,
) -> Measure:
    """Compare the means of two rows of values, ``before[i]`` and ``after[i]`` being of the same question."""
    ones = [1.0] * len(before)
    return difference(
        name,
        share(before, ones),
        share(after, ones),
        len(before),
        higher_is_better=higher_is_better,
        decides=decides,
        items=len(before),
    )


def difference(
    name: str,
    before: Statistic,
    after: Statistic,
    count: int,
    *,
    higher_is_better: bool,
    decides: bool,
    items: int,
) -> Measure:
    """Take one statistic of both models on all ``count`` items, and the interval of its difference."""
    every = np.ones((1, count))
    old, new = _known(before(every)[0]), _known(after(every)[0])
    low, high = _interval(before, after, count) if old is not None and new is not None else (None, None)
    return Measure(name, old, new, low, high, higher_is_better, decides, items)


def verdict(measures: Sequence[Measure], heldout: int) -> tuple[Verdict, str]:
    """Return what the deciding measures say together, and the reason in a sentence."""
    deciding = [measure for measure in measures if measure.decides and measure.low is not None]
    if worse := [measure for measure in deciding if _gain(measure)[1] < 0]:
        return "worse", f"It is worse in {_listed(worse)}, measured on {heldout:,} held-out questions."
    if better := [measure for measure in deciding if _gain(measure)[0] > 0]:
        return (
            "better",
            f"It is better in {_listed(better)}, and certainly worse in none ({heldout:,} questions).",
        )
    if not deciding:
        return "equal", "Nothing was held out, so the two models could not be compared."
    doubt = " That is few: a real difference may have gone unnoticed." if heldout < FEW else ""
    return "equal", f"No difference is certain on {heldout:,} held-out questions.{doubt}"


def _interval(before: Statistic, after: Statistic, count: int) -> tuple[float, float] | tuple[None, None]:
    random = np.random.default_rng(0)
    weights = random.multinomial(count, [1 / count] * count, RESAMPLES).astype(np.float64)
    differences = after(weights) - before(weights)
    known = differences[~np.isnan(differences)]
    if not len(known):
        return None, None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _gain(measure: Measure) -> tuple[float, float]:
    """Return the interval of the improvement."""
    low, high = measure.low or 0.0, measure.high or 0.0
    return (low, high) if measure.higher_is_better else (-high, -low)


def _listed(measures: Sequence[Measure]) -> str:
    return ", ".join(f"\u201c{m.name}\u201d ({_short(m.before)} \u2192 {_short(m.after)})" for m in measures)


def _short(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"
