"""The frame of the wizard's pages: a title, a line that says what to do, and content."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget, QWizardPage

from desktop.theme import GRID, LARGE, TITLE, clear_ground, set_role, sized


class Step(QWizardPage):
    """Put content into ``body``. Titles are labels of our own: Qt's do not follow our sizes and colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.heading = QLabel()
        sized(self.heading, TITLE, bold=True)
        self.purpose = muted()
        self.body = QVBoxLayout()
        self.body.setSpacing(GRID * 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 4, GRID * 3, GRID * 4, GRID * 2)
        column.setSpacing(GRID)
        column.addWidget(self.heading)
        column.addWidget(self.purpose)
        column.addSpacing(GRID)
        column.addLayout(self.body, 1)

    def set_words(self, title: str, purpose: str) -> None:
        """Say what the page is, and what to do on it."""
        self.heading.setText(title)
        self.purpose.setText(purpose)
        self.setAccessibleName(title)

    def first(self) -> QWidget | None:
        """Return what has the focus when the page comes into view."""
        return None

    def cleanupPage(self) -> None:
        """Keep everything when going back; Qt would reset it."""


def section(text: str) -> QLabel:
    """Return the heading of a part of a page."""
    label = QLabel(text)
    sized(label, LARGE, bold=True)
    return label


def muted(text: str = "") -> QLabel:
    """Return a line of explanation."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_role(label, "muted")
    return label


def scrolled(content: QWidget) -> QScrollArea:
    """Return ``content`` in a place that scrolls down where the window is too small for it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    clear_ground(area)
    return area
