"""A form with every field of a recipe. What is wrong is said under its field, and is not taken."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from core.errors import RecipeInvalid
from core.tuning.recipe import AnyRecipe
from desktop.theme import GRID
from desktop.wizard.field_row import INVALID, FieldRow
from desktop.wizard.page import section
from desktop.wizard.recipe_fields import sections_of, value_of, with_value


class RecipeForm(QWidget):
    """``changed`` tells of each recipe that is valid; ``valid`` is False while a field is not."""

    changed = Signal(object)  # AnyRecipe
    validity = Signal(bool)

    def __init__(self, recipe: AnyRecipe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self.rows: dict[str, FieldRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID * 2, GRID * 2, 0)
        column.setSpacing(GRID)
        for title, found in sections_of(type(recipe)).items():
            column.addWidget(section(title))
            grid = QGridLayout()
            grid.setHorizontalSpacing(GRID * 2)
            grid.setVerticalSpacing(GRID * 2)
            grid.setColumnStretch(0, 1)
            for number, field in enumerate(found):
                row = FieldRow(field, value_of(type(recipe)(), field.path), self._on_value)
                row.add_to(grid, number)
                self.rows[field.path] = row
            column.addLayout(grid)
            column.addSpacing(GRID * 2)
        column.addStretch()
        self.show_recipe(recipe)

    @property
    def valid(self) -> bool:
        """True if every field holds a value that can be taken."""
        return not any(row.error.text() for row in self.rows.values())

    def show_recipe(self, recipe: AnyRecipe) -> None:
        """Show another recipe; what was being typed wrongly is forgotten where the value changes."""
        before, self._recipe = self._recipe, recipe
        for path, row in self.rows.items():
            value = value_of(recipe, path)
            if not row.error.text() or value != value_of(before, path):
                row.show_value(value)

    def _on_value(self, row: FieldRow, value: object) -> None:
        valid = self.valid
        try:
            if value is INVALID:
                raise ValueError
            recipe = with_value(self._recipe, row.field.path, value)
        except (RecipeInvalid, ValueError):
            row.show_error()
        else:
            self._recipe = recipe
            row.clear_error()
            self.changed.emit(recipe)
        if self.valid != valid:
            self.validity.emit(self.valid)
