"""The starter library: our own cards, which everybody begins with."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.cancel import CancelToken
from core.library.shelf import Shelf
from core.paths import Home, resources
from core.progress import Progress
from core.settings import Settings

NAME = "starter"


def is_ready(home: Home) -> bool:
    """True if the library is there and holds this edition of the cards. Imports nothing heavy."""
    try:
        return NAME in Shelf(home.libraries).names() and _stamp(home).read_text("utf-8") == _edition()
    except OSError:
        return False


def build(home: Home, settings: Settings, cancel: CancelToken, progress: Progress) -> None:
    """Embed the cards that are new with the embedder of ``settings``; goes on where it was interrupted.

    The policy does not matter: the cards came with the program. Raises as ``core.runtime.Runtime.add``.
    """
    from core.library.ingest import add
    from core.runtime import Runtime

    add(Shelf(home.libraries), NAME, [_cards()], Runtime(home, settings).embedder(), cancel, progress)
    _stamp(home).write_text(_edition(), "utf-8")


def _cards() -> Path:
    return resources() / "starter_library" / "cards.jsonl"


def _stamp(home: Home) -> Path:
    return home.libraries / NAME / "edition"


def _edition() -> str:
    return hashlib.sha256(_cards().read_bytes()).hexdigest()
