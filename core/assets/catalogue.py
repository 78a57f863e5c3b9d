"""Which default models there are, and by what hash each is known: ``resources/assets.toml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.errors import AssetRefused, AssetUnavailable
from core.paths import resources
from core.registry import ModelKind

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9._-]*$")]  # also a folder's name, so no slashes
Bytes = Annotated[int, Meta(gt=0)]


@dataclass(frozen=True, slots=True)
class Asset:
    """One default model and the wheel that carries it; the fields are explained in the file itself."""

    name: Name
    kind: ModelKind
    title: str
    licence: str
    package: Name
    package_version: str
    wheel: str
    wheel_sha256: Sha256
    wheel_bytes: Bytes
    folder: str
    weights: str
    weights_sha256: Sha256
    weights_bytes: Bytes
    files: tuple[str, ...]
    installed_bytes: Bytes

    @property
    def members(self) -> tuple[str, ...]:
        """What is taken out of the wheel: paths inside it, the weights first."""
        return tuple(str(PurePosixPath(self.folder, file)) for file in (self.weights, *self.files))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What ``assets.toml`` holds."""

    version: Literal[1]
    asset: tuple[Asset, ...]


def read_catalogue(path: Path | None = None) -> tuple[Asset, ...]:
    """Return the assets named in ``path``, by default those this program comes with.

    Raises:
        AssetRefused: the file is missing, incomplete, or names weights of a kind we do not open.
    """
    path = path or resources() / "assets.toml"
    try:
        assets = msgspec.toml.decode(path.read_bytes(), type=Catalogue).asset
    except (OSError, msgspec.MsgspecError) as error:
        raise AssetRefused(f"Cannot use {path}: {error}.", "Install Vademecum again.") from error
    for asset in assets:
        if not asset.weights.endswith((".gguf", ".safetensors")):
            raise AssetRefused(f"{asset.name}: {asset.weights} is neither GGUF nor safetensors.")
    return assets


def chosen(assets: Sequence[Asset], names: Sequence[str]) -> list[Asset]:
    """Return the assets called ``names``, or all if none is named; AssetUnavailable for an unknown name."""
    known = {asset.name: asset for asset in assets}
    if unknown := [name for name in names if name not in known]:
        raise AssetUnavailable(f"There is no default model {unknown[0]}.", f"Choose from {', '.join(known)}.")
    return [known[name] for name in names or known]
