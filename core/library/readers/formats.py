"""What a reader of one format is: how its files are told, and what it makes of them."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.library.readers.streams import HEAD, Position, open_binary, to_utf8
from core.types import Deletion, Document, Rejected

Record = Document | Deletion | Rejected
Read = Callable[[Path], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class Head:
    """How a file begins.

    Attributes:
        path: of the file; its name only helps where the content leaves it open.
        raw: the first 64 KiB, uncompressed if the file is gzip.
        text: the same in UTF-8 if it was UTF-16, without its byte order mark.
    """

    path: Path
    raw: bytes
    text: bytes


def head_of(path: Path) -> Head:
    """Read how ``path`` begins. Raises one of ``streams.READ_ERRORS``; of a device or a pipe, OSError."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError("it is a device or a pipe")  # which might never end, or never begin
    with open_binary(path) as stream:
        raw = stream.read(HEAD)
    return Head(path, raw, to_utf8(raw))


@dataclass(frozen=True, slots=True)
class Format:
    """One format; each module of a reader has its own as ``FORMAT``.

    Attributes:
        name: in words, such as "PubMed XML".
        suffixes: usual ones, for a file dialogue: (".xml", ".xml.gz").
        matches: tells a file of this format by its beginning.
        read: yields what is in the file, record by record, in flat memory. A record that cannot be taken is
            a ``Rejected`` with its number from 1; where the file breaks off, one ``Rejected`` stands for the
            rest. It raises nothing but one of ``streams.READ_ERRORS``.
        follow: does the same, and says how far in the file it is; None for kinds of files that are short.
    """

    name: str
    suffixes: tuple[str, ...]
    matches: Callable[[Head], bool]
    read: Read
    follow: Callable[[Path, Position], Iterator[Record]] | None = None
