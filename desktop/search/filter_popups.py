"""What opens under a filter: years, kinds of evidence, or a list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QDate, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.protocol import Facets
from core.types import Filters, Grade
from desktop.badges import grade_words
from desktop.search.filter_words import at_least
from desktop.theme import GRID, set_role

_VALUE = Qt.ItemDataRole.UserRole
_ROWS = 9


class Popup(QFrame):
    """Goes when one clicks elsewhere or presses Esc; what was set by then holds."""

    edited = Signal(object)  # Filters

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        set_role(self, "popup")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        self.column.setSpacing(GRID)

    def open_under(self, widget: QWidget) -> None:
        """Show it under ``widget``, or above where there is no room."""
        self.adjustSize()
        place = widget.mapToGlobal(QPoint(0, widget.height() + 4))
        room = widget.screen().availableGeometry()
        if place.y() + self.height() > room.bottom():
            place = widget.mapToGlobal(QPoint(0, -self.height() - 4))
        place.setX(max(room.left(), min(place.x(), room.right() - self.width())))
        self.move(place)
        self.show()


class YearsPopup(Popup):
    """From and to."""

    def __init__(self, filters: Filters, facets: Facets, parent: QWidget) -> None:
        super().__init__(parent)
        self._filters = filters
        oldest, newest = facets.years or (None, None)
        self.first = self._box(filters.year_from, oldest, self.tr("From year"))
        self.last = self._box(filters.year_to, newest, self.tr("To year"))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for widget in (QLabel(self.tr("From")), self.first, QLabel(self.tr("to")), self.last):
            row.addWidget(widget)
        self.column.addLayout(row)
        quick = QHBoxLayout()
        quick.setSpacing(GRID)
        for years in (5, 10):
            button = QPushButton(self.tr("Last {0} years").format(years))
            button.clicked.connect(lambda _=False, years=years: self._set_last(years))
            quick.addWidget(button)
        self.column.addLayout(quick)
        self.setFocusProxy(self.first)

    def _box(self, value: int | None, hint: int | None, name: str) -> QLineEdit:
        box = QLineEdit(str(value or ""))
        box.setPlaceholderText(str(hint or ""))
        box.setValidator(QIntValidator(1000, 2999, box))
        box.setFixedWidth(9 * GRID)
        box.setAccessibleName(name)
        box.textEdited.connect(self._on_edited)
        box.returnPressed.connect(self.close)
        return box

    def _set_last(self, years: int) -> None:
        self.first.setText(str(QDate.currentDate().year() - years + 1))
        self.last.clear()
        self._on_edited()
        self.close()

    @Slot()
    def _on_edited(self) -> None:
        years = [int(box.text()) if box.hasAcceptableInput() else None for box in (self.first, self.last)]
        self.edited.emit(replace(self._filters, year_from=years[0], year_to=years[1]))


class GradePopup(Popup):
    """The kinds of evidence in their order; the one that is chosen and those above it count."""

    def __init__(self, filters: Filters, order: Sequence[Grade], parent: QWidget) -> None:
        super().__init__(parent)
        self._filters = filters
        self.list = plain_list(self.tr("Kind of evidence, at least"))
        first = (order[0], grade_words(order[0]))
        grades = [first, *((grade, at_least(grade)) for grade in order[1:])]
        for value, words in [(None, self.tr("Any")), *grades]:
            item = QListWidgetItem(words, self.list)
            item.setData(_VALUE, value)
            if value == filters.minimum_grade:
                self.list.setCurrentItem(item)
        fit(self.list, self.list.count())
        self.list.itemClicked.connect(self._on_chosen)
        self.list.itemActivated.connect(self._on_chosen)
        self.column.addWidget(self.list)
        self.setFocusProxy(self.list)

    @Slot(QListWidgetItem)
    def _on_chosen(self, item: QListWidgetItem) -> None:
        self.edited.emit(replace(self._filters, minimum_grade=item.data(_VALUE)))
        self.close()


def plain_list(name: str) -> QListWidget:
    """Return an empty list without a horizontal scroll bar."""
    made = QListWidget()
    made.setAccessibleName(name)
    made.setUniformItemSizes(True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made


def fit(made: QListWidget, rows: int) -> None:
    """Make a list as high as so many rows."""
    made.ensurePolished()  # the style sheet says how high a row is
    made.setFixedHeight(rows * max(made.sizeHintForRow(0), 3 * GRID) + 2 * made.frameWidth())
    made.setMinimumWidth(30 * GRID)
