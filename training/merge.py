"""From base and adapter to one model: merged, saved, loaded again and compared with what was trained.

A quantised base is dequantised first and the adapter merged into the result; merging into quantised weights
would round them anew (Dettmers et al. 2023 train against the dequantised ones).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.cancel import CancelToken
from core.errors import RunUnusable
from core.generation.chat import Chat
from core.generation.engine import Message
from core.generation.merging import attach, merged, save
from core.library.storage import check_space, flush, storing
from core.library.versions import discard
from core.protocol import Event, Merged, Status
from core.registry import inspect_model
from core.tuning.recipe import WeightPrecision
from core.tuning.runs import Run
from core.tuning.shape import shape_of
from training.compute import Compute
from training.loading import load_base, load_tokenizer
from training.room import memory_explained

# Largest difference of a logit that rounding explains, as a share of the largest logit. A model with 8-bit
# weights rounds what it computes as well, which the merged one does not.
TOLERANCE = {"fp32": 1e-3, "fp16": 0.03, "bf16": 0.08, "4bit": 0.08, "8bit": 0.12, "full": 0.0}
PROMPTS = (
    "Does vitamin C lower the risk of pain after a fracture?",
    "What does the evidence say about early walking after an operation?",
    "Which drug is given first, and at which dose?",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is merged: folders of base and adapter, and how the base was held in training."""

    base: Path
    adapter: Path
    weights: WeightPrecision


def merge(
    run: Run, parts: Parts, compute: Compute, cancel: CancelToken, *, bin: bool = False
) -> Iterator[Event]:
    """Merge into ``run.merged``; yield what is done, at last Merged.

    Args:
        bin: also write ``pytorch_model.bin``.

    Raises:
        RunUnusable: the model that was saved does not answer like the trained one.
        OutOfMemory, StorageFull, ModelUnusable, RecipeInvalid
        Cancelled: nothing is left of it.
    """
    began = time.monotonic()
    info = inspect_model(parts.base)
    check_space(run.folder, (4 if bin else 2) * shape_of(info).parameters)
    precision = _stored(info.dtype, info.quantised or parts.weights != "full", compute)
    aside = run.folder / ".merging"
    discard(aside)
    tokenizer = load_tokenizer(parts.base)
    prompts = [Chat(tokenizer).prompt_ids([Message("user", text)]) for text in PROMPTS]
    with memory_explained(), storing(run.folder):
        yield Status("Asking the trained model for comparison")
        live = _with(lambda: _live(parts, compute), prompts)
        cancel.check()
        yield Status("Merging the adapter into its base")
        _save(parts, precision, compute, tokenizer, aside, bin)
        cancel.check()
        yield Status("Loading the merged model again")
        again = _with(lambda: load_base(aside, "full", precision.dtype, _roomy(parts, compute)), prompts)
    difference, largest = _difference(live, again)
    allowed = max(TOLERANCE[what] for what in (precision.precision, compute.precision, parts.weights))
    if not difference <= allowed * max(1.0, largest):  # a difference that is no number fails as well
        discard(aside)
        raise RunUnusable(
            f"The merged model does not answer like the trained one: its logits differ by up to "
            f"{difference:.3f}, of {largest:.1f} at most.",
            "Merge again; if that does not help, start a new run with weights held in full.",
        )
    discard(run.merged)
    aside.rename(run.merged)
    flush([run.folder])
    yield Merged(run.id, str(run.merged), difference, time.monotonic() - began)


def _stored(dtype: str, quantised: bool, compute: Compute) -> Compute:
    """Return the precision that the merged model is saved in: its base's own, or that of the training."""
    known = {"F32": "fp32", "F16": "fp16", "BF16": "bf16"}
    precision = compute.precision if quantised else known.get(dtype, compute.precision)
    return Compute(compute.device, precision)  # type: ignore[arg-type]


def _live(parts: Parts, compute: Compute) -> Any:
    place = 0 if compute.device == "cuda" else "cpu"
    return attach(load_base(parts.base, parts.weights, compute.dtype, place), parts.adapter)


def _roomy(parts: Parts, compute: Compute) -> int | str:
    """Return where there is room for the whole model: a card that trains in 4 bits need not have it."""
    import torch

    needed = 2.5 * shape_of(inspect_model(parts.base)).parameters
    on_gpu = compute.device == "cuda" and torch.cuda.mem_get_info()[0] > needed
    return 0 if on_gpu else "cpu"


def _save(parts: Parts, precision: Compute, compute: Compute, tokenizer: Any, aside: Path, bin: bool) -> None:
    """Write the merged model, its config, tokenizer and chat template into ``aside``."""
    import torch

    model = load_base(parts.base, parts.weights, precision.dtype, _roomy(parts, compute))
    model = merged(model, parts.adapter).to(precision.dtype)
    save(model, tokenizer, aside)
    if bin:
        state = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
        torch.save(state, aside / "pytorch_model.bin")
    flush([*(path for path in aside.rglob("*") if path.is_file()), aside])


def _with(load: Callable[[], Any], prompts: list[list[int]]) -> list[Any]:
    """Return the logits of a model for ``prompts``, on the CPU; the model is gone afterwards."""
    import torch

    from training.run import free_memory

    model = load().eval()
    with torch.inference_mode():
        found = [
            model(torch.tensor([prompt], device=model.device)).logits[0].float().cpu() for prompt in prompts
        ]
    del model
    free_memory()
    return found


def _difference(live: list[Any], again: list[Any]) -> tuple[float, float]:
    """Return the largest difference of two logits, and the largest logit."""
    pairs = list(zip(live, again, strict=True))
    difference = max(float((one - other).abs().max()) for one, other in pairs)
    return difference, max(float(one.abs().max()) for one, _ in pairs)
