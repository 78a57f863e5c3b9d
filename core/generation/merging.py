"""A model and its adapter become one model: what was two products of matrices becomes part of the weights."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from core.errors import RecipeInvalid

ADAPTER = "adapter_model.safetensors"
SHARD = "5GB"  # largest file of weights


def attach(model: Any, adapter: Path, *, trainable: bool = False) -> Any:
    """Return a model of peft: ``model`` with the adapter in that folder; RecipeInvalid if it does not fit."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # peft imports it, and it warns of a hub
    from peft import PeftModel

    if not (adapter / ADAPTER).is_file():  # peft would fall back to a pickle
        raise RecipeInvalid(f"{adapter} holds no {ADAPTER}.", "Choose another adapter, or none.")
    try:
        return PeftModel.from_pretrained(
            model, str(adapter), is_trainable=trainable, local_files_only=True, use_safetensors=True
        )
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        raise RecipeInvalid(
            f"The adapter in {adapter} was made for another base model.",
            "Choose its own base, or no adapter.",
        ) from error


def merged(model: Any, adapter: Path) -> Any:
    """Return the plain model that ``model`` with the adapter in that folder amounts to.

    A base in 4 or 8 bits is turned back into 16 or 32 before: merged in place, the sum would be rounded
    anew, and the merged model would not be the one that was trained. Raises RecipeInvalid.
    """
    if getattr(model, "hf_quantizer", None) is not None:
        model = model.dequantize()
    return attach(model, adapter).merge_and_unload(safe_merge=True)


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write weights (safetensors), configuration, tokenizer and chat template into ``folder``."""
    model.config.use_cache = True
    model.save_pretrained(folder, max_shard_size=SHARD)
    tokenizer.save_pretrained(folder)
