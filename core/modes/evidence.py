"""What was found for a question, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.library.grades import grade_of
from core.types import Grade, Passage


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found, and how close each passage is to the question: cosines in [-1, 1]."""

    passages: tuple[Passage, ...]
    closeness: tuple[float, ...]

    def close_enough(self, least: float) -> bool:
        """True if the best passage reaches ``least``."""
        return max(self.closeness, default=-1.0) >= least

    def first(self, most: int) -> Evidence:
        """Return the first ``most``."""
        return Evidence(self.passages[:most], self.closeness[:most])

    def strongest_first(self, least: float, grades: Sequence[Grade]) -> Evidence:
        """Return those that reach ``least``, the first of ``grades`` before the others."""

        def rank(at: int) -> int:
            grade = grade_of(self.passages[at].document.publication_types, grades)
            return grades.index(grade) if grade else len(grades)

        kept = sorted((at for at, cosine in enumerate(self.closeness) if cosine >= least), key=rank)
        return Evidence(tuple(self.passages[at] for at in kept), tuple(self.closeness[at] for at in kept))

    def confidence(self, support: float | None) -> float | None:
        """Return ``Answer.confidence`` for an answer whose best sentence has ``support``."""
        if support is None or not self.closeness:
            return None
        return round(max(0.0, min(1.0, max(self.closeness))) * support, 4)
