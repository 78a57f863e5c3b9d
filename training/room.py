"""When memory runs out: saying so, and what would make room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import OutOfMemory
from core.generation.loading import memory_that_ran_out
from core.protocol import RoomProposed
from core.tuning.recipe import Recipe
from core.tuning.runs import Run

Change = dict[str, int | float | str | bool]
SHORTEST = 512  # tokens; with less, hardly any evidence is left
SMALLEST_RANK = 4


@contextmanager
def memory_explained() -> Iterator[None]:
    """Turn the ways of torch to say that memory ran out into OutOfMemory; the rest passes through."""
    said = ""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not (said := memory_that_ran_out(error)):
            raise
    if said:  # outside, so that the frames of the failure do not hold on to the memory
        raise OutOfMemory(
            f"The {said} ran out of memory.", "Choose what makes room, or close other programs and resume."
        )


def proposed(
    recipe: Recipe, *, has_gpu: bool, quantised: bool = False, first: bool = False
) -> RoomProposed | None:
    """Return what would make room for ``recipe``, best first; None if nothing is left to try.

    Args:
        quantised: the base is stored in 4 or 8 bits already.
        first: memory ran out for the first time, so that so far as many rows went through the model at once
            as were thought to fit; from now on it will be ``batch``.
    """
    data, training, lora = recipe.data, recipe.training, recipe.lora
    found: list[tuple[str, Change, bool]] = []
    if first and has_gpu and training.accumulation > 1:
        found.append(("Fewer conversations at once: slower, with the same result", {}, True))
    if training.batch > 1:
        half = training.batch // 2
        more = round(training.batch * training.accumulation / half)
        found.append(
            (
                f"Smaller batches: {half} instead of {training.batch}, {more} of them to a step",
                {"training.batch": half, "training.accumulation": more},
                True,
            )
        )
    if not training.gradient_checkpointing:
        found.append(("Compute activations again", {"training.gradient_checkpointing": True}, True))
    if has_gpu and not quantised and recipe.base.weights != "4bit":
        found.append(("Hold the base model in 4 bits", {"base.weights": "4bit"}, True))
    if data.max_length // 2 >= SHORTEST:
        half = data.max_length // 2
        words = f"Shorter conversations: {half:,} tokens instead of {data.max_length:,}"
        found.append((words, {"data.max_length": half}, True))
    if lora.rank // 2 >= SMALLEST_RANK:
        half = lora.rank // 2
        words = f"A smaller adapter: rank {half} instead of {lora.rank}, trained from the start"
        found.append((words, {"lora.rank": half, "lora.alpha": max(1, lora.alpha // 2)}, False))
    if not found:
        return None
    return RoomProposed(
        tuple(words for words, _, _ in found),
        tuple(change for _, change, _ in found),
        tuple(keeps for _, _, keeps in found),
    )


def ran_out(run: Run) -> bool:
    """True if memory ran out in ``run`` before."""
    return any(isinstance(event, RoomProposed) and event.cause == "memory" for event in run.events())


def keeps_progress(before: Recipe, after: Recipe) -> bool:
    """True if a run of ``before`` can go on with ``after`` from its last checkpoint."""
    same_optimiser = before.training.optimiser == after.training.optimiser
    return before.lora == after.lora and before.base.model == after.base.model and same_optimiser
