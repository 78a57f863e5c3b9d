"""The rows of a table in text (CSV, TSV and the like), one at a time, none lost in silence."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from core.library.readers.formats import Head
from core.library.readers.streams import HEAD, MAX_LINE, READ_ERRORS, Position, byte_lines, decode
from core.types import Rejected

Made = TypeVar("Made")
DELIMITERS = ",;\t|"
_LOST = re.compile("[\udc80-\udcff]")  # what stands for bytes that are no characters


def read_rows(
    path: Path,
    delimiter: str,
    make: Callable[[dict[str, str], int], Made],
    position: Position | None = None,
) -> Iterator[Made | Rejected]:
    """Yield what ``make`` makes of each row, by its heading, and its number; ValueError rejects one.

    Rows count from 1 below the heading. Empty cells at the end of a row may be lacking or too many.
    """
    number = 0
    try:
        for number, found in enumerate(_rows(byte_lines(path, position), delimiter), start=1):
            if isinstance(found, str):
                yield Rejected(str(path), number, found)
                continue
            try:
                yield make(found, number)
            except ValueError as error:
                yield Rejected(str(path), number, str(error))
    except READ_ERRORS as error:
        yield Rejected(str(path), number + 1, f"the file cannot be read from here on: {error}")


def heading(head: Head, delimiter: str) -> list[str]:
    """Return the cells of the first row of a file, which names the columns; none if it is no table."""
    lines = (decode_all(line) + "\n" for line in head.text.splitlines() if line.strip())
    whole = len(head.raw) < HEAD or b"\n" in head.text or b"\r" in head.text
    try:
        return [cell.strip() for cell in next(csv.reader(lines, delimiter=delimiter), [])] if whole else []
    except csv.Error:
        return []


def decode_all(line: bytes) -> str:
    """Return ``line`` as text, with lone surrogates for bytes that are in no encoding that we know."""
    try:
        return decode(line)
    except UnicodeDecodeError:
        return line.decode("utf-8", "surrogateescape")


class _Lines:
    """The lines of a file as ``csv`` wants them; knows how many there were, and whether all are given out."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            yield decode_all(line) + "\n"
        self.ended = True


def _rows(file: Iterator[bytes], delimiter: str) -> Iterator[dict[str, str] | str]:
    """Yield each row below the heading by its names, or why it cannot be taken."""
    csv.field_size_limit(MAX_LINE)  # of the whole process
    lines = _Lines(file)
    reader = csv.reader(iter(lines), delimiter=delimiter)
    names: list[str] = []
    while True:
        first = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield f"line {first} cannot be read: {error}"
            continue
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if not names:
            names = _distinct(row)
            continue
        if lines.ended:  # within quotation marks, or the last row would have come before
            yield f"the quotation mark that is opened in line {first} or below is never closed"
        else:
            yield _by_name(row, names, first, reader.line_num)


def _by_name(row: Sequence[str], names: Sequence[str], first: int, last: int) -> dict[str, str] | str:
    if any(map(_LOST.search, row)):
        return "it is neither in UTF-8 nor in Windows-1252"
    if len(row) < len(names) or any(cell.strip() for cell in row[len(names) :]):
        where = f" (lines {first} to {last}: perhaps a quotation mark is missing)" if last > first else ""
        return f"it has {len(row)} cells where the first row names {len(names)} columns{where}"
    return dict(zip(names, row, strict=False))


def _distinct(row: Sequence[str]) -> list[str]:
    """Return the names of the columns; a name that comes again gets a number, so that no column is lost."""
    names: list[str] = []
    for cell in (cell.strip() for cell in row):
        names.append(cell if cell not in names else f"{cell} {len(names) + 1}")
    return names
