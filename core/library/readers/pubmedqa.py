"""PubMedQA (``ori_pqal.json``): abstracts that were made into questions.

Only question and contexts are taken. The long answer, its decision and the predictions are what models are
examined on: they never come into a library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec

from core.library.readers.formats import Format, Head
from core.library.readers.json_items import members, read_items
from core.library.records import clean_pmid, make_document, year_in
from core.types import Document, Rejected

_FIRST = re.compile(rb"""\s*\{\s*"[^"]*"\s*:\s*\{""")


class _Item(msgspec.Struct, frozen=True):
    """What is taken of an item."""

    question: str = msgspec.field(name="QUESTION", default="")
    contexts: list[str] = msgspec.field(name="CONTEXTS", default_factory=list)
    labels: list[str] = msgspec.field(name="LABELS", default_factory=list)
    mesh: list[str] = msgspec.field(name="MESHES", default_factory=list)
    year: str | int | None = msgspec.field(name="YEAR", default=None)


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the items of ``path``; where the JSON breaks off, one rejection for the rest."""
    return read_items(path, members, lambda item, number: _record(*item, path, number))


def _record(pmid: str, value: Any, path: Path, number: int) -> Document | Rejected:
    try:
        item = msgspec.convert(value, _Item)
        if clean_pmid(pmid) is None:
            raise ValueError(f"{pmid[:40]!r} is not a PubMed number")
        return make_document(
            title=item.question,
            sections=list(zip_longest(item.labels[: len(item.contexts)], item.contexts, fillvalue="")),
            source=path.name,
            pmid=pmid,
            year=year_in(str(item.year or "")),
            mesh=item.mesh,
        )
    except (msgspec.ValidationError, ValueError) as error:
        return Rejected(str(path), number, str(error))


def _matches(head: Head) -> bool:
    return _FIRST.match(head.text) is not None and b'"CONTEXTS"' in head.text


FORMAT = Format("PubMedQA JSON", (".json",), _matches, read)
