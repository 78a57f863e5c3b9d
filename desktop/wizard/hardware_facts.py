"""What this computer has, in three lines."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.hardware import Hardware
from desktop.icons import IconLabel
from desktop.theme import GRID
from desktop.wizard.page import muted
from desktop.words import size


class HardwareFacts(QWidget):
    """Graphics card, memory and disk."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(GRID // 2)
        self._grid.setColumnStretch(2, 1)

    def show_hardware(self, hardware: Hardware) -> None:
        """Show what there is now."""
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        gpus = ", ".join(
            self.tr("{0}, {1} of {2} free").format(gpu.name, size(gpu.memory_free), size(gpu.memory_total))
            for gpu in hardware.gpus
        )
        memory = self.tr("{0} of {1} free").format(size(hardware.ram_available), size(hardware.ram_total))
        none = self.tr("None. Small models (up to about 1 B) can be tuned on the processor.")
        rows = (
            (self.tr("Graphics card"), gpus or none, bool(gpus)),
            (self.tr("Memory"), memory, True),
            (self.tr("Disk"), self.tr("{0} free").format(size(hardware.disk_free)), True),
        )
        for number, (name, value, good) in enumerate(rows):
            self._grid.addWidget(
                IconLabel("ok" if good else "info", "accent" if good else "muted"), number, 0
            )
            label = muted(name)
            label.setFixedWidth(14 * GRID)
            self._grid.addWidget(label, number, 1)
            self._grid.addWidget(QLabel(value), number, 2)
