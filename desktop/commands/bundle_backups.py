"""``vademecum bundle``: backups of the data that were made before updates."""

from __future__ import annotations

from typing import Annotated

import typer

from core.paths import Home
from core.updates import backups
from desktop.commands.console import Output
from desktop.commands.options import JsonOption


def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the copies of settings and conversations that were made before updates."""
    output, home = Output(), _home(context)
    if as_json:
        output.json({"version": 1, "backups": backups.names(home)})
    else:
        output.text("\n".join(backups.names(home)) or "There is no backup yet.")


def restore(
    context: typer.Context,
    backup: Annotated[str, typer.Argument(help="As `vademecum bundle backups` lists it.")],
    as_json: JsonOption = False,
) -> None:
    """Bring settings and conversations of a backup back; those of now are kept. Close the window first."""
    output = Output()
    kept = backups.restore(_home(context), backup)
    if as_json:
        output.json({"version": 1, "restored": backup, "kept": kept.name})
    else:
        output.text(f"{backup} is back. What was there before is kept as {kept.name}.")


def _home(context: typer.Context) -> Home:
    home: Home = context.obj
    return home
