"""Attention kept within the conversations of a flattened batch, without a mask.

A mask has an entry for every two tokens and shuts out the fast kernels; here the kernel is told where each
conversation begins (Dao 2023, arXiv:2307.08691, "variable length").
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from training.compute import Compute

NAME = "vademecum_varlen"  # as transformers knows it; without a mask function, it makes no mask
BOUNDS, LONGEST = "cu_seq_lens_q", "max_length_q"  # of a batch, as transformers' flash attention calls them

Kernel = Callable[..., Any]


def kernel(compute: Compute) -> Kernel | None:
    """Return torch's attention of variable length, or None where this card or torch has none."""
    import torch

    if compute.device != "cuda" or compute.precision == "fp32" or torch.version.hip is not None:
        return None
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    known = "window_size" in inspect.signature(varlen_attn).parameters
    return varlen_attn if known and torch.cuda.get_device_capability() >= (8, 0) else None


def attend_with(model: Any, kernel: Kernel) -> None:
    """Let ``model`` attend by ``kernel``; its batches must say ``BOUNDS`` and ``LONGEST``."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attention(kernel))
    model.set_attn_implementation(NAME)


def attention(kernel: Kernel) -> Callable[..., tuple[Any, None]]:
    """Return ``kernel`` as transformers calls it: (1, heads, tokens, size) to (1, tokens, heads, size)."""

    def attend(
        module: Any, query: Any, key: Any, value: Any, mask: Any, scaling: float | None = None, **more: Any
    ) -> tuple[Any, None]:
        bounds, longest, groups = more[BOUNDS], more[LONGEST], query.shape[1] // key.shape[1]
        q, k, v = (states[0].transpose(0, 1) for states in (query, key, value))
        k, v = (states.repeat_interleave(groups, dim=1) for states in (k, v))
        causal = (-1, 0)  # every earlier token of the conversation, none after
        out = kernel(q, k, v, bounds, bounds, longest, longest, scale=scaling, window_size=causal)
        return out[None], None

    return attend
