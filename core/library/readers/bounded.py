"""Reading what must fit into memory: whole files and members of ZIP files, up to a limit."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from core.library.readers.streams import open_binary

_BLOCK = 1 << 20
MAX_MEMBERS = 100_000
_RATIO = 200  # text shrinks to a tenth; one of a bomb to a thousandth
_SMALL = 4 << 20  # bytes; below it no ratio does harm
_ENCRYPTED = 0x1

# What zipfile and the decompressors raise for damaged and hostile files, besides OSError.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    RuntimeError,  # NotImplementedError too: a method of compression that we lack
    ValueError,  # UnicodeDecodeError too: a name in no encoding
    OverflowError,
    MemoryError,
)


def read_file(path: Path, limit: int) -> bytes:
    """Return what is in ``path``, uncompressed if it is gzip. Raises ``READ_ERRORS``, above ``limit`` too."""
    with open_binary(path) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OSError(f"it is larger than {limit >> 20} MB")
    return content


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open ``path``. Raises OSError for whatever is wrong with it."""
    try:
        file = zipfile.ZipFile(path)
    except OSError:
        raise
    except ZIP_ERRORS as error:
        raise OSError(_damaged(error)) from error
    if len(file.infolist()) > MAX_MEMBERS:
        file.close()
        raise OSError(f"it has more than {MAX_MEMBERS:,} files in it")
    return file


def _damaged(error: Exception) -> str:
    return f"it is damaged ({str(error)[:80] or type(error).__name__})"


def read_member(file: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return the content of a member. Raises KeyError if there is none, OSError if it cannot be had."""
    return b"".join(member_blocks(file, file.getinfo(name), limit))


def member_blocks(file: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Yield the content of ``member`` in blocks, never more than ``limit`` bytes. Raises OSError."""
    if member.flag_bits & _ENCRYPTED:
        raise OSError("it is protected with a password")
    if member.file_size > limit:
        raise OSError(f"it is larger than {limit >> 20} MB")
    if member.file_size > _SMALL and member.file_size > _RATIO * max(member.compress_size, 1):
        raise OSError("it unpacks to more than 200 times its size, as files made to fill a disk do")
    try:
        with file.open(member) as stream:
            taken = 0
            while block := stream.read(_BLOCK):
                taken += len(block)
                if taken > limit:
                    raise OSError(f"it is larger than {limit >> 20} MB")
                yield block
    except OSError:
        raise
    except ZIP_ERRORS as error:
        raise OSError(_damaged(error)) from error


def is_zip(head: bytes) -> bool:
    """True if a file that begins with ``head`` is a ZIP file (or one that is empty)."""
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06")
