"""PubMedQA (``ori_pqal.json``): abstracts that were made into questions.

Only question and contexts are taken. The long answer, its decision and the predictions are what models are
examined on: they never come into a library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any

import msgspec

from core.library.readers.streams import open_binary, to_utf8
from core.library.records import clean_pmid, make_document, year_in
from core.types import Document, Rejected

_BETWEEN = re.compile(r"[\s,{]*")  # before a key
_COLON = re.compile(r"\s*:\s*")


class _Item(msgspec.Struct, frozen=True):
    """What is taken of an item."""

    question: str = msgspec.field(name="QUESTION", default="")
    contexts: list[str] = msgspec.field(name="CONTEXTS", default_factory=list)
    labels: list[str] = msgspec.field(name="LABELS", default_factory=list)
    mesh: list[str] = msgspec.field(name="MESHES", default_factory=list)
    year: str | int | None = msgspec.field(name="YEAR", default=None)


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the items of ``path``; where the JSON breaks off, one rejection for the rest.

    The file, a few MB, is held in memory as text; the items are decoded one at a time.
    """
    with open_binary(path) as stream:
        encoded = to_utf8(stream.read())
    number = 0
    try:
        for number, (pmid, value) in enumerate(_items(encoded.decode("utf-8")), start=1):
            yield _record(pmid, value, path, number)
    except UnicodeDecodeError:
        yield Rejected(str(path), 0, "the file is not in UTF-8")
    except RecursionError:
        yield Rejected(str(path), number + 1, "the file is nested too deeply from here on")
    except JSONDecodeError as error:
        yield Rejected(str(path), number + 1, f"the file breaks off or is not JSON from here on: {error.msg}")


def _items(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the keys and values of the JSON object ``text``. Raises JSONDecodeError where it breaks."""
    decoder = JSONDecoder()
    position = _skip(_BETWEEN, text, 0)
    while position < len(text) and text[position] != "}":
        key, position = decoder.raw_decode(text, position)
        value, position = decoder.raw_decode(text, _skip(_COLON, text, position))
        yield str(key), value
        position = _skip(_BETWEEN, text, position)
    if position >= len(text):
        raise JSONDecodeError("the closing bracket is missing", text, position)


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


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
