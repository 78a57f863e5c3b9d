"""Where a run computes, and in which precision."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import RecipeInvalid
from core.tuning.recipe import ComputePrecision, Optimiser


@dataclass(frozen=True, slots=True)
class Compute:
    """Attributes:
    device: "cuda" or "cpu".
    precision: of the computation; trained parameters and their optimiser states are fp32 always.
    """

    device: Literal["cuda", "cpu"]
    precision: Literal["bf16", "fp16", "fp32"]

    @property
    def dtype(self) -> Any:
        """The torch dtype that the frozen weights are held in."""
        import torch

        return {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[self.precision]


def compute_for(wanted: ComputePrecision) -> Compute:
    """Return what this process computes on, with ``wanted`` made definite.

    Raises:
        RecipeInvalid: this computer does not have that precision.
    """
    import torch

    if not torch.cuda.is_available() or os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true"):
        if wanted == "fp16":
            raise RecipeInvalid("A CPU cannot train in fp16.", "Set compute to auto.")
        return Compute("cpu", "fp32" if wanted == "auto" else wanted)
    has_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    if wanted == "bf16" and not has_bf16:
        raise RecipeInvalid("This graphics card has no bf16.", "Set compute to auto.")
    if wanted == "auto":
        return Compute("cuda", "bf16" if has_bf16 else "fp16")
    return Compute("cuda", wanted)


def optimiser_name(wanted: Optimiser, compute: Compute) -> str:
    """Return the trainer's name for the optimiser."""
    if wanted == "auto":
        wanted = "paged_adamw_8bit" if compute.device == "cuda" and has_bitsandbytes() else "adamw"
    if wanted == "adamw":
        return "adamw_torch_fused" if compute.device == "cuda" else "adamw_torch"
    return wanted


def has_bitsandbytes() -> bool:
    """True if bitsandbytes can be imported here; it loads native code, and fails in many ways."""
    try:
        import bitsandbytes  # noqa: F401
    except Exception:
        return False
    return True
