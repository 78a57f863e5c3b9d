"""What belongs to an answer for patients: how hard it is to read, its terms, a clinician's signature."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.types import Answer
from desktop.theme import GRID, set_role, sized

ADVISED = 8.0  # school years; health information for the public is advised not to be harder


class Leaflet(QWidget):
    """Hidden in other modes. ``signed_by`` is empty until a clinician has ticked the box and given a name."""

    signed = Signal()  # or not any more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grade = QLabel()
        self.grade.setWordWrap(True)
        self.glossary = QLabel()
        self.glossary.setWordWrap(True)
        self.glossary.setTextFormat(Qt.TextFormat.RichText)
        self.glossary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.box = QCheckBox(self.tr("I am a clinician and have checked this text against its sources"))
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("Name and role"))
        self.name.setAccessibleName(self.tr("Name and role of the clinician who checked it"))
        self.name.setMaximumWidth(40 * GRID)
        self.name.setMaxLength(200)
        sign = QFrame()
        set_role(sign, "note")
        inside = QVBoxLayout(sign)
        inside.setContentsMargins(GRID * 2, GRID + 4, GRID * 2, GRID + 4)
        inside.setSpacing(GRID)
        heading = QLabel(self.tr("Before it is copied or saved for patients"))
        sized(heading, 1.0, bold=True)
        for part in (heading, self.box, self.name):
            inside.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + 4)
        for widget in (self.grade, self.glossary, sign):
            column.addWidget(widget)
        self.box.toggled.connect(self._on_changed)
        self.name.textChanged.connect(self._on_changed)
        self.hide()

    @property
    def signed_by(self) -> str:
        """Who checked it."""
        return " ".join(self.name.text().split()) if self.box.isChecked() else ""

    def show_answer(self, answer: Answer) -> None:
        """Show what belongs to ``answer``, if it is for patients."""
        self.setVisible(answer.mode == "patient" and not answer.refused and not answer.evidence_only)
        self.grade.setText(self._reading(answer.reading_grade))
        hard = answer.reading_grade is not None and answer.reading_grade > ADVISED
        set_role(self.grade, "warning" if hard else "muted")
        self.grade.setVisible(answer.reading_grade is not None)
        terms = "".join(
            f"<p style='margin: 0 0 4px 0'><b>{escape(term.word)}</b>: {escape(term.meaning)}</p>"
            for term in answer.glossary
        )
        self.glossary.setText(
            f"<p style='margin: 0 0 4px 0'>{escape(self.tr('Words in this text'))}</p>{terms}"
        )
        self.glossary.setVisible(bool(terms))

    def _reading(self, grade: float | None) -> str:
        if grade is None:
            return ""
        words = self.tr("Reading level: school year {0} (Flesch-Kincaid grade).").format(
            QLocale().toString(grade, "f", 1)
        )
        if grade > ADVISED:
            hard = self.tr("Harder than advised for patients, which is {0} or less.")
            return f"{words} {hard.format(QLocale().toString(ADVISED, 'f', 0))}"
        return words

    @Slot()
    def _on_changed(self) -> None:
        self.signed.emit()
