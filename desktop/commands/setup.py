"""``vademecum setup``: what a new installation needs before its first question. Quick when all is there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import typer

from core.assets.install import install, listing
from core.library.shelf import Shelf
from core.paths import Home, resources
from core.settings import read_settings
from desktop.commands.console import ProgressLine, cancel_on_interrupt

STARTER = "starter"


def setup(context: typer.Context) -> None:
    """Install the default models and build the starter library; goes on where it was interrupted."""
    home: Home = context.obj
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        if any(status.state != "installed" for status in listing(home)):
            line.say("Installing the default models")
            install(home, [], line.event, cancel)
        if not starter_is_ready(home):
            from core.runtime import Runtime

            line.say("Building the starter library")
            Runtime(home, read_settings(home.settings)).add(STARTER, [_cards()], cancel, line.step)
            _stamp(home).write_text(_edition(), "utf-8")


def starter_is_ready(home: Home) -> bool:
    """True if the starter library is there and holds this edition of the cards. Imports nothing heavy."""
    try:
        return STARTER in Shelf(home.libraries).names() and _stamp(home).read_text("utf-8") == _edition()
    except OSError:
        return False


def _cards() -> Path:
    return resources() / "starter_library" / "cards.jsonl"


def _stamp(home: Home) -> Path:
    return home.libraries / STARTER / "edition"


def _edition() -> str:
    return hashlib.sha256(_cards().read_bytes()).hexdigest()
