"""A short message in the page: icon, what happened, what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from desktop.icons import IconLabel
from desktop.theme import GRID, set_role, sized


class Note(QFrame):
    """Hidden until there is something to say. ``bare`` has no frame: for a place that has one already."""

    def __init__(self, parent: QWidget | None = None, *, bare: bool = False) -> None:
        super().__init__(parent)
        set_role(self, "plain" if bare else "note")
        self._icon = IconLabel("info")
        self._message = QLabel()
        sized(self._message, 1.0, bold=True)
        self._hint = QLabel()
        set_role(self._hint, "muted")
        grid = QGridLayout(self)
        side, end = (0, 0) if bare else (GRID * 2, GRID + 4)
        grid.setContentsMargins(side, end, side, end)
        grid.setHorizontalSpacing(GRID + 4)
        grid.setVerticalSpacing(GRID // 2)
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._message, 0, 1)
        grid.addWidget(self._hint, 1, 1)
        grid.setColumnStretch(1, 1)
        for label in (self._message, self._hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def say(self, icon: str, colour: str, message: str, hint: str) -> None:
        """Show ``message`` and, under it, ``hint``."""
        self._icon.show_icon(icon, colour)
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleName(f"{message} {hint}")
        self.show()

    def text(self) -> str:
        """Return what is said, for screen readers and tests."""
        return f"{self._message.text()} {self._hint.text()}".strip()
