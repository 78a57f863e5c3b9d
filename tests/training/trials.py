"""Small runs on tiny models, in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.cancel import CancelToken
from core.generation.engine import Message
from core.tuning.recipe import BaseChoice, DataChoice, LoraChoice, Recipe, TrainingChoice
from core.tuning.runs import Run, Runs
from training.backend import Backend
from training.compute import compute_for
from training.data.conversations import Conversation
from training.data.rows import RowMaker
from training.loading import load_tokenizer
from training.plain import PlainBackend
from training.run import Lesson, train
from training.team import Team


def conversation(number: int, split: str = "train") -> Conversation:
    question = f"does made-up drug {number} help"
    evidence = f"[1] a made-up trial of drug {number} in which it helped {number} of ten patients"
    messages = (Message("system", "answer"), Message("user", f"{evidence}\n\n{question}"))
    return Conversation(messages, f"yes it helped {number} patients [1]", split, question)


def tiny_recipe(base: Path, **training: object) -> Recipe:
    """Six steps in a few seconds."""
    given = {"accumulation": 2, "learning_rate": 1e-2, "checkpoints": 3, "evaluations": 2, **training}
    return Recipe(
        name="tiny",
        base=BaseChoice(model=str(base)),
        lora=LoraChoice(rank=4, alpha=8, targets=("q_proj", "v_proj", "down_proj")),
        data=DataChoice(max_length=256, packing=True),
        training=TrainingChoice(**given),
    )


def lesson(recipe: Recipe, count: int = 12, held: int = 2) -> Lesson:
    base = Path(recipe.base.model)
    maker = RowMaker(load_tokenizer(base), recipe.data.max_length)
    rows = [maker.row(conversation(number)) for number in range(count + held)]
    return Lesson(recipe, base, None, rows[:count], rows[count:], compute_for(recipe.training.compute))


class Trial:
    """A run in a folder of its own, in this process."""

    def __init__(self, folder: Path, recipe: Recipe, backend: Backend | None = None) -> None:
        self.run: Run = Runs(folder / "runs").create(recipe)
        self.recipe = recipe
        self.cancel = CancelToken()
        self._backend = backend or PlainBackend()

    def events(self, recipe: Recipe | None = None):
        yield from train(self.run, lesson(recipe or self.recipe), self._backend, Team(), self.cancel)


def with_training(recipe: Recipe, **changes: object) -> Recipe:
    return replace(recipe, training=replace(recipe.training, **changes))
