"""The filters as a row of chips: what is on says what it lets through, and goes by one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from core.library.grades import complete
from core.protocol import Facets
from core.types import NO_FILTERS, Filters, Grade
from desktop.flow_layout import FlowLayout
from desktop.icons import IconButton
from desktop.search.filter_popups import GradePopup, Popup, YearsPopup
from desktop.search.filter_words import FIELDS, Field, active, label, without, words
from desktop.search.values_popup import ValuesPopup
from desktop.theme import set_mark, set_role


class Chip(QFrame):
    """One filter. A click opens what it can be set to; the cross or Del turns it off."""

    opened = Signal()
    cleared = Signal()

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "chip")
        self.field = field
        self.button = QToolButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.clicked.connect(self.opened)
        self.clear = IconButton("close", self.tr("Remove this filter"), bare=True)
        self.clear.setIconSize(self.clear.iconSize() * 0.7)
        set_role(self.clear, "clear")
        self.clear.clicked.connect(self.cleared)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 1, 2, 1)
        row.setSpacing(0)
        row.addWidget(self.button)
        row.addWidget(self.clear)
        self.show_words("")

    def show_words(self, text: str) -> None:
        """Say what the filter lets through; it is off when that is nothing."""
        name = label(self.field)
        whole = text if self.field in ("retracted", "minimum_grade") else f"{name}: {text}"
        self.button.setText((whole if text else name) + ("" if text else "  ▾"))
        self.button.setAccessibleName(self.tr("Filter {0}").format(whole if text else name))
        self.clear.setVisible(bool(text))
        self.clear.setAccessibleName(self.tr("Remove the filter {0}").format(name))
        set_mark(self, "on", bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit()
        else:
            super().keyPressEvent(event)


class FilterBar(QWidget):
    """Chips for ``always`` and for what is on; a button adds the others."""

    changed = Signal(object)  # Filters
    facets_wanted = Signal()

    def __init__(self, always: Sequence[Field] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._always = always
        self._filters = NO_FILTERS
        self._facets = Facets()
        self.grades: Sequence[Grade] = ()  # kinds of evidence in the order of the settings
        self.popup: Popup | None = None
        self.chips: dict[Field, Chip] = {}
        flow = FlowLayout(self)
        self.more = IconButton("filter", self.tr("More filters") if always else self.tr("Filters"))
        set_role(self.more, "chip" if always else "inline")
        self.menu = QMenu(self.more)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.more.clicked.connect(self._open_menu)
        if not always:
            flow.addWidget(self.more)
        for field in FIELDS:
            chip = self.chips[field] = Chip(field)
            chip.opened.connect(partial(self.open, field))
            chip.cleared.connect(partial(self._clear, field))
            flow.addWidget(chip)
        if always:
            flow.addWidget(self.more)
        self.none = QToolButton()
        self.none.setText(self.tr("Clear"))
        self.none.clicked.connect(lambda: self._set(NO_FILTERS))
        flow.addWidget(self.none)
        self._show()

    @property
    def filters(self) -> Filters:
        """What is set."""
        return self._filters

    def set_filters(self, filters: Filters) -> None:
        """Show ``filters`` without saying that they changed."""
        self._filters = filters
        self._show()

    def show_facets(self, facets: Facets) -> None:
        """Offer the values of these libraries."""
        self._facets = facets

    def open(self, field: Field) -> None:
        """Let ``field`` be set."""
        if field == "retracted":
            self._set(replace(self._filters, retracted=not self._filters.retracted))
            return
        chip = self.chips[field]
        popup: Popup
        if field == "years":
            popup = YearsPopup(self._filters, self._facets, self)
        elif field == "minimum_grade":
            popup = GradePopup(self._filters, complete(self.grades), self)
        else:
            popup = ValuesPopup(field, self._filters, self._facets, self)
        popup.edited.connect(self._set)
        self.popup = popup
        popup.destroyed.connect(self._on_closed)
        popup.open_under(chip if chip.isVisible() else self.more)
        popup.setFocus()

    def _clear(self, field: Field) -> None:
        self._set(without(self._filters, field))

    @Slot()
    def _open_menu(self) -> None:
        self.menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    @Slot()
    def _fill_menu(self) -> None:
        self.facets_wanted.emit()
        self.menu.clear()
        for field in FIELDS:
            if field not in self._always:
                name = self.tr("Include retracted work") if field == "retracted" else label(field)
                action = self.menu.addAction(name, partial(self.open, field))
                action.setCheckable(field == "retracted")
                action.setChecked(field == "retracted" and self._filters.retracted)

    @Slot(object)
    def _set(self, filters: Filters) -> None:
        if filters != self._filters:
            self._filters = filters
            self._show()
            self.changed.emit(filters)

    def _show(self) -> None:
        on = active(self._filters)
        for field, chip in self.chips.items():
            chip.show_words(words(self._filters, field))
            chip.setVisible(field in on or field in self._always)
        self.none.setVisible(len(on) > 1)

    @Slot()
    def _on_closed(self) -> None:
        self.popup = None
