"""What documents can be filtered by, put together over several libraries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.protocol import Facets

Values = tuple[tuple[str, int], ...]


def merged(parts: Sequence[Facets]) -> Facets:
    """Return the facets of several libraries as those of one."""
    spans = [part.years for part in parts if part.years is not None]
    return Facets(
        _added([part.journals for part in parts]),
        _added([part.publication_types for part in parts]),
        _added([part.subjects for part in parts]),
        _added([part.languages for part in parts]),
        _added([part.sources for part in parts]),
        _added([part.collections for part in parts]),
        (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None,
    )


def _added(lists: Sequence[Values]) -> Values:
    total: Counter[str] = Counter()
    for values in lists:
        total.update(dict(values))
    return tuple(total.most_common())
