"""Deleted passages, and giving their room back: on the real page, by the real command."""

import sys

import pytest
from PySide6.QtCore import Qt

from core.cancel import CancelToken
from core.library.ingest import add, delete
from core.library.shelf import LibraryInfo, Shelf
from desktop.command_process import CommandProcess
from desktop.library.compaction import Compaction
from desktop.library.source import ShelfLibraries
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.tiny_home import write_records

# a window of a test, without a screen, knows nothing of sizes
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

LONG_MS = 60_000
SLOW = "import sys, time; print('index words ...', file=sys.stderr, flush=True); time.sleep(30)"


@pytest.fixture
def shelf(home, tmp_path):
    shelf = Shelf(home.libraries)
    records = [{"title": f"Bread {n}", "abstract": f"Bread number {n} rises."} for n in range(12)]
    add(shelf, "mine", [write_records(tmp_path / "a.jsonl", records)], HashEmbedder(), CancelToken(), quiet)
    return shelf


def quiet(*_):
    pass


def info(stale, *, shared=False):
    return LibraryInfo("mine", "1", 3, 9, 1000, "2026-11-02T10:00:00+00:00", "m", shared=shared, stale=stale)


def line(qtbot, code):
    made = Compaction(CommandProcess((sys.executable, "-c", code), {}))
    qtbot.addWidget(made)
    made.show_library(info(7))
    return made


def test_that_deleted_passages_are_told_and_their_room_is_given_back(open_window, qtbot, shelf):
    desktop = open_window(libraries=ShelfLibraries(shelf))
    desktop.window.show_page(desktop.library)
    row = desktop.library.list.compaction
    assert not row.isVisible()
    gone = shelf_document(shelf)
    delete(shelf, "mine", [gone], CancelToken(), quiet)
    desktop.library.refresh()
    assert row.said.text() == "Still taking room: 1 deleted passage"
    qtbot.mouseClick(row.compact, Qt.MouseButton.LeftButton)
    assert row.stop.isVisible()
    qtbot.waitUntil(lambda: not row.isVisible(), timeout=LONG_MS)
    assert shelf.info("mine").stale == 0
    assert "mine takes" in desktop.window.toast.label.text()


def shelf_document(shelf):
    return ShelfLibraries(shelf).page("mine", 0, 1)[0].id


def test_that_nothing_is_offered_where_nothing_is_deleted_or_nothing_may_be_written(qtbot):
    row = line(qtbot, "")
    assert not row.isHidden()
    for told in (info(0), info(7, shared=True), None):
        row.show_library(told)
        assert row.isHidden()


def test_that_it_says_what_it_does_and_can_be_stopped(qtbot):
    row = line(qtbot, SLOW)
    row.compact.click()
    qtbot.waitUntil(lambda: row.said.text() == "Compacting mine: indexing the words…")
    row.show_library(info(0))  # another library is looked at meanwhile
    assert not row.isHidden()
    with qtbot.waitSignal(row.done) as done:
        row.stop.click()
    assert done.args == ["Stopped. mine is as it was."]
    assert row.isHidden()


def test_that_a_failure_and_another_change_under_way_are_told(qtbot):
    row = line(qtbot, "import sys; print('check ...', file=sys.stderr); sys.exit('vademecum: No room.')")
    with qtbot.waitSignal(row.trouble) as trouble:
        row.compact.click()
    assert trouble.args == ["No room."], "without the steps before it"
    row = line(qtbot, SLOW)
    row._command.start()
    with qtbot.waitSignal(row.trouble) as trouble:
        row.compact.click()
    assert "Another change" in trouble.args[0]
    row._command.shut_down()
