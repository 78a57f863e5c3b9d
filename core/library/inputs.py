"""What an import reads: files, and the files in folders, each with its format."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputUnreadable
from core.library.readers.detect import find_format
from core.library.readers.formats import Format
from core.types import Rejected

# Folders in folders; links that lead back to a folder above end sooner.
_DEEPEST = 64

_Sources = list[tuple[Path, Format]]
_Problems = list[tuple[Path, InputUnreadable]]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Attributes:
    sources: the files that can be read, in a fixed order.
    rejected: the others, with the reason.
    size: bytes of the sources.
    """

    sources: tuple[tuple[Path, Format], ...]
    rejected: tuple[Rejected, ...]
    size: int


def sorted_out(paths: Sequence[Path]) -> Inputs:
    """Find the format of each file under ``paths``, as ``find_inputs`` does; there may be none."""
    return _inputs(*_formats(paths, None))


def find_inputs(paths: Sequence[Path], columns: Mapping[str, str] | None = None) -> Inputs:
    """Find the format of each file under ``paths``; no file is taken twice, whatever names lead to it.

    ``columns`` are the fields of a document with the column of a table that each is in (see ``find_format``).

    Raises:
        InputUnreadable: there is not one file that can be read.
    """
    sources, problems = _formats(paths, columns)
    if not sources:
        raise _nothing_readable(paths, [error for _, error in problems])
    return _inputs(sources, problems)


def _formats(paths: Sequence[Path], columns: Mapping[str, str] | None) -> tuple[_Sources, _Problems]:
    sources: _Sources = []
    problems: _Problems = []
    for path in _distinct(paths):
        try:
            sources.append((path, find_format(path, columns)))
        except InputUnreadable as error:
            problems.append((path, error))
    return sources, problems


def _inputs(sources: _Sources, problems: _Problems) -> Inputs:
    rejected = tuple(Rejected(str(path), 0, str(error)) for path, error in problems)
    return Inputs(tuple(sources), rejected, sum(path.stat().st_size for path, _ in sources))


def _distinct(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files under ``paths``, each by the first name it is found under."""
    seen: set[str] = set()
    for file in (file for given in paths for file in _files(given, ())):
        real = os.path.realpath(file)
        if real not in seen:
            seen.add(real)
            yield file


def _files(path: Path, above: tuple[str, ...]) -> Iterator[Path]:
    """Yield ``path``, or the files in it and below, by name; hidden ones are nobody's exports.

    ``above`` are the folders that led here. A folder that cannot be listed is yielded itself.
    """
    real = os.path.realpath(path)
    if not path.is_dir():
        yield path
        return
    if real in above or len(above) > _DEEPEST:
        return
    try:
        entries = sorted(path.iterdir())
    except OSError:
        yield path  # so that it is reported
        return
    for entry in entries:
        if not entry.name.startswith("."):
            yield from _files(entry, (*above, real))


def _nothing_readable(paths: Sequence[Path], problems: Sequence[InputUnreadable]) -> InputUnreadable:
    if len(problems) == 1:
        return problems[0]
    if not problems:
        where = ", ".join(str(path) for path in paths) or "the input"
        return InputUnreadable(f"There are no files in {where}.", "Name a file, or a folder that holds some.")
    message = f"None of the {len(problems)} files can be read. The first: {problems[0]}"
    return InputUnreadable(message, problems[0].hint)
