"""Our own line icons, drawn in the colours of the palette and again when it changes."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QToolButton, QWidget

from core.paths import resources
from desktop.theme import colours

DRAWN = 40  # pixels: shown at half of that, or at all of it on a screen with twice the dots


def draw(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the icon ``name`` in ``colour``, ``size`` wide in logical pixels."""
    source = _source(name).replace("currentColor", colour.name())
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class IconButton(QToolButton):
    """A flat button with an icon; ``text`` is its label, or its name where only the icon shows."""

    def __init__(self, name: str, text: str, tip: str = "", *, bare: bool = False) -> None:
        super().__init__()
        self._icon = _Drawn(self, QPalette.ColorRole.ButtonText)
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonIconOnly if bare else style.ToolButtonTextBesideIcon)
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(tip or (text if bare else ""))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._icon.show(name)

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon.show(name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._icon.refresh()


class PrimaryButton(QPushButton):
    """The one thing to do first: filled with the accent colour."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        self._icon = _Drawn(self, QPalette.ColorRole.HighlightedText)
        self.setProperty("role", "primary")
        self._icon.show(name)

    def set_icon(self, name: str) -> None:
        """Show another icon, or none."""
        self._icon.show(name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._icon.refresh()


class IconLabel(QLabel):
    """An icon beside some text, in one of the colours of the theme."""

    def __init__(self, name: str, colour: str = "muted", size: int = 18, parent: QWidget | None = None):
        super().__init__(parent)
        self._name, self._colour, self._size = name, colour, size
        self._drawn = ("", "", 0.0)
        self.setFixedSize(size, size)
        self._draw()

    def show_icon(self, name: str, colour: str) -> None:
        """Show another icon."""
        self._name, self._colour = name, colour
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        wanted = (self._name, getattr(colours(), self._colour), self.devicePixelRatioF())
        if wanted != self._drawn:
            self._drawn = wanted
            self.setPixmap(draw(self._name, QColor(wanted[1]), self._size, wanted[2]))


class _Drawn:
    """The icon of a button; drawn anew only when its colours have changed, for that is asked often."""

    def __init__(self, button: QAbstractButton, role: QPalette.ColorRole) -> None:
        self._button, self._role = button, role
        self._name = ""
        self._drawn: tuple[str, ...] = ()

    def show(self, name: str) -> None:
        self._name = name
        self.refresh()

    def refresh(self) -> None:
        palette, groups = self._button.palette(), QPalette.ColorGroup
        active, disabled = (palette.color(group, self._role) for group in (groups.Active, groups.Disabled))
        wanted = (self._name, active.name(), disabled.name())
        if not self._name or wanted == self._drawn:
            return
        self._drawn = wanted
        icon = QIcon()
        icon.addPixmap(draw(self._name, active, DRAWN), QIcon.Mode.Normal)
        icon.addPixmap(draw(self._name, disabled, DRAWN), QIcon.Mode.Disabled)
        self._button.setIcon(icon)


@cache
def _source(name: str) -> str:
    return (resources() / "icons" / f"{name}.svg").read_text("utf-8")
