"""What the user thinks of an answer: good, bad, or what it should have been."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from core.tuning.collected import Collected, corrected, rated
from core.types import Answer, Passage
from desktop.collected.keeper import Keeper
from desktop.icons import IconButton, PrimaryButton
from desktop.theme import GRID, LARGE, set_role, sized

LINES = 6  # of the editor


class Feedback(QWidget):
    """One row under an answer; there only while answers may be kept."""

    def __init__(self, keeper: Keeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._answer: Answer | None = None
        self._passages: Sequence[Passage] = ()
        self.good = IconButton("good", self.tr("Good answer"))
        self.bad = IconButton("bad", self.tr("Bad answer"))
        self.correct = IconButton("edit", self.tr("Correct this answer"))
        self.said = QLabel()
        self.undo = IconButton("undo", self.tr("Undo"))
        self.editor = QPlainTextEdit()
        self.save = PrimaryButton(self.tr("Save correction"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._asking, self._told, self._editing = self._build()
        for page in (self._asking, self._told, self._editing):
            column.addWidget(page)
        self._show(self._asking)
        keeper.switched.connect(self.refresh)
        keeper.changed.connect(self.refresh)
        self.hide()

    def show_answer(self, answer: Answer | None, passages: Sequence[Passage] = ()) -> None:
        """Ask what to think of ``answer``, or say what the user thought; None, or a refusal, hides it."""
        self._answer, self._passages = answer, passages
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is kept of the answer now."""
        answer = self._answer
        there = answer is not None and bool(answer.answer) and not answer.refused and self._keeper.allowed
        if answer is None or not there:
            self._show(self._asking)
            self.hide()
            return
        if self._editing.isHidden():
            self._show(self._told if self._say(self._keeper.of(answer)) else self._asking)
        self.show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_editor()

    def _say(self, kept: Collected | None) -> bool:
        words = {
            "good": self.tr("Kept as a good answer."),
            "bad": self.tr("Marked as a bad answer: nothing is learned from it."),
            "corrected": self.tr("Your correction is kept."),
        }
        self.said.setText(words.get(kept.kind, "") if kept else "")
        return kept is not None

    @Slot()
    def _on_good(self) -> None:
        self._rate(good=True)

    @Slot()
    def _on_bad(self) -> None:
        self._rate(good=False)

    def _rate(self, *, good: bool) -> None:
        if self._answer:
            self._keeper.keep(rated(self._answer, good, self._passages))
            self.undo.setFocus()

    @Slot()
    def _on_correct(self) -> None:
        if self._answer is None:
            return
        kept = self._keeper.of(self._answer)
        self.editor.setPlainText(kept.answer if kept and kept.answer else self._answer.answer)
        self._fit_editor()
        self._show(self._editing)
        self.editor.moveCursor(QTextCursor.MoveOperation.End)
        self.editor.setFocus()

    @Slot()
    def _on_text(self) -> None:
        self.save.setEnabled(bool(self.editor.toPlainText().strip()))

    @Slot()
    def _on_save(self) -> None:
        if self._answer:
            self._show(self._told)
            self._keeper.keep(corrected(self._answer, self.editor.toPlainText(), self._passages))
            self.undo.setFocus()

    @Slot()
    def _on_cancel(self) -> None:
        self._show(self._asking)
        self.refresh()
        self.correct.setFocus()

    @Slot()
    def _on_undo(self) -> None:
        if self._answer and (kept := self._keeper.of(self._answer)):
            self._keeper.forget([kept])
            self.good.setFocus()

    def _show(self, page: QWidget) -> None:
        for one in (self._asking, self._told, self._editing):
            one.setVisible(one is page)

    def _fit_editor(self) -> None:
        self.editor.setFixedHeight(self.editor.fontMetrics().lineSpacing() * LINES + 3 * GRID)

    def _build(self) -> tuple[QWidget, QWidget, QWidget]:
        self.good.clicked.connect(self._on_good)
        self.bad.clicked.connect(self._on_bad)
        self.correct.clicked.connect(self._on_correct)
        self.undo.clicked.connect(self._on_undo)
        tip = self.tr("Kept on this computer, to learn from in a later rebuild")
        for button in (self.good, self.correct):
            button.setToolTip(tip)
        set_role(self.said, "muted")
        return _row(self.good, self.bad, self.correct), _row(self.said, self.undo), self._build_editor()

    def _build_editor(self) -> QWidget:
        sized(self.editor, LARGE)
        self.editor.document().setDocumentMargin(GRID)
        self.editor.setTabChangesFocus(True)
        self.editor.setAccessibleName(self.tr("The answer as it should be"))
        self.editor.textChanged.connect(self._on_text)
        set_role(self.editor, "text")
        hint = QLabel(
            self.tr("Write what the sources say; a number such as [1] names the source of a sentence.")
        )
        hint.setWordWrap(True)
        set_role(hint, "muted")
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self._on_cancel)
        self.save.clicked.connect(self._on_save)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(hint)
        column.addWidget(self.editor)
        buttons = QHBoxLayout()
        buttons.addWidget(self.save)
        buttons.addWidget(cancel)
        buttons.addStretch()
        column.addLayout(buttons)
        return page


def _row(*widgets: QWidget) -> QWidget:
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID // 2)
    for widget in widgets:
        if isinstance(widget, IconButton):
            sized(widget, 12 / 13)
            set_role(widget, "inline")
        row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
    row.addStretch()
    return page
