"""How far raters agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def krippendorff_alpha(ratings: Sequence[tuple[str, str, int]]) -> float | None:
    """Return Krippendorff's alpha with interval distance (Krippendorff 2004): 1 is perfect, 0 is chance.

    Ratings may be missing. None if no unit was rated by two, or all ratings are the same, so that nothing
    could differ.

    Args:
        ratings: rater, unit, value.
    """
    from nltk.metrics.agreement import AnnotationTask
    from nltk.metrics.distance import interval_distance

    rated = Counter(unit for _, unit, _ in ratings)
    paired = [one for one in ratings if rated[one[1]] > 1]
    if len({value for _, _, value in paired}) < 2:
        return None
    return round(float(AnnotationTask(paired, distance=interval_distance).alpha()), 4)
