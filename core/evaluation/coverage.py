"""How precise answers are when only the surest of them are given: the basis of a refusal threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """What happens if all is answered whose score reaches ``threshold``.

    Attributes:
        coverage: share of the questions that are answered, in (0, 1].
        precision: share of those that are answered rightly.
    """

    threshold: float
    coverage: float
    precision: float


def coverage_curve(scores: Sequence[float], right: Sequence[bool]) -> tuple[Point, ...]:
    """Return a point for each score that occurs, the highest first.

    ``right[i]`` says whether answering question i was right; never for a question that has no answer.
    """
    order = sorted(zip(scores, right, strict=True), key=lambda pair: -pair[0])
    points: list[Point] = []
    hits = 0
    for given, (score, is_right) in enumerate(order, start=1):
        hits += is_right
        if given == len(order) or order[given][0] < score:
            points.append(Point(score, given / len(order), hits / given))
    return tuple(points)


def threshold_for(curve: Sequence[Point], precision: float) -> Point | None:
    """Return the point of most coverage that is at least so precise, or None if there is none."""
    return max(
        (point for point in curve if point.precision >= precision), key=lambda p: p.coverage, default=None
    )
