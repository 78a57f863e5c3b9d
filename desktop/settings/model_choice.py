"""Which model does a task: the user's own, those of shared folders, those that came with the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QFont, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QVBoxLayout, QWidget

from core.paths import Home, resources
from core.programs import shipped
from core.registry import Use, serves
from core.settings import RULES_ALONE, Settings
from desktop.settings.fields import value_of
from desktop.theme import GRID, SMALL, set_role, sized

BROWSE = object()  # the last choice


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of models: its name in a list of places, and in a sentence about one of its models."""

    title: str
    where: str
    folder: Path


class ModelBox(QComboBox):
    """The names of models, below the places where they lie. Its data are what stands in the settings."""

    def add_heading(self, text: str) -> None:
        """Add a line that cannot be chosen."""
        self.add_model(text, None, text)
        item = cast(QStandardItemModel, self.model()).item(self.count() - 1)
        item.setEnabled(False)
        font = QFont(self.font())
        font.setBold(True)
        item.setFont(font)

    def add_model(self, name: str, value: object, about: str) -> None:
        """Add a choice, with what is shown when the mouse rests on it."""
        self.addItem(name, value)
        self.setItemData(self.count() - 1, about, Qt.ItemDataRole.ToolTipRole)


class ModelChoice(QWidget):
    """A list to choose from, and where the model lies that is in use."""

    chosen = Signal(str)  # name of a model, a whole path, or nothing

    def __init__(self, path: tuple[str, ...], home: Home, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._use = cast(Use, path[-1])
        self._home = home
        self.box = ModelBox()
        self.where = QLabel()
        self.where.setWordWrap(True)
        self.where.setTextFormat(Qt.TextFormat.PlainText)
        sized(self.where, SMALL)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.box)
        column.addWidget(self.where)
        self.box.activated.connect(self._on_activated)

    def show_value(self, value: str) -> None:
        """Read the folders again, and show ``value`` as the one in use."""
        box, self._value = self.box, value
        box.clear()
        self._add_first()
        seen: set[str] = set()
        for place in places(self._home):
            names = [name for name in _folders(place.folder, self._use) if name not in seen]
            if names:
                box.add_heading(place.title)
            for name in names:
                box.add_model(name, name, str(place.folder / name))
            seen.update(names)
        if box.findData(value) < 0:
            box.add_heading(_tr("Elsewhere"))
            box.add_model(Path(value).name, value, value)
        box.add_model(_tr("Choose a folder…"), BROWSE, "")
        box.setCurrentIndex(box.findData(value))
        self._say_where(value)

    def _add_first(self) -> None:
        """Add what needs no folder."""
        if self._use == "verifier":
            words = _tr("Vademecum's own") if _own_verifier() else _tr("Rules alone")
            self.box.add_model(words, "", "")
            if _own_verifier():
                self.box.add_model(_tr("Rules alone"), RULES_ALONE, _tr("Without a model"))
        elif not value_of(Settings(), self._path):  # one can do without it
            self.box.add_model(_tr("None"), "", "")

    def _say_where(self, value: str) -> None:
        text, missing = "", False
        if value and value != RULES_ALONE:
            found = next((one for one in places(self._home) if (one.folder / value).is_dir()), None)
            missing = found is None
            text = found.where if found else _tr("There is no such folder")
            if found and Path(value).is_absolute():
                text = _tr("In use, from {0}").format(Path(value).parent)
        elif self._use == "verifier" and not value and _own_verifier():
            text = _tr("In use. It came with Vademecum.")
        set_role(self.where, "warning" if missing else "muted")
        self.where.setText(text)
        self.where.setVisible(bool(text))

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        value = self.box.itemData(index)
        if value is BROWSE:
            folder = str(self._home.models)
            value = QFileDialog.getExistingDirectory(self, _tr("Folder of the model"), folder)
            if not value:
                self.show_value(self._value)
                return
        self.chosen.emit(value)


def places(home: Home) -> Sequence[Place]:
    """Return where models lie, in the order in which they count."""
    came, made = shipped(), [Place(_tr("Your own"), _tr("In use, from your own folder"), home.models)]
    for folder in home.content:
        models = folder / "models"
        if folder == came:
            made.append(Place(_tr("Came with Vademecum"), _tr("In use. It came with Vademecum."), models))
        else:
            title, where = _tr("Shared, in {0}"), _tr("In use, from the shared folder {0}")
            made.append(Place(title.format(folder), where.format(folder), models))
    return made


def _own_verifier() -> bool:
    return (resources() / "verifiers" / "minilm-scifact").is_dir()


def _folders(models: Path, use: Use) -> list[str]:
    try:
        return sorted(path.name for path in models.iterdir() if serves(path, use))
    except OSError:  # not there, or a share that is out of reach
        return []


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelChoice", text)
