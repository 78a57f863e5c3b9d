"""Questions as JSON lines or as one JSON array: MedQA (Jin et al. 2020, arXiv:2009.13081) and its like.

Any object with a question and an answer will do; choices, context and explanation are optional.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from core.library.readers.json_items import elements, read_items
from core.library.readers.jsonl import LINE_ERRORS, plainly
from core.library.readers.streams import byte_lines, open_binary, to_utf8
from core.tuning.pairs import Pair
from core.tuning.readers.fields import pair, recognise
from core.types import Rejected


def read(path: Path, columns: Mapping[str, str]) -> Iterator[Pair | Rejected]:
    """Yield one pair or rejection for each line that is not blank, or for each element of the array.

    ``columns`` are our field names with the key each has in this file, where it is not recognised.

    Raises:
        DataUnusable: ``columns`` has a field that we do not know.
    """
    recognise([], columns)
    with open_binary(path) as stream:
        is_array = to_utf8(stream.read(4096)).lstrip().startswith(b"[")
    if is_array:
        yield from read_items(path, elements, lambda item, number: _record(item, columns, path, number))
        return
    for number, line in enumerate(byte_lines(path), start=1):
        if line.strip():
            yield _line(line, columns, path, number)


def _line(line: bytes, columns: Mapping[str, str], path: Path, number: int) -> Pair | Rejected:
    try:
        return _record(msgspec.json.decode(line), columns, path, number)
    except LINE_ERRORS as error:
        return Rejected(str(path), number, plainly(error))


def _record(item: Any, columns: Mapping[str, str], path: Path, number: int) -> Pair | Rejected:
    if not isinstance(item, dict):
        return Rejected(str(path), number, "it is not an object with a question and an answer")
    filled = recognise((key for key, value in item.items() if value not in (None, "", [], {})), columns)
    try:
        return pair({field: item.get(key) for field, key in filled.items()}, path.name, number)
    except ValueError as error:
        reason = str(error)
        if "question" not in recognise(item, columns):
            keys = ", ".join(key[:40] for key in [*item][:12])
            reason = f"no field is called question; it has {keys or 'none'}"
        return Rejected(str(path), number, reason)
