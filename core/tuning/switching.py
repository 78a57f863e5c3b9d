"""What was taken into use and when, in ``activations.json``; switching so that no crash leaves half of it.

The file is the point of no return: an activation first prepares everything beside what is in use, then
writes here what is to be in use (``pending``), then switches libraries and settings. Switching can be done
again without harm, so ``settle`` finishes what a killed process has begun.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import msgspec
from filelock import FileLock, Timeout

from core.decoding import UNDECODABLE
from core.errors import AppError, RunUnusable
from core.library.shelf import Shelf
from core.library.storage import storing, write_atomically
from core.paths import Home
from core.settings import ModelSettings, settings_of

ModelRole = Literal["language", "embedder"]  # the names of both settings
_VERSION = 1


@dataclass(frozen=True, slots=True)
class LibrarySwitch:
    """The versions of a library before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Activation:
    """A tuned model that was taken into use.

    Attributes:
        run: id of the run it came from.
        role: the setting that names it.
        model: its folder under ``models``.
        previous: what the setting named before.
        when: UTC, ISO 8601; ``reverted`` likewise, empty while it was not reverted.
        libraries: whose index was made anew with it; none for a language model.
    """

    run: str
    role: ModelRole
    model: str
    previous: str
    when: str
    libraries: tuple[LibrarySwitch, ...] = ()
    reverted: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be in use: the value of a setting, and library name to version."""

    role: ModelRole
    model: str
    libraries: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Log:
    """The content of ``activations.json``.

    Attributes:
        models: run id to the folder under ``models`` that its model has, or is about to be moved to.
        activations: oldest first.
        pending: what a process had decided to take into use; None once it is.
    """

    version: int = _VERSION
    models: dict[str, str] = field(default_factory=dict)
    activations: tuple[Activation, ...] = ()
    pending: Target | None = None


def read_log(home: Home) -> Log:
    """Return what was activated so far. Raises RunUnusable if the file cannot be read or is newer."""
    path = _path(home)
    try:
        log = msgspec.json.decode(path.read_bytes(), type=Log)
    except FileNotFoundError:
        return Log()
    except (OSError, *UNDECODABLE) as error:
        raise RunUnusable(
            f"Cannot read {path}: {error}.", "Delete it and choose the model in the settings."
        ) from error
    if log.version != _VERSION:
        raise RunUnusable(f"{path} was written by a newer Vademecum.", "Update Vademecum.")
    return log


def write_log(home: Home, log: Log) -> None:
    """Replace ``activations.json``; a crash leaves the old one or the new one."""
    with storing(home.root):
        write_atomically(_path(home), msgspec.json.format(msgspec.json.encode(log), indent=1))


@contextmanager
def switching(home: Home, libraries: list[str]) -> Iterator[None]:
    """Keep other processes from activating, and from writing ``libraries``.

    Raises:
        RunUnusable: another process activates or reverts.
        LibraryBusy: another process writes one of the libraries.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    held = FileLock(home.root / ".activation.lock", timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise RunUnusable("Another Vademecum is just switching models.", "Wait until it is done.") from None
    try:
        shelf = Shelf(home.libraries)
        with ExitStack() as stack:
            for name in sorted(libraries):
                stack.enter_context(shelf.lock(name))
            yield
    finally:
        held.release()


def apply(home: Home) -> None:
    """Take what is pending into use. To be called under ``switching``; doing it twice does no harm."""
    log = read_log(home)
    if (target := log.pending) is None:
        return
    shelf = Shelf(home.libraries)
    for name, version in target.libraries.items():
        versions = shelf.versions(name)
        if versions.active() not in (None, version) and versions.has(version):
            versions.switch(version)
    settings = settings_of(home)
    model = with_model(settings.model, target.role, target.model)
    home.policy.write_own(home.settings, replace(settings, model=model))
    write_log(home, replace(log, pending=None))


def settle(home: Home) -> None:
    """Finish a switch that was killed half-way; where that is not possible now, the next call tries again.

    To be called where a process begins to use the settings. Costs one look at a small file.
    """
    try:
        if (target := read_log(home).pending) is not None:
            with switching(home, [*target.libraries]):
                apply(home)
    except AppError:
        return


def with_model(settings: ModelSettings, role: ModelRole, model: str) -> ModelSettings:
    """Return ``settings`` with ``model`` in its ``role``."""
    return replace(settings, language=model) if role == "language" else replace(settings, embedder=model)


def _path(home: Home) -> Path:
    return home.root / "activations.json"
