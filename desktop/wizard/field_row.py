"""One field of a recipe: its label and explanation, its editor, and what is wrong with what is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.icons import IconButton
from desktop.theme import GRID, SMALL, set_role, sized
from desktop.wizard.page import muted
from desktop.wizard.recipe_fields import Field, choice_words

EDITOR_WIDTH = 28 * GRID
INVALID = object()


class FieldRow(QObject):
    """Label, editor, unit and the way back to the default, for one field."""

    def __init__(self, field: Field, default: Any, tell: Callable[[FieldRow, object], None]) -> None:
        super().__init__()
        self.field, self._default, self._tell = field, default, tell
        self.label = QLabel(field.label)
        self.help = muted(field.help)
        sized(self.help, SMALL)
        self.editor = self._make_editor()
        self.editor.setAccessibleName(field.label)
        self.editor.setAccessibleDescription(" ".join(filter(None, (field.help, field.bounds, field.unit))))
        self.editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.editor.installEventFilter(self)
        self.label.setBuddy(self.editor)
        self.unit = muted(" · ".join(filter(None, (field.unit, field.bounds))))
        sized(self.unit, SMALL)
        self.error = QLabel()
        self.error.setWordWrap(True)
        set_role(self.error, "problem")
        sized(self.error, SMALL)
        self.error.hide()
        self.reset = IconButton("undo", self.label.text(), bare=True)
        self.reset.setToolTip(self.tr("Back to {0}").format(self._as_text(default) or "“”"))
        self.reset.setAccessibleName(self.tr("Reset {0}").format(field.label))
        self.reset.clicked.connect(self._on_reset)

    def add_to(self, grid: QGridLayout, row: int) -> None:
        """Take a place in ``grid``."""
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(self.label)
        if self.field.help:
            text.addWidget(self.help)
        side = QVBoxLayout()
        side.setSpacing(0)
        self.editor.setFixedWidth(EDITOR_WIDTH)
        line = QHBoxLayout()
        line.setSpacing(GRID // 2)
        line.addWidget(self.editor)
        line.addWidget(self.reset)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        side.addLayout(line)
        if self.unit.text():
            side.addWidget(self.unit)
        side.addWidget(self.error)
        grid.addLayout(text, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(side, row, 1, Qt.AlignmentFlag.AlignTop)

    def show_value(self, value: Any) -> None:
        """Show ``value``, without telling."""
        self.editor.blockSignals(True)
        if isinstance(self.editor, QCheckBox):
            self.editor.setChecked(bool(value))
        elif isinstance(self.editor, QComboBox):
            self.editor.setCurrentIndex(self.editor.findData(value))
        elif isinstance(self.editor, QLineEdit) and self._read(self.editor.text()) != value:
            self.editor.setText(self._as_text(value))
        self.editor.blockSignals(False)
        self.clear_error()
        self.reset.setVisible(value != self._default)

    def show_error(self) -> None:
        """Say what would be right."""
        field = self.field
        if field.bounds:
            words = self.tr("A whole number, {0}.") if field.kind is int else self.tr("A number, {0}.")
            self.error.setText(words.format(field.bounds))
        elif field.path == "name":
            self.error.setText(self.tr("Letters, digits, “.”, “-” and “_”; no spaces."))
        else:
            self.error.setText(self.tr("This cannot be taken."))
        self.error.show()
        self.reset.show()

    def clear_error(self) -> None:
        """Forget what was wrong."""
        self.error.setText("")
        self.error.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the page, not change the field that is under it."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _make_editor(self) -> QWidget:
        if self.field.kind is bool:
            check = QCheckBox(self.tr("On"))
            check.toggled.connect(self._on_edited)
            return check
        if self.field.choices:
            box = QComboBox()
            for choice in self.field.choices:
                box.addItem(choice_words(choice), choice)
            box.currentIndexChanged.connect(lambda index: self._on_edited(box.itemData(index)))
            return box
        line = QLineEdit()
        line.textChanged.connect(lambda text: self._on_edited(self._read(text)))
        return line

    def _on_edited(self, value: object) -> None:
        self._tell(self, value)
        if not self.error.text():
            self.reset.setVisible(value != self._default)

    def _on_reset(self) -> None:
        self.show_value(self._default)
        if isinstance(self.editor, QLineEdit):
            self.editor.setText(self._as_text(self._default))
        self._on_edited(self._default)
        self.editor.setFocus()

    def _read(self, text: str) -> object:
        try:
            if self.field.kind is int:
                return int(text.replace(",", "").replace(" ", ""))
            if self.field.kind is float:
                return float(text.replace(",", "."))
        except ValueError:
            return INVALID
        if self.field.kind is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return text.strip()

    def _as_text(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.tr("On") if value else self.tr("Off")
        if isinstance(value, tuple):
            return ", ".join(value)
        return f"{value:g}" if isinstance(value, float) else str(value)
