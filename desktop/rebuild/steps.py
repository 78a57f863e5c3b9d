"""The parts of a rebuild, and how each stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.protocol import AddToLibrary, Resume, Train, TuneEmbedder

Job = AddToLibrary | Train | TuneEmbedder | Resume
RESUMABLE = ("stopped", "interrupted", "failed", "trained", "merged")
JobState = Literal["waiting", "running", "done", "stopped", "failed"]


@dataclass(slots=True)
class Step:
    """One job of a rebuild; ``said`` is what it does now, or what came of it."""

    job: Job
    state: JobState = "waiting"
    said: str = ""
    hint: str = ""
    run: str = ""
