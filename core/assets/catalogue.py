"""Which default models there are, and by what hash each is known: ``resources/assets.toml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.decoding import UNDECODABLE
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
    def source_sha256(self) -> str:
        """What the installed folder is recognised by."""
        return self.wheel_sha256

    @property
    def origin(self) -> str:
        """Where it comes from, for people."""
        return f"{self.package}=={self.package_version}"

    @property
    def members(self) -> tuple[str, ...]:
        """What is taken out of the wheel: paths inside it, the weights first."""
        return tuple(str(PurePosixPath(self.folder, file)) for file in (self.weights, *self.files))


@dataclass(frozen=True, slots=True)
class Adapter:
    """A default model that is made here: an adapter of ours, merged into another default model.

    Attributes:
        base: name of that model.
        folder: of the adapter, below ``resources``.
    """

    name: Name
    kind: Literal["language"]
    title: str
    licence: str
    base: Name
    folder: str
    weights_sha256: Sha256
    weights_bytes: Bytes
    installed_bytes: Bytes

    @property
    def source_sha256(self) -> str:
        """What the installed folder is recognised by."""
        return self.weights_sha256

    @property
    def origin(self) -> str:
        """Where it comes from, for people."""
        return f"{self.folder} on {self.base}"


DefaultModel = Asset | Adapter


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What ``assets.toml`` holds."""

    version: Literal[1]
    asset: tuple[Asset, ...]
    adapter: tuple[Adapter, ...] = ()


def read_catalogue(path: Path | None = None) -> tuple[DefaultModel, ...]:
    """Return the models named in ``path``, by default those this program comes with; bases before adapters.

    Raises:
        AssetRefused: the file is missing, incomplete, or names weights of a kind we do not open.
    """
    path = path or resources() / "assets.toml"
    try:
        catalogue = msgspec.toml.decode(path.read_bytes(), type=Catalogue)
    except (OSError, *UNDECODABLE) as error:
        raise AssetRefused(f"Cannot use {path}: {error}.", "Install Vademecum again.") from error
    for asset in catalogue.asset:
        if not asset.weights.endswith((".gguf", ".safetensors")):
            raise AssetRefused(f"{asset.name}: {asset.weights} is neither GGUF nor safetensors.")
    return (*catalogue.asset, *catalogue.adapter)


def chosen(assets: Sequence[DefaultModel], names: Sequence[str]) -> list[DefaultModel]:
    """Return the models called ``names`` and what they are made of, or all if none is named.

    Raises:
        AssetUnavailable: there is no default model of such a name.
    """
    known = {asset.name: asset for asset in assets}
    if unknown := [name for name in names if name not in known]:
        raise AssetUnavailable(f"There is no default model {unknown[0]}.", f"Choose from {', '.join(known)}.")
    wanted = [known[name] for name in names or known]
    bases = [known[asset.base] for asset in wanted if isinstance(asset, Adapter) and asset.base in known]
    return list(dict.fromkeys([*bases, *wanted]))
