"""Loading a base and its adapter with transformers and peft, and saying what is wrong when that fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import ModelUnusable, RecipeInvalid
from core.generation.loading import memory_explained
from core.registry import inspect_model
from core.tuning.recipe import LoraChoice, WeightPrecision
from training.compute import has_bitsandbytes

_SAFELY: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer of a model folder, with a token to pad with; ModelUnusable if it cannot."""
    from transformers import AutoTokenizer

    inspect_model(folder)
    with _explained(folder):
        tokenizer = AutoTokenizer.from_pretrained(folder, **_SAFELY)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(folder: Path, weights: WeightPrecision, dtype: Any, place: int | str | None) -> Any:
    """Return the model of ``folder``, frozen weights held as ``weights`` says.

    Args:
        dtype: of the weights that are not quantised, and of the computation with those that are.
        place: a GPU's number or "cpu"; None loads it to the CPU for others to move.

    Raises:
        ModelUnusable, RecipeInvalid, OutOfMemory
    """
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging as transformers_logging

    info = inspect_model(folder)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, **_SAFELY}
    if place is not None and place != "cpu":
        options["device_map"] = {"": place}
    if info.quantised or weights != "full":
        _must_have_bitsandbytes()
    if weights != "full" and not info.quantised:  # a base that is quantised already is taken as it is
        options["quantization_config"] = quantisation(weights, dtype)
    with memory_explained(info), _explained(folder):
        return AutoModelForCausalLM.from_pretrained(folder, **options)


def quantisation(weights: WeightPrecision, dtype: Any) -> Any:
    """Return the configuration of bitsandbytes: NF4 with double quantisation, or 8 bits."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=weights == "4bit",
        load_in_8bit=weights == "8bit",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def new_adapter(model: Any, lora: LoraChoice) -> Any:
    """Return ``model`` with a new adapter, its weights drawn from torch's generator."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        use_rslora=lora.rank_stabilised,
        target_modules=list(lora.targets),
        bias="none",
        task_type="CAUSAL_LM",
    )
    try:
        return get_peft_model(model, config)
    except ValueError as error:  # none of the layers is in this model
        raise RecipeInvalid(
            f"The model has no layers called {', '.join(lora.targets)}.",
            "Choose a model of the Llama family.",
        ) from error


def spare_casts(model: Any) -> None:
    """Keep the adapter from turning its input to fp32 where autocast computes it in 16 bits anyway.

    The sum is the same, and a third of the time of a step on a large model goes into such copies.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    for module in model.modules():
        if isinstance(module, BaseTunerLayer):
            setattr(module, "cast_input_dtype_enabled", False)  # noqa: B010 (peft declares it where it reads it)


def spare_embeddings(model: Any, place: int) -> None:
    """Hold the word embeddings of a quantised ``model`` in main memory, where its output layer has its own.

    Of frozen embeddings a step reads a row for each token, which is little to bring to the card ``place``; of
    a model of 8 billion parameters they are 1 GB. A model that is not quantised is moved as a whole.
    """
    from accelerate.hooks import AlignDevicesHook, add_hook_to_module

    embeddings, output = model.get_input_embeddings(), model.get_output_embeddings()
    if getattr(model, "is_quantized", False) and embeddings.weight is not output.weight:
        add_hook_to_module(embeddings, AlignDevicesHook("cpu", io_same_device=True))
        model.hf_device_map = {"": place}  # what has one, accelerate leaves where it is


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnusable(f"{folder} cannot be loaded: {reason}", "Choose another model.") from error


def _must_have_bitsandbytes() -> None:
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it warns of kernels it would download
    if not has_bitsandbytes():
        raise RecipeInvalid(
            "Holding the base in 4 or 8 bits needs bitsandbytes, which does not work here.",
            "Set the weights to full.",
        )
