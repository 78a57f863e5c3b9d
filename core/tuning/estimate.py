"""How long a run is, the memory and time it takes, and what fits; without torch, so that a window can ask.

Memory is counted: weights as they are held, adapter with gradients and optimiser states, activations of the
layers kept (with gradient checkpointing only their inputs, and one layer's inside), and the loss in chunks.
On one GPU a large model leaves word embeddings and inputs of layers in main memory, from where a step fetches
them in time; several GPUs keep them, which is not counted.
Time is tokens x parameters x 6 floating-point operations (forward, forward again for the checkpoints,
backward through frozen weights; after Kaplan et al. 2020, arXiv:2001.08361) at rates that were measured, see
docs/BENCHMARKS.md. Expect a third more or less of either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from core.hardware import GIB, Hardware
from core.registry import ModelInfo
from core.tuning.recipe import SHORT_RUN, Recipe, TrainingChoice, WeightPrecision, changed
from core.tuning.reports import DataReport
from core.tuning.shape import Shape, shape_of

FitVerdict = Literal["fits", "tight", "too_large", "no_gpu"]
PresetName = Literal["quick", "standard", "thorough"]
MOST_ON_CPU = 1_300_000_000  # parameters: above, a run takes days
TIGHT = 0.85  # share of the memory there is
# Tokens at once that keep a GPU busy: fewer leave it waiting for the program between two operations, more
# only cost memory (measured on an H100, see docs/BENCHMARKS.md). A small model needs more of them.
LARGE = 1_000_000_000  # parameters
ENOUGH, ENOUGH_OF_SMALL = 8192, 16_384
_ON_THEIR_WAY = 6  # layers whose inputs are on the card while others are in main memory (as TRL does it)
_CHUNK = 256  # tokens whose words are scored at a time (TRL's "chunked_nll")
_CUDA = 1.2e14  # operations a second of one data-centre GPU on a large model
_CORE = 5.0e10  # of one CPU core with AVX-512, in fp32
_CALL = 0.06  # seconds a forward and backward pass takes at least, on a GPU
_STANDARD: dict[str, object] = {
    "training.epochs": 1.0,
    "training.max_steps": 0,
    "training.evaluations": 5,
    "training.checkpoints": 5,
    "training.patience": 0,
    "lora.dropout": 0.0,
    "data.paraphrase": 0.0,
    "data.section_dropout": 0.0,
}
_PRESETS: dict[PresetName, dict[str, object]] = {
    "quick": {**_STANDARD, "training.max_steps": 60, "training.evaluations": 3, "training.checkpoints": 2},
    "standard": _STANDARD,
    "thorough": {
        **_STANDARD,
        "training.epochs": 3.0,
        "training.evaluations": 15,
        "training.checkpoints": 10,
        "training.patience": 4,
        "lora.dropout": 0.05,
        "data.paraphrase": 0.25,
        "data.section_dropout": 0.1,
    },
}


@dataclass(frozen=True, slots=True)
class Fit:
    """Bytes that a run needs where it would compute, and whether they are there."""

    needed: int
    verdict: FitVerdict


@dataclass(frozen=True, slots=True)
class Effort:
    """What a run takes: optimiser steps, seconds, and bytes of memory."""

    steps: int
    seconds: float
    needed: int


def steps_of(rows: int, training: TrainingChoice, processes: int = 1) -> int:
    """Return the optimiser steps of a run over ``rows`` rows (packed ones when packing); 0 without any."""
    if rows == 0:
        return 0
    batches = math.ceil(math.ceil(rows / training.batch) / processes)
    steps = math.ceil(training.epochs * math.ceil(batches / training.accumulation))
    return min(steps, training.max_steps) if training.max_steps else steps


def warmup_of(steps: int, training: TrainingChoice) -> int:
    """Return the steps over which the learning rate rises: a tenth of a short run at most."""
    return min(training.warmup_steps, steps // 10) if steps < SHORT_RUN else training.warmup_steps


def fit(model: ModelInfo, weights: WeightPrecision, recipe: Recipe, hardware: Hardware) -> Fit:
    """Return whether ``recipe`` fits here if the base is held as ``weights``.

    "no_gpu" also says that the model is too large for a run on the CPU to end within days.
    """
    gpu = max(hardware.gpus, key=lambda card: card.memory_free, default=None)
    needed = memory_of(model, weights, recipe, "cuda" if gpu else "cpu")
    if gpu is None and shape_of(model).parameters > MOST_ON_CPU:
        return Fit(needed, "no_gpu")
    free = gpu.memory_free if gpu else hardware.ram_available
    return Fit(needed, "too_large" if needed > free else "tight" if needed > TIGHT * free else "fits")


def effort(model: ModelInfo | None, recipe: Recipe, report: DataReport, hardware: Hardware) -> Effort:
    """Return what a run on the data of ``report`` takes here; of a ``model`` of None only the steps."""
    steps = steps_of(report.rows, recipe.training)
    if model is None:
        return Effort(steps, 0.0, 0)
    device: Literal["cuda", "cpu"] = "cuda" if hardware.gpus else "cpu"
    tokens = recipe.training.epochs * report.all_tokens
    if all_steps := steps_of(report.rows, replace(recipe.training, max_steps=0)):
        tokens *= steps / all_steps
    seconds = seconds_for(tokens, shape_of(model).parameters, device, hardware.cpu_cores)
    if device == "cuda":
        seconds += steps * recipe.training.accumulation * _CALL
    return Effort(steps, seconds, memory_of(model, recipe.base.weights, recipe, device))


def rows_at_once(recipe: Recipe, model: ModelInfo, memory: int, enough: int = ENOUGH) -> int:
    """Return how many rows go through ``model`` at once on a GPU of ``memory`` bytes.

    At least ``batch`` and a divisor of the rows of a step (``batch`` x ``accumulation``), so that what a step
    learns does not depend on it. The same on every day: what other programs use is not looked at.

    Args:
        enough: tokens at once that keep the GPU busy with a large model.
    """
    batch, step = recipe.training.batch, recipe.training.batch * recipe.training.accumulation
    most = (enough if is_large(shape_of(model)) else ENOUGH_OF_SMALL) // recipe.data.max_length
    counts = [n for n in range(batch, step + 1) if step % n == 0 and n % batch == 0 and n <= most]
    weights = recipe.base.weights
    fitting = [n for n in counts if memory_of(model, weights, recipe, "cuda", n) <= TIGHT * memory]
    return max(fitting, default=batch)


def is_large(shape: Shape) -> bool:
    """True if a model takes long enough for each token that a GPU does not wait for the program."""
    return shape.parameters >= LARGE


def offloads(training: TrainingChoice, shape: Shape) -> bool:
    """True if the inputs of layers, kept for the way back, wait in main memory instead of on the GPU."""
    return training.gradient_checkpointing and is_large(shape)


def seconds_for(tokens: float, parameters: int, device: Literal["cuda", "cpu"], cores: int) -> float:
    """Return the seconds that training on ``tokens`` takes."""
    return 6.0 * tokens * parameters / (_CUDA if device == "cuda" else _CORE * cores)


def memory_of(
    model: ModelInfo, weights: WeightPrecision, recipe: Recipe, device: str, rows: int | None = None
) -> int:
    """Return the bytes that training takes on ``device`` ("cuda" or "cpu"), about.

    Args:
        rows: that go through the model at once; None is the fewest that the recipe can do with.
    """
    shape = shape_of(model)
    width = 4 if device == "cpu" or recipe.training.compute == "fp32" else 2
    states = 2 if device == "cuda" and recipe.training.optimiser != "adamw" else 8
    adapter = shape.adapter(recipe.lora.targets, recipe.lora.rank) * (4 + 4 + states)
    overhead = GIB if device == "cuda" else GIB // 2
    activations = _activations(shape, recipe, width, rows or recipe.training.batch, device)
    held = _weights(model, shape, weights, width)
    if device == "cuda" and (model.quantised or weights != "full") and not shape.tied:
        held -= shape.vocabulary * shape.hidden * width  # the word embeddings, which stay in main memory
    return held + adapter + activations + overhead


def _weights(model: ModelInfo, shape: Shape, weights: WeightPrecision, width: int) -> int:
    if model.quantised:
        return model.bytes
    layers = {"4bit": 0.52, "8bit": 1.03, "full": float(width)}[weights]
    return round(shape.in_layers * layers + (shape.parameters - shape.in_layers) * width)


def _activations(shape: Shape, recipe: Recipe, width: int, rows: int, device: str) -> int:
    tokens = rows * recipe.data.max_length
    inside = tokens * (12 * shape.hidden + 4 * shape.intermediate) * width  # of one layer
    inside += tokens * 4 * (shape.hidden + shape.intermediate)  # what the adapters read, in fp32
    offloaded = device == "cuda" and offloads(recipe.training, shape)
    kept = tokens * shape.hidden * width * (_ON_THEIR_WAY if offloaded else shape.layers)
    if not recipe.training.gradient_checkpointing:
        kept = inside * shape.layers
    loss = 3 * 4 * _CHUNK * shape.vocabulary
    mask = 2 * tokens * recipe.data.max_length if recipe.data.packing else 0
    return kept + inside + loss + mask


def preset(recipe: Recipe, name: PresetName) -> Recipe:
    """Return ``recipe`` with every field changed that presets set; base, adapter and files stay."""
    return changed(recipe, _PRESETS[name])


def quick(recipe: Recipe) -> Recipe:
    """Return ``recipe`` for a first look: one pass, 60 steps at most."""
    return preset(recipe, "quick")


def standard(recipe: Recipe) -> Recipe:
    """Return ``recipe`` for one pass over everything."""
    return preset(recipe, "standard")


def thorough(recipe: Recipe) -> Recipe:
    """Return ``recipe`` for up to three passes over varied data, with what keeps a model from overfitting."""
    return preset(recipe, "thorough")
