"""Pictures of the window with made-up content: ``python tests/desktop/screenshots.py FOLDER``.

Not a test. Real windows with small worker programs, drawn without a screen; look at them after every change.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

if len(sys.argv) != 2:
    sys.exit("usage: python tests/desktop/screenshots.py FOLDER")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.paths import Home
from core.protocol import Answered, Done, Failed, Found, Imported, Progress, Status, Token
from core.settings import Settings, write_settings
from core.types import ImportReport, Rejected
from desktop.app import Desktop, Programs
from desktop.immortal import keep_constants
from tests.desktop.window_fakes import (
    CONCLUSION,
    RESULTS,
    FakeLibraries,
    answering,
    cite,
    make_answer,
    make_document,
    make_passage,
    ref,
    say,
    worker,
)

QUESTION = "Do beta blockers lower mortality in people with heart failure and atrial fibrillation?"
FIRST = make_document()
SECOND = make_document(2, "Rate versus rhythm control for atrial fibrillation: a review of randomised trials")
THIRD = make_document(3, "Bisoprolol and digoxin in permanent atrial fibrillation")
FOLLOW_UP = "Which drug is better for the heart rate then?"
FIRST_QUOTE = RESULTS[: RESULTS.index("0.97).") + 6]
ANSWER = make_answer(
    QUESTION,
    "Beta blockers lowered mortality in patients in sinus rhythm, but not in atrial fibrillation [1].\n"
    "Rates of stroke were the same with and without them [2].\n"
    "Other rate-control drugs can be chosen just as well [1].\n"
    "Many patients also need an anticoagulant.",
    (
        cite(FIRST, FIRST_QUOTE, 1, 0),
        cite(SECOND, "Rates of stroke did not differ.", 2, 1, "search"),
        cite(FIRST, CONCLUSION, 1, 2),
    ),
    alternatives=("Beta blockers did not lower mortality in patients with atrial fibrillation [1].",),
)
REFUSED = make_answer(
    "What is the capital of France?",
    "",
    refused=True,
    sentences=(),
    reason="No passage in the library “starter” is close enough to this question.",
    nearest=(ref(SECOND), ref(THIRD)),
)
PASSAGES = (make_passage(FIRST), make_passage(SECOND, 2), make_passage(THIRD, 3))
STREAM = (
    say(Found(PASSAGES), *[Token(w + " ") for w in ANSWER.answer.split(" ")[:24]])
    + "heard()\n"
    + say(Done(True))
)
FAILURE = say(Token("Beta blockers lowered mortality in ")) + "os.kill(os.getpid(), signal.SIGKILL)\n"
LOADING = say(Status("Loading the model")) + "heard()\n" + say(Done(True))
IMPORT = say(
    Progress("read", 412, None, "records"),
    Imported(
        ImportReport(
            1,
            401,
            5,
            3,
            3,
            (
                Rejected("/data/export.nbib", 17, "no title and no abstract"),
                Rejected("/data/export.nbib", 240, "not valid UTF-8 at byte 1,204"),
                Rejected("/data/half.xml.gz", 0, "the file ends in the middle of a record"),
            ),
            446,
            1311,
            12.0,
        )
    ),
    Done(),
)
IMPORTING = say(Progress("read", 1204, 5000, "records")) + "heard()\n" + say(Done(True))


keep_constants()


class Studio:
    """Builds a window, lets it be used, takes its picture."""

    def __init__(self, folder: Path) -> None:
        self.app = QApplication.instance() or QApplication(sys.argv[:1])
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(
        self,
        name: str,
        use: Callable[[Desktop], None],
        script: str = "",
        *,
        size: tuple[int, int] = (1280, 800),
        settings: Settings | None = None,
        ready: bool = True,
        part: Callable[[Desktop], QWidget] = lambda desktop: desktop.window,
    ) -> None:
        with tempfile.TemporaryDirectory() as root:
            home = Home(Path(root))
            write_settings(home.settings, settings or Settings())
            if ready:
                for model in (Settings().model.language, Settings().model.embedder):
                    (home.models / model).mkdir(parents=True)
            libraries = FakeLibraries([FIRST, SECOND, THIRD] if ready else [])
            desktop = Desktop(self.app, home, Programs(worker(script or "pass"), ["true"]), libraries)
            desktop.window.resize(*size)
            desktop.window.show()
            QTest.qWait(60)
            use(desktop)
            QTest.qWait(60)
            part(desktop).grab().save(str(self.folder / f"{name}.png"))
            desktop.shut_down()
            desktop.window.deleteLater()
            QCoreApplication.processEvents()


def wait(desktop: Desktop) -> None:
    for _ in range(100):
        QTest.qWait(50)
        if not desktop.session.busy and not desktop.importer.busy:
            return


def asked(desktop: Desktop) -> None:
    desktop.ask.ask(QUESTION)
    wait(desktop)


def cited(desktop: Desktop) -> None:
    asked(desktop)
    desktop.ask.turns.views[0].text.citation_activated.emit(0)
    QTest.qWait(50)


def corrected(desktop: Desktop) -> None:
    asked(desktop)
    view = desktop.ask.turns.views[0]
    view.feedback.correct.click()
    QTest.qWait(50)
    desktop.ask.turns.ensureWidgetVisible(view.feedback)


def long(desktop: Desktop) -> None:
    desktop.ask.ask((QUESTION + " ") * 12 + "W" * 300)
    wait(desktop)
    desktop.ask.turns.verticalScrollBar().setValue(0)


def conversation(desktop: Desktop) -> None:
    desktop.ask.ask("Is colchicine useful after a heart attack?")
    wait(desktop)
    desktop.session.new()
    for question in (QUESTION, FOLLOW_UP):
        desktop.ask.ask(question)
        wait(desktop)
    desktop.ask.turns.views[0].text.citation_activated.emit(0)
    QTest.qWait(50)


def imported(desktop: Desktop, ms: int = 800) -> None:
    desktop.window.show_page(desktop.library)
    desktop.library.add_paths(["/data/export.nbib", "/data/half.xml.gz"])
    QTest.qWait(ms)


def main(folder: Path) -> None:
    studio = Studio(folder)
    if os.environ.get("QT_SCALE_FACTOR"):
        studio.take("answer-2x", cited, answering(ANSWER, *PASSAGES))
        return
    dark = Settings(appearance="dark")
    studio.take("first-start", lambda d: None)
    studio.take("setup-missing", lambda d: None, ready=False)
    studio.take("loading", lambda d: (d.ask.ask(QUESTION), QTest.qWait(2600)), LOADING)
    studio.take("streaming", lambda d: (d.ask.ask(QUESTION), QTest.qWait(900)), STREAM)
    studio.take("answer", asked, answering(ANSWER, *PASSAGES))
    keeping = Settings(collect=True)
    studio.take("feedback", asked, answering(ANSWER, *PASSAGES), settings=keeping)
    studio.take("correct", corrected, answering(ANSWER, *PASSAGES), settings=keeping)
    studio.take("cited-source", conversation, answering(ANSWER, *PASSAGES))
    studio.take("killed", asked, FAILURE)
    no_model = Failed(
        "model_unusable", "The model folder has no weights.", "Choose another model in the settings."
    )
    studio.take("error", asked, say(no_model))
    studio.take("refused", asked, say(Answered(REFUSED), Done()))
    studio.take("long-question", long, answering(ANSWER, *PASSAGES))
    studio.take("library", lambda d: imported(d), IMPORT)
    studio.take("importing", lambda d: imported(d, 600), IMPORTING)
    studio.take("settings", lambda d: d.window.show_page(d.preferences))
    studio.take("computer", lambda d: (d.window.show_page(d.doctor), QTest.qWait(9000)))
    studio.take("dark-answer", conversation, answering(ANSWER, *PASSAGES), settings=dark)
    studio.take("dark-first-start", lambda d: None, settings=dark)
    studio.take("dark-settings", lambda d: d.window.show_page(d.preferences), settings=dark)
    studio.take("dark-library", lambda d: imported(d), IMPORT, settings=dark)
    studio.take("narrow", conversation, answering(ANSWER, *PASSAGES), size=(800, 700))
    studio.take("narrow-first-start", lambda d: None, size=(800, 600))
    studio.take("narrow-library", lambda d: imported(d), IMPORT, size=(800, 600))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    if not os.environ.get("QT_SCALE_FACTOR"):  # Qt reads it once, at its start
        subprocess.run([sys.executable, *sys.argv], env={**os.environ, "QT_SCALE_FACTOR": "2"}, check=True)
        wizard = Path(__file__).with_name("wizard_screenshots.py")
        subprocess.run([sys.executable, str(wizard), sys.argv[1]], check=True)
