"""Weights as whole numbers of 8 bits with a scale for each row: a quarter of the size."""

from __future__ import annotations

from typing import Any

SCALE = ".scale"


def unpacked(packed: dict[str, Any], name: str) -> Any:
    """Return the weight ``name`` in 32 bits: whole numbers of 8 bits by the scale of their row."""
    weight = packed[name].float()
    scale = packed.get(name + SCALE)
    return weight if scale is None else weight * scale.float().unsqueeze(1)


def packed(weights: dict[str, Any]) -> dict[str, Any]:
    """Return ``weights`` with each matrix as whole numbers of 8 bits and the scale of its rows."""
    import torch

    found = {}
    for name, weight in weights.items():
        if weight.ndim != 2 or not weight.is_floating_point():
            found[name] = weight.half().contiguous() if weight.is_floating_point() else weight
            continue
        scale = (weight.abs().amax(1).float() / 127).clamp(min=1e-8)
        found[name] = (weight.float() / scale.unsqueeze(1)).round().clamp(-127, 127).to(torch.int8)
        found[name + SCALE] = scale
    return found
