"""Tells that work goes on, what it is, and for how long it has."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from desktop.theme import GRID, set_role

SHOW_AFTER_MS = 300
ELAPSED_AFTER_S = 2


class Waiting(QWidget):
    """Appears when a wait gets long enough to be noticed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doing = ""
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(6 * GRID)
        self._label = QLabel()
        set_role(self._label, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID + 4)
        row.addWidget(self._bar)
        row.addWidget(self._label, 1)
        self._clock = QElapsedTimer()
        self._tick = QTimer(self)
        self._tick.timeout.connect(self._on_tick)
        self.hide()

    def begin(self) -> None:
        """Start waiting."""
        self._doing = self.tr("Starting the model")
        self._clock.start()
        self._tick.start(SHOW_AFTER_MS)

    def say(self, doing: str) -> None:
        """Tell what is being done now."""
        self._doing = doing
        self._refresh()

    def end(self) -> None:
        """Stop waiting."""
        self._tick.stop()
        self.hide()

    def text(self) -> str:
        """Return what is shown."""
        return self._label.text()

    @Slot()
    def _on_tick(self) -> None:
        self._refresh()
        self.show()

    def _refresh(self) -> None:
        seconds = self._clock.elapsed() // 1000
        elapsed = self.tr("  {0} s").format(seconds) if seconds >= ELAPSED_AFTER_S else ""
        self._label.setText(f"{self._doing}…{elapsed}")
