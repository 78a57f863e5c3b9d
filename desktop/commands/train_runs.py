"""The commands of ``vademecum train`` that look after finished runs."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from core.paths import Home
from core.tuning.activation import in_use
from core.tuning.runs import Run, Runs
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt, confirm
from desktop.commands.options import JsonOption
from desktop.commands.train_text import run_as_text

Id = Annotated[str, typer.Argument(metavar="ID", help="Id or name of a run, see `train list`.")]


def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List all runs, the newest first."""
    output, home = Output(), home_of(context)
    infos = [found.info() for found in Runs(home.runs).all()]
    if as_json:
        output.json({"version": 1, "runs": infos})
    elif not infos:
        output.text("There is no run yet. Make one: vademecum train run --data FILE")
    for info in [] if as_json else infos:
        verdict = f", {info.verdict}" if info.verdict else ""
        output.text(f"{info.id}: {info.kind}, {info.state}, step {info.step:,} of {info.steps:,}{verdict}")


def show(context: typer.Context, run_id: Id, as_json: JsonOption = False) -> None:
    """Show one run: where it stands, and the comparison with the current model."""
    output, home = Output(), home_of(context)
    tell(output, home, Runs(home.runs).get(run_id), as_json)


def activate(
    context: typer.Context,
    run_id: Id,
    insist: Annotated[bool, typer.Option("--insist", help="Although it is worse, or not compared.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take the model of a run into use."""
    from core.tuning.activation import activate

    output, home = Output(), home_of(context)
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        made = activate(home, run_id, insist, cancel, line.step)
    if as_json:
        output.json({"version": 1, **msgspec.to_builtins(made)})
    else:
        output.text(f"{made.model} is in use now, before it {made.previous}.")


def revert(context: typer.Context, as_json: JsonOption = False) -> None:
    """Go back to the model that was in use before the last one taken."""
    from core.tuning.activation import revert

    output, home = Output(), home_of(context)
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        undone = revert(home, None, cancel, line.step)
    if as_json:
        output.json({"version": 1, **msgspec.to_builtins(undone)})
    else:
        output.text(f"{undone.previous} is in use again.")


def delete(
    context: typer.Context,
    run_id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a run with its data, checkpoints and adapter. A model that is in use stays."""
    runs = Runs(home_of(context).runs)
    found = runs.get(run_id)
    if not yes:
        confirm(f"Delete the run {found.id} and all that is in it?", "delete", may_ask=not as_json)
    runs.delete(found)
    output = Output()
    output.json({"version": 1, "deleted": found.id}) if as_json else output.text(f"Deleted {found.id}.")


def home_of(context: typer.Context) -> Home:
    """Return the data folder that the command works in."""
    home: Home = context.obj
    return home


def tell(output: Output, home: Home, found: Run, as_json: bool) -> None:
    """Print where a run stands."""
    info, report = found.info(), found.report()
    if as_json:
        body = {"version": 1, "run": info, "recipe": found.recipe(), "report": report}
        output.json({**body, "in_use": in_use(home, found.id)})
    else:
        output.text(run_as_text(info, report, in_use(home, found.id)))
