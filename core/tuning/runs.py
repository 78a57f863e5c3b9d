"""The folders of fine-tuning runs, ``runs/ID``: all that is known of a run lies in its files.

``recipe.toml`` what was asked for · ``dataset.jsonl`` conversations · ``versions.json`` packages, hardware
and build · ``events.jsonl`` everything that happened, one protocol event a line · ``checkpoint-N/`` ·
``adapter/`` the result · ``merged/`` the whole model, until it is taken into use · ``result.json`` the
comparison with the current model · ``MODEL_CARD.md``. Only the training process writes here, under ``lock``.
"""

from __future__ import annotations

import re
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from core.decoding import UNDECODABLE
from core.errors import ProtocolError, RunUnusable
from core.library.storage import flush, storing, write_atomically
from core.library.versions import discard
from core.locking import is_locked, locked
from core.protocol import Event, RunOpened, RunStateChanged, TrainingStep, decode_event, encode
from core.tuning.recipe import AnyRecipe, read_recipe, recipe_toml
from core.tuning.reports import GateReport, RunState

RunShown = RunState | Literal["new", "interrupted"]
_LIST = "List the runs with `vademecum train list`."
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One line of the list of runs.

    Attributes:
        kind: "adapter" or "embedder".
        created: UTC, ISO 8601.
        state: what it last did; "interrupted" if it was killed at it, "new" before its first event.
        step, steps: of the training.
        verdict: of the comparison, or empty.
    """

    id: str
    name: str
    kind: str
    base: str
    created: str
    state: RunShown
    step: int
    steps: int
    verdict: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The folder of one run."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def dataset(self) -> Path:
        return self.folder / "dataset.jsonl"

    @property
    def adapter(self) -> Path:
        return self.folder / "adapter"

    @property
    def merged(self) -> Path:
        return self.folder / "merged"

    @property
    def versions(self) -> Path:
        return self.folder / "versions.json"

    @property
    def card(self) -> Path:
        return self.folder / "MODEL_CARD.md"

    @property
    def result(self) -> Path:
        return self.folder / "result.json"

    def recipe(self) -> AnyRecipe:
        """Return what was asked for. Raises RecipeInvalid."""
        return read_recipe(self.folder / "recipe.toml")

    def write_recipe(self, recipe: AnyRecipe) -> None:
        """Keep ``recipe`` as this run's."""
        write_atomically(self.folder / "recipe.toml", recipe_toml(recipe))

    def report(self) -> GateReport | None:
        """Return the comparison with the current model, or None if there is none."""
        try:
            return msgspec.json.decode(self.result.read_bytes(), type=GateReport)
        except (OSError, *UNDECODABLE):
            return None

    def write_report(self, report: GateReport) -> None:
        """Keep the comparison with the current model."""
        write_atomically(self.result, msgspec.json.format(msgspec.json.encode(report), indent=1))

    def record(self, event: Event) -> None:
        """Append ``event`` to the run's events."""
        with storing(self.folder), (self.folder / "events.jsonl").open("ab") as file:
            file.write(encode(event))

    def events(self) -> list[Event]:
        """Return everything that happened; a line that a crash cut off is left out."""
        try:
            lines = (self.folder / "events.jsonl").read_bytes().splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            try:
                found.append(decode_event(line))
            except ProtocolError:
                continue
        return found

    def info(self) -> RunInfo:
        """Sum the run up. Raises RecipeInvalid."""
        recipe, events = self.recipe(), self.events()
        changes = [event for event in events if isinstance(event, RunStateChanged)]
        opened = [event for event in events if isinstance(event, RunOpened)]
        steps = [event for event in events if isinstance(event, TrainingStep)]
        state: RunShown = changes[-1].state if changes else "new"
        if state in ("training", "new") and not self.is_locked():
            state = "interrupted"
        report = self.report()
        return RunInfo(
            id=self.id,
            name=recipe.name,
            kind=recipe.kind,
            base=recipe.base if isinstance(recipe.base, str) else recipe.base.model,
            created=_created(self.id),
            state=state,
            step=steps[-1].step if steps else 0,
            steps=opened[-1].steps if opened else 0,
            verdict=report.verdict if report else "",
            message=changes[-1].message if changes else "",
        )

    def lock(self) -> AbstractContextManager[None]:
        """Keep other processes from writing this run; raise RunUnusable if one does."""
        return locked(self.folder, f"The run {self.id}")

    def is_locked(self) -> bool:
        """True while a process works on this run."""
        return is_locked(self.folder)


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one user, in ``folder``, which need not exist yet."""

    folder: Path

    def create(self, recipe: AnyRecipe) -> Run:
        """Make the folder of a new run that holds ``recipe``."""
        content = recipe_toml(recipe)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{recipe.name[:40]}-{secrets.token_hex(2)}"
        with storing(self.folder):
            run = Run(self.folder / name)
            run.folder.mkdir(parents=True)
            write_atomically(run.folder / "recipe.toml", content)
            flush([self.folder])
        return run

    def get(self, run: str) -> Run:
        """Return a run by its id, or by the name of its recipe if only one has it; raise RunUnusable."""
        if _ID.fullmatch(run) and (self.folder / run / "recipe.toml").is_file():
            return Run(self.folder / run)
        named = [found for found in self.all() if found.id.split("-", 1)[-1].rsplit("-", 1)[0] == run]
        if len(named) == 1:
            return named[0]
        problem = "several runs are" if named else "no run is"
        raise RunUnusable(f"{problem.capitalize()} called {run[:100]}.", _LIST)

    def all(self) -> list[Run]:
        """Return every run, newest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if (path / "recipe.toml").is_file()]
        return [Run(path) for path in sorted(found, reverse=True) if not path.name.startswith(".")]

    def delete(self, run: Run) -> None:
        """Delete a run and everything in it; raise RunUnusable while it is worked on."""
        with run.lock():
            pass
        discard(run.folder)


def _created(run: str) -> str:
    try:
        return datetime.strptime(run.split("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).isoformat()
    except ValueError:
        return ""
