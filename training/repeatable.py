"""Equal adapters from equal recipes, on a graphics card too: what that takes, and what stands in its way.

A CPU adds in the same order every time. A card does not, unless torch is held to operations that do
(``torch.use_deterministic_algorithms``, not as a warning: some choose the exact way only when held to it) and
cuBLAS to one workspace (NVIDIA, cuBLAS library, "Results reproducibility").
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import NotRepeatable
from core.protocol import RoomProposed
from core.tuning.recipe import Recipe
from training.compute import Compute
from training.versions import Repeats

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
_SWITCH = "use_deterministic_algorithms(True)"  # torch names it in each error that comes of it


def prepare_cublas() -> None:
    """Choose the workspace of cuBLAS, which is read once, when CUDA starts. A choice of the user stays."""
    os.environ.setdefault(WORKSPACE, ":4096:8")


def repeats(recipe: Recipe, compute: Compute, backend: str, processes: int) -> Repeats:
    """Return whether a run gives the same adapter every time, or why not.

    Args:
        backend: its name.
        processes: that train together; torch does not govern how cards add up what each has found.
    """
    if compute.device == "cpu":
        return "yes"
    if backend == "unsloth":
        return "unsloth"
    if not recipe.training.repeatable:
        return "off"
    return "several cards" if processes > 1 else "yes"


@contextmanager
def held_to_repeatable(on: bool) -> Iterator[None]:
    """Let torch use repeatable operations only while inside, if ``on``; afterwards it is as it was before.

    At an operation without such a form torch raises, which ``repeatability_explained`` explains.
    """
    if not on:
        yield
        return
    import torch

    switches: Any = torch.utils.deterministic
    held = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    filled = switches.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    switches.fill_uninitialized_memory = False  # finds mistakes, and costs time
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(held, warn_only=warns)
        switches.fill_uninitialized_memory = filled


@contextmanager
def repeatability_explained() -> Iterator[None]:
    """Turn what torch raises at an operation that is not repeatable into NotRepeatable."""
    what = ""
    try:
        yield
    except RuntimeError as error:
        if _SWITCH not in str(error):
            raise
        what = _operation(str(error))
    if what:  # outside, so that the frames of the failure do not hold on to the memory
        raise NotRepeatable(
            f"The training needs an operation that may give another result each time: {what}.",
            "Go on without repeatable results; what was saved is kept.",
        )


def proposed_instead() -> RoomProposed:
    """Return the way on from an operation that is not repeatable."""
    return RoomProposed(
        ("Go on with operations that may give another result each time",),
        ({"training.repeatable": False},),
        (True,),
        "not_repeatable",
    )


def _operation(said: str) -> str:
    """Return which operation torch complains of: it begins with its name, unless it is one of cuBLAS."""
    name, _, rest = said.partition(" does not have a deterministic implementation")
    return name if rest else f"a product of matrices (with {WORKSPACE}={os.environ.get(WORKSPACE, '')})"
