"""``vademecum evaluate experts``: answers judged by people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.evaluation.results import Estimate
from core.evaluation.runs import Evaluations
from core.evaluation.tables import Table
from desktop.commands.console import Output
from desktop.commands.evaluate_text import table_as_text
from desktop.commands.options import JsonOption
from desktop.commands.train_runs import home_of

if TYPE_CHECKING:
    from core.evaluation.ratings import ExpertsResult

app = typer.Typer(no_args_is_help=True, help="Have answers rated by people who are not told whose they are.")


@app.command("export")
def export(
    context: typer.Context,
    run_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Evaluations of answers.")],
    folder: Annotated[
        Path, typer.Option("--output", metavar="FOLDER", help="Where to write the sheet.")
    ] = Path("rating-sheet"),
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only so many questions.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Shuffles the answers.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Write a sheet to fill in, as CSV and to print; its key stays with the evaluation."""
    from core.evaluation.experts import export_sheet  # with NumPy, which other commands start without

    output, evaluations = Output(), Evaluations(home_of(context).evaluations)
    table, page = export_sheet([evaluations.get(run_id) for run_id in run_ids], folder, limit, seed)
    if as_json:
        output.json({"version": 1, "table": str(table), "page": str(page)})
    else:
        output.text(
            f"Wrote {table} and {page}.\nGive each rater a copy of the table, named after the rater, "
            "and read them with: vademecum evaluate experts import FILE..."
        )


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Filled sheets, one a rater.")],
    as_json: JsonOption = False,
) -> None:
    """Say what the ratings come to, and how far the raters agree (Krippendorff's alpha)."""
    from core.evaluation.ratings import import_sheets

    output = Output()
    result = import_sheets(Evaluations(home_of(context).evaluations), files)
    output.json(result) if as_json else output.text(_as_text(result))


def _as_text(result: ExpertsResult) -> str:
    from core.evaluation.experts import RUBRIC

    names = tuple(one.name for one in RUBRIC)
    means = Table(
        f"Sheet {result.sheet}, {len(result.raters)} raters: mean ratings, 1 to 5, 5 the best",
        ("model", "setting", "answers", *names),
        tuple(
            (one.model or "none", one.setting, one.answers, *(_mean(score.mean) for score in one.scores))
            for one in result.settings
        ),
    )
    agreement = Table(
        "Agreement (Krippendorff's alpha, interval)",
        names,
        (tuple(result.agreement[name] for name in names),),
    )
    rejected = [f"{one.file}, record {one.record}: {one.reason}" for one in result.rejected]
    return "\n\n".join([table_as_text(means), table_as_text(agreement), *rejected])


def _mean(estimate: Estimate | None) -> str | None:
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})" if estimate else None
