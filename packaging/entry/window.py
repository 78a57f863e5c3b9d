"""The windowed program of an installed Vademecum; it has no standard streams on Windows."""

import multiprocessing
import sys


def main() -> int:
    """Open the window on the files named, if any; with ``--trial FILE``, only try whether it opens."""
    from core.programs import TRIAL

    if sys.argv[1:2] == [TRIAL]:
        from desktop.trial import main as trial

        return trial(sys.argv[2:])
    from PySide6.QtWidgets import QApplication, QMessageBox

    from core.errors import AppError
    from core.first_start import bring_libraries
    from core.paths import default_home
    from core.tuning.switching import settle
    from desktop.app import run

    try:
        home = default_home()
        bring_libraries(home)
        settle(home)
        return run(home, files=[name for name in sys.argv[1:] if not name.startswith("-")])
    except AppError as error:
        _ = QApplication.instance() or QApplication(sys.argv)  # a message needs one
        QMessageBox.critical(None, "Vademecum", f"{error}\n\n{error.hint}")
        return 1


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
