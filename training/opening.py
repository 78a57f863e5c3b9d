"""Opening runs: a new one from a recipe, or an earlier one to go on with; what is wrong is found here."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.cancel import CancelToken
from core.errors import RecipeInvalid, RunUnusable
from core.hardware import Hardware, survey
from core.paths import Home
from core.protocol import Event, Status
from core.tuning.installing import model_folder
from core.tuning.recipe import EmbedderRecipe, Recipe, changed
from core.tuning.runs import Run, Runs
from training import checkpoints
from training.data.prepare import preparing, read_dataset, write_dataset
from training.data.rows import Row, RowMaker
from training.feasibility import Ground, gpu_users, ground_for, must_fit, steps_for
from training.loading import load_tokenizer
from training.room import keeps_progress
from training.versions import note_repeatable, write_versions


@dataclass(frozen=True, slots=True)
class Rows:
    """What a run is trained on and measured with."""

    train: Sequence[Row]
    validation: Sequence[Row]


def usable_hardware(home: Home) -> Hardware:
    """Return what this computer has; a GPU that torch cannot use counts as none."""
    import torch

    found = survey(home.runs)
    return found if torch.cuda.is_available() else replace(found, gpus=())


def open_run(recipe: Recipe, home: Home, cancel: CancelToken) -> Generator[Event, None, tuple[Run, Rows]]:
    """Check and prepare; make the run folder last, so that nothing is left of what cannot be done.

    Raises:
        AppError: it cannot be done, and why.
        Cancelled
    """
    yield Status("Checking")
    ground = ground_for(recipe, home)
    hardware = usable_hardware(home)
    must_fit(ground, recipe, home, hardware, gpu_users())
    tokenizer = load_tokenizer(ground.model.path)
    prepared = yield from preparing(recipe, tokenizer, home, cancel)
    steps_for(len(prepared.train), recipe)
    cancel.check()
    run = Runs(home.runs).create(recipe)
    write_dataset(run.dataset, prepared.conversations)
    write_versions(run, hardware, recipe.training.seed, prepared.dataset_hash, ground.model.path)
    return run, Rows(prepared.train, prepared.validation)


def open_again(run: Run, changes: Mapping[str, object], home: Home) -> None:
    """Refuse what cannot be gone on with, before anything of the run is changed; then change its recipe.

    Raises:
        RunUnusable: the run is done.
        RecipeInvalid: a change is wrong, or comes after the training.
        AppError: it does not fit here.
    """
    recipe = run.recipe()
    if run.report() is not None and model_folder(home, run) is not None:
        raise RunUnusable(f"The run {run.id} is done.", "Activate its model, or start a new run.")
    if isinstance(recipe, EmbedderRecipe) or run.adapter.is_dir():
        if changes:
            raise RecipeInvalid("The recipe of this run is settled.", "Start a new run of another one.")
        return
    new = changed(recipe, changes)
    must_fit(ground_for(new, home), new, home, usable_hardware(home), gpu_users())
    if not keeps_progress(recipe, new):
        checkpoints.drop_after(run, -1)
    if changed(new, {"training.repeatable": recipe.training.repeatable}) != recipe:
        note_repeatable(run, "changed")  # unless it begins anew
    run.write_recipe(new)


def rows_of(run: Run, recipe: Recipe, ground: Ground) -> Rows:
    """Return the rows of the conversations that the run has kept; RunUnusable if they are damaged."""
    maker = RowMaker(load_tokenizer(ground.model.path), recipe.data.max_length)
    made: dict[str, list[Row]] = {"train": [], "validation": []}
    for conversation in read_dataset(run.dataset):
        if row := maker.row(conversation):
            made[conversation.split].append(row)
    return Rows(made["train"], made["validation"])
