"""What this computer has, and where a model would run on it. Knows no torch, and needs no GPU."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from core.registry import ModelInfo
from core.settings import ModelSettings

GIB = 1 << 30
OVERHEAD = {"cuda": GIB, "cpu": GIB // 4}  # bytes: CUDA's own context, the numbers of one step in flight
QUANTISED = {"8bit": 1.15, "4bit": 0.7}  # bytes a parameter, what stays in 16 bits included


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU; memory in bytes, free at the time of asking."""

    name: str
    memory_total: int
    memory_free: int
    driver: str


@dataclass(frozen=True, slots=True)
class Hardware:
    """This computer; memory and disk in bytes, ``disk_free`` where Vademecum's data is."""

    python: str
    system: str
    cpu_cores: int
    ram_total: int
    ram_available: int
    disk_free: int
    gpus: tuple[Gpu, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model will run.

    Attributes:
        needed: bytes it takes there, about, with its cache full.
        fits: False when memory will likely not do.
        reason: one sentence for ``vademecum doctor``.
    """

    device: Literal["cuda", "cpu"]
    needed: int
    fits: bool
    reason: str


def survey(folder: Path | None = None) -> Hardware:
    """Return what there is now; ``folder`` says which disk is asked about, by default the home folder's."""
    memory = psutil.virtual_memory()
    place = (folder or Path.home()).absolute()
    while not place.exists():
        place = place.parent
    return Hardware(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu_cores=len(os.sched_getaffinity(0)) if sys.platform == "linux" else psutil.cpu_count() or 1,
        ram_total=memory.total,
        ram_available=memory.available,
        disk_free=shutil.disk_usage(place).free,
        gpus=_gpus(),
    )


def estimate(model: ModelInfo, settings: ModelSettings, device: str) -> int:
    """Return the bytes ``model`` takes on ``device`` ("cuda" or "cpu"), with its cache full; an estimate."""
    width = {"float32": 4, "float16": 2, "bfloat16": 2, "auto": 2 if device == "cuda" else 4}[
        settings.precision
    ]
    each = QUANTISED.get(settings.quantisation, float(width))
    weights = model.bytes if model.quantised else round(model.parameters * each)
    context = min(settings.context, model.context or settings.context)
    return weights + model.cache_values * width * context + OVERHEAD[device]


def placement(model: ModelInfo, settings: ModelSettings, hardware: Hardware) -> Placement:
    """Decide between GPU and CPU: what the setting says, or the GPU if the model fits in its free memory."""
    needed = {device: estimate(model, settings, device) for device in ("cuda", "cpu")}
    free = sum(gpu.memory_free for gpu in hardware.gpus)
    on_gpu = bool(hardware.gpus) and needed["cuda"] <= free
    if settings.device == "cuda" or (settings.device == "auto" and on_gpu):
        reason = f"needs {_gb(needed['cuda'])} of {_gb(free)} free on {_names(hardware.gpus)}"
        return Placement("cuda", needed["cuda"], on_gpu, reason)
    fits = needed["cpu"] <= hardware.ram_available
    reason = f"needs {_gb(needed['cpu'])} of {_gb(hardware.ram_available)} free memory"
    if settings.device == "auto" and hardware.gpus:
        reason += f"; on the GPU it needs {_gb(needed['cuda'])}, of which {_gb(free)} are free"
    elif settings.device == "auto":
        reason += "; there is no CUDA GPU"
    return Placement("cpu", needed["cpu"], fits, reason)


def _names(gpus: Sequence[Gpu]) -> str:
    return ", ".join(gpu.name for gpu in gpus) or "no GPU"


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _gpus() -> tuple[Gpu, ...]:
    """Return the GPUs this process may use; none when there is no driver, or it does not answer."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        driver = str(pynvml.nvmlSystemGetDriverVersion())
        return tuple(_gpu(pynvml, index, driver) for index in _visible(pynvml.nvmlDeviceGetCount()))
    except pynvml.NVMLError:
        return ()
    finally:
        pynvml.nvmlShutdown()


def _visible(count: int) -> list[int]:
    """Return the numbers of the GPUs that CUDA_VISIBLE_DEVICES leaves; NVML itself ignores it."""
    asked = os.environ.get("CUDA_VISIBLE_DEVICES")
    if asked is None:
        return list(range(count))
    chosen = [part.strip() for part in asked.split(",") if part.strip()]
    if any(not part.lstrip("-").isdigit() for part in chosen):
        return list(range(count))  # names of GPUs rather than numbers: take them all
    return [int(part) for part in chosen if 0 <= int(part) < count]


def _gpu(nvml: Any, index: int, driver: str) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return Gpu(str(nvml.nvmlDeviceGetName(handle)), int(memory.total), int(memory.free), driver)
