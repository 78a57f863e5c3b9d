"""The real window on the real assistant worker, with tiny models and a real library; nothing stands in.

All tests share one window and, as long as none kills it, one worker: a worker needs seconds to start.
"""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt

from core import offline
from core.evaluation.runs import Evaluations
from core.history import open_history
from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.paths import Home
from core.protocol import Answered, Found, Status, Token
from core.settings import write_settings
from core.types import NO_FILTERS, Filters
from desktop.app import Desktop, Programs
from tests.desktop.conftest import WATCHED, running
from tests.desktop.hands import click_on, shown
from tests.desktop.pdf_fake import make_pdf
from tests.fakes.tiny_home import QUESTION, make_tiny_home, tiny_settings, write_records

LONG_MS = 60_000  # a worker that starts on a busy computer
ROOT = Path(__file__).parents[2]


def settings(max_new_tokens=40):
    """Settings under which search finds a source even for the words of a model that knows none."""
    values = tiny_settings()
    return replace(
        values,
        retrieval=replace(values.retrieval, bind_threshold=0.0),
        sampling=replace(values.sampling, max_new_tokens=max_new_tokens),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    made = make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)
    write_settings(made.settings, settings())
    return made


class OpenWindow:
    """The window that is open, and what the worker has told it."""

    def __init__(self, app, home):
        self._app, self._home = app, home
        self.open()

    def open(self):
        self.desktop = Desktop(self._app, self._home, Programs())
        self.events = []
        self.desktop.session.progressed.connect(lambda _, event: self.events.append(event))
        self.desktop.window.show()
        self.desktop.window.activateWindow()
        self.desktop.begin()

    def close(self):
        self.desktop.shut_down()
        self.desktop.window.close()
        self.desktop.window.deleteLater()
        self.desktop.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def no_leaks():
    """Looked for when the window that the tests share is closed; see ``opened``."""


@pytest.fixture(scope="module")
def opened(qapp, home):
    opened = OpenWindow(qapp, home)
    yield opened
    opened.close()
    gc.collect()
    left = [one for one in gc.get_objects() if issubclass(type(one), WATCHED) and running(one)]
    assert not left, left


@pytest.fixture
def desktop(opened, qtbot):
    """The open window, idle, with an empty conversation, the first library and the first settings."""
    desktop = opened.desktop
    qtbot.waitUntil(desktop.window.isActiveWindow)
    desktop.settings.change(settings())
    desktop.window.new_question()
    opened.events.clear()
    return desktop


@pytest.fixture
def ask(qtbot, desktop):
    def asked(question=QUESTION, wait=True):
        qtbot.keyClicks(desktop.ask.composer.box, question)
        qtbot.keyClick(desktop.ask.composer.box, Qt.Key.Key_Return)
        if wait:
            wait_for_end(qtbot, desktop)
        return desktop.ask.turns.views[-1]

    return asked


def wait_for_end(qtbot, desktop):
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=LONG_MS)


def wait_for_words(qtbot, view):
    qtbot.waitUntil(lambda: view.text.toPlainText().strip() != "", timeout=LONG_MS)


def document_of(home, citation, library="starter"):
    folder, _ = Shelf(home.libraries).active_version(library)
    with DocumentStore.open(folder) as store:
        return store.document(citation.document.id)


def choose_library(desktop, name):
    desktop.ask.libraries.choose((name,))


def test_that_a_question_is_searched_read_written_and_answered_in_this_order(opened, ask):
    view = ask()
    kinds = [type(event) for event in opened.events]
    assert kinds[0] is Status
    assert kinds.index(Found) < kinds.index(Token) < kinds.index(Answered) == len(kinds) - 1
    words = [event.text for event in opened.events if isinstance(event, Status)]
    assert words[0] == "Searching the library"
    assert "Reading the evidence" in words
    answer = opened.events[-1].answer
    assert not answer.refused
    assert view.turn.text == answer.answer
    assert not view.note.isVisible()
    assert not view.waiting.isVisible()


