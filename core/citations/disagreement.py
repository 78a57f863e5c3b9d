"""Quotes of different documents that point different ways on the same thing, told by the rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.citations.rules import sense_conflicts
from core.types import Citation


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two quotes, in the order they were found in, and in words what they disagree in."""

    one: Citation
    other: Citation
    reason: str


def disagreements(citations: Sequence[Citation]) -> tuple[Disagreement, ...]:
    """Return the pairs of quotes that deny each other or state opposite directions of the same thing.

    Numbers are not compared: two studies seldom have the same ones. Each two documents disagree at most once.
    """
    found: dict[tuple[str, str], Disagreement] = {}
    for one, other in combinations(citations, 2):
        if one.document.id == other.document.id:
            continue
        pair = (min(one.document.id, other.document.id), max(one.document.id, other.document.id))
        if pair not in found and (conflict := next(iter(sense_conflicts(other.quote, one.quote)), None)):
            reason = conflict.reason.replace("the quote", "the first").replace("the sentence", "the second")
            found[pair] = Disagreement(one, other, reason.replace("quote and sentence", "the two"))
    return tuple(found.values())
