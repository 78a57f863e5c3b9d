"""Making a bundle of what is on this computer: which files of it travel, and what is said of them."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core import __version__
from core.bundles.adapters import CONFIG
from core.bundles.making import Label, create
from core.cancel import CancelToken
from core.errors import InputUnreadable
from core.generation.merging import ADAPTER
from core.library.retractions import import_list
from core.library.shelf import shelf_of
from core.paths import Home
from core.progress import Progress
from core.registry import inspect_model

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ADAPTER = (CONFIG, ADAPTER, "README.md")
_HEADERS = 64 * 1024 * 1024  # bytes: more than manifest and headers of any bundle have


def make_bundle(
    home: Home,
    source: str,
    target: Path,
    label: Label,
    key: Ed25519PrivateKey | None,
    largest_part: int | None,
    cancel: CancelToken,
    progress: Progress,
) -> None:
    """Write what ``source`` names to ``target``: a model or library by name, a folder, or a list's file.

    Args:
        label: empty fields are filled in from what is known.
        largest_part: bytes of one file; a smaller bundle stays whole.

    Raises:
        InputUnreadable, ModelUnusable, LibraryMissing, BundleRefused: it cannot be made, and why.
        StorageFull, Cancelled: nothing of it stays.
    """
    if label.kind == "library":
        from core.library.transfer import export_library  # with NumPy

        shelf = shelf_of(home)
        part = _part(shelf.info(source).bytes, largest_part)
        export_library(shelf, source, target, cancel, progress, part, label, key)
        return
    files = _files(home, label, source)
    part = _part(sum(path.stat().st_size for _, path in files), largest_part)
    path = Path(source).resolve()
    name = label.name or (path.stem if path.is_file() else path.name)
    made = replace(label, name=name, needs=label.needs or __version__)
    create(target, made, files, key, part, cancel, progress)


def _files(home: Home, label: Label, source: str) -> list[tuple[str, Path]]:
    if label.kind == "retractions":
        return [("list.txt", _list(Path(source)))]
    named = home.model(source) if label.kind == "model" else Path(source).expanduser()
    folder = named if named.is_dir() else Path(source).expanduser()
    if not folder.is_dir():
        raise InputUnreadable(f"There is no folder {folder}.", "Name a folder, or a model that is installed.")
    if label.kind == "model":
        inspect_model(folder)
    if label.kind == "adapter":
        if not label.parents:
            raise InputUnreadable("An adapter needs its base.", "Name it with --parent MODEL.")
        if not (folder / CONFIG).is_file() or not (folder / ADAPTER).is_file():
            raise InputUnreadable(f"{folder} holds no adapter.", "Name the folder adapter/ of a run.")
        return [(name, folder / name) for name in _ADAPTER if (folder / name).is_file()]
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named_files = [(path.relative_to(folder).as_posix(), path) for path in paths]
    return [each for each in named_files if label.kind == "app" or not _hidden(each[0])]


def _list(path: Path) -> Path:
    """Return the list, having read that it is one."""
    with tempfile.TemporaryDirectory() as aside:
        import_list(Path(aside), path)
    return path


def _hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _part(size: int, largest: int | None) -> int | None:
    return largest if largest and size + min(_HEADERS, largest // 8) > largest else None