def test_that_a_click_on_a_citation_opens_its_document_with_exactly_its_words_lit(ask, desktop, home, qtbot):
    view = ask()
    citation = view.answer.citations[0]
    click_on(qtbot, view, f"[{citation.marker}]")
    reader = desktop.ask.side.reader
    document = document_of(home, citation)
    assert desktop.ask.side.reading
    assert document.title in reader.text.toPlainText()
    assert reader.highlighted() == document.text[citation.start : citation.end] == citation.quote != ""
    assert not reader.message.isVisible()


def test_that_a_refused_question_shows_the_nearest_titles_and_opens_them(opened, ask, desktop, qtbot):
    view = ask("sedated children hear xylophone quartet tuning orchestra strings")
    assert "close enough" in view.parts.refusal.text()
    assert not any(isinstance(event, Token) for event in opened.events)
    rows = view.parts.documents.rows
    titles = [row.accessibleName() for row in rows]
    assert any("Atropine with ketamine" in title for title in titles)
    qtbot.keyClick(rows[0], Qt.Key.Key_Return)
    assert view.answer.nearest[0].title in desktop.ask.side.reader.text.toPlainText()


def test_that_stop_keeps_what_was_written_and_the_next_question_is_answered(ask, desktop, qtbot):
    desktop.settings.change(settings(max_new_tokens=7000))
    view = ask(wait=False)
    wait_for_words(qtbot, view)
    qtbot.mouseClick(desktop.ask.composer.button, Qt.MouseButton.LeftButton)
    wait_for_end(qtbot, desktop)
    assert "You stopped this answer." in view.note.text()
    assert shown(view).strip()
    assert desktop.ask.composer.button.text() == "Ask"
    worker = desktop.worker.process_id
    desktop.settings.change(settings())
    assert ask("atropine drooling sedated children").turn.state == "done"
    assert desktop.worker.process_id == worker  # it was asked to stop, not killed


def test_that_a_worker_killed_in_an_answer_leaves_its_words_and_the_next_question_works(
    ask, desktop, home, qtbot
):
    desktop.settings.change(settings(max_new_tokens=7000))
    view = ask(wait=False)
    wait_for_words(qtbot, view)
    killed = desktop.worker.process_id
    os.kill(killed, signal.SIGKILL)
    wait_for_end(qtbot, desktop)
    partial = shown(view)
    assert partial.strip()
    assert "stopped unexpectedly" in view.note.text()
    assert "Ask again" in view.note.text()
    desktop.settings.change(settings())
    assert ask().turn.state == "done"
    assert desktop.worker.process_id not in (killed, None)
    history, _ = open_history(home.history)
    failed, done = history.turns(desktop.session.shown.id)
    history.close()
    assert (failed.text, failed.state, done.state) == (partial, "failed", "done")


def test_that_files_added_on_the_library_page_become_a_library_that_answers(ask, desktop, home, qtbot):
    record = {
        "pmid": "104",
        "title": "Sourdough",
        "abstract": "Sourdough bread rises overnight. It needs flour.",
    }
    source = write_records(home.root / "bread.jsonl", [record])
    with source.open("a", encoding="utf-8") as file:
        file.write("{not json\n")
    desktop.window.show_page(desktop.library)
    desktop.library.target.setEditText("bread")
    desktop.library.add_paths([str(source)])
    imports = desktop.library.imports
    qtbot.waitUntil(lambda: not imports.busy, timeout=LONG_MS)
    assert imports.outcome.text().startswith("Couldn't read 1 of 2 records 1 added")
    assert imports.table.rows.rowCount() == 1
    desktop.window.show_page(desktop.ask)
    choose_library(desktop, "bread")
    answer = ask("sourdough bread rises overnight").answer
    assert answer.libraries[0].name == "bread"
    assert {citation.document.pmid for citation in answer.citations} == {"104"}


