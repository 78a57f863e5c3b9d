"""PubMedQA (``ori_pqal.json``; Jin et al. 2019, arXiv:1909.06146): questions on one abstract each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from core.library.readers.json_items import members, read_items
from core.tuning.pairs import Pair
from core.tuning.readers.fields import pair
from core.types import Rejected


class _Item(msgspec.Struct, frozen=True):
    """What is taken of an item."""

    question: str = msgspec.field(name="QUESTION", default="")
    contexts: list[str] = msgspec.field(name="CONTEXTS", default_factory=list)
    labels: list[str] = msgspec.field(name="LABELS", default_factory=list)
    answer: str | None = msgspec.field(name="LONG_ANSWER", default=None)
    decision: str | None = msgspec.field(name="final_decision", default=None)


def read(path: Path) -> Iterator[Pair | Rejected]:
    """Yield the items of ``path`` in order; where the JSON breaks off, one rejection for the rest."""
    return read_items(path, members, lambda item, number: _record(*item, path, number))


def _record(pmid: str, value: Any, path: Path, number: int) -> Pair | Rejected:
    try:
        item = msgspec.convert(value, _Item)
        values = {
            "question": item.question,
            "answer": item.answer,
            "decision": item.decision,
            "context": {"contexts": item.contexts, "labels": item.labels},
            "document": pmid,
            "id": pmid,
        }
        return pair(values, path.name, number)
    except (msgspec.ValidationError, ValueError) as error:
        return Rejected(str(path), number, str(error))
