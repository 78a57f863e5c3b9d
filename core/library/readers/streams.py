"""Opening files as they come: gzip or not, and lines in whatever encoding they were saved in."""

from __future__ import annotations

import codecs
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from isal import igzip
from isal.igzip_lib import IsalError

HEAD = 64 * 1024  # bytes of a file that its format is told by
_BLOCK = 256 * 1024  # bytes read at a time
_STEP = 32 * 1024  # bytes of a compressed file read at a time
MAX_LINE = 32 * 1024 * 1024  # bytes; a longer line is no record of ours, and would fill the memory

# What reading a damaged file raises: of the compressed ones a cut-off one EOFError, another zlib.error.
_ISAL_ERROR = cast(type[Exception], IsalError)  # its stub calls it an instance
READ_ERRORS = (OSError, EOFError, zlib.error, _ISAL_ERROR)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _InSteps(io.FileIO):
    """A file that gives little at a time, so that its position is about where the reader is."""

    def readinto(self, buffer: Any, /) -> int | None:
        return super().readinto(memoryview(buffer)[:_STEP])


class Position:
    """How far a file has been read that was opened with this; in bytes of the file as it is on disk."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None

    def follow(self, file: BinaryIO) -> None:
        """Tell of ``file`` from now on, which must be open."""
        self._file = file

    @property
    def bytes(self) -> int:
        """Bytes read so far; 0 before the file is opened, and once it is closed."""
        return 0 if self._file is None or self._file.closed else self._file.tell()


def open_binary(path: Path, position: Position | None = None) -> BinaryIO:
    """Open ``path`` for reading, uncompressed if it is gzip by content. Raises OSError."""
    opened = file = cast(BinaryIO, path.open("rb"))
    if cast(io.BufferedReader, file).peek(2)[:2] == b"\x1f\x8b":
        file.close()
        steps = _InSteps(path)
        # It takes a third of the time of gzip's own.
        unpacked = igzip.IGzipFile(fileobj=steps)  # type: ignore[no-untyped-call]
        unpacked.myfileobj = steps  # to be closed with it
        opened, file = cast(BinaryIO, unpacked), cast(BinaryIO, steps)
    if position is not None:
        position.follow(file)
    return opened


def byte_lines(path: Path, position: Position | None = None) -> Iterator[bytes]:
    """Yield the lines of ``path`` as UTF-8 where it can be told, without byte order mark and line end.

    Lines end as on Unix, Windows or old Macs, even mixed. A file in UTF-16 (as Windows tools write) is
    recoded. A line above ``MAX_LINE`` comes in pieces. Raises one of ``READ_ERRORS`` where the file is
    damaged.
    """
    with open_binary(path, position) as stream:
        head = stream.read(4)
        stream.seek(0)
        if head[:2] in _UTF16:
            yield from _recoded(stream)
            return
        stream.seek(3 if head[:3] == codecs.BOM_UTF8 else 0)
        begun = b""  # of a line whose end has not come
        while block := _block(stream):
            lines = (begun + block).splitlines()
            begun = b"" if block.endswith((b"\n", b"\r")) else lines.pop()
            while len(begun) > MAX_LINE:
                lines.append(begun[:MAX_LINE])
                begun = begun[MAX_LINE:]
            yield from lines
        if begun:
            yield begun


def _block(stream: BinaryIO) -> bytes:
    """Return the next bytes, empty at the end; a line end of two characters is not cut."""
    # One read of the system: where a compressed file is damaged, what came before is not lost.
    block: bytes = stream.read1(_BLOCK)  # type: ignore[attr-defined]
    while block.endswith(b"\r") and (more := stream.read(1)):
        block += more
    return block


def _recoded(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a UTF-16 file in UTF-8. Raises OSError where it is none."""
    with io.TextIOWrapper(stream, "utf-16") as text:
        try:
            while line := text.readline(MAX_LINE):
                yield line.rstrip("\n").encode("utf-8")
        except UnicodeError as error:
            raise OSError(f"it is not valid UTF-16 ({error})") from error


def decode(line: bytes) -> str:
    """Return ``line`` as text: UTF-8, else Windows-1252, what older exports are written in.

    Raises:
        UnicodeDecodeError: it is neither (five bytes mean nothing in Windows-1252).
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252")


def to_utf8(head: bytes) -> bytes:
    """Return the beginning of a file without its byte order mark, in UTF-8 if it was UTF-16."""
    if head[:2] in _UTF16:
        return head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return head.removeprefix(codecs.BOM_UTF8)
