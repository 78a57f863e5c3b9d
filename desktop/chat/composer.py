"""Where questions are typed, and what kind of answer is wanted. Send turns into Stop meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.chat.modes import ModeChooser
from desktop.icons import PrimaryButton
from desktop.theme import GRID, LARGE, set_mark, set_role, sized

MOST_LINES = 8


class Composer(QWidget):
    """A box that grows with the question. Enter sends, Shift+Enter begins a line."""

    sent = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self.box = QPlainTextEdit()
        self.box.setPlaceholderText(self.tr("Ask about your library"))
        self.box.setAccessibleName(self.tr("Your question"))
        self.box.setTabChangesFocus(True)
        sized(self.box, LARGE)
        self.box.document().setDocumentMargin(4)
        self.box.installEventFilter(self)
        self.button = PrimaryButton(self.tr("Ask"), "send")
        self.button.clicked.connect(self._on_button)
        self.modes = ModeChooser()
        self.quotes = QCheckBox(self.tr("Evidence only"))
        self.quotes.setToolTip(self.tr("Show the quotes that come closest, and let no model write"))
        self.quotes.setAccessibleDescription(self.quotes.toolTip())
        self._frame = QFrame()
        set_role(self._frame, "composer")
        row = QHBoxLayout()
        row.setSpacing(GRID * 2)
        row.addWidget(self.modes)
        row.addWidget(self.quotes)
        row.addStretch()
        row.addWidget(self.button)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(GRID, GRID, GRID, GRID)
        inside.setSpacing(GRID // 2)
        inside.addWidget(self.box)
        inside.addLayout(row)
        for before, after in ((self.box, self.button), (self.button, self.modes), (self.modes, self.quotes)):
            QWidget.setTabOrder(before, after)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._frame)
        self.box.textChanged.connect(self._refresh)
        self.box.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._refresh()
        self._fit()

    def set_busy(self, busy: bool) -> None:
        """Offer Stop instead of Ask, in the same place."""
        self._busy = busy
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            set_mark(self._frame, "active", event.type() == QEvent.Type.FocusIn)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._send()
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _on_button(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self._send()

    def _send(self) -> None:
        question = self.box.toPlainText().strip()
        if question and not self._busy:
            self.box.clear()
            self.sent.emit(question)

    @Slot()
    def _refresh(self) -> None:
        self.button.setText(self.tr("Stop") if self._busy else self.tr("Ask"))
        self.button.set_icon("stop" if self._busy else "send")
        self.button.setToolTip(self.tr("Stop (Ctrl+.)") if self._busy else self.tr("Ask (Enter)"))
        self.button.setEnabled(self._busy or bool(self.box.toPlainText().strip()))

    @Slot()
    def _fit(self) -> None:
        """Be as tall as the question, up to a few lines."""
        lines = max(1, min(MOST_LINES, round(self.box.document().size().height())))
        margin = 2 * self.box.document().documentMargin()
        self.box.setFixedHeight(round(lines * self.box.fontMetrics().lineSpacing() + margin + 2))
