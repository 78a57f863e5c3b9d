"""What was installed, byte for byte: ``asset.json`` inside the model's folder.

The quick check compares sizes and takes less than a millisecond; the full one reads every byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from core.cancel import CancelToken
from core.decoding import UNDECODABLE

RECEIPT = "asset.json"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileMark:
    """How one file is recognised."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Attributes:
    wheel_sha256: of the wheel, or the adapter, that the folder was made from.
    files: path inside the folder, with slashes, to its mark; the receipt itself is not in it.
    """

    version: Literal[1]
    name: str
    wheel_sha256: str
    files: dict[str, FileMark]


def file_sha256(path: Path, cancel: CancelToken) -> str:
    """Return the SHA-256 of ``path`` in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            cancel.check()
            digest.update(block)
    return digest.hexdigest()


def write_receipt(folder: Path, name: str, wheel_sha256: str, cancel: CancelToken) -> None:
    """Mark every file of ``folder`` as it is now."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / RECEIPT)
    marks = {
        path.relative_to(folder).as_posix(): FileMark(path.stat().st_size, file_sha256(path, cancel))
        for path in files
    }
    body = msgspec.json.encode(Receipt(1, name, wheel_sha256, marks))
    (folder / RECEIPT).write_bytes(msgspec.json.format(body, indent=1) + b"\n")


def read_receipt(folder: Path) -> Receipt | None:
    """Return the receipt in ``folder``, or None if there is none that can be read."""
    try:
        return msgspec.json.decode((folder / RECEIPT).read_bytes(), type=Receipt)
    except (OSError, *UNDECODABLE):
        return None


def damage(
    folder: Path,
    receipt: Receipt,
    *,
    reading: CancelToken | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> str:
    """Say what is wrong with ``folder``, or return "" if nothing is.

    Sizes are always compared; hashes only with ``reading``, which can stop it.
    """
    done = 0
    for name, mark in receipt.files.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if (size := path.stat().st_size) != mark.bytes:
            return f"{name} has {size:,} bytes instead of {mark.bytes:,}"
        if reading and file_sha256(path, reading) != mark.sha256:
            return f"{name} has been changed"
        progress(done := done + size)
    return ""
