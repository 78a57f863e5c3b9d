"""Boxes to tick, numbers and models: what the fields of an evaluation are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QVBoxLayout, QWidget

from desktop.theme import GRID, indent

MOST = 1_000_000


def model_box(models: Sequence[str]) -> QComboBox:
    """Return a choice of ``models``, the one of the settings first."""
    box = QComboBox()
    box.addItem(box.tr("The one in the settings"), "")
    for name in models:
        box.addItem(name, name)
    return box


def tick_boxes(values: Sequence[Any], name: Callable[[Any], str]) -> dict[str, QCheckBox]:
    """Return a box for each of ``values``, which ``name`` names."""
    return {value: QCheckBox(name(value)) for value in values}


def ticked(boxes: dict[str, QCheckBox]) -> list[str]:
    """Return the values whose boxes are ticked."""
    return [value for value, box in boxes.items() if box.isChecked()]


def none_ticked(boxes: dict[str, QCheckBox], words: str) -> str:
    """Return ``words`` if no box is ticked, else nothing."""
    return "" if ticked(boxes) else words


def stacked(widgets: Sequence[QWidget]) -> QWidget:
    """Return ``widgets`` one under another."""
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID // 2)
    for widget in widgets:
        column.addWidget(widget)
    return part


def number_box(name: str) -> QSpinBox:
    """Return a field for a whole number from 0 on."""
    box = QSpinBox()
    indent(box)
    box.setRange(0, MOST)
    box.setAccessibleName(name)
    box.setFixedWidth(14 * GRID)
    return box
