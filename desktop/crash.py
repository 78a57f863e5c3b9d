"""What happens on a bug in the window: a dialog that can be answered, and a report without anyone's words."""

from __future__ import annotations

import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

import core
from core.errors import AppError

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


class CrashHandler:
    """Takes the place of ``sys.excepthook``. An expected failure is told; a bug is logged and told once."""

    def __init__(self, logs: Path, tell: Callable[[str], None], window: QWidget) -> None:
        self._logs = logs
        self._tell = tell
        self._window = window
        self._dialog: QMessageBox | None = None

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Keep the window alive and say what happened."""
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
        elif isinstance(error, AppError):
            self._tell(f"{error} {error.hint}".strip())
        else:
            report = redacted(kind, error, trace)
            _append(self._logs / "window.log", report)
            self._show(report)

    def _show(self, report: str) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            return  # one dialog is enough for a bug that repeats
        dialog = self._dialog = QMessageBox(self._window)
        dialog.setIcon(QMessageBox.Icon.Warning)
        dialog.setWindowTitle("Vademecum")
        dialog.setText(_tr("Something in the window did not work."))
        dialog.setInformativeText(
            _tr(
                "Your conversations are saved. You can go on; if the window behaves oddly, start it again. "
                "The report below holds no questions, answers or documents."
            )
        )
        dialog.setDetailedText(report)
        copy = dialog.addButton(_tr("Copy report"), QMessageBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report))
        dialog.addButton(_tr("Go on"), QMessageBox.ButtonRole.AcceptRole)
        dialog.open()


def redacted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Return where it happened, without messages and values: those may hold what the user wrote."""
    lines = [
        f"Vademecum {core.__version__}, Python {platform.python_version()}, {platform.platform()}",
        time.strftime("%Y-%m-%d %H:%M:%S"),
    ]
    for frame in traceback.extract_tb(trace):
        place = Path(frame.filename)
        lines.append(f"  {'/'.join(place.parts[-3:])}:{frame.lineno} in {frame.name}")
    lines.append(kind.__name__)
    if error.__cause__ is not None:
        cause = error.__cause__
        lines += ["caused by", redacted(type(cause), cause, cause.__traceback__)]
    return "\n".join(lines)


def install(handler: CrashHandler) -> Hook:
    """Let ``handler`` take unexpected errors; return the hook that was there."""
    before = sys.excepthook
    sys.excepthook = handler.handle
    return before


def _append(log: Path, report: str) -> None:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(report + "\n\n")
    except OSError:
        return


def _tr(text: str) -> str:
    return QCoreApplication.translate("CrashHandler", text)
