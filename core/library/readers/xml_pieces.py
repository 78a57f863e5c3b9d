"""Files of many small XML records in pieces of some whole records: in two thirds of the time of a stream.

In a stream libxml2 looks ahead, again and again, for where it can go on; in memory it need not. A piece is
what lies between the ends of two records, put into the file's own beginning and end. If it is well-formed so,
then so is the stream up to there, and the next piece begins between two records as well. If it is not (the
end stood in a comment, say, or the file breaks off), it and all behind it are read as a stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from lxml import etree

from core.library.readers.streams import HEAD, READ_ERRORS, Position, open_binary
from core.library.readers.xml_records import streamed, tree

_AT_ONCE = 128 * 1024  # bytes of XML
_STEP = 32 * 1024  # of a damaged file no more is lost than is read at a time
_LONGEST = 4 * 1024 * 1024  # bytes without the end of a record: more are read as a stream
_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)


class _Ahead:
    """A stream of which some bytes are looked at before they are taken."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._problem: Exception | None = None
        self.bytes = b""

    def look(self, size: int) -> bool:
        """Have at least ``size`` ``bytes`` to look at; False if there are not so many."""
        blocks = [self.bytes]
        try:
            while (
                self._problem is None and size > sum(map(len, blocks)) and (block := self._stream.read(_STEP))
            ):
                blocks.append(block)
        except READ_ERRORS as error:
            self._problem = error
        self.bytes = b"".join(blocks)
        return len(self.bytes) >= size

    def take(self, size: int) -> bytes:
        """Return the first ``size`` of ``bytes``, which are gone from them."""
        taken, self.bytes = self.bytes[:size], self.bytes[size:]
        return taken

    def read(self, size: int = -1) -> bytes:
        """As a stream does; what went wrong when looking ahead is raised where it is."""
        if self.bytes:
            return self.take(len(self.bytes) if size < 0 else size)
        if self._problem:
            raise self._problem
        return self._stream.read(size)


def parsed_in_pieces(
    path: Path, root: str, record: str, *others: str, position: Position | None = None
) -> Iterator[etree._Element | str]:
    """Yield what ``parsed`` does of ``record`` and ``others`` in a file whose ``root`` holds many ``record``.

    None of them holds another. An element must not be kept. Raises OSError.
    """
    tags = (record, *others)
    with open_binary(path, position) as stream:
        ahead = _Ahead(stream)
        ahead.look(HEAD)
        if not (begin := _beginning(ahead.bytes, root, record)):
            yield from streamed(cast(BinaryIO, ahead), *tags)
            return
        ahead.take(len(begin))
        for piece in _pieces(ahead, f"</{record}>".encode()):
            found = _parsed(b"%b%b</%b>" % (begin, piece, root.encode()))
            if found is None:
                ahead.bytes = piece + ahead.bytes
                break
            yield from found.iterchildren(*tags)
        ahead.bytes = begin + ahead.bytes
        yield from streamed(cast(BinaryIO, ahead), *tags)


def _parsed(piece: bytes) -> etree._Element | None:
    """Return the root of ``piece``, or None if it is not well-formed."""
    if b"\0" in piece:  # in memory libxml2 may take it for the end of all
        return None
    try:
        return tree(piece)
    except etree.XMLSyntaxError:
        return None


def _beginning(head: bytes, root: str, record: str) -> bytes:
    """Return what stands before the first record, if that is the start of ``root`` and all is in UTF-8."""
    pattern = rf"<{root}(?:\s[^<>]*)?>\s*(?=<{record}[\s>])".encode()
    found = re.search(pattern, head)
    return head[: found.end()] if found and not _OTHER_ENCODING.match(head.lstrip()) else b""


def _pieces(ahead: _Ahead, end: bytes) -> Iterator[bytes]:
    """Yield pieces that close with ``end``, until there is none any more, or too far ahead."""
    size = _AT_ONCE
    while size <= _LONGEST:
        more = ahead.look(size)
        if (last := ahead.bytes.rfind(end)) >= 0:
            yield ahead.take(last + len(end))
            size = _AT_ONCE
        elif not more:
            return
        else:
            size *= 2