def test_that_what_is_typed_is_found_and_its_passage_lit_beside_it(desktop, home, qtbot):
    page = desktop.searching.page
    desktop.window.show_page(page)
    page.chooser.choose(("starter",))
    qtbot.keyClicks(page.field, "regional pain")
    search(qtbot, page)
    assert page.count.text() == "The best matches among 3 passages"
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    qtbot.keyClick(page.results.view, Qt.Key.Key_Return)
    hit = page.results.model.hit(0)
    assert hit.document.pmid == "101"
    assert page.results.panel.reader.highlighted() == hit.quote
    page.field.clear()
    qtbot.keyClicks(page.field, "type:trial OR title:nurses")
    search(qtbot, page)
    assert page.count.text().startswith("2 documents match")
    page.filters.set_filters(Filters(minimum_grade="randomised trial"))
    page.search()
    qtbot.waitUntil(lambda: page.count.text().startswith("1 document matches"), timeout=LONG_MS)
    page.filters.set_filters(NO_FILTERS)
    qtbot.waitUntil(
        lambda: page.filters._facets.journals == (("Journal of Made-up Trials", 2),), timeout=LONG_MS
    )


def test_that_a_pdf_is_taken_in_found_and_shown_as_its_page_with_the_words_lit(desktop, home, qtbot):
    source = make_pdf(home.root / "guideline.pdf")
    desktop.window.show_page(desktop.library)
    desktop.library.target.setEditText("guidelines")
    desktop.library.add_paths([str(source)])
    qtbot.waitUntil(lambda: not desktop.library.imports.busy, timeout=LONG_MS)
    source.unlink()  # the library keeps its own
    page = desktop.searching.page
    desktop.window.show_page(page)
    page.chooser.choose(("guidelines",))
    page.look_for('"beta blocker"')
    qtbot.waitUntil(lambda: "beta blocker" in page.count.text(), timeout=LONG_MS)
    page.results.enter()
    page.results.open(page.results.view.currentIndex())
    reader = page.results.panel.reader
    reader.as_page.click()
    qtbot.waitUntil(lambda: reader.pages.settled, timeout=LONG_MS)
    assert not reader.message.text()
    assert sorted(reader.pages.lit) == [1, 2, 3]  # three short pages, one passage
    reader.as_page.setChecked(False)
    page.chooser.choose(("starter",))


def search(qtbot, page):
    def ended():
        return not (page._delay.isActive() or page._searcher.busy) and page.results.isVisible()

    qtbot.waitUntil(ended, timeout=LONG_MS)


def test_that_a_damaged_library_is_explained_with_a_next_step(ask, desktop, home):
    shutil.copytree(home.libraries / "starter", home.libraries / "damaged", symlinks=True)
    folder, _ = Shelf(home.libraries).active_version("damaged")
    (folder / "dense" / "vectors.bin").write_bytes(b"x")
    try:
        desktop.refresh()
        choose_library(desktop, "damaged")
        view = ask()
        assert view.turn.state == "failed"
        assert "damaged" in view.turn.message
        assert view.turn.hint
        assert view.turn.hint in view.note.text()
    finally:
        shutil.rmtree(home.libraries / "damaged")
    choose_library(desktop, "starter")
    assert ask().turn.state == "done"


def test_that_the_conversation_is_there_with_its_sources_after_reopening(opened, ask, desktop, home, qtbot):
    first = ask()
    ask("atropine drooling sedated children")
    citation, words = first.answer.citations[0], shown(first)
    opened.close()
    opened.open()
    desktop = opened.desktop
    history = desktop.window.history
    newest = history.model.index(0, 0)
    assert newest.data() == QUESTION  # named after its first question
    history.view.clicked.emit(newest)
    again, second = desktop.ask.turns.views
    assert shown(again) == words
    assert second.turn.state == "done"
    again.text.citation_activated.emit(0)
    assert desktop.ask.side.reader.highlighted() == citation.quote


