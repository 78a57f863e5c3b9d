"""What a person does on the Rebuild page and in the wizard."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QWidget, QWizard

from desktop.app import Desktop
from desktop.wizard.wizard import PageId, RebuildWizard

LONG_MS = 20_000


class RebuildHands:
    """The open window, its wizard, and ways to use them."""

    def __init__(self, desktop: Desktop, qtbot, wait_ms: int = LONG_MS) -> None:
        self.desktop, self.qtbot, self.wait_ms = desktop, qtbot, wait_ms
        self.part = desktop.rebuilding
        self.page = desktop.rebuilding.page
        self.trainer = desktop.rebuilding.trainer
        self.draft = desktop.rebuilding.draft
        self.check = desktop.rebuilding.check

    @property
    def wizard(self) -> RebuildWizard:
        assert isinstance(self.part.wizard, RebuildWizard)
        return self.part.wizard

    def open(self) -> RebuildWizard:
        """Press "New rebuild"."""
        self.click(self.page.new)
        return self.wizard

    def click(self, button: QAbstractButton) -> None:
        """Press ``button``, which must be there and enabled."""
        self.wait(button.isVisible)
        assert button.isEnabled(), button.text()
        place = QPoint(8, button.height() // 2) if isinstance(button, QCheckBox) else QPoint()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=place)

    def next(self) -> None:
        """Go on once that is possible; fails if the page stays."""
        button = self.wizard.button(QWizard.WizardButton.NextButton)
        self.wait(button.isEnabled)
        before = self.wizard.currentId()
        self.click(button)
        assert self.wizard.currentId() != before

    def back(self) -> None:
        """Go back."""
        self.click(self.wizard.button(QWizard.WizardButton.BackButton))

    def next_label(self) -> str:
        """Return what the button that goes on says."""
        return self.wizard.button(QWizard.WizardButton.NextButton).text()

    def can_go_on(self) -> bool:
        """True if the page is complete."""
        return self.wizard.button(QWizard.WizardButton.NextButton).isEnabled()

    def drop(self, area: QWidget, *paths) -> None:
        """Drop files onto ``area``."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        place, action = QPointF(5, 5), Qt.DropAction.CopyAction
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(place, action, data, buttons, keys)
        QApplication.sendEvent(area, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(area, QDropEvent(place, action, data, buttons, keys))

    def add(self, *paths) -> None:
        """Drop files of pairs onto the page of files, and wait until they are read."""
        self.drop(self.wizard.files.pairs, *paths)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being read."""
        self.wait(lambda: not self.check.busy)

    def start(self, *paths) -> None:
        """Go from a new wizard to a running rebuild."""
        self.open()
        self.next()
        self.add(*paths)
        while self.wizard.currentId() != PageId.RUN:
            self.next()

    def finish(self) -> None:
        """Wait for the end of the rebuild and look at its result."""
        self.wait(lambda: not self.trainer.busy)
        self.next()
        assert self.wizard.currentId() == PageId.RESULT

    def wait(self, until) -> None:
        """Wait until something holds."""
        self.qtbot.waitUntil(until, timeout=self.wait_ms)
