"""The windowed program of an installed Vademecum; it has no standard streams on Windows."""

import multiprocessing
import sys


def main() -> int:
    """Open the window."""
    from PySide6.QtWidgets import QMessageBox

    from core.errors import AppError
    from core.paths import default_home
    from core.tuning.switching import settle
    from desktop.app import run

    home = default_home()
    try:
        settle(home)
        return run(home)
    except AppError as error:
        QMessageBox.critical(None, "Vademecum", f"{error}\n\n{error.hint}")
        return 1


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
