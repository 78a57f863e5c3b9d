"""Pictures of the window with made-up content: ``python tests/desktop/screenshots.py FOLDER``.

Not a test. Real windows with small worker programs, drawn without a screen; look at them after every change.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

if len(sys.argv) != 2:
    sys.exit("usage: python tests/desktop/screenshots.py FOLDER")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from core.library.reports import SavedReport
from core.paths import Home
from core.protocol import Answered, Done, Facets, Failed, Found, Imported, Progress, Status, Token
from core.settings import Settings, write_settings
from core.types import FileReport, Filters, ImportReport, Rejected, Scores, SearchResult, Span
from desktop.app import Desktop, Programs
from desktop.immortal import keep_constants
from tests.desktop.pdf_fake import PAGES as PDF_PAGES
from tests.desktop.pdf_fake import make_pdf, paged_document
from tests.desktop.window_fakes import (
    CONCLUSION,
    METHODS,
    RESULTS,
    FakeLibraries,
    answering,
    cite,
    finding,
    make_answer,
    make_document,
    make_hit,
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
REPORT = ImportReport(
    2,
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
    0,
    (
        FileReport("/data/export.nbib", "MEDLINE", 390, 5, 3, 0, 2),
        FileReport("/data/half.xml.gz", "PubMed XML", 11, 0, 0, 0, 1),
    ),
)
IMPORT = say(Progress("records", 412, None, "records"), Imported(REPORT), Done())
IMPORTING = (
    say(Progress("read", 0, 6_000_000, "bytes"), Progress("records", 8_000, None, "records"))
    + say(Progress("embed", 21_000, None, "passages"))
    + "time.sleep(0.4)\n"
    + say(Progress("records", 8_480, None, "records"), Progress("embed", 21_096, None, "passages"))
    + say(Progress("read", 2_600_000, 6_000_000, "bytes"))
    + "heard()\n"
    + say(Done(True))
)
DOUBTED = replace(
    make_document(4, "Sotalol after cardioversion: an early report"),
    publication_types=("Randomized Controlled Trial",),
    retracted=True,
    corrected=True,
)
FACETS = Facets(
    journals=(("Journal of Examples", 212), ("Annals of Samples", 96), ("The Specimen", 41)),
    publication_types=(("Randomized Controlled Trial", 118), ("Review", 77), ("Meta-Analysis", 31)),
    subjects=(("Atrial Fibrillation", 204), ("Heart Failure", 150), ("Adrenergic beta-Antagonists", 88)),
    years=(1987, 2024),
)
HITS = (
    replace(make_hit(FIRST, RESULTS, 1, Scores(0.81, 14.2, 1.0)), page=None),
    make_hit(SECOND, METHODS, 2, Scores(0.74, 11.9, 0.83)),
    make_hit(DOUBTED, CONCLUSION, 3, Scores(0.69, 9.3, 0.71)),
    make_hit(THIRD, RESULTS, 4, Scores(0.66, None, 0.52)),
)
FOUND = finding(SearchResult(1, HITS, 1311, 0.01), FACETS)
MATCHED = finding(
    SearchResult(1, HITS, 1311, 0.01, 1204, 'title:fibrillation AND "beta blockers" AND NOT child*'), FACETS
)
NOTHING = finding(SearchResult(1, (), 1311, 0.01), FACETS)


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
            pdf = make_pdf(Path(root) / "guideline.pdf")
            documents = [FIRST, SECOND, THIRD, DOUBTED, paged_document(pdf)]
            libraries = FakeLibraries(documents if ready else [], ["cardiology"])
            libraries.saved = [SavedReport("2026-11-02T10:00:00+00:00", REPORT)]
            desktop = Desktop(self.app, home, Programs(worker(script or "pass"), ["true"]), libraries)
            desktop.window.resize(*size)
            desktop.window.show()
            QTest.qWait(60)
            use(desktop)
            QTest.qWait(60)
            part(desktop).grab().save(str(self.folder / f"{name}.png"))
            desktop.shut_down()
            desktop.window.hide()
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


def searched(query: str = "beta blockers atrial fibrillation mortality") -> Callable[[Desktop], None]:
    def use(desktop: Desktop) -> None:
        desktop.window.show_page(desktop.searching.page)
        desktop.searching.page.look_for(query)
        for _ in range(60):
            QTest.qWait(50)
            if desktop.searching.page.count.text() and not desktop.searching.searcher.busy:
                return

    return use


def opened(desktop: Desktop, row: int = 0) -> None:
    searched()(desktop)
    results = desktop.searching.page.results
    results.panel.why.button.setChecked(True)
    results.enter()
    results.view.setCurrentIndex(results.model.index(row, 0))
    results.open(results.view.currentIndex())
    QTest.qWait(80)


def filtered(desktop: Desktop) -> None:
    searched()(desktop)
    page = desktop.searching.page
    page.filters.set_filters(
        Filters(year_from=2015, journals=("Journal of Examples", "The Specimen"), retracted=True)
    )


def asked_with_filters(desktop: Desktop) -> None:
    desktop.ask.libraries.choose(("starter", "cardiology"))
    desktop.ask.filters.set_filters(Filters(year_from=2015, minimum_grade="randomised trial"))
    asked(desktop)


def popup(field: str) -> Callable[[Desktop], None]:
    def use(desktop: Desktop) -> None:
        searched()(desktop)
        QTest.qWait(200)
        desktop.searching.page.filters.open(field)
        QTest.qWait(100)

    return use


def read_pdf(desktop: Desktop) -> None:
    desktop.window.show_page(desktop.library)
    document = desktop.library.documents_model.document(4)
    reader = desktop.library.reader
    quote = PDF_PAGES[1][: PDF_PAGES[1].index(". We suggest") + 1]
    start = document.text.index(quote)
    reader.as_page.setChecked(True)
    reader.show_document(document, Span(start, start + len(quote)), Path(document.original))
    desktop.library.setCurrentWidget(reader)
    assert reader.pages is not None
    for _ in range(100):
        QTest.qWait(50)
        if reader.pages.settled:
            return


def dialog(open_it: Callable[[Desktop], None]) -> Callable[[Desktop], None]:
    def use(desktop: Desktop) -> None:
        desktop.window.show_page(desktop.library)
        open_it(desktop)
        QTest.qWait(100)

    return use


def paused(desktop: Desktop) -> None:
    imported(desktop, 900)
    desktop.library.imports.pause.click()
    wait(desktop)


def library_pictures(studio: Studio) -> None:
    """The Search page, the Library page with its dialogs, and the reader."""
    dark = Settings(appearance="dark")
    narrow = (800, 600)

    def first_dialog(desktop: Desktop) -> QWidget:
        return desktop.library.findChildren(QDialog)[0]

    def popup_of(desktop: Desktop) -> QWidget:
        found = desktop.searching.page.filters.popup
        assert found is not None
        return found

    studio.take("search-empty", lambda d: d.window.show_page(d.searching.page), FOUND)
    studio.take("search", searched(), FOUND)
    studio.take("search-matched", searched('title:fibrillation "beta blockers" NOT child*'), MATCHED)
    studio.take("search-open", opened, FOUND)
    studio.take("search-filtered", filtered, FOUND)
    studio.take("search-nothing", searched("unicorn"), NOTHING)
    for field in ("years", "minimum_grade", "journals"):
        studio.take(f"search-popup-{field}", popup(field), FOUND, part=popup_of)
    studio.take("ask-filters", asked_with_filters, answering(ANSWER, *PASSAGES))
    studio.take("paused", paused, IMPORTING)
    studio.take("reader-page", read_pdf)
    report = dialog(lambda d: d.library.show_reports("starter"))
    studio.take("report", report, part=first_dialog)
    studio.take("versions", dialog(lambda d: d.library.show_versions("starter")), part=first_dialog)
    for name, settings, size in (("dark", dark, (1280, 800)), ("narrow", None, narrow)):
        studio.take(f"{name}-search", searched(), FOUND, settings=settings, size=size)
        studio.take(
            f"{name}-search-empty",
            lambda d: d.window.show_page(d.searching.page),
            FOUND,
            settings=settings,
            size=size,
        )
        studio.take(f"{name}-search-open", lambda d: opened(d, 2), FOUND, settings=settings, size=size)
        studio.take(f"{name}-search-filtered", filtered, FOUND, settings=settings, size=size)
        studio.take(f"{name}-reader-page", read_pdf, settings=settings, size=size)
        studio.take(
            f"{name}-ask-filters",
            asked_with_filters,
            answering(ANSWER, *PASSAGES),
            settings=settings,
            size=size,
        )
        studio.take(f"{name}-importing", lambda d: imported(d, 900), IMPORTING, settings=settings, size=size)


def main(folder: Path) -> None:
    studio = Studio(folder)
    if os.environ.get("QT_SCALE_FACTOR"):
        studio.take("answer-2x", cited, answering(ANSWER, *PASSAGES))
        return
    library_pictures(studio)
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
    studio.take("importing", lambda d: imported(d, 900), IMPORTING)
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
