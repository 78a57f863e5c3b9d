"""Our own line icons, drawn in the colours of the palette and again when it changes."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from core.paths import resources
from desktop.theme import colours

_SIZES = (20, 40)


def draw(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the icon ``name`` in ``colour``, ``size`` wide in logical pixels."""
    source = (resources() / "icons" / f"{name}.svg").read_text("utf-8")
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.replace("currentColor", colour.name()).encode())).render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon(name: str, palette: QPalette, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText) -> QIcon:
    """Return the icon ``name`` for widgets of ``palette``, dimmed where they are disabled."""
    made = QIcon()
    for group, mode in (
        (QPalette.ColorGroup.Active, QIcon.Mode.Normal),
        (QPalette.ColorGroup.Disabled, QIcon.Mode.Disabled),
    ):
        for size in _SIZES:
            made.addPixmap(draw(name, palette.color(group, role), size), mode)
    return made


class IconButton(QToolButton):
    """A flat button with an icon; ``text`` is its label, or its name where only the icon shows."""

    def __init__(self, name: str, text: str, tip: str = "", *, bare: bool = False) -> None:
        super().__init__()
        self._name = name
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonIconOnly if bare else style.ToolButtonTextBesideIcon)
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(tip or (text if bare else ""))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIcon(icon(name, self.palette()))

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._name = name
        self.setIcon(icon(name, self.palette()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setIcon(icon(self._name, self.palette()))


class PrimaryButton(QPushButton):
    """The one thing to do first: filled with the accent colour."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        self._name = name
        self.setProperty("role", "primary")
        self.set_icon(name)

    def set_icon(self, name: str) -> None:
        """Show another icon, or none."""
        self._name = name
        if name:
            self.setIcon(icon(name, self.palette(), QPalette.ColorRole.HighlightedText))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.set_icon(self._name)


class IconLabel(QLabel):
    """An icon beside some text, in one of the colours of the theme."""

    def __init__(self, name: str, colour: str = "muted", size: int = 18, parent: QWidget | None = None):
        super().__init__(parent)
        self._name, self._colour, self._size = name, colour, size
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
        colour = QColor(getattr(colours(), self._colour))
        self.setPixmap(draw(self._name, colour, self._size, self.devicePixelRatioF()))
