"""A process that shows a window, tells when it was painted, and ends; started by ``window_start.py``.

Imports nothing that the window itself does not need. Prints one line: the clock after the first painting, and
whether torch was loaded by then.
"""

import sys
import time


def watch(window):
    """Tell when ``window`` and all in it have been painted for the first time, and close it then."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watcher(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                window.removeEventFilter(self)
                QTimer.singleShot(0, painted)  # what is inside the window is painted in the same go
            return False

    def painted():
        print(time.monotonic(), "torch" in sys.modules, flush=True)
        window.close()

    window.installEventFilter(Watcher(window))


def ours():
    """Start as ``vademecum`` does."""
    import desktop.app
    import desktop.cli

    begin = desktop.app.Desktop.begin

    def watched(self):  # called right after the window was shown
        watch(self.window)
        begin(self)

    desktop.app.Desktop.begin = watched
    sys.argv = ["vademecum"]
    desktop.cli.main()


def bare():
    """Show an empty window of PySide6."""
    from PySide6.QtWidgets import QApplication, QMainWindow

    app = QApplication(["bare"])
    window = QMainWindow()
    watch(window)
    window.show()
    app.exec()


def python():
    """Show nothing: how long Python itself takes."""
    print(time.monotonic(), False)


if __name__ == "__main__":
    {"ours": ours, "bare": bare, "python": python}[sys.argv[1]]()
