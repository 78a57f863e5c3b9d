"""Combining the results of two searches into one ranking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Fusion

_RANK_CONSTANT = 60  # of the original reciprocal rank fusion
Keys = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Distinct keys, best first, with their scores; both of shape (n,). Higher is better."""

    keys: Keys
    scores: Values

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[tuple[int, float]]:
        return zip(self.keys.tolist(), self.scores.tolist(), strict=True)

    def by_key(self) -> dict[int, float]:
        """Return the scores by key."""
        return dict(iter(self))

    def kept(self, mask: NDArray[np.bool_]) -> Ranking:
        """Return the part where ``mask``, of shape (n,), is true."""
        return Ranking(self.keys[mask], self.scores[mask])

    def scores_of(self, keys: Keys) -> list[float | None]:
        """Return the score of each of ``keys``, None for those that are not in the ranking."""
        places = [np.flatnonzero(self.keys == key) for key in keys]
        return [float(self.scores[place[0]]) if len(place) else None for place in places]


NOTHING = Ranking(np.empty(0, np.int64), np.empty(0, np.float64))


def fuse(sides: Sequence[Ranking], method: Fusion) -> Ranking:
    """Return every key in one of ``sides``, best first, equal scores by key.

    "normalised" is the average of the scores after min-max scaling each side to [0, 1], a missing one
    counting 0; with 1,000 candidates a side it beat the other on SciFact (docs/BENCHMARKS.md).
    "reciprocal_rank" is the sum of 1 / (60 + rank) (Cormack, Clarke and Buettcher, SIGIR 2009).
    The scales of the sides may differ.
    """
    sides = [side for side in sides if len(side)]
    if not sides:
        return NOTHING
    if method == "normalised":
        given = [_scaled(side.scores) / len(sides) for side in sides]
    else:
        given = [1.0 / (_RANK_CONSTANT + 1 + np.arange(len(side))) for side in sides]
    keys, places = np.unique(np.concatenate([side.keys for side in sides]), return_inverse=True)
    fused = np.bincount(places, np.concatenate(given), len(keys)).astype(np.float64)
    order = np.lexsort((keys, -fused))
    return Ranking(keys[order], fused[order])


def by_score(keys: Keys, scores: Values) -> Ranking:
    """Return these keys as a ranking, equal scores by key."""
    order = np.lexsort((keys, -scores))
    return Ranking(keys[order], scores[order])


def _scaled(scores: Values) -> Values:
    low, high = scores.min(), scores.max()
    return np.ones_like(scores) if high == low else (scores - low) / (high - low)
