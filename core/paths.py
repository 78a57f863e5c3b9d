"""Where Vademecum keeps things. All of it lies under one folder, which ``VADEMECUM_HOME`` moves."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Home:
    """The data folder of one user. Nothing is created by naming it."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def history(self) -> Path:
        return self.root / "history.sqlite"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def libraries(self) -> Path:
        return self.root / "libraries"

    @property
    def retractions(self) -> Path:
        """Lists of retracted publications that were imported; see ``core.library.retractions``."""
        return self.root / "retractions"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def network_log(self) -> Path:
        """Attempts to reach the network, one JSON object a line; see ``core.offline``."""
        return self.logs / "network.jsonl"


def default_home() -> Home:
    """Return the folder named by ``VADEMECUM_HOME``, else the platform's place for user data."""
    if named := os.environ.get("VADEMECUM_HOME", "").strip():
        return Home(Path(named).expanduser().resolve())
    return Home(Path(platformdirs.user_data_dir("vademecum", appauthor=False)))


def resources() -> Path:
    """Return the read-only ``resources`` folder of this installation, frozen or from source."""
    base = Path(getattr(sys, "_MEIPASS", "") or Path(__file__).resolve().parents[1])
    return base / "resources"
