"""What the administrator does not allow is greyed wherever it occurs, and says why."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QDialog, QPushButton

from core.policy import Policy
from core.protocol import Done, RunStateChanged
from core.tuning.recipe import EmbedderRecipe
from desktop.allowed import Forbidden, grey, why_not
from desktop.library.pending import Pending, PendingFile
from tests.desktop.window_fakes import FakeLibraries, say, worker
from tests.fakes.tiny_runs import make_finished_run

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # the plugin without a screen
NOTHING = Policy(imports=False, training=False, bundles=False, own_keys=False)


def greyed(why, *widgets):
    for widget in widgets:
        assert not widget.isEnabled(), widget
        assert (widget.toolTip(), widget.accessibleDescription()) == (why, why)


def said(page):
    return [line.words.text() for line in page.findChildren(Forbidden) if line.isVisible()]


def dragged(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    event.ignore()
    window.dragEnterEvent(event)
    return event.isAccepted()


def test_that_every_way_to_change_a_library_is_greyed(open_window, home, documents):
    PendingFile(home.root / "import.json").keep(Pending("mine", ("a.ris",)))
    desktop = open_window(worker(say(Done())), policy=Policy(imports=False))
    why, page = why_not(Policy(imports=False)).imports, desktop.library
    desktop.window.show_page(page)
    adding = page.adding
    greyed(why, adding.files, adding.folder, adding.target, adding.collection, page.imports.resume)
    assert said(page) == [why]
    page.documents.selectRow(0)
    greyed(why, page.list.delete, page.revert, page.list.compaction.compact)
    page.imports.ended.emit()  # what frees the buttons of others
    greyed(why, adding.files, adding.folder)
    page.add_paths(["/data/a.ris"])
    assert desktop.window.toast.label.text() == why
    assert not desktop.importer.busy
    page.show_retractions()
    page.show_versions("starter")
    retractions, versions = page.findChildren(QDialog)
    greyed(why, retractions.add, retractions.remove, versions.use)
    assert versions.verify.isEnabled()  # which changes nothing
    assert not said(desktop.bundles)
    assert not said(desktop.rebuilding.page)


def test_that_nobody_is_sent_to_add_files_who_cannot(open_window, home):
    desktop = open_window(libraries=FakeLibraries(), policy=Policy(imports=False))
    desktop.window.show_page(desktop.library)
    assert desktop.library.heading.text() == "No library yet."
    desktop.window.show_page(desktop.searching.page)
    assert why_not(Policy(imports=False)).imports in desktop.searching.page.nothing.note.text()


@pytest.mark.filterwarnings("ignore:.*QDragEnterEvent:DeprecationWarning")  # there is no other constructor
def test_that_files_cannot_be_dropped_where_they_could_not_be_taken(open_window):
    desktop = open_window(policy=Policy(imports=False))
    assert not dragged(desktop.window, "/data/a.ris")
    assert desktop.window.toast.label.text() == why_not(Policy(imports=False)).imports
    assert dragged(desktop.window, "/data/a.vademecum")
    desktop = open_window(policy=Policy(bundles=False))
    assert dragged(desktop.window, "/data/a.ris")
    assert not dragged(desktop.window, "/data/a.vademecum")
    assert desktop.window.toast.label.text() == why_not(Policy(bundles=False)).bundles


def test_that_bundles_are_neither_installed_nor_removed(open_window, tmp_path):
    desktop = open_window(policy=NOTHING)
    page, why = desktop.bundles, why_not(NOTHING)
    desktop.window.show_page(page)
    greyed(why.bundles, page.drop, page.list.back, page.list.remove)
    assert not page.drop.button.isEnabled()
    assert page.signers.hasFocus()  # not what cannot be pressed
    assert not page.drop.acceptDrops()
    assert said(page) == [why.bundles]
    desktop.open_files([str(tmp_path / "a.vademecum")])  # as by a double click
    assert page.note.text() == why.bundles
    assert not desktop.bundling.busy
    page.signers.click()
    (dialog,) = page.findChildren(QDialog)
    greyed(why.own_keys, dialog.add, dialog.remove)


def test_that_no_rebuild_can_be_begun(open_window):
    desktop = open_window(policy=Policy(training=False))
    page, why = desktop.rebuilding.page, why_not(Policy(training=False)).training
    desktop.window.show_page(page)
    greyed(why, page.resume, page.activate)
    assert page.new.isEnabled()  # for papers
    assert said(page) == [why]
    assert not desktop.rebuilding.trainer.resume("run")
    assert desktop.window.toast.label.text() == why
    desktop.rebuilding.open_wizard()
    wizard = desktop.rebuilding.wizard
    greyed(why, wizard.start.assistant, wizard.start.search, wizard.running.resume, wizard.outcome.activate)
    assert wizard.start.library.isEnabled()
    assert [card.button.isChecked() for card in wizard.start._cards()] == [False, False, True]
    wizard.close()


def test_that_nothing_can_be_rebuilt_where_neither_models_nor_libraries_may_change(open_window):
    desktop = open_window(policy=NOTHING)
    desktop.window.show_page(desktop.rebuilding.page)
    greyed(why_not(NOTHING).training, desktop.rebuilding.page.new)
    assert not desktop.rebuilding.page.new.hasFocus()


def test_that_a_model_is_not_offered_where_the_administrator_has_chosen_one(open_window, home, tiny_llama):
    policy = Policy(settings={"model": {"language": "theirs"}})
    make_finished_run(home, tiny_llama).record(RunStateChanged("judged"))
    desktop = open_window(policy=policy)
    page, why = desktop.rebuilding.page, why_not(policy).language
    assert why
    desktop.window.show_page(page)
    greyed(why, page.activate)
    desktop.rebuilding.show_run(page.chosen.id)
    outcome = desktop.rebuilding.wizard.outcome
    greyed(why, outcome.activate)
    assert outcome.status.text() == why
    assert outcome.keep.isEnabled()
    desktop.rebuilding.wizard.close()


def test_that_a_rebuild_leaves_the_library_alone_where_it_must(open_window):
    desktop = open_window(policy=Policy(imports=False))
    assert desktop.rebuilding.page.new.isEnabled()
    desktop.rebuilding.open_wizard()
    wizard = desktop.rebuilding.wizard
    greyed(why_not(Policy(imports=False)).imports, wizard.start.library)
    assert wizard.start.assistant.isEnabled()
    wizard.close()


def test_that_nothing_is_greyed_without_a_policy(open_window):
    desktop = open_window()
    for page in (desktop.library, desktop.rebuilding.page, desktop.bundles):
        desktop.window.show_page(page)
        assert not said(page)
    assert desktop.library.adding.files.isEnabled()
    assert desktop.rebuilding.page.new.isEnabled()
    assert desktop.bundles.drop.isEnabled()


def test_that_a_greyed_button_stays_so(qtbot):
    button = QPushButton("Go")
    qtbot.addWidget(button)
    grey("", button)
    assert button.isEnabled()
    grey("Not here.", button)
    button.setEnabled(True)
    button.setToolTip("Goes.")
    greyed("Not here.", button)


def test_that_what_was_said_of_one_result_is_not_said_of_the_next(open_window, home, tiny_llama):
    locked = make_finished_run(home, tiny_llama, verdict="worse")
    locked.record(RunStateChanged("judged"))
    free = make_finished_run(home, tiny_llama, EmbedderRecipe(name="other"))
    desktop = open_window(policy=Policy(settings={"model": {"language": "theirs"}}))
    desktop.rebuilding.show_run(locked.id)
    outcome = desktop.rebuilding.wizard.outcome
    outcome.which.addItem("other", free.id)
    assert outcome.status.text()
    outcome.which.setCurrentIndex(1)
    assert (outcome.status.text(), outcome.activate.isEnabled()) == ("", True)
    desktop.rebuilding.wizard.close()
