"""``vademecum setup``: what a new installation needs before its first question. Quick when all is there."""

from __future__ import annotations

import typer

from core import starter
from core.assets.install import install, listing
from core.paths import Home
from core.settings import settings_of
from desktop.commands.console import ProgressLine, cancel_on_interrupt


def setup(context: typer.Context) -> None:
    """Install the default models and build the starter library; goes on where it was interrupted."""
    home: Home = context.obj
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        if any(status.state != "installed" for status in listing(home)):
            line.say("Installing the default models")
            install(home, [], line.event, cancel)
        if not starter.is_ready(home):
            line.say("Building the starter library")
            starter.build(home, settings_of(home), cancel, line.step)
