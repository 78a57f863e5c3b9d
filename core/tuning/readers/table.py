"""Tables of questions and answers (CSV, TSV), as spreadsheets export them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.errors import DataUnusable
from core.library.readers.delimited import DELIMITERS, heading, read_rows
from core.library.readers.formats import head_of
from core.tuning.pairs import Pair
from core.tuning.readers.fields import pair, recognise
from core.types import Rejected


def read(path: Path, columns: Mapping[str, str]) -> Iterator[Pair | Rejected]:
    """Yield one pair or rejection for each row below the first, which names the columns; rows count from 1.

    ``columns`` are our field names with the column each is in, where its name is not recognised.

    Raises:
        DataUnusable: a column that is needed is missing, or ``columns`` names one that is not there.
    """
    head = head_of(path)
    headings = ((heading(head, delimiter), delimiter) for delimiter in DELIMITERS)
    names, delimiter = max(headings, key=lambda found: _fit(found[0], columns))
    found = _fields(names, columns, path)

    def make(row: dict[str, str], number: int) -> Pair:
        return pair({field: row[column] for field, column in found.items()}, path.name, number)

    yield from read_rows(path, delimiter, make)


def likely_delimiter(header: str) -> str:
    """Return the delimiter by which most columns of ``header`` are known; of equals, the one with most."""

    def names(delimiter: str) -> list[str]:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]

    return max(DELIMITERS, key=lambda delimiter: _fit(names(delimiter), {}))


def _fit(names: Sequence[str], columns: Mapping[str, str]) -> tuple[int, int]:
    """Return how many columns are known, and how many there are."""
    return len(set(recognise(names, columns).values()) & set(names)), len(names)


def _fields(names: Sequence[str], columns: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return the column of each of our fields."""
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
    return found
