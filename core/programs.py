"""How our own processes are started: from source by Python, once installed by our own console program."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

Name = Literal["command", "assistant", "training", "pdf"]

MODULES: dict[Name, str] = {
    "command": "desktop.cli",
    "assistant": "core.worker",
    "training": "training",
    "pdf": "core.library.readers.pdf_worker",
}
WORKER = "--worker"  # first argument that makes the console program a worker


def program(name: Name) -> tuple[str, ...]:
    """Return the command that starts ``name``, to which arguments can be added."""
    if not is_frozen():
        return (sys.executable, "-m", MODULES[name])
    # A program without a console has no standard streams on Windows, so workers are the console program.
    console = Path(sys.executable).with_name("vademecum.exe" if os.name == "nt" else "vademecum")
    return (str(console),) if name == "command" else (str(console), WORKER, name)


def is_frozen() -> bool:
    """True in an installed Vademecum, where ``sys.executable`` is no Python."""
    return bool(getattr(sys, "frozen", False))
