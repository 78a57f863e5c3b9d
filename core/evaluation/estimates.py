"""Means with intervals, and the exact test of a difference between two rows of right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.evaluation.results import Estimate

Chosen = NDArray[np.intp]  # places of items, drawn with replacement
DRAWS = 1000
_SEED = 0


def mean(values: Sequence[float]) -> Estimate | None:
    """Return the mean of ``values``, with its interval by bootstrap (Efron 1979); None if there are none."""
    return ratio(values, [1.0] * len(values))


def ratio(upper: Sequence[float], lower: Sequence[float]) -> Estimate | None:
    """Return the sum of ``upper`` over the sum of ``lower``; None if that is 0.

    Both are given for each item, since what belongs to one item is not independent.
    """
    numerators, denominators = np.asarray(upper, np.float64), np.asarray(lower, np.float64)
    if not denominators.sum():
        return None
    weights = _weights(len(upper))
    below = weights @ denominators
    drawn = (weights @ numerators)[below > 0] / below[below > 0]
    return _estimate(float(numerators.sum() / denominators.sum()), drawn)


def macro_f1(right: Sequence[str], given: Sequence[str]) -> Estimate | None:
    """Return the mean F1 of the classes of ``right``, with its interval by bootstrap; None without items.

    Worked out for all resamples at once: scikit-learn's, which it equals, would be asked a thousand times.
    """
    if not right:
        return None
    classes = sorted(set(right))
    gold, said = (
        np.array([[one == name for name in classes] for one in row], float) for row in (right, given)
    )

    def of(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        hits, all_of = 2 * (weights @ (gold * said)), weights @ (gold + said)
        there = (weights @ gold) > 0
        scores = np.divide(hits, all_of, out=np.zeros_like(hits), where=all_of > 0)
        return np.asarray((scores * there).sum(1) / there.sum(1))

    every = np.ones((1, len(right)))
    return _estimate(float(of(every)[0]), of(_weights(len(right))))


def statistic(of: Callable[[Chosen], float], count: int) -> Estimate | None:
    """Return what ``of`` says of all ``count`` items, with its interval by bootstrap; None without items."""
    if not count:
        return None
    drawn = np.random.default_rng(_SEED).integers(0, count, size=(DRAWS, count))
    return _estimate(of(np.arange(count)), np.array([of(row) for row in drawn]))


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value of McNemar's exact test, 1 if the two never differ."""
    if not only_first + only_second:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(only_first, only_first + only_second, 0.5).pvalue)


def _weights(count: int) -> NDArray[np.float64]:
    """Return how often each of ``count`` items is in each resample, shape (resamples, items)."""
    drawn = np.random.default_rng(_SEED).multinomial(count, [1 / count] * count, DRAWS)
    return drawn.astype(np.float64)


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(round(value, 4), round(float(low), 4), round(float(high), 4))
