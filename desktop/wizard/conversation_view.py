"""A conversation as the model will see it, with what it learns to write marked."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from core.tuning.reports import Preview
from desktop.theme import GRID, colours, set_role


class ConversationView(QTextEdit):
    """Trained stretches have a ground of their own and are underlined: colour alone would not do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Preview | None = None
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        set_role(self, "text")
        self.setAccessibleName(self.tr("Conversation"))
        self.document().setDocumentMargin(GRID * 2)

    def show_preview(self, preview: Preview) -> None:
        """Show one conversation."""
        self._shown = preview
        self.clear()
        cursor = self.textCursor()
        for segment in preview.segments:
            cursor.insertText(segment.text, trained_format() if segment.trained else QTextCharFormat())
        cursor.movePosition(QTextCursor.MoveOperation.Start)
        self.setTextCursor(cursor)
        trained = " ".join(part.text for part in preview.segments if part.trained)
        self.setAccessibleDescription(self.tr("Learned: {0}").format(trained))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._shown:
            self.show_preview(self._shown)


def trained_format() -> QTextCharFormat:
    """Return how a stretch that is learned looks."""
    form = QTextCharFormat()
    form.setBackground(QColor(colours().accent_soft))
    form.setForeground(QColor(colours().text))
    form.setFontUnderline(True)
    form.setUnderlineColor(QColor(colours().accent))
    return form
