"""The settings as the window sees them, and the one place of the window that writes them."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import SettingsInvalid, StorageFull
from core.policy import UNDECIDED, Policy
from core.settings import Settings, read_settings, with_locked


class SettingsFile(QObject):
    """Reads once, then writes each change. A file that cannot be read is kept before it is replaced."""

    changed = Signal(object, object)  # Settings before, Settings now

    def __init__(self, path: Path, parent: QObject | None = None, policy: Policy = UNDECIDED) -> None:
        super().__init__(parent)
        self._path = path
        self.policy = policy
        self.first = with_locked(Settings(), policy.settings)  # of a user who has changed nothing
        self._unreadable = False
        self.trouble = ""
        try:
            self.now = self._read()
        except SettingsInvalid as error:
            self.now = self.first
            self._unreadable = True
            self.trouble = f"{error} {error.hint}"

    def reload(self) -> None:
        """Take over what another process has written: the switch to a tuned model does."""
        try:
            before, self.now = self.now, self._read()
        except SettingsInvalid:
            return  # what is in use stays; ``change`` will keep the file aside
        if before != self.now:
            self.changed.emit(before, self.now)

    def _read(self) -> Settings:
        return with_locked(read_settings(self._path), self.policy.settings)

    def change(self, settings: Settings) -> None:
        """Write ``settings``; of those that the administrator has set, what the file says stays.

        Raises:
            SettingsInvalid: a value is out of bounds.
            PolicyForbids: the administrator has set one of them.
            StorageFull: the file cannot be written; the old settings stay.
        """
        self.policy.must_keep(settings)
        if settings == self.now and not self._unreadable:
            return
        try:
            if self._unreadable:
                kept = self._path.with_name(f"settings.unreadable-{time.strftime('%Y%m%d-%H%M%S')}.toml")
                self._path.replace(kept)
                self._unreadable = False
            self.policy.write_own(self._path, settings)
        except OSError as error:
            raise StorageFull(
                self.tr("The settings could not be saved."),
                self.tr("Make room on the disk, and see that {0} can be written.").format(self._path.parent),
            ) from error
        before, self.now = self.now, settings
        self.changed.emit(before, settings)
