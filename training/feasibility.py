"""What would make a run fail, found before anything is written, each in one sentence with its remedy."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import DataUnusable, ModelUnusable, OutOfMemory, RecipeInvalid, RunUnusable, StorageFull
from core.generation.merging import ADAPTER
from core.hardware import Hardware
from core.library.storage import check_space
from core.paths import Home
from core.registry import ModelInfo, find_model, inspect_model
from core.tuning.estimate import MOST_ON_CPU, memory_of, seconds_for, steps_of
from core.tuning.recipe import Recipe
from core.tuning.runs import Runs
from core.tuning.shape import Shape, shape_of
from core.weights import shapes_in

_SAVED = 4 + 8  # bytes of a checkpoint for each number of the adapter
_CHECKPOINTS = 4  # two newest, the best, and the one being written


@dataclass(frozen=True, slots=True)
class GpuUser:
    """Another program that holds memory of a graphics card; ``name`` may be empty."""

    name: str
    process: int
    memory: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What a recipe stands on: its base, and the folder of the adapter it goes on from, if any."""

    model: ModelInfo
    adapter: Path | None


def ground_for(recipe: Recipe, home: Home) -> Ground:
    """Return base and adapter of ``recipe``.

    Raises:
        ModelUnusable: no such base, a GGUF, no chat template, not of the Llama family.
        RecipeInvalid: an adapter that is missing or of another base.
    """
    model = inspect_model(find_model(home, recipe.base.model, "language"))
    if not model.has_chat_template:
        raise ModelUnusable(
            f"{model.name} has no chat template, so it cannot learn to answer in a chat.",
            "Choose its instruct edition.",
        )
    return Ground(model, _adapter(recipe, home, shape_of(model)))


def must_fit(
    ground: Ground, recipe: Recipe, home: Home, hardware: Hardware, users: Sequence[GpuUser] = ()
) -> None:
    """Make sure that ``recipe`` can be trained here.

    Args:
        hardware: without the GPUs that torch cannot use.
        users: other programs on the GPUs.

    Raises:
        OutOfMemory: it fits neither on the GPU nor on the CPU, and why.
        StorageFull: checkpoints and merged model do not fit on the disk.
    """
    shape = shape_of(ground.model)
    if hardware.gpus:
        _must_fit_on_gpu(ground.model, recipe, hardware, users)
    else:
        _must_fit_on_cpu(ground.model, shape, recipe, hardware)
    saved = shape.adapter(recipe.lora.targets, recipe.lora.rank) * _SAVED * _CHECKPOINTS
    try:
        check_space(home.runs, saved + 2 * shape.parameters)
    except StorageFull as error:  # its own hint is about imports
        raise StorageFull(str(error), "Free some space, or delete runs you no longer need.") from error


def steps_for(rows: int, recipe: Recipe, processes: int = 1) -> int:
    """Return the steps of a run over ``rows``; DataUnusable if there is nothing to do."""
    if steps := steps_of(rows, recipe.training, processes):
        return steps
    raise DataUnusable("Nothing is left to train on.", "Add questions with answers and evidence.")


def gpu_users() -> list[GpuUser]:
    """Return the other programs that compute on the GPUs of this computer, the largest first."""
    import psutil
    import pynvml

    found = []
    try:
        pynvml.nvmlInit()
        for number in range(pynvml.nvmlDeviceGetCount()):
            card = pynvml.nvmlDeviceGetHandleByIndex(number)
            for process in pynvml.nvmlDeviceGetComputeRunningProcesses(card):
                if process.pid != os.getpid():
                    name = psutil.Process(process.pid).name() if psutil.pid_exists(process.pid) else ""
                    found.append(GpuUser(name, process.pid, int(process.usedGpuMemory or 0)))
    except (pynvml.NVMLError, psutil.Error):  # who it is, is a help only
        return found
    return sorted(found, key=lambda user: -user.memory)


