"""Keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def shortcut(keys: str, widget: QWidget, do: Callable[[], object], *, inside: bool = False) -> None:
    """Let ``keys`` do something in the whole window, or only while the focus is ``inside`` the widget.

    Connected by signal: the constructor that takes a callable looks the name up in ``widget`` instead.
    """
    context = Qt.ShortcutContext.WidgetWithChildrenShortcut if inside else Qt.ShortcutContext.WindowShortcut
    made = QShortcut(QKeySequence(keys), widget)
    made.setContext(context)
    made.activated.connect(do)
