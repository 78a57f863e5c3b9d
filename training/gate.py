"""The gate: the model of a run against the one in use, on conversations that neither has learned from."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.cancel import CancelToken
from core.errors import ModelUnusable, RunUnusable
from core.paths import Home
from core.protocol import Event, Status
from core.registry import find_model
from core.settings import settings_of
from core.tuning.installing import model_folder
from core.tuning.recipe import Recipe
from core.tuning.reports import Sample
from core.tuning.runs import Run
from training.data.conversations import Conversation
from training.data.prepare import read_dataset
from training.embedder_gate import judge_embedder
from training.gate_measuring import measuring
from training.gate_report import concluded
from training.measures import ItemResult, compare

ITEMS = 60
SAMPLES = 10


def judge(run: Run, home: Home, cancel: CancelToken, items: int = ITEMS) -> Iterator[Event]:
    """Compare the merged model of ``run`` with the current one; end in Judged, and keep its report.

    The current model is the one in the settings; the base of the run, where that is the run's own model or
    cannot be used. One model is in memory at a time.

    Args:
        items: most held-out conversations; more than that are drawn from, always the same.

    Raises:
        RunUnusable: the run has no merged model, or its data is missing.
        ModelUnusable, OutOfMemory: a model cannot be loaded.
        Cancelled: no report was written.
    """
    start = time.perf_counter()
    recipe = run.recipe()
    if not isinstance(recipe, Recipe):
        yield from judge_embedder(recipe, run, home, cancel)
        return
    candidate = model_folder(home, run)
    if candidate is None:
        raise RunUnusable(f"The run {run.id} has no merged model to compare.", "Merge it first.")
    current = _current(home, candidate, recipe)
    heldout = held_out(read_dataset(run.dataset), items)
    before = yield from _results(home, recipe, current, heldout, cancel, "the current model")
    after = yield from _results(home, recipe, candidate, heldout, cancel, "the new model")
    measures = compare(before, after)
    yield concluded(run, current, measures, _samples(before, after), len(heldout), start)


def held_out(conversations: Sequence[Conversation], items: int = ITEMS) -> list[Conversation]:
    """Return the conversations that were not trained on, at most ``items``, always the same of them."""
    found = [conversation for conversation in conversations if conversation.split == "validation"]
    return found if len(found) <= items else random.Random(0).sample(found, items)


def _current(home: Home, candidate: Path, recipe: Recipe) -> Path:
    """Return the folder of the model to compare with."""
    try:
        current = find_model(home, settings_of(home).model.language, "language")
        if current != candidate.resolve():
            return current
    except ModelUnusable:
        pass  # whatever the settings name, the base is there
    return find_model(home, recipe.base.model, "language")


def _results(
    home: Home,
    recipe: Recipe,
    folder: Path,
    heldout: Sequence[Conversation],
    cancel: CancelToken,
    which: str,
) -> Generator[Event, None, list[ItemResult]]:
    """Load a model, measure it and give its memory back."""
    from core.generation.transformers_engine import TransformersEngine

    if not heldout:
        return []
    yield Status(f"Loading {which}")
    settings = settings_of(home).model
    context = max(settings.context, recipe.data.max_length)
    engine = TransformersEngine.load(folder, replace(settings, context=context), cancel)
    try:
        return (
            yield from measuring(
                engine, heldout, cancel, f"Measuring {which}", max_length=recipe.data.max_length
            )
        )
    finally:
        del engine
        _free()


def _free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _samples(before: Sequence[ItemResult], after: Sequence[ItemResult]) -> tuple[Sample, ...]:
    pairs = list(zip(before, after, strict=True))[:SAMPLES]
    return tuple(Sample(new.question, new.expected, old.answer, new.answer) for old, new in pairs)
