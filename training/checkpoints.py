"""Checkpoints that are whole or not there at all.

The trainer writes a checkpoint file by file. ``complete.json`` is written last, atomically, with the SHA-256
of every file; a checkpoint without it, of another run, or with a file that differs is never resumed from.
The optimiser's and generators' states are torch files. transformers reads them with ``weights_only``, which
runs no code; sharded ones (FSDP) are read by torch's own reader, which does unpickle: both only after the
hashes have been found right.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from core.decoding import UNDECODABLE
from core.library.storage import flush, storing, write_atomically
from core.library.versions import discard
from core.tuning.runs import Run

SEAL = "complete.json"
KEPT = 2  # the newest ones, besides the best
_NAME = re.compile(r"checkpoint-(\d+)")


@dataclass(frozen=True, slots=True)
class Seal:
    """Content of ``complete.json``; ``files`` are relative paths to SHA-256."""

    version: int
    run: str
    step: int
    files: dict[str, str] = field(default_factory=dict)


def folder_of(run: Run, step: int) -> Path:
    """Return where the checkpoint of ``step`` lies."""
    return run.folder / f"checkpoint-{step}"


def seal(run: Run, step: int) -> None:
    """Declare the checkpoint of ``step`` whole. StorageFull if that cannot be written."""
    folder = folder_of(run, step)
    with storing(run.folder):
        files = _files(folder)
        flush([*files, *(path for path in folder.rglob("*") if path.is_dir()), folder])
        hashes = {path.relative_to(folder).as_posix(): _hash(path) for path in files}
        write_atomically(folder / SEAL, msgspec.json.encode(Seal(1, run.id, step, hashes)))


def is_whole(run: Run, step: int) -> bool:
    """True if the checkpoint of ``step`` is sealed, and every file is as it was when it was."""
    folder = folder_of(run, step)
    try:
        found = msgspec.json.decode((folder / SEAL).read_bytes(), type=Seal)
        if (found.version, found.run, found.step) != (1, run.id, step):
            return False
        hashes = {path.relative_to(folder).as_posix(): _hash(path) for path in _files(folder)}
    except (OSError, *UNDECODABLE):
        return False
    return hashes == found.files


def last(run: Run) -> int | None:
    """Return the step of the newest whole checkpoint, or None."""
    return next((step for step in reversed(steps(run)) if is_whole(run, step)), None)


def steps(run: Run) -> list[int]:
    """Return the steps of all checkpoint folders, whole or not, ascending."""
    found = (_NAME.fullmatch(path.name) for path in run.folder.glob("checkpoint-*") if path.is_dir())
    return sorted(int(match[1]) for match in found if match)


def drop_after(run: Run, step: int) -> None:
    """Delete the checkpoints later than ``step``, which a resumed run will write anew."""
    for later in steps(run):
        if later > step:
            _drop(run, later)


def prune(run: Run, best: int | None) -> None:
    """Delete all but the newest sealed checkpoints and the ``best``."""
    sealed = [step for step in steps(run) if (folder_of(run, step) / SEAL).is_file()]
    for step in sealed[:-KEPT]:
        if step != best:
            _drop(run, step)


def _drop(run: Run, step: int) -> None:
    folder = folder_of(run, step)
    (folder / SEAL).unlink(missing_ok=True)  # first, so that a half-deleted one is known as such
    discard(folder)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SEAL)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
