"""Documents named in an answer without a passage: the closest to a question, or those that were counted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from core.types import Answer, DocumentRef
from desktop.badges import badges
from desktop.cards import DocumentRow
from desktop.chat.references import where
from desktop.theme import set_role
from desktop.words import number


class DocumentRows(QWidget):
    """Hidden while there is nothing to show."""

    document_wanted = Signal(object)  # DocumentRef
    search_wanted = Signal(str)  # a query that lists all of them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = False
        self.rows: list[DocumentRow] = []
        self.hide()

    def show_answer(self, answer: Answer) -> None:
        """Show what ``answer`` counted, or what came closest where it was refused."""
        counted = answer.counted
        documents = counted.documents if counted else answer.nearest if answer.refused else ()
        if self._shown or not documents:
            return
        self._shown = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        heading = QLabel(self.tr("Closest in the library"))
        if counted:
            heading.setText(
                self.tr("The newest") if len(documents) < counted.total else self.tr("All of them")
            )
        set_role(heading, "muted")
        column.addWidget(heading)
        for document in documents:
            column.addWidget(self._row(document))
        if counted:
            every = QPushButton(self.tr("Show all {0} in Search").format(number(counted.total)))
            every.clicked.connect(lambda: self.search_wanted.emit(counted.query))
            column.addWidget(every, 0, Qt.AlignmentFlag.AlignLeft)
        self.show()

    def _row(self, document: DocumentRef) -> DocumentRow:
        row = DocumentRow(document.title, where(document), badges(document))
        row.activated.connect(lambda: self.document_wanted.emit(document))
        self.rows.append(row)
        return row
