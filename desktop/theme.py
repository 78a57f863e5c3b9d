"""Colours, text sizes and the one style sheet. Widgets ask for a role, never for a colour of their own."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QScrollArea, QWidget

from core.paths import resources
from core.settings import Appearance

SMALL, LARGE, TITLE = 12 / 13, 15 / 13, 20 / 13  # of the system's own text size
GRID = 8


@dataclass(frozen=True, slots=True)
class Colours:
    """What is painted with; every pair of text and ground reaches a contrast of 4.5 : 1."""

    window: str
    base: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    mark: str
    on_mark: str
    warning: str
    problem: str
    good: str
    tick: str  # name of an icon, drawn in ``on_accent``


LIGHT = Colours(
    window="#f4f5f6",
    base="#ffffff",
    raised="#e9ebed",
    line="#d3d7db",
    text="#1c2126",
    muted="#59616a",
    accent="#0b6b6b",
    on_accent="#ffffff",
    accent_soft="#d9ecea",
    mark="#ffe69c",
    on_mark="#241c00",
    warning="#8a5300",
    problem="#b3261e",
    good="#1c6b3a",
    tick="tick",
)
DARK = Colours(
    window="#191c1f",
    base="#212529",
    raised="#2c3136",
    line="#3d444b",
    text="#e7eaec",
    muted="#a7b0b9",
    accent="#5cc4bb",
    on_accent="#08211f",
    accent_soft="#1f4340",
    mark="#6b5606",
    on_mark="#fff6d6",
    warning="#f0b45c",
    problem="#ff9a92",
    good="#7fd19b",
    tick="tick-dark",
)

_SHEET = """
QToolTip {{ color: {text}; background: {base}; border: 1px solid {line}; padding: 4px; }}
#rail, #footer, #side {{ background: {window}; }}
#rail {{ border-right: 1px solid {line}; }}
#footer {{ border-top: 1px solid {line}; }}
#page, #reader {{ background: {base}; }}
*[role="muted"] {{ color: {muted}; }}
*[role="warning"] {{ color: {warning}; }}
*[role="problem"] {{ color: {problem}; }}
*[role="good"] {{ color: {good}; }}
*[role="badge"] {{ color: {text}; background: {raised}; border-radius: 4px; padding: 1px 6px; }}
*[role="badge-problem"] {{ color: {problem}; border: 1px solid {problem}; border-radius: 4px;
    padding: 1px 6px; }}
*[role="badge-warning"] {{ color: {warning}; border: 1px solid {warning}; border-radius: 4px;
    padding: 1px 6px; }}
QFrame[role="chip"] {{ background: {base}; border: 1px solid {line}; border-radius: 15px; }}
QFrame[role="chip"]:hover {{ background: {raised}; }}
QFrame[role="chip"][on="true"] {{ background: {accent_soft}; border-color: {accent}; }}
QFrame[role="chip"] QToolButton {{ border-radius: 13px; padding: 3px 10px; }}
QFrame[role="chip"] QToolButton[role="clear"] {{ padding: 3px 6px 3px 2px; }}
QFrame[role="popup"] {{ background: {base}; border: 1px solid {line}; }}
*[role="number"] {{ color: {on_accent}; background: {accent}; border-radius: 4px; padding: 1px 6px; }}
*[role="number-search"] {{ color: {accent}; border: 1px dashed {accent}; border-radius: 4px;
    padding: 0 5px; }}
QFrame[role="question"] {{ background: {raised}; border-radius: 8px; }}
QFrame[role="note"] {{ background: {window}; border: 1px solid {line}; border-radius: 8px; }}
QFrame[role="emergency"] {{ background: {problem}; border-radius: 8px; }}
QFrame[role="emergency"] QLabel {{ color: {base}; }}
QFrame[role="card"] {{ background: {base}; border: 1px solid {line}; border-radius: 8px; }}
QFrame[role="card"]:hover {{ border-color: {accent}; }}
QFrame[role="card"]:focus {{ border: 2px solid {accent}; }}
QFrame[role="card"][chosen="true"] {{ background: {accent_soft}; border-color: {accent}; }}
*[role="step"] {{ color: {muted}; border-radius: 6px; }}
*[role="step"][now="true"] {{ color: {text}; background: {accent_soft}; font-weight: 600; }}
QFrame[role="drop"] {{ background: {base}; border: 2px dashed {line}; border-radius: 8px; }}
QFrame[role="drop"][over="true"] {{ border-color: {accent}; background: {accent_soft}; }}
QFrame[role="composer"] {{ background: {base}; border: 1px solid {line}; border-radius: 8px; }}
QFrame[role="composer"][active="true"] {{ border: 2px solid {accent}; }}
QFrame[role="composer"] QPlainTextEdit {{ background: transparent; border: none; }}
QFrame[role="toast"] {{ background: {text}; border-radius: 8px; }}
QFrame[role="toast"] QLabel {{ color: {base}; }}
QFrame[role="toast"] QPushButton {{ color: {base}; background: transparent; border: 1px solid {base};
    border-radius: 6px; padding: 4px 12px; }}
