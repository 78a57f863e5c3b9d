"""Two results of one kind, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.evaluation.results import Estimate, Result
from core.evaluation.tables import Cell, Table, cell_text, tables_of

NONE = "\u2013"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One table, with a line a figure: its name, first, second, and the difference where there is one."""

    title: str
    rows: tuple[tuple[str, str, str, str], ...]


def side_by_side(first: Result, second: Result) -> tuple[SideBySide, ...]:
    """Return the figures of both, side by side; one that only one of them has is shown too."""
    one, other = _by_name(tables_of(first)), _by_name(tables_of(second))
    found = []
    for title in dict.fromkeys((*one, *other)):
        here, there = one.get(title, {}), other.get(title, {})
        names = [
            name for name in dict.fromkeys((*here, *there)) if here.get(name) != there.get(name) or here[name]
        ]
        rows = tuple(_row(name, here.get(name), there.get(name)) for name in names)
        if rows:
            found.append(SideBySide(title, rows))
    return tuple(found)


def _by_name(tables: Sequence[Table]) -> dict[str, dict[str, Cell]]:
    """Return title without its numbers -> name of a figure -> figure."""
    return {table.title.split(":")[0]: dict(_figures(table)) for table in tables}


def _figures(table: Table) -> Iterator[tuple[str, Cell]]:
    for row in table.rows:
        names = [cell.split(":")[0] for cell in row if isinstance(cell, str)]
        for column, cell in zip(table.columns, row, strict=True):
            if not isinstance(cell, str):
                yield " · ".join((*names, column)), cell


def _row(name: str, first: Cell, second: Cell) -> tuple[str, str, str, str]:
    values = [_value(cell) for cell in (first, second)]
    difference = NONE
    if values[0] is not None and values[1] is not None:
        difference = f"{values[1] - values[0]:+.3g}"
    return name, cell_text(first), cell_text(second), difference


def _value(cell: Cell) -> float | None:
    if isinstance(cell, Estimate):
        return cell.value
    return float(cell) if isinstance(cell, int | float) else None
