"""The items of one large JSON text, decoded one at a time: what stands before a damage is not lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, TypeVar

from core.library.readers.streams import open_binary, to_utf8
from core.types import Rejected

_BETWEEN = re.compile(r"[\s,{]*")  # before a key
_OPENED = re.compile(r"\s*\[\s*")
_COMMA = re.compile(r"[\s,]*")  # before an element
_COLON = re.compile(r"\s*:\s*")
Item = TypeVar("Item")
Made = TypeVar("Made")


def read_items(
    path: Path, split: Callable[[str], Iterator[Item]], make: Callable[[Item, int], Made]
) -> Iterator[Made | Rejected]:
    """Yield what ``make`` makes of each item and its number; where the JSON breaks off, one rejection.

    The file is held in memory as text. Raises one of ``READ_ERRORS`` where it is damaged.
    """
    with open_binary(path) as stream:
        encoded = to_utf8(stream.read())
    number = 0
    try:
        for number, item in enumerate(split(encoded.decode("utf-8")), start=1):
            yield make(item, number)
    except UnicodeDecodeError:
        yield Rejected(str(path), 0, "the file is not in UTF-8")
    except RecursionError:
        yield Rejected(str(path), number + 1, "the file is nested too deeply from here on")
    except JSONDecodeError as error:
        yield Rejected(str(path), number + 1, f"the file breaks off or is not JSON from here on: {error.msg}")


def members(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the keys and values of the JSON object ``text``. Raises JSONDecodeError where it breaks."""
    decoder = JSONDecoder()
    position = _skip(_BETWEEN, text, 0)
    while position < len(text) and text[position] != "}":
        key, position = _value(decoder, text, position)
        value, position = _value(decoder, text, _skip(_COLON, text, position))
        yield str(key), value
        position = _skip(_BETWEEN, text, position)
    _must_be_closed(text, position)


def elements(text: str, start: int = 0) -> Iterator[Any]:
    """Yield the elements of the JSON array at ``start``. Raises JSONDecodeError where it breaks."""
    decoder = JSONDecoder()
    position = _skip(_OPENED, text, start)
    while position < len(text) and text[position] != "]":
        value, position = _value(decoder, text, position)
        yield value
        position = _skip(_COMMA, text, position)
    _must_be_closed(text, position)


def _value(decoder: JSONDecoder, text: str, position: int) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, position)
    except JSONDecodeError:
        raise
    except ValueError as error:  # Python makes no number of more than 4,300 digits
        raise JSONDecodeError("a number has too many digits", text, position) from error


def _must_be_closed(text: str, position: int) -> None:
    if position >= len(text):
        raise JSONDecodeError("the closing bracket is missing", text, position)


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position
