"""Two records of one publication made one: the richer fields, and where both were found.

The result does not depend on which of two records without a date of revision comes first. Where both are as
rich, the greater in the order of code points is taken, of years the later, of conflicting identifiers the
smaller; the record's own name (``external_id``), which matching records share, is the stored one's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.library.records import content_id
from core.types import Document, Section

_FULL_TEXT = 10_000  # characters: longer than any abstract


def merge(stored: Document, new: Document) -> Document:
    """Return the document that both make.

    If both say when they were revised, all content is the later one's; the earlier one adds no more than
    identifiers that are lacking. A full text gives way to a full text only: an abstract that was revised does
    not replace it. Otherwise each field is the richer one, lists of terms are united, and a notice stays.
    Sources and collections are always united.

    ``merge(x, x) == x``, and ``merge(merge(a, b), b) == merge(a, b)``.
    """
    if stored.revised and new.revised and stored.revised != new.revised:
        merged = _revised(*sorted((stored, new), key=lambda document: document.revised))
    else:
        merged = _richer(stored, new)
    merged = replace(
        merged,
        external_id=stored.external_id or new.external_id,
        sources=_in_order(stored.sources, new.sources),
        collections=_in_order(stored.collections, new.collections),
    )
    return replace(merged, id=content_id(merged))


def _revised(older: Document, newer: Document) -> Document:
    merged = replace(newer, **{name: getattr(newer, name) or getattr(older, name) for name in _IDENTIFIERS})
    return replace(merged, **_text_of(older)) if _is_full(older) and not _is_full(newer) else merged


def _richer(one: Document, other: Document) -> Document:
    title = _longer(one.title, other.title)
    fields: dict[str, Any] = {
        name: rule(getattr(one, name), getattr(other, name)) for name, rule in _RULES.items()
    }
    merged = replace(one, title=title, **fields, **_text_of(max(one, other, key=_richness)))
    if _has_title_only(merged, one, other):  # the title stood in for a text, and may be a longer one now
        merged = replace(merged, text=title, sections=(Section("", 0, len(title)),))
    return merged


def _is_full(document: Document) -> bool:
    return bool(document.pages) or len(document.text) > _FULL_TEXT


def _has_title_only(merged: Document, one: Document, other: Document) -> bool:
    return bool(merged.title) and one.text == one.title and other.text == other.title


def _richness(document: Document) -> tuple[object, ...]:
    """What of two texts is taken: a real one before a title, then the longer, then one with more parts."""
    return (
        document.text != document.title,
        len(document.text),
        len(document.pages),
        len(document.sections),
        document.text,
        [(part.label, part.start, part.end) for part in document.sections],
        document.pages,
        document.original,
    )


def _text_of(document: Document) -> dict[str, Any]:
    """Return the fields that offsets bind together."""
    return {name: getattr(document, name) for name in ("text", "sections", "pages", "original")}


def _longer(one: str, other: str) -> str:
    return max(one, other, key=lambda value: (len(value), value))


def _more(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the longer list; initials or full names, the one that says more."""
    return max(one, other, key=lambda names: (len(names), sum(map(len, names)), names))


def _united(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    first = _more(one, other)
    return _in_order(first, one if first is other else other)


def _in_order(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return all values of ``one``, then those that ``other`` adds, whatever their capitals."""
    known = {value.casefold() for value in one}
    return (*one, *(value for value in other if value.casefold() not in known))


def _smaller(one: str | None, other: str | None) -> str | None:
    given = [value for value in (one, other) if value]
    return min(given) if given else None


def _later(one: int | None, other: int | None) -> int | None:
    given = [value for value in (one, other) if value is not None]
    return max(given) if given else None


def _either(one: bool, other: bool) -> bool:
    return one or other


_IDENTIFIERS = ("pmid", "doi", "pmcid")
_RULES: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(_IDENTIFIERS, _smaller),
    **dict.fromkeys(("journal", "language", "revised"), _longer),
    **dict.fromkeys(("mesh", "keywords", "publication_types"), _united),
    **dict.fromkeys(("retracted", "concern", "corrected"), _either),
    "authors": _more,
    "year": _later,
}
