"""How a base is loaded and given its adapter: plainly by transformers and peft, or by unsloth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.errors import RecipeInvalid
from core.tuning.recipe import BackendChoice, LoraChoice, TrainingChoice, WeightPrecision
from training.compute import Compute


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a backend is to load.

    Attributes:
        base: folder of the model.
        adapter: folder of an adapter to go on from; None makes a new one.
        max_length: tokens of the longest row.
        place: GPU number of this process; None leaves the weights where the trainer wants them (FSDP).
        alone: one process trains; several must hold all weights on the same kind of device.
    """

    base: Path
    adapter: Path | None
    weights: WeightPrecision
    lora: LoraChoice
    training: TrainingChoice
    max_length: int
    compute: Compute
    place: int | None = 0
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Trainable:
    """A base with an adapter that can be trained.

    Attributes:
        model: a ``peft.PeftModel``.
        flat: it wants the rows of a batch end to end, and to be told where each conversation begins; else it
            keeps them apart by their positions.
        offload: the trainer is to hold the inputs of layers in main memory until the way back.
    """

    model: Any
    tokenizer: Any
    flat: bool = False
    offload: bool = False


class Backend(Protocol):
    """One way to load.

    Attributes:
        enough: tokens at once that keep a graphics card busy with a large model.
    """

    name: str
    enough: int

    def load(self, wanted: Wanted) -> Trainable:
        """Return the model with its adapter attached; only the adapter is trainable.

        Raises:
            ModelUnusable: the folder cannot be loaded.
            RecipeInvalid: the adapter does not fit the base, or quantisation does not work here.
            OutOfMemory: it does not fit.
        """
        ...


def choose(wanted: BackendChoice, compute: Compute, *, alone: bool = True) -> Backend:
    """Return the backend for ``wanted``; "auto" takes unsloth where it can be used.

    Args:
        alone: one process trains; unsloth does not split a run over several.

    Raises:
        RecipeInvalid: unsloth is wanted and cannot be used here, and why.
    """
    from training.plain import PlainBackend
    from training.unsloth import UnslothBackend

    if wanted == "plain":
        return PlainBackend()
    problem = UnslothBackend.problem(compute) or ("" if alone else "it trains on one graphics card only")
    if not problem:
        return UnslothBackend()
    if wanted == "unsloth":
        raise RecipeInvalid(f"unsloth cannot be used: {problem}.", "Set the backend to auto or plain.")
    return PlainBackend()
