"""What an answer is for, in the words of the window, and the button that chooses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from PySide6.QtCore import QCoreApplication, QPoint, Signal, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from core.types import Mode
from desktop.icons import IconButton
from desktop.theme import set_role


@dataclass(frozen=True, slots=True)
class ModeWords:
    """A name, and what such an answer brings."""

    name: str
    help: str


def words_of(mode: Mode) -> ModeWords:
    """Return what ``mode`` is called."""
    match mode:
        case "research":
            return ModeWords(_tr("Research answer"), _tr("A short answer, each sentence with its source."))
        case "review":
            return ModeWords(
                _tr("Literature review"), _tr("With a table of the studies, which can be saved.")
            )
        case "clinical":
            return ModeWords(_tr("Clinical question"), _tr("Guidelines and the strongest evidence first."))
        case "patient":
            return ModeWords(
                _tr("Patient education"),
                _tr("Plain words, with a glossary. A clinician signs before it can be copied or saved."),
            )


class ModeChooser(IconButton):
    """Names the mode, and opens a menu of all of them."""

    chosen = Signal(str)  # core.types.Mode

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("mode", "")
        self.setParent(parent)
        set_role(self, "outlined")
        self._mode: Mode = "research"
        self.menu_ = QMenu(self)
        self.menu_.setToolTipsVisible(True)
        group = QActionGroup(self)
        for mode in get_args(Mode):
            words = words_of(mode)
            action = self.menu_.addAction(words.name)
            action.setToolTip(words.help)
            action.setStatusTip(words.help)
            action.setData(mode)
            action.setCheckable(True)
            group.addAction(action)
        group.triggered.connect(lambda action: self._on_chosen(action.data()))
        self.clicked.connect(self.open)
        self.set_mode("research")

    @property
    def mode(self) -> Mode:
        """What the next answer is for."""
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """Show ``mode`` as the chosen one."""
        self._mode = mode
        words = words_of(mode)
        self.setText(f"{words.name}  ▾")
        self.setToolTip(words.help)
        self.setAccessibleName(_tr("Kind of answer: {0}").format(words.name))
        for action in self.menu_.actions():
            action.setChecked(action.data() == mode)

    @Slot()
    def open(self) -> None:
        """Show the menu over the button, which stands at the bottom of the window."""
        height = self.menu_.sizeHint().height()
        self.menu_.popup(self.mapToGlobal(QPoint(0, -height - 2)))

    def _on_chosen(self, mode: Mode) -> None:
        self.set_mode(mode)
        self.chosen.emit(mode)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Modes", text)
