"""Closing the window while a rebuild runs: it is saved first, if the user so wants."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.rebuild.trainer import Trainer


class Closing(QObject):
    """``may_close`` is asked by the window; when a rebuild has saved, the window is closed for good."""

    def __init__(self, window: QWidget, trainer: Trainer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._trainer = window, trainer
        self._wanted = False
        trainer.changed.connect(self._on_changed)

    def may_close(self) -> bool:
        """Return True if nothing has to be saved; else ask what is to be done."""
        if not self._trainer.busy:
            return True
        if not self._wanted:
            self._ask()
        return False

    def _ask(self) -> None:
        box = QMessageBox(self._window)
        box.setObjectName("closing")
        box.setWindowTitle("Vademecum")
        box.setText(self.tr("A rebuild is running."))
        box.setInformativeText(self.tr("It is saved before Vademecum closes. Resume it on the Rebuild page."))
        box.addButton(self.tr("Save and close"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(self.tr("Keep it open"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.accepted.connect(self._on_accepted)
        box.finished.connect(box.deleteLater)
        box.open()

    @Slot()
    def _on_accepted(self) -> None:
        self._wanted = True
        if self._trainer.busy:
            self._trainer.stop()
        else:  # it ended while it was asked about
            self._window.close()

    @Slot()
    def _on_changed(self) -> None:
        if self._wanted and not self._trainer.busy:
            self._window.close()
