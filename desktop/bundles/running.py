"""How far an installation is, and stopping it."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.bundles.bundle_words import step_words
from desktop.theme import GRID, set_role, sized
from desktop.words import duration, size

_SURE_AFTER_S = 3.0  # seconds until the rest can be told from what went before


class Running(QFrame):
    """Hidden while nothing runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "note")
        self._what, self._step, self._since = "", "", 0.0
        self.doing = QLabel()
        self.doing.setTextFormat(Qt.TextFormat.PlainText)
        sized(self.doing, 1.0, bold=True)
        self.counts = QLabel()
        set_role(self.counts, "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = QPushButton(self.tr("Stop"))
        row = QHBoxLayout()
        row.addWidget(self.doing, 1)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        column.setSpacing(GRID)
        column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.counts)
        self.hide()

    def begin(self, what: str, stoppable: bool = True) -> None:
        """Say ``what`` has begun."""
        self._what, self._step = what, ""
        self.doing.setText(what)
        self.counts.clear()
        self.bar.setRange(0, 0)
        self.stop.setVisible(stoppable)
        self.show()

    def take(self, step: str, done: int | None, total: int | None) -> None:
        """Show how far a step is, in bytes where ``total`` is known."""
        if step != self._step:
            self._step, self._since = step, time.monotonic()
        self.doing.setText(f"{self._what}: {step_words(step)}")
        if step != "unpack" or not total or done is None:
            self.bar.setRange(0, 0)
            self.counts.clear()
            return
        self.bar.setRange(0, 1000)
        self.bar.setValue(done * 1000 // total)
        words = [self.tr("{0} of {1}").format(size(done), size(total))]
        if done and (passed := time.monotonic() - self._since) > _SURE_AFTER_S:
            words.append(duration(passed * (total - done) / done))
        self.counts.setText("  ·  ".join(words))
