"""Pairs collected in the app: rated or corrected answers with their evidence, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from core.library.readers.jsonl import plainly
from core.library.readers.streams import byte_lines
from core.tuning.pairs import Evidence, Pair
from core.types import Rejected
from training.data.readers.fields import pair


class _Line(msgspec.Struct, frozen=True):
    """What is taken of a line."""

    question: str = ""
    answer: str = ""
    decision: str = ""
    id: str = ""
    evidence: tuple[Evidence, ...] = ()


def read(path: Path) -> Iterator[Pair | Rejected]:
    """Yield one pair or rejection for each line that is not blank; records count lines."""
    decoder = msgspec.json.Decoder(_Line)
    for number, line in enumerate(byte_lines(path), start=1):
        if line.strip():
            yield _record(decoder, line, path, number)


def _record(decoder: msgspec.json.Decoder[_Line], line: bytes, path: Path, number: int) -> Pair | Rejected:
    try:
        item = decoder.decode(line)
        values = {"question": item.question, "answer": item.answer, "decision": item.decision, "id": item.id}
        return replace(pair(values, path.name, number), evidence=item.evidence)
    except UnicodeDecodeError:
        return Rejected(str(path), number, "the line is not in UTF-8")
    except msgspec.DecodeError as error:
        return Rejected(str(path), number, plainly(error))
    except RecursionError:
        return Rejected(str(path), number, "the line is nested too deeply")
    except ValueError as error:
        return Rejected(str(path), number, str(error))
