"""Making a default model from another one and the adapter that the program brings."""

from __future__ import annotations

from pathlib import Path

from core.assets.catalogue import Adapter
from core.assets.receipt import file_sha256
from core.cancel import CancelToken
from core.errors import AssetRefused, RecipeInvalid
from core.generation.merging import ADAPTER, merged, save
from core.paths import resources


def merge_default(asset: Adapter, base: Path, folder: Path, cancel: CancelToken) -> None:
    """Write ``base`` with the adapter of ``asset`` merged into it to ``folder``, in 32 bits.

    Raises:
        AssetRefused: the adapter is not the one in the catalogue, or does not fit the base.
    """
    adapter = resources() / asset.folder
    if not (adapter / ADAPTER).is_file() or file_sha256(adapter / ADAPTER, cancel) != asset.weights_sha256:
        raise AssetRefused(f"{adapter / ADAPTER} is not the adapter we know.", "Install Vademecum again.")
    try:
        merge_into(base, adapter, folder, cancel)
    except RecipeInvalid as error:
        raise AssetRefused(f"{asset.title}: {error}", "Install Vademecum again.") from error


def merge_into(base: Path, adapter: Path, folder: Path, cancel: CancelToken) -> None:
    """Write ``base`` with the adapter in that folder merged into it to ``folder``, in 32 bits.

    Raises:
        RecipeInvalid: the adapter does not fit the base.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    safe = {"local_files_only": True, "trust_remote_code": False}
    model = AutoModelForCausalLM.from_pretrained(base, use_safetensors=True, dtype=torch.float32, **safe)
    cancel.check()
    tuned = merged(model, adapter)
    cancel.check()
    save(tuned, AutoTokenizer.from_pretrained(base, **safe), folder)
