"""The question over its answer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from desktop.chat.flow_text import FlowText
from desktop.theme import GRID, LARGE, set_role
from desktop.words import number

LONGEST_SHOWN = 2000  # characters; the rest is shown when asked for


class QuestionBox(QFrame):
    """Shows all of a question, or the beginning of a very long one."""

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "question")
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        words = FlowText(LARGE, line_height=115)
        words.setAccessibleName(self.tr("Question"))
        column.addWidget(words)
        if len(question) <= LONGEST_SHOWN:
            words.show_words(question)
            return
        words.show_words(question[:LONGEST_SHOWN] + "…")
        whole = QPushButton(self.tr("Show all {0} characters").format(number(len(question))))
        whole.clicked.connect(lambda: words.show_words(question))
        whole.clicked.connect(whole.hide)
        column.addWidget(whole, alignment=Qt.AlignmentFlag.AlignLeft)
