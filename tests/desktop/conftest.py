"""Every test here runs on real windows and real processes, and must leave nothing behind."""

from __future__ import annotations

import gc
import os
from dataclasses import replace

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QProcess, QThread, QTimer

from core.paths import Home
from core.policy import UNDECIDED
from core.settings import Settings
from desktop.app import Desktop, Programs
from desktop.immortal import keep_constants
from tests.desktop.window_fakes import FakeLibraries, make_document

keep_constants()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Any Qt warning fails the test that caused it."""
    for item in items:
        if "tests/desktop" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))


@pytest.fixture(autouse=True)
def no_leaks(qapp):
    """Fail when a test leaves a running timer, thread or process."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    left = [one for one in gc.get_objects() if issubclass(type(one), WATCHED) and running(one)]
    assert not left, left


WATCHED = (QTimer, QThread, QProcess)  # by type(): asking every object for its class wakes lazy ones up


def running(one: QObject) -> bool:
    try:
        if isinstance(one, QTimer):
            return one.isActive()
        if isinstance(one, QThread):
            return one.isRunning()
        return one.state() != QProcess.ProcessState.NotRunning
    except RuntimeError:  # its C++ half is gone
        return False


@pytest.fixture
def home(tmp_path):
    """A home with the (empty) folders of the default models, so that nothing asks for setup."""
    for model in (Settings().model.language, Settings().model.embedder):
        (tmp_path / "models" / model).mkdir(parents=True)
    return Home(tmp_path)


@pytest.fixture
def documents():
    return [make_document(), make_document(2, "Rate control in atrial fibrillation")]


@pytest.fixture
def open_window(qtbot, qapp, home, documents):
    """Open the real window on a worker program; several in a row share one home."""
    opened: list[Desktop] = []

    def open_one(worker=("false",), setup=("true",), libraries=None, policy=UNDECIDED) -> Desktop:
        close()
        under = replace(home, policy=policy)
        desktop = Desktop(qapp, under, Programs(worker, setup), libraries or FakeLibraries(documents))
        opened.append(desktop)
        desktop.window.show()
        desktop.window.activateWindow()  # shortcuts belong to the active window
        qtbot.waitUntil(desktop.window.isActiveWindow)
        return desktop

    def close():
        while opened:
            desktop = opened.pop()
            desktop.shut_down(grace_ms=100)
            desktop.window.close()
            desktop.window.deleteLater()
            desktop.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    open_one.close = close
    yield open_one
    close()
