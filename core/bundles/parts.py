"""A bundle in several files, for sticks that hold no large ones (FAT32: less than 4 GiB) or are small.

``NAME.vademecum.001``, ``.002``, ... are the bundle cut into pieces; ``NAME.vademecum.parts`` lists their
sizes and hashes, so that a missing, swapped or damaged piece is told by name. On a Unix, ``cat`` joins them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from core.assets.receipt import file_sha256
from core.bundles.container import SUFFIX
from core.cancel import CancelToken
from core.decoding import UNDECODABLE
from core.errors import BundleRefused, InputUnreadable

LIST = ".parts"
LARGEST_ON_FAT32 = 4 * 1024**3 - 1024**2  # bytes, a mebibyte below the limit
MOST_PARTS = 999
_READ = 1024 * 1024
_LARGEST_LIST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One piece: file name, bytes, SHA-256."""

    name: str
    size: int
    sha256: str


class PartsWriter(io.RawIOBase):
    """A file that is written into pieces of at most ``largest`` bytes; ``close`` writes their list."""

    def __init__(self, target: Path, largest: int) -> None:
        self._target = target
        self._largest = largest
        self._parts: list[Part] = []
        self._file: BinaryIO | None = None
        self._written, self._digest = 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Write all of ``data``."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        for start in range(0, len(view), self._largest):
            self._write(view[start : start + self._largest])
        return len(view)

    def _write(self, view: memoryview) -> None:
        while view:
            if self._file is None or self._written == self._largest:
                self._next()
            assert self._file is not None
            some = view[: self._largest - self._written]
            self._file.write(some)
            self._digest.update(some)
            self._written += len(some)
            view = view[len(some) :]

    def _next(self) -> None:
        self._finish_part()
        number = len(self._parts) + 1
        if number > MOST_PARTS:
            raise InputUnreadable(f"That makes more than {MOST_PARTS} parts.", "Choose larger parts.")
        self._file = self._target.with_name(f"{self._target.name}.{number:03}").open("wb")
        self._written, self._digest = 0, hashlib.sha256()

    def _finish_part(self) -> None:
        if self._file is not None:
            self._parts.append(Part(Path(self._file.name).name, self._written, self._digest.hexdigest()))
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Finish the last piece and write the list."""
        if not self.closed:
            self._finish_part()
            listed = msgspec.json.format(msgspec.json.encode({"format": 1, "parts": self._parts}), indent=1)
            self._target.with_name(self._target.name + LIST).write_bytes(listed)
        super().close()


class PartsReader(io.RawIOBase):
    """The pieces of a bundle as one file that is read from start to end."""

    def __init__(self, folder: Path, parts: Sequence[Part]) -> None:
        self._paths = [folder / part.name for part in parts]
        self._file: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        """Read some bytes; 0 at the end of the last piece."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while self._file is not None or self._paths:
            if self._file is None:
                self._file = self._paths.pop(0).open("rb")
            if count := self._file.readinto(view):  # type: ignore[attr-defined]
                return int(count)
            self._file.close()
            self._file = None
        return 0

    def close(self) -> None:
        """Close the piece that is being read."""
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()


def is_bundle(path: str) -> bool:
    """True if ``path`` is named as a bundle, or a part of one, is."""
    name = Path(path).name.lower()
    stem, _, ending = name.rpartition(".")
    in_parts = f".{ending}" == LIST or (len(ending) == 3 and ending.isdigit())
    return name.endswith(SUFFIX) or (in_parts and stem.endswith(SUFFIX))


def open_file(path: Path) -> BinaryIO:
    """Open the bundle at ``path``: whole, or in pieces if it is their list or any of them.

    Raises:
        InputUnreadable: it is not there.
        BundleRefused: a piece is missing or has another size.
    """
    listed = list_of(path)
    try:
        if listed is None:
            return path.open("rb")
        return io.BufferedReader(PartsReader(path.parent, listed), _READ)
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error


def list_of(path: Path) -> tuple[Part, ...] | None:
    """Return the pieces of the bundle that ``path`` belongs to, all of them there; None if it is a whole one.

    Raises:
        BundleRefused: the list is damaged, or a piece is missing or has another size.
    """
    name = path.name
    if not name.endswith(LIST):
        stem, _, number = name.rpartition(".")
        if not (len(number) == 3 and number.isdigit()):
            return None
        name = stem + LIST
    listed = path.with_name(name)
    try:
        with listed.open("rb") as file:
            content = file.read(_LARGEST_LIST)
        parts = msgspec.convert(msgspec.json.decode(content)["parts"], tuple[Part, ...])
    except (OSError, KeyError, TypeError, *UNDECODABLE) as error:
        raise BundleRefused(f"{listed} is missing or damaged.", "Copy it to where the parts are.") from error
    stem = name.removesuffix(LIST)
    for place, part in enumerate(parts, start=1):
        if part.name != f"{stem}.{place:03}":
            raise BundleRefused(f"{listed} names {part.name!r} as part {place}.", "Copy the list again.")
        with suppress(OSError):
            if path.with_name(part.name).stat().st_size == part.size:
                continue
        raise BundleRefused(
            f"Part {place} of {len(parts)}, {part.name}, is missing or not whole.", "Copy that part again."
        )
    return parts


def damaged_parts(path: Path, cancel: CancelToken) -> list[str]:
    """Return the names of the pieces whose content is not what the list says."""
    return [
        part.name
        for part in list_of(path) or ()
        if file_sha256(path.with_name(part.name), cancel) != part.sha256
    ]
