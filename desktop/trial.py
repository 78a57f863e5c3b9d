"""The window, opened once without a display and closed again: ``python -m desktop.trial FILE``.

For the self-check. Writes what it saw to FILE, since a windowed program has no standard output on Windows.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
from PySide6.QtCore import QEventLoop, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from core.paths import default_home

_SWITCHED = "Detected locale"  # that is not UTF-8: Qt says that it takes another, which is all we need


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of the window.

    Attributes:
        painted: seconds from the start of the process until it was painted.
        pages: names of the pages that were shown.
        colours: how many different ones each page has; an empty page has one.
        warnings: what Qt complained about.
        torch: the window's process has loaded torch, which it must not.
    """

    painted: float
    pages: tuple[str, ...]
    colours: tuple[int, ...]
    warnings: tuple[str, ...]
    torch: bool


def main(arguments: Sequence[str]) -> int:
    """Open the window, show each page, close it, and write what was seen to the file named."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    Path(arguments[0]).write_bytes(msgspec.json.encode(try_window()))
    return 0


def try_window() -> Seen:
    """Open the window on the user's data, without loading a model, and look at each page."""
    from core import offline
    from desktop.app import Desktop, Programs
    from desktop.immortal import keep_constants

    warnings: list[str] = []

    def hear(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        harmless = kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) or text.startswith(_SWITCHED)
        if not harmless:
            warnings.append(text)

    keep_constants()
    home = default_home()
    offline.arm("window", home)
    qInstallMessageHandler(hear)
    app = QApplication(["vademecum"])
    desktop = Desktop(app, home, Programs())
    desktop.window.show()
    _paint(app)
    painted, torch = time.time() - psutil.Process().create_time(), "torch" in sys.modules
    names, colours = [], []
    stack = desktop.window.pages
    for page in filter(None, map(stack.widget, range(stack.count()))):
        desktop.window.show_page(page)
        _paint(app)
        names.append(type(page).__name__)
        colours.append(_colours(page))
    desktop.window.close()
    desktop.shut_down()
    return Seen(painted, tuple(names), tuple(colours), tuple(warnings), torch)


def _paint(app: QApplication) -> None:
    app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)


def _colours(page: QWidget) -> int:
    """Return how many different colours ``page`` is painted in, looking at every fourth point."""
    picture = page.grab().toImage()
    across, down = range(0, picture.width(), 4), range(0, picture.height(), 4)
    return len({picture.pixel(x, y) for x in across for y in down})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
