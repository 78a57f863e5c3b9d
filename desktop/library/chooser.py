"""Which libraries are asked or searched: a button that names them, and a menu to tick them in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from desktop.icons import IconButton
from desktop.theme import GRID, set_role

NAMED = 2  # libraries that are named on the button; more are counted


class StayingMenu(QMenu):
    """Stays open while entries are ticked."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._tick(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space or not self._tick(self.activeAction()):
            super().keyPressEvent(event)

    @staticmethod
    def _tick(action: QAction | None) -> bool:
        if action is None or not action.isCheckable() or not action.isEnabled():
            return False
        action.trigger()
        return True


class LibraryChooser(IconButton):
    """Names what is chosen; with ``none_allowed`` that may be no library at all."""

    chosen = Signal(object)  # names: tuple[str, ...]

    def __init__(self, tip: str, *, none_allowed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__("library", "", tip)
        self.setParent(parent)
        self._none_allowed = none_allowed
        self._names: Sequence[str] = ()
        self._chosen: tuple[str, ...] = ()
        set_role(self, "outlined")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(36 * GRID)
        self.menu_ = StayingMenu(self)
        self.clicked.connect(self.open)

    @property
    def libraries(self) -> tuple[str, ...]:
        """The names of what is chosen."""
        return self._chosen

    @Slot()
    def open(self) -> None:
        """Show the menu under the button; ``setMenu`` would leave room for an arrow of its own."""
        self.menu_.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def offer(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        """Offer ``names``. What is chosen and not there is shown as missing, not passed over in silence."""
        self._names, self._chosen = names, tuple(chosen)
        self.menu_.clear()
        for name in (*names, *(name for name in chosen if name not in names)):
            words = name if name in names else self.tr("{0} (missing)").format(name)
            action = self.menu_.addAction(words.replace("&", "&&"))
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.triggered.connect(self._on_ticked)
        if self._none_allowed:
            self.menu_.addSeparator()
            self._none = self.menu_.addAction(self.tr("No library (no sources)"))
            self._none.setCheckable(True)
            self._none.triggered.connect(self._on_none)
        self._show()

    def choose(self, names: Sequence[str]) -> None:
        """Choose these, as by hand."""
        self._chosen = tuple(names)
        for action in self.menu_.actions():
            if action.data():
                action.setChecked(action.data() in names)
        self._show()
        self.chosen.emit(self._chosen)

    @Slot()
    def _on_ticked(self) -> None:
        ticked = [one.data() for one in self.menu_.actions() if one.data() and one.isChecked()]
        self.choose(ticked if ticked or self._none_allowed else self._chosen)  # one stays

    @Slot()
    def _on_none(self) -> None:
        self.choose(())

    def _show(self) -> None:
        if self._none_allowed and self.menu_.actions():
            self._none.setChecked(not self._chosen)
        text = named(self._chosen) or (
            self.tr("No library") if self._none_allowed else self.tr("Choose a library")
        )
        missing = [name for name in self._chosen if name not in self._names]
        if missing:
            text = self.tr("{0} (missing)").format(text)
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 26 * GRID)
        self.setText(f"{shown}  ▾".replace("&", "&&"))
        self.setAccessibleName(self.tr("Libraries: {0}").format(", ".join(self._chosen) or text))


def named(libraries: Sequence[str]) -> str:
    """Return "a", "a + b" or "a + 2 more"."""
    if len(libraries) <= NAMED:
        return " + ".join(libraries)
    more = QCoreApplication.translate("LibraryChooser", "{0} + {1} more")
    return more.format(libraries[0], len(libraries) - 1)
