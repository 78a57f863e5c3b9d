"""The left half of the page where questions are asked: head, conversation, filters, composer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.chat.composer import Composer
from desktop.chat.turns import Column, TurnList
from desktop.chat.welcome import Welcome
from desktop.elided import ElidedLabel
from desktop.icons import IconButton
from desktop.library.chooser import LibraryChooser
from desktop.search.filter_bar import FilterBar
from desktop.setup_process import SetupProcess
from desktop.theme import GRID, LARGE, sized


class Talk(QWidget):
    """Puts the parts in their places; ``AskPage`` brings them to life."""

    def __init__(self, examples: Sequence[str], setup: SetupProcess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel()
        sized(self.title, LARGE, bold=True)
        self.libraries = LibraryChooser(self.tr("The libraries that are asked"), none_allowed=True)
        self.save = IconButton("export", self.tr("Save this conversation…"), bare=True)
        self.save.hide()
        self.welcome = Welcome(examples, setup)
        self.turns = TurnList()
        self.middle = QStackedWidget()
        self.middle.addWidget(self.welcome)
        self.middle.addWidget(self.turns)
        self.filters = FilterBar()
        self.composer = Composer()
        head = QHBoxLayout()
        head.setContentsMargins(GRID * 3, GRID + 4, GRID * 3, GRID)
        head.setSpacing(GRID * 2)
        head.addWidget(self.title, 1)
        head.addWidget(self.save)
        head.addWidget(self.libraries)
        foot = Column()
        foot.content.setSpacing(GRID)
        foot.content.addWidget(self.filters)
        foot.content.addWidget(self.composer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.middle, 1)
        column.addWidget(foot)
