"""Evaluations as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.report import rejected_of
from core.evaluation.results import Result
from core.evaluation.runs import EvaluationInfo
from core.evaluation.tables import Table, cell_text, tables_of

_SHOWN = 5  # rejected records named


def info_as_text(info: EvaluationInfo) -> str:
    """Return one line about an evaluation."""
    model = f", {info.model}" if info.model else ""
    return f"{info.id}: {info.kind} of {info.subject}{model}, {info.state}, {info.items:,} items"


def result_as_text(result: Result) -> str:
    """Return all tables, and what could not be used."""
    parts = [table_as_text(table) for table in tables_of(result)]
    if rejected := rejected_of(result):
        lines = [f"  {one.file}, record {one.record}: {one.reason}" for one in rejected[:_SHOWN]]
        parts.append("\n".join([f"{len(rejected):,} records could not be used", *lines]))
    return "\n\n".join(parts)


def table_as_text(table: Table) -> str:
    """Return ``table`` with its columns aligned."""
    rows = [table.columns, *([cell_text(value) for value in row] for row in table.rows)]
    return f"{table.title}\n{_aligned(rows)}"


def side_by_side(first: Table, second: Table) -> str:
    """Return the rows of two tables of one kind, each row of the second below its counterpart."""
    rows: list[Sequence[str]] = [("", *first.columns)]
    theirs = {row[0]: row for row in second.rows}
    for row in first.rows:
        rows.append(("first", *map(cell_text, row)))
        if row[0] in theirs:
            rows.append(("second", *map(cell_text, theirs.pop(row[0]))))
    rows += [("second", *map(cell_text, row)) for row in theirs.values()]
    return f"{first.title}\n{_aligned(rows)}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(max(map(len, rows)))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(f"  {line.rstrip()}" for line in lines)
