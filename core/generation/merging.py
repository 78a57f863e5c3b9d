"""A model and its adapter become one model: what was two products of matrices becomes part of the weights.

A base in 4 or 8 bits is turned back into 16 or 32 before: merged in place, the sum would be rounded to 4 bits
again, and the merged model would not be the one that was trained.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from core.errors import ModelUnusable

SHARD = "5GB"  # largest file of weights


def with_adapter(model: Any, adapter: Path) -> Any:
    """Attach the adapter in ``adapter`` to ``model``, in full precision; return the model of peft.

    Raises:
        ModelUnusable: the folder holds no adapter, or one of another model.
    """
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # peft imports it, and it warns of a hub
    from peft import PeftModel

    if getattr(model, "is_quantized", False):
        model = model.dequantize()
    try:
        return PeftModel.from_pretrained(model, str(adapter), local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnusable(
            f"{adapter} cannot be attached to the model: {reason}.", "Choose the base it was trained on."
        ) from error


def merge(model: Any) -> Any:
    """Return the plain model that a ``with_adapter`` model amounts to."""
    return model.merge_and_unload()


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write weights (safetensors), configuration, tokenizer and chat template into ``folder``."""
    model.save_pretrained(folder, max_shard_size=SHARD)
    tokenizer.save_pretrained(folder)
