"""What safetensors files say about themselves: their headers, without the numbers and without torch."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelUnusable

INDEX, SINGLE = "model.safetensors.index.json", "model.safetensors"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
LONGEST_HEADER = 100_000_000  # bytes, as in the format's definition
COPY_AGAIN = "Copy or download the model again."
# What comes of values in JSON that are of another type, too large, or nested too deeply.
WRONG_TYPES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Weights:
    """Attributes:
    parameters: how many numbers; those packed by quantisation count as stored.
    bytes: size of the files.
    dtype: of most of the bytes, by its safetensors name, such as "F32" or "BF16".
    """

    parameters: int
    bytes: int
    dtype: str


def read_weights(folder: Path) -> Weights:
    """Sum up the safetensors files of ``folder``, having checked that they are all there and whole.

    Raises:
        ModelUnusable: none, a missing or truncated one, or only weights that could run code (pickle).
    """
    files = _files(folder)
    tensors = [tensor for file in files for tensor in _tensors(file).values()]
    sizes: Counter[str] = Counter()
    for tensor in tensors:
        start, end = tensor["data_offsets"]
        sizes[tensor["dtype"]] += end - start
    parameters = sum(math.prod(tensor["shape"]) for tensor in tensors)
    return Weights(parameters, sum(file.stat().st_size for file in files), sizes.most_common(1)[0][0])


def shapes_in(file: Path) -> dict[str, list[int]]:
    """Return name and shape of every tensor of a safetensors file; ModelUnusable if it is damaged."""
    return {name: list(tensor["shape"]) for name, tensor in _tensors(file).items()}


def _files(folder: Path) -> list[Path]:
    if (index := folder / INDEX).is_file():
        try:
            named = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
        except (OSError, *WRONG_TYPES) as error:
            raise ModelUnusable(f"{index} is damaged.", COPY_AGAIN) from error
        files = [folder / Path(str(name)).name for name in named]
        if missing := [file.name for file in files if not file.is_file()]:
            raise ModelUnusable(f"{folder} lacks {missing[0]}, of {len(files)} files of weights.", COPY_AGAIN)
        return files
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    raise _none(folder)


def _none(folder: Path) -> ModelUnusable:
    """Say why there is nothing to load, as precisely as the files allow."""
    if any(folder.glob("*.gguf")):
        return ModelUnusable(f"{folder} holds a GGUF model.", "Use the model's safetensors edition.")
    if found := _first(folder.glob(pattern) for pattern in PICKLES):
        return ModelUnusable(
            f"{folder} holds its weights only as {found.name}, a format that can run code when opened.",
            "Use a safetensors edition of the model.",
        )
    return ModelUnusable(f"{folder} holds no weights ({SINGLE}).", COPY_AGAIN)


def _first(groups: Iterable[Iterable[Path]]) -> Path | None:
    return next((path for group in groups for path in group), None)


def _tensors(file: Path) -> dict[str, dict[str, Any]]:
    """Return the tensor descriptions in the header of ``file``, once its length agrees with them."""
    size = file.stat().st_size
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= min(size - 8, LONGEST_HEADER):
                raise ValueError("header longer than the file")
            header = json.loads(stream.read(length))
        header.pop("__metadata__", None)
        tensors: dict[str, dict[str, Any]] = header
        if not tensors or max(tensor["data_offsets"][1] for tensor in tensors.values()) + 8 + length != size:
            raise ValueError("length and header disagree")
    except (OSError, *WRONG_TYPES) as error:
        raise ModelUnusable(f"{file} is damaged or cut short.", COPY_AGAIN) from error
    return tensors
