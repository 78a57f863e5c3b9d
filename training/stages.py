"""The way of a run: checked, prepared, trained, merged, compared. Each stage can be gone on from."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from core.cancel import Cancelled, CancelToken
from core.errors import AppError, OutOfMemory, RecipeInvalid, RunUnusable
from core.hardware import Hardware, survey
from core.paths import Home
from core.protocol import Event, Progress, RunStateChanged, Status
from core.tuning.installing import model_folder
from core.tuning.recipe import BackendChoice, EmbedderRecipe, Recipe, changed
from core.tuning.runs import Run, Runs
from training import checkpoints
from training.backend import Backend, choose
from training.card import write_card
from training.compute import Compute, compute_for
from training.data.prepare import preparing, read_dataset, write_dataset
from training.data.rows import Row, RowMaker
from training.feasibility import Ground, gpu_users, ground_for, must_fit, steps_for
from training.gate import judge
from training.loading import load_tokenizer
from training.merge import Parts, merge
from training.room import keeps_progress, proposed
from training.run import Lesson, train
from training.team import Team
from training.versions import write_versions

Choose = Callable[[BackendChoice, Compute], Backend]


@dataclass(frozen=True, slots=True)
class _Rows:
    train: Sequence[Row]
    validation: Sequence[Row]


class Stages:
    """Takes runs through their stages. What is yielded of a run is also in its events."""

    def __init__(self, home: Home, team: Team, backend: Choose | None = None) -> None:
        self._home, self._team = home, team
        self._runs = Runs(home.runs)
        self._backend: Choose = backend or (
            lambda wanted, compute: choose(wanted, compute, alone=team.size == 1)
        )

    def start(self, recipe: Recipe, cancel: CancelToken) -> Iterator[Event]:
        """Make a new run of ``recipe`` and take it through all stages.

        Raises:
            AppError: it cannot be done, and why. Until the data is prepared, nothing is written.
            Cancelled: before there was a run.
        """
        made = None
        try:
            if self._team.leads:
                made = yield from self._opened(recipe, cancel)
        finally:
            name = self._team.share(made[0].id if made else "")
        if name:
            run = made[0] if made else self._runs.get(name)
            yield from self._locked(run, self._on(run, made[1] if made else None, cancel))

    def resume(self, name: str, changes: Mapping[str, object], cancel: CancelToken) -> Iterator[Event]:
        """Go on with a run where it stopped, with other values of its recipe if memory had run out.

        Raises:
            RunUnusable: there is no such run, or it is done.
            RecipeInvalid: a change is wrong, or the training is over already.
            AppError: as of ``start``.
        """
        run = self._runs.get(name)
        yield from self._locked(run, self._resumed(run, changes, cancel))

    def tune(self, recipe: EmbedderRecipe, cancel: CancelToken) -> Iterator[Event]:
        """Make a new run that tunes the search model. Raises AppError, Cancelled."""
        run = self._runs.create(recipe)
        write_versions(run, self._hardware(), recipe.seed)
        yield from self._locked(run, self._tuned(run, recipe, cancel))

    def _tuned(self, run: Run, recipe: EmbedderRecipe, cancel: CancelToken) -> Iterator[Event]:
        from training.embedder import tune

        yield from self._recorded(run, tune(recipe, run, self._home, cancel))

    def merged(self, name: str, cancel: CancelToken, *, bin: bool) -> Iterator[Event]:
        """Merge the adapter of a run again."""
        run = self._runs.get(name)
        yield from self._locked(run, self._merge(run, cancel, bin=bin))

    def judged(self, name: str, cancel: CancelToken) -> Iterator[Event]:
        """Compare the model of a run with the current one again."""
        run = self._runs.get(name)
        yield from self._locked(run, self._judge(run, cancel))

    def _locked(self, run: Run, events: Iterator[Event]) -> Iterator[Event]:
        with run.lock() if self._team.leads else nullcontext():
            yield from self._explained(run, events)

    def _explained(self, run: Run, events: Iterator[Event]) -> Iterator[Event]:
        """Yield ``events``; a failure becomes the state of the run before it is raised."""
        try:
            yield from events
        except OutOfMemory as error:
            recipe = run.recipe()
            if isinstance(recipe, Recipe):
                room = proposed(recipe, has_gpu=bool(self._hardware().gpus))
                yield from self._recorded(run, iter([room] if room else []))
            yield from self._failed(run, str(error), error.hint)
            raise
        except AppError as error:
            yield from self._failed(run, str(error), error.hint)
            raise
        except (Cancelled, GeneratorExit):
            raise
        except Exception as error:
            yield from self._failed(run, f"Something unexpected went wrong ({type(error).__name__}).", "")
            raise

    def _failed(self, run: Run, message: str, hint: str) -> Iterator[Event]:
        return self._recorded(run, iter([RunStateChanged("failed", message, hint)]))

    def _recorded(self, run: Run, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if self._team.leads and not isinstance(event, Progress):
                run.record(event)
            yield event

    def _opened(self, recipe: Recipe, cancel: CancelToken) -> Generator[Event, None, tuple[Run, _Rows]]:
        """Check and prepare; make the run folder last."""
        yield Status("Checking")
        ground = ground_for(recipe, self._home)
        hardware = self._hardware()
        must_fit(ground, recipe, self._home, hardware, gpu_users())
        self._backend(recipe.backend, compute_for(recipe.training.compute))
        tokenizer = load_tokenizer(ground.model.path)
        prepared = yield from preparing(recipe, tokenizer, self._home, cancel)
        steps_for(len(prepared.train), recipe)
        cancel.check()
        run = self._runs.create(recipe)
        write_dataset(run.dataset, prepared.conversations)
        write_versions(run, hardware, recipe.training.seed, prepared.dataset_hash, ground.model.path)
        return run, _Rows(prepared.train, prepared.validation)

    def _on(self, run: Run, rows: _Rows | None, cancel: CancelToken) -> Iterator[Event]:
        """Go through the stages that are left."""
        if not run.adapter.is_dir():
            yield from self._train(run, rows, cancel)
            self._team.leave()
            if not run.adapter.is_dir():  # stopped
                return
        if not self._team.leads:
            return
        cancel.check()
        if model_folder(self._home, run) is None:
            yield from self._merge(run, cancel)
        if run.report() is None:
            yield from self._judge(run, cancel)

    def _train(self, run: Run, rows: _Rows | None, cancel: CancelToken) -> Iterator[Event]:
        recipe = _adapter_recipe(run)
        ground = ground_for(recipe, self._home)
        compute = compute_for(recipe.training.compute)
        rows = rows or self._rows(run, recipe, ground)
        lesson = Lesson(recipe, ground.model.path, ground.adapter, rows.train, rows.validation, compute)
        backend = self._backend(recipe.backend, compute)
        yield from train(run, lesson, backend, self._team, cancel)
        if self._team.leads:
            write_card(run)

    def _rows(self, run: Run, recipe: Recipe, ground: Ground) -> _Rows:
        """Return the rows of the conversations that the run has kept."""
        maker = RowMaker(load_tokenizer(ground.model.path), recipe.data.max_length)
        made: dict[str, list[Row]] = {"train": [], "validation": []}
        for conversation in read_dataset(run.dataset):
            if row := maker.row(conversation):
                made[conversation.split].append(row)
        return _Rows(made["train"], made["validation"])

    def _resumed(self, run: Run, changes: Mapping[str, object], cancel: CancelToken) -> Iterator[Event]:
        recipe = run.recipe()
        if isinstance(recipe, EmbedderRecipe):
            yield from self._tuned(run, recipe, cancel)
            return
        if changes and self._team.leads:
            self._change(run, recipe, changes)
        self._team.wait()
        if run.report() is not None and model_folder(self._home, run) is not None:
            raise RunUnusable(f"The run {run.id} is done.", "Activate its model, or start a new run.")
        if not run.adapter.is_dir() and self._team.leads:
            recipe = _adapter_recipe(run)
            ground = ground_for(recipe, self._home)
            must_fit(ground, recipe, self._home, self._hardware(), gpu_users())
        yield from self._on(run, None, cancel)

    def _change(self, run: Run, recipe: Recipe, changes: Mapping[str, object]) -> None:
        if run.adapter.is_dir():
            raise RecipeInvalid("The training of this run is over.", "Start a new run of another recipe.")
        new = changed(recipe, changes)
        if not keeps_progress(recipe, new):
            checkpoints.drop_after(run, -1)
        run.write_recipe(new)

    def _merge(self, run: Run, cancel: CancelToken, *, bin: bool = False) -> Iterator[Event]:
        recipe = _adapter_recipe(run)
        if not run.adapter.is_dir():
            raise RunUnusable(f"The run {run.id} has no adapter yet.", "Resume it.")
        ground = ground_for(replace(recipe, base=replace(recipe.base, adapter="")), self._home)
        parts = Parts(ground.model.path, run.adapter, recipe.base.weights)
        compute = compute_for(recipe.training.compute)
        yield from self._recorded(run, merge(run, parts, compute, cancel, bin=bin))
        yield from self._recorded(run, iter([RunStateChanged("merged")]))

    def _judge(self, run: Run, cancel: CancelToken) -> Iterator[Event]:
        run.result.unlink(missing_ok=True)
        yield from self._recorded(run, judge(run, self._home, cancel))
        write_card(run)
        yield from self._recorded(run, iter([RunStateChanged("judged")]))

    def _hardware(self) -> Hardware:
        """Return what this computer has; a GPU that torch cannot use counts as none."""
        import torch

        found = survey(self._home.runs)
        return found if torch.cuda.is_available() else replace(found, gpus=())


def _adapter_recipe(run: Run) -> Recipe:
    recipe = run.recipe()
    if not isinstance(recipe, Recipe):
        raise RunUnusable(f"The run {run.id} tunes the search model.", "Choose another run.")
    return recipe
