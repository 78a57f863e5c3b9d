"""``vademecum doctor``: what this computer has, and what will run where."""

from __future__ import annotations

import typer

from core.doctor import Report, examine
from core.paths import Home
from desktop.commands.console import Output
from desktop.commands.options import JsonOption

_SIGNS = {"ok": " ", "warning": "!", "problem": "x"}


def doctor(context: typer.Context, as_json: JsonOption = False) -> None:
    """Examine this computer: Python, memory, GPU, models, libraries, processes, offline state."""
    home: Home = context.obj
    output = Output()
    report = examine(home)
    if as_json:
        output.json(report)
    else:
        output.text(as_text(report))


def as_text(report: Report) -> str:
    """Return the report as aligned lines; ! marks a warning, x a problem."""
    lines: list[str] = []
    for section in report.sections:
        lines.append(section.title)
        width = max((len(row.label) for row in section.rows), default=0)
        for row in section.rows:
            lines.append(f" {_SIGNS[row.state]} {row.label:<{width}}  {row.value}")
            lines += [f"   {'':<{width}}  {row.hint}"] if row.hint else []
        lines.append("")
    return "\n".join(lines).rstrip()