ISOLATED = """
import json, socket, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from core.paths import Home
from desktop import app

class Driven(app.Desktop):
    '''Asks one question as soon as the window is there, tells the answer, and closes the window.'''

    def begin(self):
        super().begin()
        self.session.ended.connect(self.tell)
        QTimer.singleShot(0, self, lambda: self.ask.ask(sys.argv[2]))

    def tell(self, turn):
        interfaces = [name for _, name in socket.if_nameindex()]
        shown = self.window.isVisible() and self.footer.offline.text()
        print(json.dumps([turn.state, turn.text, interfaces, shown]))
        self.window.close()

app.Desktop = Driven
sys.exit(app.run(Home(Path(sys.argv[1]))))
"""


def unshare():
    """The command that cuts a process off from every network, or None where that is not allowed."""
    for options in ("-n", "-rn"):
        command = ["unshare", options]
        try:
            if subprocess.run([*command, "true"], capture_output=True, timeout=20).returncode == 0:
                return command
        except OSError:
            return None
    return None


def test_that_the_window_answers_without_any_network_and_tries_to_reach_none(
    tmp_path, tiny_llama, tiny_embedder
):
    isolated = unshare()
    if isolated is None:
        pytest.skip("this system does not let a process leave the network (unshare -n)")
    home = make_tiny_home(tmp_path / "data", tiny_llama, tiny_embedder)
    ended = subprocess.run(
        [*isolated, sys.executable, "-c", ISOLATED, str(home.root), QUESTION],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    state, text, interfaces, footer = json.loads(ended.stdout)
    assert (state, bool(text)) == ("done", True)
    assert interfaces == ["lo"]
    assert "0 connections attempted" in footer
    assert offline.attempts(Home(home.root)) == 0


@pytest.fixture
def beir(tmp_path):
    """Files of a search task: many queries, so that it can be stopped, each with its document."""
    records = [{"_id": f"d{n}", "title": f"Drug {n}", "text": f"Drug {n} lowered pain."} for n in range(60)]
    queries = [{"_id": f"q{n}", "text": f"Does drug {n} lower pain?"} for n in range(60)]
    for name, lines in (("corpus", records), ("queries", queries)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    rows = "".join(f"q{n}\td{n}\t1\n" for n in range(60))
    (tmp_path / "qrels.tsv").write_text("query\tdocument\trelevance\n" + rows, "utf-8")
    return tmp_path


def test_that_a_search_is_measured_stopped_and_resumed_to_its_figures(desktop, beir, qtbot):
    page, evaluator = desktop.evaluating.content, desktop.evaluating.evaluator
    desktop.window.show_page(desktop.evaluating.page)
    page.runs.new.click()
    page.form.show_kind("retrieval")
    for name, file in (("corpus", "corpus.jsonl"), ("queries", "queries.jsonl"), ("qrels", "qrels.tsv")):
        page.form.fields.files[name].set_paths([str(beir / file)])
    qtbot.mouseClick(page.form.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: evaluator.words.startswith("Searching") and evaluator.done > 3, timeout=LONG_MS)
    qtbot.mouseClick(page.runs.running.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not evaluator.busy, timeout=LONG_MS)
    (info,) = page.runs.infos
    assert (info.state, 0 < info.items < 180) == ("stopped", True)
    qtbot.mouseClick(page.runs.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.currentWidget() is page.result, timeout=LONG_MS)
    (info,) = page.runs.infos
    assert (info.state, info.items) == ("done", 180)  # three modes, no query twice
    made = Evaluations(desktop._home.evaluations).get(info.id)
    assert {one.mode for one in made.result().modes} == {"hybrid", "dense", "lexical"}
    assert made.report.is_file()
    page.show_runs()


def test_that_quotes_alone_are_shown_without_a_model(desktop, ask):
    desktop.ask.composer.quotes.setChecked(True)
    try:
        view = ask()
    finally:
        desktop.ask.composer.quotes.setChecked(False)
    assert view.answer.evidence_only
    assert view.parts.quotes.cards
    assert view.answer.tokens.generated == 0


def test_that_every_sentence_of_a_written_answer_has_a_sign_or_a_remark(ask):
    view = ask()
    assert view.text.icons
    assert view.parts.verdicts.text().split(":")[0] in (
        "1 sentence",
        f"{len(view.answer.sentences)} sentences",
    )
