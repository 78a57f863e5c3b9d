"""All settings with their explanations. A change is written at once and holds from the next question on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.paths import Home
from core.settings import Settings
from desktop.icons import IconButton
from desktop.page import Page
from desktop.settings.fields import CONTEXT, SECTIONS, Bounds, FieldWords, bounds_of, value_of, with_value
from desktop.settings.grade_order import GradeOrder
from desktop.settings.model_choice import ModelChoice
from desktop.settings.settings_file import SettingsFile
from desktop.theme import GRID, LARGE, clear_ground, indent, set_role, sized

EDITOR_WIDTH = 30 * GRID


class SettingsPage(Page):
    """One row a setting: label and explanation, editor, and a button back to the default."""

    trouble = Signal(str)
    undoable = Signal(str, object)  # what was done, the Settings before
    collected_wanted = Signal()  # look through what was kept to learn from

    def __init__(self, file: SettingsFile, home: Home, parent: QWidget | None = None) -> None:
        super().__init__(
            _tr("Settings"), _tr("Changes are saved at once and hold from the next question on."), parent
        )
        self._file = file
        self._home = home
        self._models: dict[tuple[str, ...], ModelChoice] = {}
        self.editors: dict[tuple[str, ...], QWidget] = {}
        self._resets: dict[tuple[str, ...], IconButton] = {}
        self.reset_all = QPushButton(_tr("Reset all"))
        self.reset_all.clicked.connect(self._on_reset_all)
        self.bar.addWidget(self.reset_all)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._content())
        clear_ground(area)
        self.body.addWidget(area)
        self.setFocusProxy(next(iter(self.editors.values())))
        file.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the settings as they are now."""
        for path, editor in self.editors.items():
            value = value_of(self._file.now, path)
            editor.blockSignals(True)
            if path in self._models:
                self._models[path].show_value(value)
            elif isinstance(editor, QComboBox):
                editor.setCurrentIndex(editor.findData(value))
            elif isinstance(editor, QSpinBox | QDoubleSpinBox):
                editor.setValue(value)
            elif isinstance(editor, QCheckBox):
                editor.setChecked(value)
            elif isinstance(editor, GradeOrder):
                editor.show_order(value)
            editor.blockSignals(False)
            self._resets[path].setVisible(value != value_of(self._file.first, path))

    def restore(self, settings: Settings) -> None:
        """Undo a reset."""
        self._write(settings)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the page, not change the setting that is under it."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _content(self) -> QWidget:
        content = QWidget()
        content.setMaximumWidth(110 * GRID)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, GRID * 2, 0)
        column.setSpacing(GRID)
        for title, rows in SECTIONS:
            heading = QLabel(_word(title))
            sized(heading, LARGE, bold=True)
            column.addWidget(heading)
            grid = QGridLayout()
            grid.setHorizontalSpacing(GRID * 2)
            grid.setVerticalSpacing(GRID * 2)
            grid.setColumnStretch(0, 1)
            grid.setColumnMinimumWidth(2, 4 * GRID)
            for number, words in enumerate(rows):
                self._add_row(grid, number, words)
            column.addLayout(grid)
            if rows[0].path == ("collect",):
                column.addWidget(self._review(), 0, Qt.AlignmentFlag.AlignLeft)
            column.addSpacing(GRID * 3)
        column.addStretch()
        return content

    def _review(self) -> QPushButton:
        button = QPushButton(_tr("Look through what was kept…"))
        button.clicked.connect(self.collected_wanted)
        return button

    def _add_row(self, grid: QGridLayout, row: int, words: FieldWords) -> None:
        label = QLabel(_word(words.label))
        locked = self._file.policy.locks(*words.path)
        note = _tr("Set by your administrator.")
        explanation = QLabel(f"{_word(words.help)} {note}" if locked else _word(words.help))
        explanation.setWordWrap(True)
        set_role(explanation, "muted")
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(label)
        text.addWidget(explanation)
        text.addStretch()
        whole = self._editor(words)
        editor: QWidget = whole.box if isinstance(whole, ModelChoice) else whole
        if isinstance(whole, ModelChoice):
            self._models[words.path] = whole
        whole.setFixedWidth(EDITOR_WIDTH)
        editor.setEnabled(not locked)
        editor.setAccessibleName(_word(words.label))
        editor.setAccessibleDescription(explanation.text())
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.installEventFilter(self)
        label.setBuddy(editor)
        default = value_of(Settings(), words.path)
        first = default if isinstance(default, str | int | float) and default else _tr("the first value")
        first = _tr("off") if default is False else first
        reset = IconButton("undo", _tr("Reset"), _tr("Back to {0}").format(first), bare=True)
        reset.clicked.connect(lambda: self._change(words.path, default))
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        self.editors[words.path], self._resets[words.path] = editor, reset
        grid.addLayout(text, row, 0)
        grid.addWidget(whole, row, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(reset, row, 2, Qt.AlignmentFlag.AlignTop)

    def _editor(self, words: FieldWords) -> QWidget:
        bounds = bounds_of(words.path)
        if bounds is None:
            return self._model_choice(words.path)
        change: Callable[[Any], None] = lambda value: self._change(words.path, value)  # noqa: E731
        if bounds.switch:
            return _switch(change)
        if bounds.order:
            return GradeOrder(change)
        if bounds.choices:
            return _choice(bounds.choices, words.choices, change)
        return _spin(bounds, change)

    def _model_choice(self, path: tuple[str, ...]) -> ModelChoice:
        choice = ModelChoice(path, self._home)
        choice.chosen.connect(lambda name: self._change(path, name))
        return choice

    def _change(self, path: Sequence[str], value: Any) -> None:
        self._write(with_value(self._file.now, path, value))

    def _write(self, settings: Settings) -> None:
        try:
            self._file.change(settings)
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
            self.refresh()

    @Slot()
    def _on_reset_all(self) -> None:
        before = self._file.now
        if before != self._file.first:
            self._write(self._file.first)
            self.undoable.emit(_tr("All settings have their first values again"), before)


def _choice(values: Sequence[str], words: Sequence[str], change: Callable[[Any], None]) -> QComboBox:
    box = QComboBox()
    for value, word in zip(values, words, strict=True):
        box.addItem(_word(word), value)
    box.activated.connect(lambda index: change(box.itemData(index)))
    return box


def _switch(change: Callable[[Any], None]) -> QCheckBox:
    box = QCheckBox(_tr("On"))
    box.toggled.connect(change)
    return box


def _spin(bounds: Bounds, change: Callable[[Any], None]) -> QAbstractSpinBox:
    box: QSpinBox | QDoubleSpinBox
    if bounds.whole:
        box = QSpinBox()
        box.setRange(int(bounds.low), int(bounds.high))
        box.setSingleStep(1 if bounds.high <= 100 else 64 if bounds.high > 5000 else 10)
        box.setGroupSeparatorShown(True)
    else:
        box = QDoubleSpinBox()
        box.setDecimals(2)
        box.setSingleStep(0.05)
        box.setRange(bounds.low, bounds.high)
    indent(box)
    box.setKeyboardTracking(False)  # a number is taken when it is complete
    box.valueChanged.connect(change)
    return box


def _tr(text: str) -> str:
    return QCoreApplication.translate("SettingsPage", text)


def _word(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)
