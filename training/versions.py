"""What a run was made with, so that it can be made again: ``versions.json``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import msgspec

from core import __version__
from core.decoding import UNDECODABLE
from core.hardware import Hardware
from core.library.storage import storing, write_atomically
from core.tuning.runs import Run

PACKAGES = (
    "torch", "transformers", "trl", "peft", "datasets", "accelerate", "bitsandbytes", "safetensors",
    "tokenizers", "sentence-transformers", "unsloth",
)  # fmt: skip
_OURS = ("core", "training")

# Whether the same recipe gives the same adapter, or why not; empty where it was not noted.
Repeats = Literal["", "yes", "off", "unsloth", "several cards", "changed"]


@dataclass(frozen=True, slots=True)
class Versions:
    """Content of ``versions.json``.

    Attributes:
        vademecum: release; ``build`` is a hash of our own source files.
        packages: name to version of what the training works with.
        dataset: SHA-256 of ``dataset.jsonl``; empty where the run has none.
        base: SHA-256 of the base's ``config.json`` and of the names and sizes of its weights.
        repeatable: "yes", or why the same recipe may give another adapter: repeatable was "off", "unsloth"
            or "several cards" trained it, or the recipe or its batches were "changed" on the way.
    """

    version: int
    vademecum: str
    build: str
    packages: dict[str, str]
    hardware: Hardware
    seed: int
    dataset: str = ""
    base: str = ""
    repeatable: Repeats = ""


def write_versions(
    run: Run, hardware: Hardware, seed: int, dataset: str = "", base: Path | None = None
) -> None:
    """Write ``versions.json`` of a new run."""
    found = Versions(
        version=1,
        vademecum=__version__,
        build=build_id(),
        packages=installed(),
        hardware=hardware,
        seed=seed,
        dataset=dataset,
        base=fingerprint(base) if base else "",
    )
    _write(run, found)


def note_repeatable(run: Run, repeats: Repeats, *, anew: bool = False) -> None:
    """Note how ``run`` trains from here on, or from its start (``anew``); one part of another kind decides.

    What was begun before this was noted stays unknown.
    """
    found = read_versions(run)
    if found and (anew or (repeats != "yes" and found.repeatable in ("", "yes"))):
        _write(run, replace(found, repeatable=repeats))


def _write(run: Run, versions: Versions) -> None:
    with storing(run.folder):
        write_atomically(run.versions, msgspec.json.format(msgspec.json.encode(versions), indent=1))


def read_versions(run: Run) -> Versions | None:
    """Return what ``run`` was made with, or None if it does not say."""
    try:
        return msgspec.json.decode(run.versions.read_bytes(), type=Versions)
    except (OSError, *UNDECODABLE):
        return None


def installed() -> dict[str, str]:
    """Return the versions of the packages that matter."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def build_id() -> str:
    """Return a hash of our own source files, 16 hexadecimal digits; of the release where they are frozen."""
    root = Path(__file__).resolve().parents[1]
    total = hashlib.sha256(__version__.encode())
    for path in sorted(path for package in _OURS for path in (root / package).rglob("*.py")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def fingerprint(base: Path) -> str:
    """Return a hash that differs between models, without reading all of their weights."""
    total = hashlib.sha256((base / "config.json").read_bytes())
    for path in sorted(base.glob("*.safetensors")):
        total.update(f"{path.name}\0{path.stat().st_size}".encode())
        with path.open("rb") as file:
            total.update(file.read(1 << 20))
            file.seek(-min(1 << 20, path.stat().st_size), 2)
            total.update(file.read())
    return total.hexdigest()
