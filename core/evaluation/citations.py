"""How well a verifier tells supported claims from others: per class, balanced accuracy, and its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.citations.support import Verifier
from core.evaluation.results import CitationScores, ClassScore, Estimate, Label
from core.evaluation.scifact import Judged
from core.types import Support, Verdict

LABELS: tuple[Label, ...] = ("supported", "unsupported", "contradicted")
# "Weak" is not supported: it is shown with a doubt.
_AS: dict[Support, Label] = {
    "supported": "supported",
    "weak": "unsupported",
    "unsupported": "unsupported",
    "contradicted": "contradicted",
}
_DRAWS = 1000
_SEED = 0


def evaluate(items: Sequence[Judged], verifier: Verifier) -> CitationScores:
    """Judge ``items``, of which there must be one at least, and score the verdicts.

    The interval is a percentile bootstrap over abstracts, since claims on one abstract are not independent.
    """
    verdicts = verifier.support([item.claim for item in items], [item.evidence for item in items])
    return score(items, [label_of(verdict) for verdict in verdicts])


def label_of(verdict: Verdict) -> Label:
    """Return what ``verdict`` means as one of SciFact's labels."""
    return _AS[verdict.label]


def score(items: Sequence[Judged], said: Sequence[Label]) -> CitationScores:
    """Return the scores of the labels ``said`` of ``items``, one each."""
    given = np.array([LABELS.index(label) for label in said])
    right = np.array([LABELS.index(item.label) for item in items])
    places = resamples([item.document for item in items])
    return CitationScores(
        version=1,
        claims=len(items),
        classes=tuple(_of_class(at, given, right) for at in range(len(LABELS)) if (right == at).any()),
        three_way=_estimate(given, right, places),
        supported_or_not=_estimate(given == 0, right == 0, places),
        said=tuple(said),
    )


def balanced_accuracy(said: NDArray[np.generic], right: NDArray[np.generic]) -> float:
    """Return the mean over the classes that occur of the share of each that was recognised."""
    return float(np.mean([np.mean(said[right == label] == label) for label in np.unique(right)]))


def resamples(groups: Sequence[str]) -> list[NDArray[np.intp]]:
    """Return places drawn with replacement, a thousand times, those of one group always together."""
    names, owner = np.unique(np.array(groups), return_inverse=True)
    members = [np.flatnonzero(owner == at) for at in range(len(names))]
    chance = np.random.default_rng(_SEED)
    drawn = chance.integers(0, len(names), size=(_DRAWS, len(names)))
    return [np.concatenate([members[at] for at in row]) for row in drawn]


def _of_class(label: int, said: NDArray[np.intp], right: NDArray[np.intp]) -> ClassScore:
    hits = int(((said == label) & (right == label)).sum())
    given, there = int((said == label).sum()), int((right == label).sum())
    return ClassScore(LABELS[label], there, round(hits / given, 4) if given else None, round(hits / there, 4))


def _estimate(
    said: NDArray[np.generic], right: NDArray[np.generic], places: Sequence[NDArray[np.intp]]
) -> Estimate:
    values = [balanced_accuracy(said[chosen], right[chosen]) for chosen in places]
    low, high = np.percentile(values, [2.5, 97.5])
    return Estimate(round(balanced_accuracy(said, right), 4), round(float(low), 4), round(float(high), 4))
