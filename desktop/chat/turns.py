"""The turns of one conversation, in a column that is easy to read."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.chat.turn_view import TurnView
from desktop.theme import GRID, clear_ground

CHARACTERS = 75  # of a line, at most
AT_END = 24  # pixels: this close to the end, the view follows


class Column(QWidget):
    """Keeps its content in the middle and no wider than a line that can be read."""

    def __init__(self, characters: int = CHARACTERS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._characters = characters
        self.content = QVBoxLayout(self)
        self.content.setSpacing(GRID * 4)

    def widest(self) -> int:
        """Return the width of the text in pixels."""
        return round(self.fontMetrics().averageCharWidth() * self._characters * 15 / 13)

    def resizeEvent(self, event: QResizeEvent) -> None:
        side = max(GRID * 3, (self.width() - self.widest()) // 2)
        self.content.setContentsMargins(side, GRID * 3, side, GRID * 3)
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Never ask for more width than the window has."""
        return QSize(0, super().minimumSizeHint().height())


class TurnList(QScrollArea):
    """Scrolls the turns, and follows new text only for a reader who is at the end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.views: list[TurnView] = []
        self._following = True
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range)
        bar.valueChanged.connect(self._on_value)
        self.show_views([])

    def show_views(self, views: Iterable[TurnView]) -> None:
        """Show these turns instead of the ones before."""
        column = Column()
        self.views = list(views)
        for view in self.views:
            column.content.addWidget(view)
        column.content.addStretch()
        self._following = True
        self.setWidget(column)
        clear_ground(self)

    def add(self, view: TurnView) -> None:
        """Show one more turn, and go to it."""
        column = self.widget()
        assert isinstance(column, Column)
        column.content.insertWidget(len(self.views), view)
        self.views.append(view)
        self._following = True

    def keep_in_view(self, part: QWidget) -> None:
        """Go to ``part`` once it has its place, and follow no new text."""
        self._following = False
        QTimer.singleShot(0, part, lambda: self.ensureWidgetVisible(part))

    @Slot(int, int)
    def _on_range(self, _: int, maximum: int) -> None:
        if self._following:
            self.verticalScrollBar().setValue(maximum)

    @Slot(int)
    def _on_value(self, value: int) -> None:
        self._following = value >= self.verticalScrollBar().maximum() - AT_END
