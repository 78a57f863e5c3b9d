"""What is asked when the window is closed while a rebuild runs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget


def ask_before_closing(window: QWidget) -> QMessageBox:
    """Return the question; it is ``accepted`` when the rebuild is to be saved and the window closed."""
    box = QMessageBox(window)
    box.setObjectName("closing")
    box.setWindowTitle("Vademecum")
    box.setText(_tr("A rebuild is running."))
    box.setInformativeText(_tr("It is saved before Vademecum closes. Resume it on the Rebuild page."))
    box.addButton(_tr("Save and close"), QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton(_tr("Keep it open"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.finished.connect(box.deleteLater)
    return box


def _tr(text: str) -> str:
    return QCoreApplication.translate("closing", text)
