"""The window around the conversation: first start, history, library, settings, this computer, theme."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel

from core.doctor import Report, Row, Section
from core.errors import IndexDamaged
from core.protocol import Done, Failed, Imported, Progress
from core.settings import Settings, read_settings
from core.types import ImportReport, Rejected
from desktop.crash import CrashHandler, redacted
from desktop.doctor.doctor_page import DoctorPage
from desktop.first_steps import example_questions
from desktop.settings.fields import SECTIONS, all_paths, bounds_of
from desktop.theme import DARK, LIGHT, Colours, Theme
from tests.desktop.window_fakes import FakeLibraries, answering, make_answer, make_document, say, worker

HEAVY = {"torch", "transformers", "sentence_transformers", "hnswlib", "tantivy", "datasets", "trl", "peft"}
ANSWERED = answering(make_answer("?", "Yes."))


def ask(desktop, qtbot, question):
    desktop.ask.ask(question)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)


def test_that_the_first_start_offers_three_questions_that_can_be_asked_by_keyboard(open_window, qtbot):
    desktop = open_window(worker(ANSWERED))
    cards = desktop.ask.welcome.examples
    assert len(cards) == 3
    assert not desktop.ask.welcome.setup.isVisible()
    cards[1].setFocus()
    qtbot.keyClick(cards[1], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert desktop.ask.turns.views[0].turn.question == example_questions()[1]


def test_that_the_notice_is_always_there(open_window):
    desktop = open_window()
    for page in (desktop.ask, desktop.library, desktop.preferences):
        desktop.window.show_page(page)
        assert desktop.footer.notice.isVisible()
        assert "Not medical advice" in desktop.footer.notice.text()


def test_that_missing_models_are_named_with_the_command_and_set_up_by_a_button(open_window, home, qtbot):
    model = home.models / Settings().model.language
    model.rmdir()
    setup = (sys.executable, "-c", f"import os; print('1 of 1', flush=True); os.mkdir({str(model)!r})")
    desktop = open_window(setup=setup)
    card = desktop.ask.welcome.setup
    assert card.isVisible()
    assert "smollm2" in card._missing.text()
    assert card.command.text() == "vademecum setup"
    qtbot.mouseClick(card.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not card.isVisible(), timeout=10_000)


def test_that_a_setup_that_fails_shows_its_last_words_and_can_be_tried_again(open_window, home, qtbot):
    (home.models / Settings().model.language).rmdir()
    desktop = open_window(setup=(sys.executable, "-c", "print('no space left'); raise SystemExit(1)"))
    card = desktop.ask.welcome.setup
    qtbot.mouseClick(card.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.button.text() == "Try again", timeout=10_000)
    assert "no space left" in card.progress.text()


def test_that_a_new_question_leaves_the_old_conversation_in_the_list(open_window, qtbot):
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "first")
    qtbot.keyClick(desktop.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert desktop.ask.middle.currentWidget() is desktop.ask.welcome
    ask(desktop, qtbot, "second")
    model = desktop.window.history.model
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["second", "first"]


def test_that_control_and_f_searches_the_conversations(open_window, qtbot):
    desktop = open_window(worker(ANSWERED))
    for question in ("aspirin and stroke", "colchicine"):
        desktop.session.new()
        ask(desktop, qtbot, question)
    qtbot.keyClick(desktop.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert desktop.window.history.search.hasFocus()
    qtbot.keyClicks(desktop.window.history.search, "strok")
    qtbot.waitUntil(lambda: desktop.window.history.model.rowCount() == 1)


def test_that_a_deleted_conversation_comes_back_with_undo(open_window, qtbot):
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "aspirin")
    history = desktop.window.history
    history.view.setFocus()
    qtbot.keyClick(history.view, Qt.Key.Key_Delete)
    assert history.model.rowCount() == 0
    qtbot.mouseClick(desktop.window.toast.button, Qt.MouseButton.LeftButton)
    assert history.model.rowCount() == 1
    assert len(desktop.ask.turns.views) == 1


def test_that_a_conversation_is_renamed_in_the_list_and_above_it(open_window, qtbot):
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "aspirin")
    model = desktop.window.history.model
    model.setData(model.index(0, 0), "  Pain ")
    assert model.index(0, 0).data() == "Pain"
    assert desktop.ask.title.text() == "Pain"


def test_that_an_answer_goes_on_while_another_conversation_is_looked_at(open_window, qtbot):
    script = "time.sleep(0.5)\n" + ANSWERED
    desktop = open_window(worker(script))
    ask(desktop, qtbot, "first")
    first = desktop.session.shown
    desktop.session.new()
    desktop.ask.ask("second")
    second = desktop.session.shown
    desktop.session.open(first)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert [view.turn.question for view in desktop.ask.turns.views] == ["first"]
    desktop.session.open(second)
    assert desktop.ask.turns.views[0].text.toPlainText().startswith("Yes.")


def test_that_tab_reaches_every_control_of_the_conversation_from_the_question_box(open_window, qtbot):
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "?")
    desktop.ask.composer.box.setFocus()
    qtbot.keyClicks(desktop.ask.composer.box, "more")
    reached = [desktop.window.focusWidget()]
    while len(reached) < 40:
        qtbot.keyClick(reached[-1], Qt.Key.Key_Tab)
        reached.append(desktop.window.focusWidget())
    view = desktop.ask.turns.views[0]
    for control in (
        desktop.ask.composer.button,
        desktop.ask.composer.modes,
        desktop.ask.composer.quotes,
        desktop.ask.libraries,
        view.text,
        view._copy,
        desktop.window.rail.new,
        desktop.window.history.search,
        desktop.window.history.view,
    ):
        assert control in reached, control
    composer = desktop.ask.composer
    assert reached[1:5] == [composer.button, composer.modes, composer.quotes, desktop.ask.libraries]


def test_that_the_pages_have_keys(open_window, qtbot):
    desktop = open_window()
    pages = [
        desktop.ask,
        desktop.library,
        desktop.searching.page,
        desktop.rebuilding.page,
        desktop.evaluating.page,
        desktop.bundles,
        desktop.doctor,
        desktop.preferences,
    ]
    desktop.doctor._examine = lambda: Report(1, True, True, 0, ())
    for key, page in zip("87654321", reversed(pages), strict=True):
        qtbot.keyClicks(desktop.window, key, Qt.KeyboardModifier.ControlModifier)
        assert desktop.window.pages.currentWidget() is page
        assert desktop.window.focusWidget() is not None
    qtbot.waitUntil(lambda: not desktop.doctor._timer.isActive())


REPORT = ImportReport(1, 2, 1, 4, 1, (Rejected("/data/a.nbib", 17, "no title"),), 7, 9, 0.5)


def test_that_an_import_shows_its_progress_and_then_its_report(open_window, qtbot):
    script = (
        say(Progress("read", 1204, 5000, "records"))
        + "time.sleep(0.5)\n"
        + f"assert request['paths'] == ['/data/a.nbib'], request\n{say(Imported(REPORT), Done())}"
    )
    desktop = open_window(worker(script))
    desktop.window.show_page(desktop.library)
    imports = desktop.library.imports
    desktop.library.add_paths(["/data/a.nbib"])
    qtbot.waitUntil(lambda: imports.counts.text().startswith("1,204 / 5,000 records"), timeout=10_000)
    qtbot.waitUntil(lambda: not imports.busy, timeout=10_000)
    assert imports.outcome.text() == "Couldn't read 1 of 8 records 2 added · 1 updated · 4 already there"
    row = [imports.table.rows.index(0, column).data() for column in range(3)]
    assert row == ["a.nbib", "17", "no title"]
    assert desktop.library.add.isEnabled()


def test_that_the_library_that_was_added_to_is_shown_when_the_import_is_done(open_window, qtbot):
    class Two(FakeLibraries):
        def names(self):
            return ["mine", "starter"]

    desktop = open_window(worker(say(Imported(REPORT), Done())), libraries=Two([make_document()]))
    desktop.window.show_page(desktop.library)
    for name in ("starter", "mine"):
        desktop.library.target.setEditText(name)
        desktop.library.add_paths(["/data/a.nbib"])
        qtbot.waitUntil(lambda: not desktop.library.imports.busy, timeout=10_000)
        assert desktop.library.heading.text() == f"1 documents in {name}"


def test_that_a_report_of_an_import_is_whole_in_a_small_window(open_window, qtbot):
    three = replace(REPORT, failed=3, report=REPORT.report * 3)
    desktop = open_window(worker(say(Imported(three), Done())))
    desktop.window.resize(800, 600)
    desktop.window.show_page(desktop.library)
    desktop.library.add_paths(["/data/a.nbib"])
    imports = desktop.library.imports
    qtbot.waitUntil(lambda: not imports.busy and imports.table.isVisible(), timeout=10_000)
    qtbot.wait(50)
    assert imports.table.geometry().bottom() < imports.height()


def test_that_an_import_can_be_stopped_and_says_how_to_go_on(open_window, qtbot):
    script = (
        say(Progress("read", 1, None, "records")) + "assert heard()['kind'] == 'Cancel'\n" + say(Done(True))
    )
    desktop = open_window(worker(script))
    desktop.window.show_page(desktop.library)
    desktop.library.add_paths(["/data/a.nbib"])
    imports = desktop.library.imports
    qtbot.waitUntil(lambda: "1 records" in imports.counts.text(), timeout=10_000)
    qtbot.mouseClick(imports.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not imports.busy, timeout=10_000)
    assert "go on where it stopped" in imports.outcome.text()


def test_that_an_import_that_fails_says_why(open_window, qtbot):
    desktop = open_window(
        worker(say(Failed("input_unreadable", "That is no export.", "Choose another file.")))
    )
    desktop.window.show_page(desktop.library)
    desktop.library.add_paths(["/data/a.doc"])
    qtbot.waitUntil(lambda: not desktop.library.imports.busy, timeout=10_000)
    assert desktop.library.imports.outcome.text() == "That is no export. Choose another file."


@pytest.mark.parametrize("page", ["ask", "library", "preferences"])
def test_that_files_can_be_dropped_on_any_page(open_window, qtbot, page):
    from PySide6.QtCore import QMimeData, QPointF
    from PySide6.QtGui import QDropEvent

    desktop = open_window(worker(say(Imported(REPORT), Done())))
    desktop.window.show_page(getattr(desktop, page))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/data/a.nbib"), QUrl("https://example.org/b")])
    button, key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, button, key)
    desktop.window.dropEvent(event)
    assert desktop.window.pages.currentWidget() is desktop.library
    assert desktop.library.imports.busy
    qtbot.waitUntil(lambda: not desktop.library.imports.busy, timeout=10_000)


def test_that_a_document_of_a_library_can_be_read(open_window, qtbot, documents):
    desktop = open_window()
    desktop.window.show_page(desktop.library)
    table = desktop.library.documents
    index = desktop.library.documents_model.index(1, 0)
    table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert documents[1].title in desktop.library.reader.text.toPlainText()
    assert desktop.library.reader.highlighted() == ""
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)
    assert desktop.library.currentWidget() is not desktop.library.reader


def test_that_a_hundred_thousand_documents_are_read_page_by_page(open_window):
    class Many(FakeLibraries):
        asked = 0

        def info(self, name):
            return replace(super().info(name), documents=100_000)

        def page(self, name, offset, limit):
            Many.asked += 1
            return [make_document(n, f"Title {n}") for n in range(offset, offset + limit)]

    desktop = open_window(libraries=Many([make_document()]))
    desktop.window.show_page(desktop.library)
    model = desktop.library.documents_model
    assert model.rowCount() == 100_000
    assert model.index(99_999, 0).data() == "Title 99999"
    assert Many.asked <= 3


def test_that_a_damaged_library_is_listed_with_what_is_wrong(open_window):
    class Damaged(FakeLibraries):
        def info(self, name):
            raise IndexDamaged("The manifest is unreadable.", "Import again.")

    desktop = open_window(libraries=Damaged([make_document()]))
    desktop.window.show_page(desktop.library)
    assert "The manifest is unreadable. Import again." in desktop.library.heading.text()


def test_that_every_setting_has_a_row_with_its_bounds(open_window):
    shown = {words.path for _, rows in SECTIONS for words in rows}
    assert shown == set(all_paths()) - {("libraries",)}  # which is chosen above the conversation
    for _, rows in SECTIONS:
        for words in rows:
            bounds = bounds_of(words.path)
            assert len(words.choices) == (len(bounds.choices) if bounds else 0)


def test_that_a_setting_is_written_at_once_and_can_be_reset_and_restored(open_window, home, qtbot):
    desktop = open_window()
    desktop.window.show_page(desktop.preferences)
    box = desktop.preferences.editors["retrieval", "passages"]
    first = Settings().retrieval.passages
    assert (box.minimum(), box.maximum(), box.value()) == (1, 50, first)
    box.setValue(9)
    assert read_settings(home.settings).retrieval.passages == 9
    qtbot.mouseClick(desktop.preferences._resets["retrieval", "passages"], Qt.MouseButton.LeftButton)
    assert read_settings(home.settings).retrieval.passages == box.value() == first
    box.setValue(7)
    qtbot.mouseClick(desktop.preferences.reset_all, Qt.MouseButton.LeftButton)
    assert read_settings(home.settings) == Settings()
    qtbot.mouseClick(desktop.window.toast.button, Qt.MouseButton.LeftButton)
    assert read_settings(home.settings).retrieval.passages == 7


def test_that_another_model_ends_the_worker_that_holds_the_old_one(open_window, home, qtbot):
    other = home.models / "bigger"
    other.mkdir()
    (other / "config.json").touch()
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "?")
    assert desktop.worker.process_id
    box = desktop.preferences.editors["model", "language"]
    desktop.window.show_page(desktop.preferences)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData("bigger"))
    box.activated.emit(box.currentIndex())
    assert desktop.worker.process_id is None
    assert "bigger" in desktop.footer.names.text()
    ask(desktop, qtbot, "?")


def test_that_the_order_of_evidence_is_changed_by_keys_and_holds_for_the_filters(open_window, home, qtbot):
    desktop = open_window()
    desktop.window.show_page(desktop.preferences)
    order = desktop.preferences.editors["retrieval", "grades"]
    order.list.setFocus()
    order.list.setCurrentRow(2)
    qtbot.keyClick(order.list, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert read_settings(home.settings).retrieval.grades[:3] == (
        "guideline",
        "randomised trial",
        "systematic review",
    )
    assert desktop.ask.filters.grades[1] == desktop.searching.page.filters.grades[1] == "randomised trial"
    assert order.list.currentRow() == 1
    qtbot.mouseClick(order.down, Qt.MouseButton.LeftButton)
    assert read_settings(home.settings) == Settings()


def test_that_a_model_for_the_second_reading_can_be_chosen_and_left_out_again(open_window, home):
    (home.models / "reader").mkdir()
    (home.models / "reader" / "config.json").touch()
    desktop = open_window()
    desktop.window.show_page(desktop.preferences)
    box = desktop.preferences.editors["model", "reranker"]
    assert box.currentText() == "None"
    for name in ("reader", ""):
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())
        assert read_settings(home.settings).model.reranker == name


def test_that_unreadable_settings_are_told_and_kept_when_they_are_replaced(open_window, home):
    home.settings.write_text("library = 3\n")
    desktop = open_window()
    desktop.begin()
    desktop._warm_timer.stop()
    assert "settings.toml" in desktop.window.toast.label.text()
    desktop.preferences.editors["retrieval", "passages"].setValue(9)
    assert read_settings(home.settings).retrieval.passages == 9
    (kept,) = home.root.glob("settings.unreadable-*.toml")
    assert kept.read_text() == "library = 3\n"


def test_that_this_computer_shows_the_report_and_copies_it(qtbot):
    report = Report(
        1, False, True, 0, (Section("Models", (Row("Language", "missing", "problem", "Run setup."),)),)
    )
    page = DoctorPage(lambda: report)
    qtbot.addWidget(page)
    page.examine_once()
    qtbot.waitUntil(lambda: page.copy.isEnabled())
    assert any("Run setup." in label.text() for label in page.findChildren(QLabel))
    qtbot.mouseClick(page.copy, Qt.MouseButton.LeftButton)
    assert "Language: missing  (problem: Run setup.)" in QGuiApplication.clipboard().text()


def test_that_a_check_that_fails_says_so(qtbot):
    def broken():
        raise OSError("no disk")

    page = DoctorPage(broken)
    qtbot.addWidget(page)
    page.examine()
    qtbot.waitUntil(lambda: "no disk" in page.state.text())
    assert page.again.isEnabled()


def test_that_refused_connections_are_counted_in_the_footer(open_window, home):
    desktop = open_window()
    assert "0 connections attempted" in desktop.footer.offline.text()
    home.logs.mkdir(exist_ok=True)
    home.network_log.write_text("{}\n{}\n")
    desktop.footer.count()
    assert "2 connections attempted" in desktop.footer.offline.text()


def test_that_the_answer_is_redrawn_when_the_theme_changes(open_window, qapp, qtbot):
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "?")
    desktop.theme.set_appearance("dark")
    assert qapp.palette().window().color().name() == DARK.window
    assert desktop.ask.turns.views[0].text.toPlainText().startswith("Yes.")
    desktop.theme.set_appearance("light")
    assert qapp.palette().window().color().name() == LIGHT.window


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_that_words_can_be_read_on_every_ground(colours: Colours):
    pairs = [
        (ink, ground)
        for ink in ("text", "muted", "accent", "warning", "problem")
        for ground in ("window", "base")
    ]
    pairs += [
        ("text", "raised"),
        ("muted", "raised"),
        ("text", "accent_soft"),
        ("on_accent", "accent"),
        ("on_mark", "mark"),
    ]
    for ink, ground in pairs:
        assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_that_the_evidence_folds_under_the_answer_in_a_narrow_window(open_window, qtbot):
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "?")
    for width, orientation in ((800, Qt.Orientation.Vertical), (1200, Qt.Orientation.Horizontal)):
        desktop.window.resize(width, 700)
        qtbot.waitUntil(lambda o=orientation: desktop.ask.splitter.orientation() == o)
        assert desktop.window.width() == width


# a dialog asks for its size, of which the platform without a screen knows nothing
@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_that_a_bug_is_reported_without_anyones_words(open_window, home):
    desktop = open_window()
    handler = CrashHandler(home.logs, desktop.window.say, desktop.window)
    secret = "my diagnosis"
    with pytest.raises(KeyError) as bug:
        raise KeyError(secret)
    assert secret not in redacted(bug.type, bug.value, bug.tb)
    handler.handle(bug.type, bug.value, bug.tb)
    assert handler._dialog.isVisible()
    log = (home.logs / "window.log").read_text()
    assert "KeyError" in log
    assert "test_window.py" in log
    assert secret not in log
    handler._dialog.close()


def test_that_no_question_gets_into_a_log(open_window, home, qtbot):
    desktop = open_window(worker(ANSWERED))
    ask(desktop, qtbot, "a very private question")
    for log in home.logs.glob("*"):
        assert "private" not in log.read_text()


def test_that_the_real_window_opens_without_the_machine_learning_stack(tmp_path):
    code = (
        "import sys; from pathlib import Path; from PySide6.QtWidgets import QApplication\n"
        "from core.paths import Home; from desktop.app import Desktop, Programs\n"
        "app = QApplication([]); desktop = Desktop(app, Home(Path(sys.argv[1])), Programs())\n"
        "desktop.window.show(); app.processEvents(); desktop.shut_down(); print(*sys.modules)"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code, str(tmp_path)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert not set(loaded.stdout.split()) & HEAVY


def test_that_the_theme_follows_the_system_until_it_is_told_otherwise(qapp):
    theme = Theme(qapp, "light")
    theme.set_appearance("dark")
    assert qapp.palette().base().color().name() == DARK.base
    theme.set_appearance("light")
    theme.deleteLater()


def test_that_thousands_of_signals_do_not_end_the_interpreter():
    code = (
        "from desktop.immortal import keep_constants; keep_constants()\n"
        "from PySide6.QtCore import QObject, Signal\n"
        "class Speaker(QObject):\n    spoke = Signal()\n"
        "speaker = Speaker()\n"
        "for _ in range(20_000): speaker.spoke.emit()\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)
