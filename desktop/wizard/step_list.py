"""The parts of a rebuild and how each stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.protocol import AddToLibrary, Resume, Train, TuneEmbedder
from desktop.elided import ElidedLabel
from desktop.icons import IconLabel
from desktop.rebuild.steps import Step
from desktop.theme import GRID, set_role, sized

_ICONS = {
    "waiting": ("info", "muted"),
    "running": ("again", "accent"),
    "done": ("ok", "accent"),
    "stopped": ("stopped", "warning"),
    "failed": ("warning", "problem"),
}


class StepList(QWidget):
    """A line a part; hidden while there is only one, which the page itself tells of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[tuple[str, str, str]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID // 2)
        self.hide()

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show these ``steps``."""
        words = [(str(step.state), self._title(step), step.said) for step in steps]
        if words == self._shown:
            return
        self._shown = words
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for state, title, said in words:
            self._column.addWidget(self._line(state, title, said))
        importing = any(isinstance(step.job, AddToLibrary) for step in steps)
        self.setVisible(len(words) > 1 or importing)

    def _line(self, state: str, title: str, said: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        icon = IconLabel(*_ICONS[state])
        icon.setAccessibleName(self._state_words(state))
        icon.setToolTip(self._state_words(state))
        name = QLabel(title)
        sized(name, 1.0, bold=True)
        name.setMinimumWidth(20 * GRID)
        doing = ElidedLabel()
        doing.setText(said or self._state_words(state))
        set_role(doing, "muted")
        row.addWidget(icon)
        row.addWidget(name)
        row.addWidget(doing, 1)
        return line

    def _title(self, step: Step) -> str:
        match step.job:
            case AddToLibrary(library=library):
                return self.tr("Library {0}").format(library)
            case TuneEmbedder():
                return self.tr("Search model")
            case Train():
                return self.tr("Assistant")
            case Resume():
                return self.tr("Training resumed")
        return ""

    def _state_words(self, state: str) -> str:
        return {
            "waiting": self.tr("Waiting"),
            "running": self.tr("Running"),
            "done": self.tr("Done"),
            "stopped": self.tr("Stopped"),
            "failed": self.tr("Could not go on"),
        }[state]
