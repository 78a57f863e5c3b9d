"""The commands of ``vademecum evaluate`` that look after finished evaluations."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from core.errors import RunUnusable
from core.evaluation.runs import Evaluation, Evaluations
from core.evaluation.tables import comparison_table, tables_of
from desktop.commands.console import Output, confirm, fail
from desktop.commands.evaluate_text import info_as_text, result_as_text, side_by_side, table_as_text
from desktop.commands.options import JsonOption
from desktop.commands.train_runs import home_of

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of an evaluation, see `evaluate list`.")]


def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List all evaluations, the newest first."""
    output, infos = Output(), []
    for found in Evaluations(home_of(context).evaluations).all():
        try:
            infos.append(found.info())
        except RunUnusable as error:  # the others can still be shown
            fail(str(error), error.hint)
    if as_json:
        output.json({"version": 1, "evaluations": infos})
    elif not infos:
        output.text("There is no evaluation yet. Begin with: vademecum evaluate --help")
    for info in [] if as_json else infos:
        output.text(info_as_text(info))


def show(context: typer.Context, run_id: Id, as_json: JsonOption = False) -> None:
    """Show one evaluation: what was asked for, how it stands, what came of it."""
    output = Output()
    tell(output, Evaluations(home_of(context).evaluations).get(run_id), as_json)


def compare(context: typer.Context, first: Id, second: Id, as_json: JsonOption = False) -> None:
    """Put two finished evaluations of one kind side by side, answers with a test of their difference."""
    output, evaluations = Output(), Evaluations(home_of(context).evaluations)
    one, other = evaluations.get(first), evaluations.get(second)
    from core.evaluation.comparing import compare_runs  # with NumPy, which other commands start without

    found = compare_runs(one, other)
    if as_json:
        output.json({"version": 1, **msgspec.to_builtins(found)})
        return
    output.text(f"First:  {info_as_text(one.info())}\nSecond: {info_as_text(other.info())}")
    theirs = {table.title: table for table in tables_of(found.second)}
    for mine in tables_of(found.first):
        if mine.title in theirs:
            output.text(f"\n{side_by_side(mine, theirs[mine.title])}")
    if found.comparisons:
        output.text(f"\n{table_as_text(comparison_table(found.comparisons))}")


def delete(
    context: typer.Context,
    run_id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete an evaluation with its items and report."""
    evaluations = Evaluations(home_of(context).evaluations)
    found = evaluations.get(run_id)
    if not yes:
        confirm(f"Delete the evaluation {found.id} and all that is in it?", "delete", may_ask=not as_json)
    evaluations.delete(found)
    output = Output()
    output.json({"version": 1, "deleted": found.id}) if as_json else output.text(f"Deleted {found.id}.")


def tell(output: Output, found: Evaluation, as_json: bool) -> None:
    """Print how an evaluation stands and what came of it."""
    result = found.result()
    if as_json:
        output.json({"version": 1, "evaluation": found.info(), "about": found.about(), "result": result})
        return
    output.text(info_as_text(found.info()))
    if result is None:
        output.text(f"It is not finished. Go on with: vademecum evaluate resume {found.id}")
    else:
        output.text(f"\n{result_as_text(result)}\n\nReport: {found.report}")
