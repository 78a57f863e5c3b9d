"""The way of a run: checked, prepared, trained, merged, compared. Each stage can be gone on from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from core.cancel import Cancelled, CancelToken
from core.errors import AppError, NotRepeatable, OutOfMemory, RunUnusable
from core.paths import Home
from core.protocol import Event, Progress, RunStateChanged
from core.registry import find_model
from core.tuning.installing import model_folder
from core.tuning.recipe import BackendChoice, EmbedderRecipe, Recipe
from core.tuning.runs import Run, Runs
from training.backend import Backend, choose
from training.card import write_card
from training.compute import Compute, compute_for
from training.embedder import tune
from training.embedder_gate import judge_embedder
from training.feasibility import ground_for
from training.gate import judge
from training.merge import Parts, merge
from training.opening import Rows, open_again, open_run, rows_of, usable_hardware
from training.repeatable import proposed_instead
from training.room import proposed, ran_out
from training.run import Lesson, train
from training.team import Team
from training.versions import write_versions

Choose = Callable[[BackendChoice, Compute], Backend]


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
                self._backend(recipe.backend, compute_for(recipe.training.compute))
                made = yield from open_run(recipe, self._home, cancel)
        finally:
            name = self._team.share(made[0].id if made else "")
        if name:
            run = made[0] if made else self._runs.get(name)
            yield from self._locked(run, self._on(run, made[1] if made else None, cancel))

    def resume(self, name: str, changes: Mapping[str, object], cancel: CancelToken) -> Iterator[Event]:
        """Go on with a run where it stopped, with other values of its recipe if it could not go on.

        Raises:
            RunUnusable: there is no such run, or it is done.
            RecipeInvalid: a change is wrong, or the training is over already.
            AppError: as of ``start``.
        """
        run = self._runs.get(name)
        with self._lock(run):
            if self._team.leads:
                open_again(run, changes, self._home)
            self._team.wait()
            yield from self._explained(run, self._on(run, None, cancel))

    def tune(self, recipe: EmbedderRecipe, cancel: CancelToken) -> Iterator[Event]:
        """Make a new run that tunes the search model. Raises AppError, Cancelled."""
        run = self._runs.create(recipe)
        write_versions(run, usable_hardware(self._home), recipe.seed)
        yield from self._locked(run, self._on(run, None, cancel))

    def merged(self, name: str, cancel: CancelToken, *, bin: bool) -> Iterator[Event]:
        """Merge the adapter of a run again; RunUnusable if it has none."""
        run = self._runs.get(name)
        if not run.adapter.is_dir():
            raise RunUnusable(f"The run {run.id} has no adapter yet.", "Resume it.")
        yield from self._locked(run, self._merge(run, cancel, bin=bin))

    def judged(self, name: str, cancel: CancelToken) -> Iterator[Event]:
        """Compare the model of a run with the current one again."""
        run = self._runs.get(name)
        yield from self._locked(run, self._judge(run, cancel))

    def _locked(self, run: Run, events: Iterator[Event]) -> Iterator[Event]:
        with self._lock(run):
            yield from self._explained(run, events)

    def _lock(self, run: Run) -> AbstractContextManager[None]:
        return run.lock() if self._team.leads else nullcontext()

    def _explained(self, run: Run, events: Iterator[Event]) -> Iterator[Event]:
        """Yield ``events``; a failure becomes the state of the run before it is raised."""
        try:
            yield from events
        except AppError as error:
            if isinstance(error, OutOfMemory):
                yield from self._recorded(run, self._room(run))
            elif isinstance(error, NotRepeatable):
                yield from self._recorded(run, iter([proposed_instead()]))
            yield from self._failed(run, str(error), error.hint)
            raise
        except Cancelled:
            if _last_state(run) == "training":
                yield from self._recorded(run, iter([RunStateChanged("stopped")]))
            raise
        except Exception as error:
            yield from self._failed(run, f"Something unexpected went wrong ({type(error).__name__}).", "")
            raise

    def _room(self, run: Run) -> Iterator[Event]:
        """Yield what would make room for the run, if anything would."""
        recipe = run.recipe()
        if isinstance(recipe, Recipe):
            quantised = ground_for(recipe, self._home).model.quantised
            has_gpu = bool(usable_hardware(self._home).gpus)
            first = not ran_out(run)
            if room := proposed(recipe, has_gpu=has_gpu, quantised=quantised, first=first):
                yield room

    def _failed(self, run: Run, message: str, hint: str) -> Iterator[Event]:
        return self._recorded(run, iter([RunStateChanged("failed", message, hint)]))

    def _recorded(self, run: Run, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if self._team.leads and not isinstance(event, Progress):
                run.record(event)
            yield event

    def _on(self, run: Run, rows: Rows | None, cancel: CancelToken) -> Iterator[Event]:
        """Go through the stages that are left."""
        recipe = run.recipe()
        if isinstance(recipe, EmbedderRecipe):
            yield from self._recorded(run, tune(recipe, run, self._home, cancel))
            self._describe_search(run, recipe)
            return
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

    def _describe_search(self, run: Run, recipe: EmbedderRecipe) -> None:
        with run.dataset.open("rb") as file:
            dataset = hashlib.file_digest(file, "sha256").hexdigest()
        base = find_model(self._home, recipe.base, "embedder")
        write_versions(run, usable_hardware(self._home), recipe.seed, dataset, base)
        write_card(run)

    def _train(self, run: Run, rows: Rows | None, cancel: CancelToken) -> Iterator[Event]:
        recipe = _adapter_recipe(run)
        ground = ground_for(recipe, self._home)
        compute = compute_for(recipe.training.compute)
        rows = rows or rows_of(run, recipe, ground)
        lesson = Lesson(recipe, ground.model.path, ground.adapter, rows.train, rows.validation, compute)
        backend = self._backend(recipe.backend, compute)
        yield from train(run, lesson, backend, self._team, cancel)
        if self._team.leads:
            write_card(run)

    def _merge(self, run: Run, cancel: CancelToken, *, bin: bool = False) -> Iterator[Event]:
        recipe = _adapter_recipe(run)
        ground = ground_for(replace(recipe, base=replace(recipe.base, adapter="")), self._home)
        parts = Parts(ground.model.path, run.adapter, recipe.base.weights)
        compute = compute_for(recipe.training.compute)
        yield from self._recorded(run, merge(run, parts, compute, cancel, bin=bin))
        yield from self._recorded(run, iter([RunStateChanged("merged")]))

    def _judge(self, run: Run, cancel: CancelToken) -> Iterator[Event]:
        recipe = run.recipe()
        if isinstance(recipe, EmbedderRecipe):
            judged = judge_embedder(recipe, run, self._home, cancel)
        else:
            judged = judge(run, self._home, cancel)
        yield from self._recorded(run, judged)
        write_card(run)
        yield from self._recorded(run, iter([RunStateChanged("judged")]))


def _last_state(run: Run) -> str:
    return next((event.state for event in reversed(run.events()) if isinstance(event, RunStateChanged)), "")


def _adapter_recipe(run: Run) -> Recipe:
    recipe = run.recipe()
    if not isinstance(recipe, Recipe):
        raise RunUnusable(f"The run {run.id} tunes the search model.", "Choose another run.")
    return recipe
