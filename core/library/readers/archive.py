"""Archives (.zip, .tar, .tar.gz) of any files: one file after another goes to the reader of its own format.

Nothing is unpacked under the name it has in the archive, so no name can lead anywhere.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from core.errors import InputUnreadable
from core.library.readers.archive_members import Member, is_tar, members, printable
from core.library.readers.bounded import is_zip
from core.library.readers.formats import Format, Head, Record
from core.library.readers.streams import READ_ERRORS
from core.types import Document, Rejected

DEEPEST = 2  # archives within archives
MAX_TOTAL = 64 << 30
_UNSAFE = re.compile(r"[^\w.() -]")


class _Full(Exception):
    """The archive unpacks to more than an archive may."""


def read(path: Path) -> Iterator[Record]:
    """Yield what the files in ``path`` hold; each that cannot be read is a rejection. Raises ``READ_ERRORS``.

    ``sources`` and the files of rejections are named "a.zip/folder/b.ris". A document's ``original`` exists
    until the next record is asked for.
    """
    return _read(path, {})


def with_columns(columns: Mapping[str, str]) -> Format:
    """Return the format of an archive whose tables are read as ``detect.find_format`` reads them."""
    return replace(FORMAT, read=lambda path: _read(path, columns))


def _read(path: Path, columns: Mapping[str, str]) -> Iterator[Record]:
    with tempfile.TemporaryDirectory(prefix="vademecum-") as folder:
        yield from _Unpacking(Path(folder), columns).read(path, path.name, str(path), depth=1)


class _Unpacking:
    """One archive with those in it; counts what is unpacked of all."""

    def __init__(self, folder: Path, columns: Mapping[str, str]) -> None:
        self._folder = folder
        self._columns = columns
        self._unpacked = 0

    def read(self, archive: Path, source: str, shown: str, depth: int) -> Iterator[Record]:
        """Yield the records of ``archive``, called ``source`` in documents and ``shown`` in reports."""
        found = members(archive)
        while True:
            try:
                member = next(found, None)
            except READ_ERRORS as error:
                yield Rejected(shown, 0, f"the archive cannot be read from here on: {error}")
                return
            if member is None:
                return
            name = f"{shown}/{printable(member.name)}"
            if member.refused:
                yield Rejected(name, 0, member.refused)
                continue
            target = self._folder / str(depth) / _file_name(member.name)
            target.parent.mkdir(exist_ok=True)
            try:
                self._unpack(member, target)
                yield from self._records(target, f"{source}/{member.name}", name, depth)
            except _Full:
                yield Rejected(
                    name, 0, f"the archive unpacks to more than {MAX_TOTAL >> 30} GB; the rest is left out"
                )
                return
            except READ_ERRORS as error:
                yield Rejected(name, 0, f"it cannot be read: {error}")
            finally:
                target.unlink(missing_ok=True)

    def _unpack(self, member: Member, target: Path) -> None:
        if member.size > shutil.disk_usage(self._folder).free:
            raise OSError("there is not enough free space to unpack it")
        with target.open("wb") as file:
            for block in member.blocks():
                self._unpacked += len(block)
                if self._unpacked > MAX_TOTAL:
                    raise _Full
                file.write(block)

    def _records(self, file: Path, source: str, shown: str, depth: int) -> Iterator[Record]:
        from core.library.readers.detect import find_format  # it knows this format too

        try:
            found = find_format(file, self._columns)
        except InputUnreadable as error:
            yield Rejected(shown, 0, str(error).replace(str(file), "the file"))
            return
        if found.name == FORMAT.name:
            if depth >= DEEPEST:
                yield Rejected(shown, 0, f"it is an archive within {DEEPEST} others: unpack it first")
            else:
                yield from self.read(file, source, shown, depth + 1)
            return
        for record in found.read(file):
            if isinstance(record, Document):
                yield replace(record, sources=(source,))
            else:
                yield replace(record, file=shown)


def _file_name(name: str) -> str:
    """Return a harmless name that ends as ``name`` does: readers look at its ending and its stem."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem, suffixes = path.name, "".join(path.suffixes[-2:])[-20:]
    return _UNSAFE.sub("_", stem.removesuffix(suffixes)[:80] or "file") + _UNSAFE.sub("_", suffixes)


def _matches(head: Head) -> bool:
    if is_zip(head.raw):  # not a spreadsheet, slides, or a text of LibreOffice
        return b"[Content_Types].xml" not in head.raw[:100] and head.raw[30:38] != b"mimetype"
    if is_tar(head.raw):
        return True
    return head.raw[:5] == b"%PDF-" and _is_gzip(head.path)  # its reader takes the file itself


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


FORMAT = Format("archive", (".zip", ".tar", ".tar.gz", ".tgz"), _matches, read)