def _must_fit_on_gpu(model: ModelInfo, recipe: Recipe, hardware: Hardware, users: Sequence[GpuUser]) -> None:
    card = max(hardware.gpus, key=lambda gpu: gpu.memory_free)
    needed = memory_of(model, recipe.base.weights, recipe, "cuda")
    if needed <= card.memory_free:
        return
    if users and needed <= card.memory_total:
        who = users[0].name or f"the process {users[0].process}"
        raise OutOfMemory(
            f"Another program ({who}) uses the graphics card: {_gb(needed)} are needed, "
            f"{_gb(card.memory_free)} of {_gb(card.memory_total)} are free.",
            "Close that program.",
        )
    raise OutOfMemory(
        f"Training {model.name} takes about {_gb(needed)}; the graphics card has {_gb(card.memory_free)}.",
        _remedy(model, recipe, card.memory_free),
    )


def _remedy(model: ModelInfo, recipe: Recipe, free: int) -> str:
    """Return the first change that would make it fit."""
    short = replace(recipe.data, max_length=min(1024, recipe.data.max_length))
    small = replace(recipe, data=short, training=replace(recipe.training, batch=1))
    for words, weights, changed in (
        ("Hold the base in 8 bits", "8bit", recipe),
        ("Hold the base in 4 bits", "4bit", recipe),
        ("Hold the base in 4 bits, with conversations of 1,024 tokens and batches of one", "4bit", small),
    ):
        if memory_of(model, weights, changed, "cuda") <= free and not model.quantised:  # type: ignore[arg-type]
            return f"{words}."
    return "Choose a smaller base model."


def _must_fit_on_cpu(model: ModelInfo, shape: Shape, recipe: Recipe, hardware: Hardware) -> None:
    if shape.parameters > MOST_ON_CPU:
        training = recipe.training
        tokens = training.batch * training.accumulation * recipe.data.max_length
        seconds = seconds_for(tokens, shape.parameters, "cpu", hardware.cpu_cores)
        raise OutOfMemory(
            f"There is no graphics card, and on this processor one step of {model.name} would take about "
            f"{_duration(seconds)}, a run {_duration(50 * seconds)} or more.",
            "Choose a base of up to 1 B parameters, or a computer with an NVIDIA card.",
        )
    needed = memory_of(model, recipe.base.weights, recipe, "cpu")
    if needed > hardware.ram_available:
        raise OutOfMemory(
            f"Training {model.name} takes about {_gb(needed)}, and {_gb(hardware.ram_available)} are free.",
            "Close other programs, or choose a smaller base or shorter conversations.",
        )


def _adapter(recipe: Recipe, home: Home, shape: Shape) -> Path | None:
    """Return the folder of the adapter to go on from; RecipeInvalid if it cannot be that of this base."""
    named = recipe.base.adapter
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        try:
            folder = Runs(home.runs).get(named).adapter
        except RunUnusable as error:
            raise RecipeInvalid(
                f"There is no adapter {named}.", "Name a folder or a finished run."
            ) from error
    if not (folder / ADAPTER).is_file() or not (folder / "adapter_config.json").is_file():
        raise RecipeInvalid(f"{folder} holds no adapter in safetensors.", "Choose another, or none.")
    if not _fits_base(folder, shape):
        raise RecipeInvalid(
            f"The adapter in {folder} was made for another base model than {recipe.base.model}.",
            "Choose the base that it was made for, or no adapter.",
        )
    return folder.resolve()


def _fits_base(folder: Path, shape: Shape) -> bool:
    """Compare the widths of the adapter's layers, and their number, with those of the base."""
    try:
        rank = int(json.loads((folder / "adapter_config.json").read_text("utf-8"))["r"])
        tensors = shapes_in(folder / ADAPTER)
    except (OSError, ValueError, KeyError, TypeError, ModelUnusable):
        return False
    layers = set()
    for name, size in tensors.items():
        parts = name.split(".")
        projection = next((part for part in parts if part in shape.projections), "")
        if not projection or "layers" not in parts:
            return False
        inputs, outputs = shape.projections[projection]
        if size != ([rank, inputs] if "lora_A" in parts else [outputs, rank]):
            return False
        layers.add(int(parts[parts.index("layers") + 1]))
    return len(layers) == shape.layers


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _duration(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} minutes"
    hours = seconds / 3600
    return f"{round(hours)} hours" if hours < 48 else f"{round(hours / 24)} days"
