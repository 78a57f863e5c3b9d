"""The files in an archive, one after another, and which of them are not to be read."""

from __future__ import annotations

import re
import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

from core.library.readers.bounded import MAX_MEMBERS, is_zip, member_blocks, open_zip
from core.library.readers.streams import open_binary

MAX_MEMBER = 8 << 30  # bytes; a year of PubMed has four
_BLOCK = 1 << 20
_NAME = 1000  # characters
_FORBIDDEN = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f\x7f]")
_HIDDEN = re.compile(r"(?:^|/)(?:__MACOSX/|\.(?!\.?(?:/|$)))")  # nobody's exports
_TAR = 257  # where a tar file names its format
_LONGEST = 16 << 20  # bytes read at once; only a header made to fill the memory is longer
_HEADER = 30  # bytes before each member of a ZIP file, without its name
# What tarfile raises for damaged and hostile files, besides OSError.
TAR_ERRORS = (tarfile.TarError, ValueError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. ``refused`` says why it is not read, if so; ``blocks`` yields its content."""

    name: str
    size: int
    refused: str
    blocks: Callable[[], Iterator[bytes]]


def members(archive: Path) -> Iterator[Member]:
    """Yield the files in ``archive``. Raises one of ``READ_ERRORS``."""
    with archive.open("rb") as stream:
        head = stream.read(4)
    if is_zip(head):
        return _of_zip(archive)
    with open_binary(archive) as stream:
        head = stream.read(_TAR + 5)
    return _of_tar(archive) if is_tar(head) else iter([_single(archive)])


def is_tar(head: bytes) -> bool:
    """True if an uncompressed file that begins with ``head`` is a tar file."""
    return head[_TAR : _TAR + 5] == b"ustar"


def _of_zip(archive: Path) -> Iterator[Member]:
    with open_zip(archive) as file:
        starts = sorted((member.header_offset, member.compress_size) for member in file.infolist())
        if any(start + _HEADER + size > following for (start, size), (following, _) in pairwise(starts)):
            raise OSError("its files overlap, as in an archive made to fill a disk")
        for member in file.infolist():
            if member.filename.endswith("/") or _HIDDEN.search(member.filename):
                continue
            link = stat.S_ISLNK(member.external_attr >> 16)
            refused = "it is a link, not a file" if link else _bad_name(member.orig_filename)
            yield Member(
                member.filename,
                member.file_size,
                refused,
                partial(member_blocks, file, member, MAX_MEMBER),
            )


class _Limited:
    """What tarfile needs of a file, without reads of any size: its headers may ask for them.

    Attributes:
        last: what was read last.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.last = b""

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _LONGEST:
            raise OSError("what it says of a file in it is too long")
        self.last = self._stream.read(size)
        return self.last

    def seek(self, offset: int) -> int:
        return self._stream.seek(offset)

    def tell(self) -> int:
        return self._stream.tell()


def _of_tar(archive: Path) -> Iterator[Member]:
    try:
        with (
            open_binary(archive) as stream,
            tarfile.open(fileobj=cast(BinaryIO, limited := _Limited(stream)), mode="r:") as file,
        ):
            for number, member in enumerate(file):
                if number > MAX_MEMBERS:
                    raise OSError(f"it has more than {MAX_MEMBERS:,} files in it")
                if member.isdir() or _HIDDEN.search(member.name):
                    continue
                refused = _bad_name(member.name) if member.isreg() else "it is a link or device, not a file"
                if member.size > MAX_MEMBER:
                    refused = f"it is larger than {MAX_MEMBER >> 30} GB"
                yield Member(member.name, member.size, refused, partial(_tar_blocks, file, member))
            if limited.last != bytes(tarfile.BLOCKSIZE):  # its end is marked; tarfile ends where it must
                raise OSError("it breaks off")
    except TAR_ERRORS as error:
        raise OSError(f"it is damaged ({str(error)[:80]})") from error


def _tar_blocks(file: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    try:
        if (stream := file.extractfile(member)) is not None:
            yield from iter(lambda: stream.read(_BLOCK), b"")
    except TAR_ERRORS as error:
        raise OSError(f"it is damaged ({str(error)[:80]})") from error


def _single(archive: Path) -> Member:
    """Return the one file in a .gz."""

    def blocks() -> Iterator[bytes]:
        with open_binary(archive) as stream:
            yield from iter(lambda: stream.read(_BLOCK), b"")

    return Member(archive.name.removesuffix(".gz"), 0, "", blocks)


def _bad_name(name: str) -> str:
    if len(name) > _NAME:
        return "its name is too long"
    return "its name leads out of the archive or cannot be written" if _FORBIDDEN.search(name) else ""


def printable(name: str) -> str:
    shown = "".join(character if character.isprintable() else "\ufffd" for character in name)
    return shown if len(shown) <= _NAME else shown[:_NAME] + "\u2026"
