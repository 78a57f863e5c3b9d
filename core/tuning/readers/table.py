"""Tables of questions and answers (CSV, TSV), as spreadsheets export them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from core.errors import DataUnusable
from core.library.readers.streams import MAX_LINE, byte_lines, decode
from core.tuning.pairs import Pair
from core.tuning.readers.fields import pair, recognise
from core.types import Rejected

DELIMITERS = ",;\t|"
_LOST = "\ufffd"  # what stands for bytes that are no characters


def read(path: Path, columns: Mapping[str, str]) -> Iterator[Pair | Rejected]:
    """Yield one pair or rejection for each row below the first, which names the columns; rows count from 1.

    ``columns`` are our field names with the column each is in, where its name is not recognised.

    Raises:
        DataUnusable: a column that is needed is missing, or ``columns`` names one that is not there.
    """
    csv.field_size_limit(MAX_LINE)  # of the whole process; a context of 50,000 tokens is above the default
    lines = _lines(path)
    first = next((line for line in lines if line.strip()), "")
    delimiter = likely_delimiter(first, columns)
    rows = csv.reader(chain([first], lines), delimiter=delimiter)
    names = [name.strip() for name in next(rows, [])]
    places = _places(names, columns, path)
    number = 0
    try:
        for number, row in enumerate((row for row in rows if any(row)), start=1):
            yield _record(row, names, places, path, number)
    except csv.Error as error:
        yield Rejected(str(path), number + 1, f"the table cannot be read from here on: {error}")


def likely_delimiter(header: str, columns: Mapping[str, str] | None = None) -> str:
    """Return the delimiter by which most columns of ``header`` are known; of equals, the one with most."""

    def known(delimiter: str) -> tuple[int, int]:
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        return len(set(recognise(names, columns or {}).values()) & set(names)), len(names)

    return max(DELIMITERS, key=known)


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines with their ends, those of old Macs (a carriage return alone) too."""
    for line in byte_lines(path):
        try:
            text = decode(line)
        except UnicodeDecodeError:
            text = line.decode("utf-8", "replace")  # its row is reported
        yield from io.StringIO(f"{text}\n", newline="")


def _places(names: Sequence[str], columns: Mapping[str, str], path: Path) -> dict[str, int]:
    """Return the place of each of our fields in a row."""
    found = recognise(names, columns)
    there = ", ".join(name[:40] for name in names[:20]) or "none"
    if missing := [column for column in found.values() if column not in names]:
        raise DataUnusable(
            f"{path.name} has no column {missing[0][:40]}; its columns are: {there}.",
            "Correct the name of the column, capitals included.",
        )
    needed = [] if "question" in found else ["a question"]
    if not {"answer", "decision", "answer_idx"} & found.keys():
        needed.append("an answer")
    if needed:
        raise DataUnusable(
            f"{path.name} has no column with {' or with '.join(needed)}; its columns are: {there}.",
            "Name them question and answer in the first row, or say which column holds which.",
        )
    return {field: names.index(column) for field, column in found.items()}


def _record(
    row: Sequence[str], names: Sequence[str], places: Mapping[str, int], path: Path, number: int
) -> Pair | Rejected:
    if len(row) != len(names):
        reason = f"it has {len(row)} cells where the first row names {len(names)} columns"
        return Rejected(str(path), number, reason)
    if any(_LOST in cell for cell in row):
        return Rejected(str(path), number, "it is neither in UTF-8 nor in Windows-1252")
    try:
        return pair({field: row[place] for field, place in places.items()}, path.name, number)
    except ValueError as error:
        return Rejected(str(path), number, str(error))
