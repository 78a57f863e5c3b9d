"""The kind of evidence that a document is, told from the publication types of its record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from core.types import Grade

ORDER: tuple[Grade, ...] = get_args(Grade)
# Publication types of PubMed, and those of other databases that mean the same; lower-case.
_TYPES: dict[Grade, tuple[str, ...]] = {
    "guideline": (
        "practice guideline",
        "guideline",
        "clinical practice guideline",
        "consensus development conference",
        "consensus development conference, nih",
        "consensus statement",
    ),
    "systematic review": ("systematic review", "meta-analysis", "network meta-analysis", "meta analysis"),
    "randomised trial": (
        "randomized controlled trial",
        "randomised controlled trial",
        "randomized controlled trial, veterinary",
        "equivalence trial",
    ),
    "trial": (
        "clinical trial",
        "controlled clinical trial",
        "pragmatic clinical trial",
        "adaptive clinical trial",
        *(f"clinical trial, phase {phase}" for phase in ("i", "ii", "iii", "iv")),
        "clinical trial, veterinary",
    ),
    "observational study": (
        "observational study",
        "observational study, veterinary",
        "cohort study",
        "case-control study",
        "cross-sectional study",
        "twin study",
    ),
    "review": ("review", "scoping review", "narrative review"),
    "case report": ("case reports", "case report"),
    "letter": ("letter", "comment", "editorial", "correspondence"),
    "preprint": ("preprint",),
}
_GRADES = {name: grade for grade, names in _TYPES.items() for name in names}


def grade_of(publication_types: Sequence[str], order: Sequence[Grade] = ORDER) -> Grade | None:
    """Return the first in ``order`` of the kinds that a document is; None if its types say nothing.

    A preprint is a preprint, whatever else its record calls it.
    """
    found = {_GRADES.get(name.strip().lower()) for name in publication_types}
    if "preprint" in found:
        return "preprint"
    return next((grade for grade in complete(order) if grade in found), None)


def at_least(minimum: Grade, order: Sequence[Grade] = ORDER) -> tuple[Grade, ...]:
    """Return ``minimum`` and what stands before it in ``order``."""
    whole = complete(order)
    return whole[: whole.index(minimum) + 1]


def types_of(grade: Grade) -> tuple[str, ...]:
    """Return the publication types, lower-case, that make a document one of this kind."""
    return _TYPES[grade]


def complete(order: Sequence[Grade]) -> tuple[Grade, ...]:
    """Return ``order`` with the kinds it does not name after the others, each once."""
    return tuple(dict.fromkeys((*order, *ORDER)))
