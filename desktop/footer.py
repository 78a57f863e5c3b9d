"""The bottom edge: offline state, the permanent notice, what answers from what."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop.elided import ElidedLabel
from desktop.icons import IconLabel
from desktop.library.chooser import named
from desktop.theme import GRID, SMALL, set_role, sized

COUNT_EVERY_MS = 5000


class Footer(QWidget):
    """Counts refused connections, and names library and model."""

    def __init__(self, attempts: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("footer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._attempts = attempts
        self._icon = IconLabel("lock", size=14)
        self.offline = QLabel()
        self.notice = QLabel(self.tr("AI-generated from your library. Not medical advice."))
        self.rebuild = QLabel()
        self.rebuild.hide()
        self.names = ElidedLabel()
        self.names.setAlignment(Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, 5, GRID * 2, 5)
        row.setSpacing(GRID - 2)
        row.addWidget(self._icon)
        row.addWidget(self.offline, 1)
        row.addWidget(self.notice)
        row.addWidget(self.names, 1)
        row.addWidget(self.rebuild)
        for label in (self.offline, self.notice, self.names, self.rebuild):
            sized(label, SMALL)
            set_role(label, "muted")
        self._timer = QTimer(self)
        self._timer.setInterval(COUNT_EVERY_MS)
        self._timer.timeout.connect(self.count)
        self._timer.start()
        self.count()

    @Slot()
    def count(self) -> None:
        """Show how many attempts to reach the network there have been."""
        number = self._attempts()
        self.offline.setText(self.tr("Offline · {0} connections attempted").format(f"{number:,}"))
        self.offline.setToolTip(
            self.tr("Every attempt of any part of Vademecum to reach the network is refused and counted.")
        )
        set_role(self.offline, "warning" if number else "muted")
        self._icon.show_icon("warning" if number else "lock", "warning" if number else "muted")

    def show_names(self, libraries: Sequence[str], model: str) -> None:
        """Name the libraries that are asked and the model that answers."""
        self.names.setText(f"{named(libraries) or self.tr('no library')} · {model}")

    @Slot(str)
    def show_rebuild(self, words: str) -> None:
        """Say how far a rebuild is, or nothing."""
        self.rebuild.setText(f"·  {words}" if words else "")
        self.rebuild.setVisible(bool(words))
