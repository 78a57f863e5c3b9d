"""What an import reads: files, and the files in folders, each with its format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputUnreadable
from core.library.readers.detect import find_format
from core.library.readers.formats import Format
from core.library.readers.streams import READ_ERRORS
from core.types import Deletion, Document, Rejected


@dataclass(frozen=True, slots=True)
class Inputs:
    """Attributes:
    sources: the files that can be read, in a fixed order.
    rejected: the others, with the reason.
    size: bytes of the sources.
    fingerprint: of the absolute paths that were given; equal for the same import.
    """

    sources: tuple[tuple[Path, Format], ...]
    rejected: tuple[Rejected, ...]
    size: int
    fingerprint: str


def find_inputs(paths: Sequence[Path]) -> Inputs:
    """Find the format of each file under ``paths``.

    Raises:
        InputUnreadable: there is not one file that can be read.
    """
    sources: list[tuple[Path, Format]] = []
    problems: list[tuple[Path, InputUnreadable]] = []
    for path in dict.fromkeys(file for given in paths for file in _files(given)):
        try:
            sources.append((path, find_format(path)))
        except InputUnreadable as error:
            problems.append((path, error))
    if not sources:
        raise _nothing_readable(paths, [error for _, error in problems])
    rejected = tuple(Rejected(str(path), 0, str(error)) for path, error in problems)
    given = "\n".join(sorted(str(path.resolve()) for path in paths))
    fingerprint = hashlib.sha256(given.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Inputs(tuple(sources), rejected, sum(path.stat().st_size for path, _ in sources), fingerprint)


def records(inputs: Inputs) -> Iterator[Document | Rejected]:
    """Yield all records of all files; a file that fails on the way ends with a rejection."""
    yield from inputs.rejected
    for path, format_ in inputs.sources:
        try:
            for record in format_.read(path):
                if isinstance(record, Deletion):
                    reason = "it asks for records to be deleted, which an import does not do"
                    yield Rejected(record.file, record.record, reason)
                else:
                    yield record
        except READ_ERRORS as error:
            yield Rejected(str(path), 0, f"the file could be read only in part: {error}")


def _files(path: Path) -> Iterator[Path]:
    """Yield ``path``, or the files in it and below, by name; hidden ones are nobody's exports."""
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):
        if not entry.name.startswith("."):
            yield from _files(entry)


def _nothing_readable(paths: Sequence[Path], problems: Sequence[InputUnreadable]) -> InputUnreadable:
    if len(problems) == 1:
        return problems[0]
    if not problems:
        where = ", ".join(str(path) for path in paths) or "the input"
        return InputUnreadable(f"There are no files in {where}.", "Name a file, or a folder that holds some.")
    message = f"None of the {len(problems)} files can be read. The first: {problems[0]}"
    return InputUnreadable(message, problems[0].hint)
