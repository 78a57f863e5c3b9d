"""Large XML files element by element, in flat memory, safe against hostile ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from core.library.readers.streams import READ_ERRORS, Position, open_binary
from core.types import Rejected

# Entities stay unexpanded and nothing outside is fetched: no file can blow up or look around.
_SAFELY: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
MAX_RECORD = 64 * 1024 * 1024  # bytes of XML; the longest articles have a few


class _Limited:
    """A stream that fails when one record takes too much; ``begin`` starts the next."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._read = 0

    def begin(self) -> None:
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self._read += len(block)
        if self._read > MAX_RECORD:
            raise OSError(f"one record is larger than {MAX_RECORD >> 20} MB")
        return block


def elements(
    path: Path, tag: str, position: Position | None = None
) -> Iterator[tuple[int, etree._Element] | Rejected]:
    """Yield each element of ``tag`` in any namespace with its number from 1; tags below it lose theirs.

    An element must not be kept. Where the XML breaks, one rejection stands for the rest. Raises OSError.
    """
    number = 0
    for number, found in enumerate(parsed(path, f"{{*}}{tag}", position=position), start=1):
        if isinstance(found, str):
            yield Rejected(str(path), number, found)
        else:
            strip_namespaces(found)
            yield number, found


def parsed(path: Path, *tags: str, position: Position | None = None) -> Iterator[etree._Element | str]:
    """Yield each element of ``tags`` as it is complete; where the XML breaks, the reason, and no more.

    An element must not be kept. Raises OSError.
    """
    with open_binary(path, position) as stream:
        yield from streamed(stream, *tags)


def streamed(stream: BinaryIO, *tags: str) -> Iterator[etree._Element | str]:
    """Yield what ``parsed`` does of what is left in ``stream``."""
    limited = _Limited(stream)
    events = etree.iterparse(limited, events=("end",), tag=tags, **_SAFELY)
    try:
        for _, element in events:
            limited.begin()
            yield element
            _forget(element)
    except etree.XMLSyntaxError as error:
        yield f"the file breaks off or is not XML from here on: {error.msg}"
    except READ_ERRORS as error:
        yield f"the file cannot be read from here on: {error}"


def tree(content: bytes) -> etree._Element:
    """Return the root of a small XML file, or of a piece of one, read as safely as ``parsed`` does.

    Raises etree.XMLSyntaxError.
    """
    return etree.fromstring(content, etree.XMLParser(**_SAFELY))


def strip_namespaces(element: etree._Element) -> None:
    """Take the namespaces from the tags in ``element``."""
    for part in element.iter():
        if isinstance(part.tag, str) and part.tag.startswith("{"):
            part.tag = part.tag.partition("}")[2]


def _forget(element: etree._Element) -> None:
    """Free ``element`` and what was before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
