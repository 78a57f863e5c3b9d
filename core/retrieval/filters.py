"""Which documents count, as conditions of the search language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.library import grades
from core.retrieval.query import Not, Query, Term, Years, all_of, any_of
from core.types import Filters, Grade


def condition(filters: Filters, order: Sequence[Grade] = grades.ORDER) -> Query | None:
    """Return what a document has to meet to pass ``filters``; None if all do. ``order`` is of the grades.

    Whether retracted ones count is for the caller to look at: an imported list may say so, too.
    """
    years = filters.year_from is not None or filters.year_to is not None
    return all_of(
        [
            Years(filters.year_from, filters.year_to) if years else None,
            _one_of("journal", filters.journals),
            _one_of("type", filters.publication_types),
            _graded(filters.minimum_grade, order) if filters.minimum_grade else None,
            _one_of("mesh", filters.subjects),
            _one_of("language", filters.languages),
            _one_of("source", filters.sources),
            _one_of("collection", filters.collections),
        ]
    )


def _one_of(field: str, values: Iterable[str]) -> Query | None:
    return any_of(Term(field, value, "whole") for value in values)


def _graded(minimum: Grade, order: Sequence[Grade]) -> Query | None:
    good = grades.at_least(minimum, order)
    named = _one_of("type", [name for grade in good for name in grades.types_of(grade)])
    preprint = _one_of("type", grades.types_of("preprint"))
    if "preprint" in good or preprint is None:
        return named
    return all_of([named, Not(preprint)])
