"""What the window keeps to learn from, while the user lets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from core.errors import AppError
from core.settings import Settings
from core.tuning.collected import Collected, CollectedPairs, answer_id, click
from core.types import Answer, DocumentRef
from desktop.settings.settings_file import SettingsFile


class Keeper(QObject):
    """Keeps, forgets and brings back. The widgets ask it what is kept, and follow its signals."""

    switched = Signal(bool)  # the user lets answers be kept, or no longer does
    changed = Signal()  # what is kept
    trouble = Signal(str)

    def __init__(self, pairs: CollectedPairs, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pairs = pairs
        self._settings = settings
        self._kept = {item.id: item for item in pairs.all()}
        settings.changed.connect(self._on_settings)

    @property
    def allowed(self) -> bool:
        """True while the user lets answers be kept."""
        return self._settings.now.collect

    def all(self) -> list[Collected]:
        """Return everything that is kept, newest first."""
        return sorted(self._kept.values(), key=lambda item: item.when, reverse=True)

    def of(self, answer: Answer) -> Collected | None:
        """Return what is kept of ``answer``."""
        return self._kept.get(answer_id(answer))

    def keep(self, item: Collected) -> None:
        """Keep ``item``, in place of what was kept of the same answer."""
        self._try(lambda: self._pairs.keep(item))

    def opened(self, question: str, document: DocumentRef, text: str) -> None:
        """Keep that the user opened ``text`` of ``document`` after this question."""
        if self.allowed:
            item = click(question, document, text)
            if item.id not in self._kept:
                self.keep(item)

    def forget(self, items: Sequence[Collected]) -> None:
        """Delete these."""
        self._try(lambda: self._pairs.delete([item.id for item in items]))

    def bring_back(self, items: Sequence[Collected]) -> None:
        """Undo ``forget``, even if nothing new may be kept any more."""
        self._try(lambda: self._pairs.restore(items))

    def export(self, path: Path) -> int:
        """Copy everything to ``path``; return how many there were, 0 if that failed."""
        count: list[int] = []
        self._try(lambda: count.append(self._pairs.export(path)))
        return sum(count)

    def _try(self, change: Callable[[], object]) -> None:
        try:
            change()
        except AppError as error:
            self.trouble.emit(f"{error} {error.hint}")
        except OSError as error:
            self.trouble.emit(self.tr("That could not be saved: {0}.").format(error.strerror))
        self._kept = {item.id: item for item in self._pairs.all()}
        self.changed.emit()

    @Slot(object, object)
    def _on_settings(self, before: Settings, now: Settings) -> None:
        if before.collect != now.collect:
            self.switched.emit(now.collect)
