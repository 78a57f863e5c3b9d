"""How our own processes are started: from source by Python, once installed by our own programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

Name = Literal["command", "assistant", "training", "pdf", "imports", "trial"]

MODULES: dict[Name, str] = {
    "command": "desktop.cli",
    "assistant": "core.worker",
    "training": "training",
    "pdf": "core.library.readers.pdf_worker",
    "imports": "core.self_check.imports",
    "trial": "desktop.trial",
}
WORKER = "--worker"  # first argument that makes the console program a worker
TRIAL = "--trial"  # first argument that makes the windowed program try itself


def program(name: Name) -> tuple[str, ...]:
    """Return the command that starts ``name``, to which arguments can be added."""
    if not is_frozen():
        return (sys.executable, "-m", MODULES[name])
    if name == "trial":
        return (_beside("vademecum-window"), TRIAL)
    # A program without a console has no standard streams on Windows, so workers are the console program.
    console = _beside("vademecum")
    return (console,) if name == "command" else (console, WORKER, name)


def is_frozen() -> bool:
    """True in an installed Vademecum, where ``sys.executable`` is no Python."""
    return bool(getattr(sys, "frozen", False))


def shipped() -> Path | None:
    """Return the folder of the models and libraries that came with an installed Vademecum; None from source.

    It holds ``models/`` and ``libraries/``, and is never written.
    """
    if not is_frozen():
        return None
    programs = Path(sys.executable).resolve().parent
    places = (programs / "content", programs.parent / "Resources" / "content")  # the second on a Mac
    return next((place for place in places if place.is_dir()), None)


def get_default_models() -> str:
    """Return what to do where a default model is missing or damaged, as a sentence."""
    if is_frozen():  # they came along; fetching them needs the network and its wheels
        return "Install Vademecum again: the default models come with it."
    return "Run `vademecum assets install`."


def _beside(name: str) -> str:
    return str(Path(sys.executable).with_name(f"{name}.exe" if os.name == "nt" else name))
