"""What documents can be filtered by, in the words of the window; see ``Filters``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Literal, get_args

from PySide6.QtCore import QCoreApplication

from core.protocol import Facets
from core.types import NO_FILTERS, Filters, Grade
from desktop.badges import grade_words

Field = Literal[
    "years",
    "minimum_grade",
    "journals",
    "subjects",
    "publication_types",
    "languages",
    "sources",
    "collections",
    "retracted",
]
FIELDS: tuple[Field, ...] = get_args(Field)
_LONGEST = 32  # characters of a value on a chip


def label(field: Field) -> str:
    """Return what a filter is called."""
    return {
        "years": _tr("Years"),
        "minimum_grade": _tr("Evidence"),
        "journals": _tr("Journal"),
        "subjects": _tr("Subject (MeSH)"),
        "publication_types": _tr("Publication type"),
        "languages": _tr("Language"),
        "sources": _tr("Source file"),
        "collections": _tr("Collection"),
        "retracted": _tr("Retracted work"),
    }[field]


def at_least(grade: Grade) -> str:
    """Return what a minimum of ``grade`` lets through."""
    return _tr("{0} or better").format(grade_words(grade))


def words(filters: Filters, field: Field) -> str:
    """Return what a chip says of a filter that is on; empty when it is off."""
    match field:
        case "years":
            return _years(filters.year_from, filters.year_to)
        case "minimum_grade":
            return at_least(filters.minimum_grade) if filters.minimum_grade else ""
        case "retracted":
            return _tr("Retracted work included") if filters.retracted else ""
    values: Sequence[str] = getattr(filters, field)
    if not values:
        return ""
    first = values[0] if len(values[0]) <= _LONGEST else values[0][: _LONGEST - 1] + "…"
    more = f" +{len(values) - 1}" if len(values) > 1 else ""
    return f"{first}{more}"


def without(filters: Filters, field: Field) -> Filters:
    """Return ``filters`` with one of them off."""
    names = ("year_from", "year_to") if field == "years" else (field,)
    defaults: dict[str, Any] = {name: getattr(NO_FILTERS, name) for name in names}
    return replace(filters, **defaults)


def active(filters: Filters) -> list[Field]:
    """Return which are on."""
    return [field for field in FIELDS if words(filters, field)]


def choices(facets: Facets, field: Field) -> Sequence[tuple[str, int]]:
    """Return the values that documents have, with how many documents; none for what has no list."""
    found = getattr(facets, field, ()) if field in {one.name for one in fields(Facets)} else ()
    return found if field != "years" else ()


def _years(first: int | None, last: int | None) -> str:
    if first and last:
        return str(first) if first == last else f"{first}\u2013{last}"
    if first:
        return _tr("since {0}").format(first)
    return _tr("until {0}").format(last) if last else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("filters", text)
