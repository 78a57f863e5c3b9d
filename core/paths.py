"""Where Vademecum keeps things. All of it lies under one folder, which ``VADEMECUM_HOME`` moves."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from core.policy import UNDECIDED, Policy, places, read_policy
from core.programs import is_frozen, shipped

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9_-])?")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
NAMES = "Use up to 64 letters, digits, spaces, '-', '_' and '.', beginning with a letter or digit."


@dataclass(frozen=True, slots=True)
class Home:
    """The data folder of one user, and what the administrator decided. Nothing is created by naming it."""

    root: Path
    policy: Policy = UNDECIDED

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def history(self) -> Path:
        return self.root / "history.sqlite"

    @property
    def models(self) -> Path:
        return self.root / "models"

    def model(self, name: str) -> Path:
        """Return the folder of a model by name: the user's own, else one that is only to be read."""
        folders = (folder / name for folder in self.model_folders)
        return next((folder for folder in folders if folder.is_dir()), self.models / name)

    @property
    def content(self) -> tuple[Path, ...]:
        """Folders with ``models/`` and ``libraries/`` that are used in place and never written.

        Those of the policy, then the one that came with the program.
        """
        given = shipped()
        return (*map(Path, self.policy.content), *([given] if given else ()))

    @property
    def model_folders(self) -> tuple[Path, ...]:
        """Where models lie; the first that has one of a name counts."""
        return (self.models, *(folder / "models" for folder in self.content))

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
    def evaluations(self) -> Path:
        return self.root / "evaluations"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def network_log(self) -> Path:
        """Attempts to reach the network, one JSON object a line; see ``core.offline``."""
        return self.logs / "network.jsonl"


def default_home() -> Home:
    """Return the folder named by ``VADEMECUM_HOME``, else the platform's place for user data.

    With the policy of this computer. Raises SettingsInvalid if that cannot be read: see ``core.policy``.
    """
    policy = read_policy(places(Path(sys.executable).resolve().parent if is_frozen() else None))
    if named := os.environ.get("VADEMECUM_HOME", "").strip():
        return Home(Path(named).expanduser().resolve(), policy)
    return Home(Path(platformdirs.user_data_dir("vademecum", appauthor=False)), policy)


def can_be_folder(name: str) -> bool:
    """True if ``name`` can be that of a folder on every system; ``NAMES`` says what can."""
    return _NAME.fullmatch(name) is not None and not is_reserved(name)


def is_reserved(name: str) -> bool:
    """True if Windows keeps ``name`` for a device, whatever follows its first dot."""
    return _RESERVED.fullmatch(name) is not None


def resources() -> Path:
    """Return the read-only ``resources`` folder of this installation, frozen or from source."""
    base = Path(getattr(sys, "_MEIPASS", "") or Path(__file__).resolve().parents[1])
    return base / "resources"
