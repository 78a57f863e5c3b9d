"""What was collected in the app (``core.tuning.collected``): answers rated good or corrected by the user.

Answers rated bad and sources opened hold no answer to learn, and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from core.library.readers.jsonl import LINE_ERRORS, plainly
from core.library.readers.streams import byte_lines
from core.tuning.collected import VERSION
from core.tuning.pairs import Evidence, Pair
from core.tuning.readers.fields import pair
from core.types import Rejected

_LEARNED = {"good", "corrected"}


class _Line(msgspec.Struct, frozen=True):
    """What is taken of a line; ``kind`` as in ``core.tuning.collected``."""

    version: int = VERSION
    kind: str = "good"
    question: str = ""
    answer: str = ""
    decision: str = ""
    id: str = ""
    evidence: tuple[Evidence, ...] = ()


def read(path: Path) -> Iterator[Pair | Rejected]:
    """Yield one pair or rejection for each line with an answer to learn; records count lines."""
    decoder = msgspec.json.Decoder(_Line)
    for number, line in enumerate(byte_lines(path), start=1):
        if line.strip() and (item := _record(decoder, line, path, number)):
            yield item


def _record(
    decoder: msgspec.json.Decoder[_Line], line: bytes, path: Path, number: int
) -> Pair | Rejected | None:
    try:
        item = decoder.decode(line)
        if item.version > VERSION:
            raise ValueError("it was written by a newer version of Vademecum")
        if item.kind not in _LEARNED:
            return None
        values = {"question": item.question, "answer": item.answer, "decision": item.decision, "id": item.id}
        return replace(pair(values, path.name, number), evidence=item.evidence)
    except LINE_ERRORS as error:
        return Rejected(str(path), number, plainly(error))
