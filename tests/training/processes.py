"""A home with a tiny model and data, and real training processes in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from core.paths import Home
from core.protocol import Cancel, Event, Request, decode_event, encode
from core.settings import ModelSettings, Settings, write_settings
from core.tuning.recipe import (
    BaseChoice,
    DataChoice,
    LoraChoice,
    Recipe,
    Source,
    TrainingChoice,
    recipe_toml,
)

ROOT = Path(__file__).parents[2]


def make_home(folder: Path, llama: Path) -> Home:
    home = Home(folder / "home")
    home.models.mkdir(parents=True)
    shutil.copytree(llama, home.models / "tiny-llama")
    write_settings(home.settings, Settings(model=ModelSettings(language="tiny-llama")))
    return home


def write_pairs(path: Path, count: int = 16) -> Path:
    """Write made-up questions with answers and evidence."""
    with path.open("w") as file:
        for number in range(count):
            found = f"drug {number} lowered the pressure of blood in {number} patients"
            pair = {
                "question": f"Does made-up drug {number} lower the pressure of blood?",
                "answer": f"Yes, {found}.",
                "context": f"In a trial {found}. Nobody fell ill.",
            }
            file.write(json.dumps(pair) + "\n")
    return path


def process_recipe(data: Path, **training: object) -> Recipe:
    given = {"accumulation": 1, "learning_rate": 1e-2, "evaluations": 1, **training}
    return Recipe(
        name="tiny",
        base=BaseChoice(model="tiny-llama"),
        lora=LoraChoice(rank=4, alpha=8, targets=("q_proj", "v_proj")),
        data=DataChoice(sources=(Source(str(data)),), max_length=1024, passages=1, validation=0.15),
        training=TrainingChoice(**given),
    )


def environment(home: Home) -> dict[str, str]:
    return {**os.environ, "VADEMECUM_HOME": str(home.root)}


class Process:
    """``python -m training``, or another ``module`` like it, with its standard streams."""

    def __init__(self, home: Home, *arguments: str, module: str = "training") -> None:
        self._errors = (home.root / "errors.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment(home),
            cwd=ROOT,
        )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # it is dead already
            self.process.stdin.close()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self._errors.close()

    def ask(self, request: Request) -> Iterator[Event]:
        """Send ``request`` and yield its events up to Done or Failed."""
        self.tell(request)
        for event in self.events():
            yield event
            if type(event).__name__ in ("Done", "Failed"):
                return

    def tell(self, request: Request | Cancel) -> None:
        self.process.stdin.write(encode(request))
        self.process.stdin.flush()

    def events(self) -> Iterator[Event]:
        for line in self.process.stdout:
            yield decode_event(line)


def write_recipe(home: Home, recipe: Recipe) -> Path:
    path = home.root / "recipe.toml"
    path.write_bytes(recipe_toml(recipe))
    return path
