"""Loading a language model with transformers: where it goes, in which precision, and what can go wrong."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import ModelUnusable, OutOfMemory
from core.hardware import Placement, placement, survey
from core.precision import cpu_dtype
from core.registry import ModelInfo, inspect_model
from core.settings import ModelSettings

SMALLER = "Choose a smaller model, a shorter context, or 4-bit quantisation."


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to run; ``model`` and ``tokenizer`` are those of transformers."""

    info: ModelInfo
    placement: Placement
    model: Any
    tokenizer: Any


def load(folder: Path, settings: ModelSettings) -> Loaded:
    """Load the language model in ``folder``.

    Raises:
        ModelUnusable: incomplete, unsafe, of an unknown architecture, or the settings cannot be had here.
        OutOfMemory: it does not fit.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    info = inspect_model(folder)
    place = _place(info, settings)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    safely: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    with memory_explained(info), _loading_explained(info):
        tokenizer = AutoTokenizer.from_pretrained(folder, **safely)
        options = {**_numbers(settings, place), **_devices(place)}
        model: Any = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, **safely, **options)
    return Loaded(info, place, model.eval(), tokenizer)


@contextmanager
def memory_explained(info: ModelInfo) -> Iterator[None]:
    """Turn the ways of torch to say that memory ran out into OutOfMemory; the rest passes through."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not memory_that_ran_out(error):
            raise
        raise OutOfMemory(f"{info.name} does not fit in memory.", SMALLER) from error


def memory_that_ran_out(error: Exception) -> str:
    """Return whose memory ``error`` says ran out, "graphics card" or "computer", or an empty string."""
    import torch

    if isinstance(error, torch.OutOfMemoryError):
        return "graphics card"
    return "computer" if isinstance(error, MemoryError) or "can't allocate memory" in str(error) else ""


@contextmanager
def _loading_explained(info: ModelInfo) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnusable(f"{info.path} cannot be loaded: {reason}", "Choose another model.") from error


def _place(info: ModelInfo, settings: ModelSettings) -> Placement:
    """Decide where to run; a GPU that this torch cannot use counts as none."""
    import torch

    hardware = survey(info.path)
    if not torch.cuda.is_available():
        hardware = replace(hardware, gpus=())
    if settings.device == "cuda" and not hardware.gpus:
        raise ModelUnusable("There is no CUDA GPU that can be used here.", "Set the device to auto or cpu.")
    halved = settings.precision == "auto" and cpu_dtype() == torch.bfloat16
    known = replace(settings, precision="bfloat16") if halved else settings
    place = placement(info, known, hardware)
    if not place.fits and settings.device != "cuda":
        raise OutOfMemory(f"{info.name} {place.reason}.", SMALLER)
    return place


def _numbers(settings: ModelSettings, place: Placement) -> dict[str, Any]:
    """Return the options of ``from_pretrained`` for precision and quantisation."""
    import torch

    if settings.precision != "auto":
        dtype = getattr(torch, settings.precision)
    elif place.device == "cpu":
        dtype = cpu_dtype()
    else:
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if settings.quantisation == "none":
        return {"dtype": dtype}
    return {"dtype": dtype, "quantization_config": _quantisation(settings, dtype)}


def _quantisation(settings: ModelSettings, dtype: Any) -> Any:
    """Return the configuration for bitsandbytes, after making sure that it works here."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it warns of kernels it would download
    try:
        importlib.import_module("bitsandbytes")
    except Exception as error:  # the import loads native code, and fails in many ways
        reason = f"{settings.quantisation} quantisation needs bitsandbytes, which does not work here: {error}"
        raise ModelUnusable(reason, "Set quantisation to none.") from error
    from transformers import BitsAndBytesConfig

    four = settings.quantisation == "4bit"
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=four,
        load_in_8bit=not four,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def _devices(place: Placement) -> dict[str, Any]:
    import torch

    if place.device == "cpu":
        return {}
    return {"device_map": "auto" if torch.cuda.device_count() > 1 else {"": 0}}
