"""``vademecum train``: look at training data, make runs, and take their models into use."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from core.cancel import CancelToken
from core.errors import RecipeInvalid
from core.paths import Home
from core.protocol import (
    CheckData,
    DataChecked,
    Event,
    Merge,
    Merged,
    Progress,
    Request,
    Resume,
    RoomProposed,
    RunOpened,
    Status,
    Train,
    TrainingStep,
    TuneEmbedder,
)
from core.tuning.recipe import Recipe, recipe_toml
from core.tuning.runs import Runs
from desktop.commands import training_process
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt
from desktop.commands.options import JsonOption
from desktop.commands.train_recipe import field_value, recipe_for
from desktop.commands.train_runs import Id, activate, delete, home_of, list_, revert, show, tell
from desktop.commands.train_text import data_as_text, step_as_text

app = typer.Typer(no_args_is_help=True, help="Fine-tune the assistant on your own questions and answers.")
app.command("list")(list_)
app.command()(show)
app.command()(activate)
app.command()(revert)
app.command()(delete)
Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Questions with answers.")]
RecipeOption = Annotated[Path | None, typer.Option("--recipe", metavar="FILE", help="A recipe.toml.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Another value of the recipe: data.max_length=1024."),
]


@app.command()
def data(
    context: typer.Context,
    files: Files = None,
    recipe: RecipeOption = None,
    model: Annotated[str | None, typer.Option(metavar="FOLDER", help="Name or folder of the base.")] = None,
    max_length: Annotated[int | None, typer.Option(help="Tokens of a conversation.")] = None,
    collected: Annotated[
        bool, typer.Option("--collected", help="Also what was collected in the app.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what would be learned from files: counts, tokens, duplicates, leaks, personal data."""
    output, home = Output(), home_of(context)
    changes: dict[str, Any] = {}
    if model is not None:
        changes["base.model"] = model
    if max_length is not None:
        changes["data.max_length"] = max_length
    asked = recipe_for(home, recipe, files or [], collected, changes)
    if not isinstance(asked, Recipe):
        raise RecipeInvalid("This recipe tunes the search model.", "Name a recipe of an adapter.")
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        for event in training_process.ask(home, CheckData(asked), cancel):
            if isinstance(event, DataChecked):
                report = event.report
            else:
                _show(event, line)
    output.json(report) if as_json else output.text(data_as_text(report))


@app.command()
def run(
    context: typer.Context,
    recipe: RecipeOption = None,
    files: Annotated[list[Path] | None, typer.Option("--data", metavar="FILE", help="Training data.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Of the tuned model.")] = None,
    resume: Annotated[str | None, typer.Option(metavar="ID", help="Go on with a run.")] = None,
    values: SetOption = None,
    launcher: Annotated[
        Literal["accelerate"] | None, typer.Option(help="Train on several GPUs or computers.")
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Of the launcher.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Train, merge and compare with the current model. Ctrl+C saves; --resume goes on."""
    if resume and (recipe or files or name):
        raise typer.BadParameter("--resume takes no --recipe, --data or --name")
    if bool(launcher) != bool(config):
        raise typer.BadParameter("--launcher and --config go together")
    output, home = Output(), home_of(context)
    changes = dict(field_value(text) for text in values or [])
    if resume:
        request: Request = Resume(resume, changes)
    else:
        made = recipe_for(home, recipe, files or [], False, {**changes, **({"name": name} if name else {})})
        request = Train(made) if isinstance(made, Recipe) else TuneEmbedder(made)
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        events = _launched(home, config, request, cancel) if config else None
        done = _follow(home, events or training_process.ask(home, request, cancel), line)
    tell(output, home, Runs(home.runs).get(done), as_json)


@app.command()
def merge(
    context: typer.Context,
    run_id: Id,
    bin: Annotated[bool, typer.Option("--bin", help="Also write pytorch_model.bin.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Merge the adapter of a run into its base again."""
    output, home = Output(), home_of(context)
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        for event in training_process.ask(home, Merge(Runs(home.runs).get(run_id).id, bin), cancel):
            if isinstance(event, Merged):
                merged = event
            _show(event, line)
    if as_json:
        output.json({"version": 1, **msgspec.to_builtins(merged)})
    else:
        output.text(f"Merged into {merged.folder}; logits differ by {merged.difference:.2g} at most.")


def _launched(home: Home, config: Path, request: Request, cancel: CancelToken) -> Iterator[Event]:
    """Yield the events of a run in several processes, which read their recipe from a file."""
    with tempfile.TemporaryDirectory(prefix="vademecum-") as folder:
        if isinstance(request, Train):
            path = Path(folder) / "recipe.toml"
            path.write_bytes(recipe_toml(request.recipe))
            arguments = ["run", "--recipe", str(path)]
        elif isinstance(request, Resume) and not request.changes:
            arguments = ["run", "--resume", request.run]
        else:
            raise RecipeInvalid("That cannot be done by a launcher.", "Leave out --launcher.")
        yield from training_process.launch(home, config.absolute(), arguments, cancel)


def _follow(home: Home, events: Iterator[Event], line: ProgressLine) -> str:
    """Show ``events``; return the id of their run."""
    done = ""
    for event in events:
        if isinstance(event, RunOpened):
            done = event.run
            line.say(f"Run {event.run}: {event.steps:,} steps")
        elif isinstance(event, RoomProposed):
            for words, change in zip(event.words, event.changes, strict=True):
                sets = " ".join(f"--set {field}={_typed(value)}" for field, value in change.items())
                line.say(f"{words}: vademecum train run --resume {done} {sets}")
        else:
            _show(event, line)
    return done or Runs(home.runs).all()[0].id


def _typed(value: object) -> str:
    """Return ``value`` as ``--set`` reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _show(event: Event, line: ProgressLine) -> None:
    if isinstance(event, Status | Progress):
        line.event(event)
    elif isinstance(event, TrainingStep) and event.eval_loss is not None:
        line.say(f"Step {event.step:,} of {event.total:,}: validation loss {event.eval_loss:.3f}")
    elif isinstance(event, TrainingStep):
        line.step("Training", event.step, event.total, step_as_text(event))
