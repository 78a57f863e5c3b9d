"""An empty search page explains the language of its field by example; a click tries one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.theme import GRID, LARGE, set_role, sized


def examples() -> list[tuple[str, str]]:
    """Return what can be typed, and what it finds."""
    return [
        (
            "beta blockers in heart failure",
            _tr("plain words: the best matches by words and meaning come first"),
        ),
        ('"myocardial infarction"', _tr("exactly these words, one after another")),
        (
            "statin AND (stroke OR dementia) NOT child*",
            _tr("AND, OR, NOT in capitals; * stands for any ending"),
        ),
        ("title:aspirin author:smith journal:lancet", _tr("words of the title, an author, a journal")),
        ('mesh:"Atrial Fibrillation" year:2015-', _tr("a subject heading, and years from 2015 on")),
        ("pmid:12345678", _tr("one publication by its number; doi: works as well")),
    ]


class Examples(QWidget):
    """A line an example."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        heading = QLabel(self.tr("What can be typed above"))
        sized(heading, LARGE, bold=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID * 3)
        grid.setVerticalSpacing(GRID)
        grid.setColumnStretch(1, 1)
        for row, (query, meaning) in enumerate(examples()):
            button = QPushButton(query)
            set_role(button, "example")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setAccessibleDescription(meaning)
            button.clicked.connect(lambda _=False, query=query: self.chosen.emit(query))
            words = QLabel(meaning)
            words.setWordWrap(True)
            set_role(words, "muted")
            grid.addWidget(button, row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(words, row, 1)
            self.buttons.append(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID * 2)
        column.addWidget(heading)
        column.addLayout(grid)
        column.addStretch()


def _tr(text: str) -> str:
    return QCoreApplication.translate("examples", text)
