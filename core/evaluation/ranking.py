"""How good a ranking is (Jarvelin and Kekalainen 2002; Voorhees 1999); all right ones are equally right."""

from __future__ import annotations

import math
from collections.abc import Sequence


def ndcg(hits: Sequence[bool], right: int, depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain of the first ``depth``.

    Args:
        hits: for each place of the ranking, best first, whether a right one stands there.
        right: how many right ones there are; 0 gives 0.
    """
    most = min(depth, right)
    return gain(hits[:depth]) / gain([True] * most) if most else 0.0


def gain(hits: Sequence[bool]) -> float:
    """Return the discounted cumulative gain of all of ``hits``."""
    return sum(1 / math.log2(rank + 1) for rank, hit in enumerate(hits, start=1) if hit)


def recall(hits: Sequence[bool], right: int, depth: int = 100) -> float:
    """Return the share of the ``right`` ones that stand among the first ``depth``; 0 without any."""
    return sum(hits[:depth]) / right if right else 0.0


def reciprocal_rank(hits: Sequence[bool], depth: int = 10) -> float:
    """Return 1 / rank of the first right one, 0 if it is not among the first ``depth``."""
    return next((1 / rank for rank, hit in enumerate(hits[:depth], start=1) if hit), 0.0)
