"""The wizard on a training process that learns nothing; see ``tests.desktop.training_fake``."""

from __future__ import annotations

import json
import sys

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from core.paths import Home
from core.settings import ModelSettings, Settings, write_settings
from desktop.app import Desktop, Programs
from tests.desktop.window_fakes import FakeLibraries, worker
from tests.desktop.wizard.rebuild_hands import RebuildHands
from tests.fakes.hollow_model import make_hollow_embedder, make_hollow_model

ASSISTANT = (sys.executable, "-m", "core.worker")


@pytest.fixture
def home(tmp_path):
    """A home with two models that can be looked at, but not run."""
    home = Home(tmp_path / "home")
    write_settings(home.settings, Settings(model=ModelSettings(language="smollm2-135m-instruct")))
    make_hollow_model(home.models, "smollm2-135m-instruct")
    make_hollow_embedder(home.models / "all-minilm-l6-v2")
    return home


@pytest.fixture
def pairs(tmp_path):
    """Write files of pairs; rows that are None have no answer."""

    def write(name="pairs.jsonl", count=40, bad=0):
        rows = [{"question": "Does it help?", "answer": "Yes."}] * count + [{"question": "?"}] * bad
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return path

    return write


@pytest.fixture
def open_rebuild(qtbot, qapp, home, documents):
    """Open the window at its Rebuild page; several in a row share one home."""
    opened: list[Desktop] = []

    def open_one(answering="pass", assistant=None, **options) -> RebuildHands:
        close()
        training = (sys.executable, "-m", "tests.desktop.training_fake", json.dumps(options))
        programs = Programs(assistant or worker(answering), ("true",), training)
        desktop = Desktop(qapp, home, programs, FakeLibraries(documents))
        opened.append(desktop)
        desktop.window.show()
        desktop.window.activateWindow()
        qtbot.waitUntil(desktop.window.isActiveWindow)
        desktop.window.show_page(desktop.rebuilding.page)
        return RebuildHands(desktop, qtbot)

    def close():
        while opened:
            desktop = opened.pop()
            desktop.shut_down(grace_ms=1000)
            desktop.window.may_close = lambda: True
            desktop.window.close()
            desktop.window.deleteLater()
            desktop.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    open_one.close = close
    yield open_one
    close()
