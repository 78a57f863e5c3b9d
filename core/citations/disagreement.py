"""Quotes of different documents that point different ways on the same thing, told by the rules alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.citations.polarity import denies
from core.citations.rules import sense_conflicts
from core.citations.words import content
from core.types import Citation, Disagreement, Side, Study

_SHARED = 1 / 3  # of SciFact's pairs of evidence for one claim, which agree, 12 in 123 seem opposed without


@dataclass(frozen=True, slots=True)
class Opposed:
    """Two quotes, in the order they were found in, and in words what they disagree in.

    Attributes:
        stances: what each of the two says, in words.
    """

    one: Citation
    other: Citation
    reason: str
    stances: tuple[str, str]


def opposed(citations: Sequence[Citation]) -> tuple[Opposed, ...]:
    """Return the pairs of quotes that deny each other or state opposite directions of the same thing.

    Numbers are not compared: two studies seldom have the same ones. Each two documents disagree at most once,
    and two of one publication, such as two parts of a guideline, never do.
    """
    found: dict[tuple[str, str], Opposed] = {}
    for one, other in combinations(citations, 2):
        if _published(one) == _published(other) or not _alike(one.quote, other.quote):
            continue
        pair = (min(one.document.id, other.document.id), max(one.document.id, other.document.id))
        if pair not in found and (conflict := next(iter(sense_conflicts(other.quote, one.quote)), None)):
            first, second = conflict.words
            if conflict.kind == "denial":
                reason = f"only one of the two denies \u201c{first}\u201d"
                stances = ("denies", "states") if denies(one.quote, first) else ("states", "denies")
            else:
                reason, stances = (
                    f"the first says \u201c{first}\u201d, the second \u201c{second}\u201d",
                    ("says",) * 2,
                )
            said = f"{stances[0]} \u201c{first}\u201d", f"{stances[1]} \u201c{second}\u201d"
            found[pair] = Opposed(one, other, reason, said)
    return tuple(found.values())


def _alike(one: str, other: str) -> bool:
    """True if the shorter of two quotes has enough of its words in common with the longer."""
    mine, theirs = content(one), content(other)
    return len(mine & theirs) >= _SHARED * min(len(mine), len(theirs))


def _published(citation: Citation) -> str:
    document = citation.document
    return document.pmid or document.doi or document.id


def disagreements(
    citations: Sequence[Citation], study: Callable[[Citation], Study]
) -> tuple[Disagreement, ...]:
    """Return what the documents of ``citations`` disagree in, each as two sides with their studies.

    Pairs in which one document takes the same stance are one disagreement.
    """
    found: list[_Split] = []
    for pair in opposed(citations):
        one, other = _Stance(pair.one, pair.stances[0]), _Stance(pair.other, pair.stances[1])
        if not any(split.takes(one, other) or split.takes(other, one) for split in found):
            found.append(_Split(pair.reason, ([one], [other])))
    return tuple(Disagreement(split.reason, split.as_sides(study)) for split in found)


@dataclass(frozen=True, slots=True)
class _Stance:
    citation: Citation
    says: str


@dataclass(frozen=True, slots=True)
class _Split:
    """Two sides while they are put together."""

    reason: str
    sides: tuple[list[_Stance], list[_Stance]]

    def takes(self, one: _Stance, other: _Stance) -> bool:
        """Add what is new of an opposed pair, if one of the two stands on its side already."""
        (left, ids), (right, others) = ((side, {s.citation.document.id for s in side}) for side in self.sides)
        if one in left and other.citation.document.id not in ids | others:
            right.append(other)
        elif other in right and one.citation.document.id not in ids | others:
            left.append(one)
        else:
            return one in left and other in right
        return True

    def as_sides(self, study: Callable[[Citation], Study]) -> tuple[Side, ...]:
        return tuple(
            Side(
                ", ".join(dict.fromkeys(one.says for one in side)),
                tuple(study(one.citation) for one in side),
            )
            for side in self.sides
        )