QPushButton {{ padding: 5px 14px; border: 1px solid {line}; border-radius: 6px; background: {base};
    color: {text}; }}
QPushButton:hover {{ background: {raised}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 4px 13px; }}
QPushButton[role="example"] {{ background: {window}; font-family: monospace; text-align: left;
    padding: 5px 10px; }}
QPushButton[role="example"]:hover {{ border-color: {accent}; }}
QPushButton[role="example"]:focus {{ border: 2px solid {accent}; padding: 4px 9px; }}
QFrame[role="why"] {{ background: {window}; border-top: 1px solid {line}; }}
QPushButton:disabled {{ color: {muted}; background: {window}; }}
QPushButton[role="primary"] {{ background: {accent}; color: {on_accent}; border: 1px solid {accent}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[role="primary"]:disabled {{ background: {raised}; color: {muted}; border-color: {raised}; }}
QToolButton {{ border: 2px solid transparent; border-radius: 6px; padding: 4px 6px; color: {text}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[role="outlined"] {{ border: 1px solid {line}; padding: 4px 10px; background: {base}; }}
QToolButton[role="outlined"]:hover {{ background: {raised}; }}
QToolButton[role="outlined"]:focus {{ border: 2px solid {accent}; padding: 3px 9px; }}
QToolButton[role="inline"] {{ padding: 4px 8px 4px 0; }}
QToolButton:hover {{ background: {raised}; }}
QToolButton:checked {{ background: {accent_soft}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton:disabled {{ color: {muted}; }}
#rail QToolButton {{ text-align: left; padding: 6px 8px; }}
QLineEdit, QComboBox, QAbstractSpinBox {{ min-height: 22px; }}
QLineEdit, QComboBox, QAbstractSpinBox {{ border: 1px solid {line}; border-radius: 6px; padding: 2px 8px;
    background: {base}; }}
QComboBox, QAbstractSpinBox {{ color: {text}; combobox-popup: 0; }}
QAbstractSpinBox {{ min-height: 19px; }}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid {accent}; padding: 1px 7px; }}
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {{ background: {window}; color: {muted}; }}
QComboBox QLineEdit, QAbstractSpinBox QLineEdit {{ border: none; padding: 0; min-height: 0;
    background: transparent; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url("{arrow_down}"); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ border: 1px solid {line}; border-radius: 0; background: {base}; color: {text};
    selection-background-color: {accent_soft}; selection-color: {text}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; background: transparent;
    width: 20px; subcontrol-origin: border; }}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
QAbstractSpinBox::up-arrow {{ image: url("{arrow_up}"); width: 11px; height: 11px; }}
QAbstractSpinBox::down-arrow {{ image: url("{arrow_down}"); width: 11px; height: 11px; }}
QListView, QTableView {{ border: 1px solid {line}; border-radius: 6px; background: {base}; outline: none; }}
#rail QListView {{ border: none; background: transparent; }}
QTableView {{ selection-background-color: {accent_soft}; selection-color: {text}; }}
QTableView::item {{ padding: 0 8px; }}
QListView::item {{ padding: 5px 8px; border-radius: 6px; color: {text}; }}
QListView::item:hover {{ background: {raised}; }}
QListView::item:selected {{ background: {accent_soft}; color: {text}; }}
QListView::item:disabled {{ color: {muted}; }}
QListView::item:focus {{ border: 1px solid {accent}; }}
QHeaderView::section {{ background: {window}; color: {muted}; border: none; border-bottom: 1px solid {line};
    padding: 5px 11px; }}
QMenu {{ background: {base}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; color: {text}; }}
QMenu::item:selected {{ background: {accent_soft}; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 8px; }}
*[role="text"] {{ background: {base}; border: 1px solid {line}; border-radius: 6px; }}
*[role="text"]:focus {{ border: 1px solid {accent}; }}
QCheckBox, QRadioButton {{ spacing: 8px; }}
QListView::indicator, QTableView::indicator, QMenu::indicator {{ width: 14px; height: 14px;
    background: {base}; border: 1px solid {muted}; border-radius: 4px; }}
QMenu::indicator {{ margin-left: 6px; }}
QListView::indicator:checked, QTableView::indicator:checked, QMenu::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{tick}"); }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 14px; height: 14px; background: {base};
    border: 1px solid {muted}; border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {accent}; width: 12px;
    height: 12px; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url("{tick}"); }}
QCheckBox::indicator:checked:focus {{ border-color: {text}; }}
QRadioButton::indicator:checked {{ border: 5px solid {accent}; width: 6px; height: 6px; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {line}; }}
QCheckBox::indicator:checked:disabled {{ background: {muted}; border-color: {muted}; }}
QRadioButton::indicator:checked:disabled {{ border-color: {muted}; }}
QTabBar::tab {{ color: {muted}; padding: 6px 16px; border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ background: {accent_soft}; }}
QTabWidget::pane {{ border: none; }}
QTabBar {{ qproperty-drawBase: 0; }}
QProgressBar {{ border: none; border-radius: 3px; background: {raised}; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QSplitter::handle {{ background: {line}; }}
QScrollBar:vertical {{ width: 12px; background: transparent; margin: 0; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: 4px; min-height: 32px; margin: 2px; }}
QScrollBar::handle:vertical:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


class Theme(QObject):
    """Dresses the application, and again whenever the system turns dark or light."""

    def __init__(self, app: QApplication, appearance: Appearance = "system") -> None:
        super().__init__(app)
        self._app = app
        self._wanted = appearance
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self.apply)
        self.apply()

    def set_appearance(self, appearance: Appearance) -> None:
        """Follow the system, or stay light or dark."""
        if appearance != self._wanted:
            self._wanted = appearance
            self.apply()

    @Slot()
    def apply(self) -> None:
        """Set palette and style sheet for the scheme that now holds."""
        wanted = DARK if self._is_dark() else LIGHT
        self._app.setPalette(palette_of(wanted))
        self._app.setStyleSheet(_SHEET.format_map(_as_dict(wanted)))

    def _is_dark(self) -> bool:
        if self._wanted == "system":
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self._wanted == "dark"


def colours() -> Colours:
    """Return the colours that the application wears now."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


def palette_of(colours: Colours) -> QPalette:
    """Return a Qt palette with ``colours`` in their places."""
    role, palette = QPalette.ColorRole, QPalette()
    for place, colour in {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.base,
        role.AlternateBase: colours.window,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: colours.window,
        role.ButtonText: colours.text,
        role.BrightText: colours.problem,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.ToolTipBase: colours.base,
        role.ToolTipText: colours.text,
        role.Light: colours.base,
        role.Midlight: colours.raised,
        role.Mid: colours.line,
        role.Dark: colours.line,
        role.Shadow: colours.line,
    }.items():
        palette.setColor(place, QColor(colour))
    for place in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, place, QColor(colours.muted))
    return palette


def sized(widget: QWidget, ratio: float, bold: bool = False) -> None:
    """Give ``widget`` text of ``ratio`` times the system's size."""
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * ratio)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    widget.setFont(font)


def clear_ground(area: QScrollArea) -> None:
    """Let what is under a scroll area shine through it and its content."""
    area.viewport().setAutoFillBackground(False)
    if content := area.widget():
        content.setAutoFillBackground(False)


def indent(box: QAbstractSpinBox) -> None:
    """Let the number begin where the words of other fields do: style sheets do not reach it."""
    box.lineEdit().setTextMargins(GRID, 0, 0, 0)


def set_role(widget: QWidget, role: str) -> None:
    """Let the style sheet treat ``widget`` as a ``role``, such as "muted" or "card"."""
    set_mark(widget, "role", role)


def set_mark(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and repaint."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _as_dict(colours: Colours) -> dict[str, str]:
    named = {name: getattr(colours, name) for name in Colours.__slots__}
    icons = {"tick": colours.tick, "arrow_up": "arrow-up", "arrow_down": "arrow-down"}
    return named | {name: (resources() / "icons" / f"{file}.svg").as_posix() for name, file in icons.items()}
