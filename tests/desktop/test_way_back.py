"""One click from a library with what was just imported to the one before, on real libraries."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.cancel import CancelToken
from core.library.ingest import add
from core.library.shelf import Shelf
from core.protocol import AddToLibrary, Done, Imported
from core.types import ImportReport
from desktop.library.source import ShelfLibraries
from tests.desktop.window_fakes import say, worker
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.tiny_home import RECORDS, write_records

BREAD = [{"title": "Sourdough", "abstract": "Sourdough bread rises overnight."}]
IMPORT = say(Imported(ImportReport(1, 1, 0, 0, 0, (), 4, 4, 0.1)), Done())


@pytest.fixture
def shelf(home, tmp_path):
    """The library "starter", and "mine" with one document more than before its last import."""
    shelf = Shelf(home.libraries)
    files = write_records(tmp_path / "a.jsonl"), write_records(tmp_path / "b.jsonl", [*RECORDS, *BREAD])
    for name, file in (("starter", files[0]), ("mine", files[0]), ("mine", files[1])):
        add(shelf, name, [file], HashEmbedder(), CancelToken(), lambda *_: None)
    return shelf


@pytest.fixture
def desktop(open_window, shelf):
    desktop = open_window(worker(IMPORT), libraries=ShelfLibraries(shelf))
    desktop.window.show_page(desktop.library)
    return desktop


def choose(desktop, name):
    page = desktop.library
    page.table.selectRow([page.table.rows.index(row, 1).data() for row in range(2)].index(name))


def click(qtbot, button):
    qtbot.waitUntil(button.isVisible)
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def rebuild(desktop, qtbot, library="mine"):
    """Let the rebuild take papers into a library."""
    assert desktop.rebuilding.trainer.begin([AddToLibrary(library, ("/data/b.jsonl",))])
    qtbot.waitUntil(lambda: not desktop.rebuilding.trainer.busy, timeout=10_000)
    desktop.window.show_page(desktop.rebuilding.page)


def test_that_one_click_on_the_library_page_undoes_the_last_import_and_another_brings_it_back(
    desktop, shelf, qtbot
):
    page, toast = desktop.library, desktop.window.toast
    choose(desktop, "mine")
    assert page.heading.text() == "4 documents in mine"
    assert "3 documents" in page.revert.toolTip() == page.revert.accessibleDescription()
    click(qtbot, page.revert)
    assert (page.heading.text(), shelf.info("mine").documents) == ("3 documents in mine", 3)
    assert page.documents_model.rowCount() == 3
    assert not page.revert.isVisible()  # there is nothing before that
    assert toast.label.text() == "mine has 3 documents again"
    click(qtbot, toast.button)
    assert (page.heading.text(), shelf.info("mine").documents) == ("4 documents in mine", 4)
    assert page.revert.isVisible()


def test_that_the_report_of_an_import_goes_when_the_import_is_undone(desktop, qtbot):
    page = desktop.library
    page.target.setEditText("mine")
    page.add_paths(["/data/b.jsonl"])
    qtbot.waitUntil(lambda: not page.imports.busy, timeout=10_000)
    assert page.imports.isVisible()
    click(qtbot, page.revert)
    assert not page.imports.isVisible()


def test_that_a_library_that_was_filled_once_offers_no_way_back(desktop):
    choose(desktop, "starter")
    assert not desktop.library.revert.isVisible()


def test_that_the_way_back_is_reached_by_keyboard_between_libraries_and_documents(desktop, shelf, qtbot):
    page = desktop.library
    choose(desktop, "mine")
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Tab)
    assert page.revert.hasFocus()
    for control in (page.revert, page.list.versions, page.list.report):
        QTest.keyClick(control, Qt.Key.Key_Tab)
    assert page.documents.hasFocus()
    page.revert.setFocus()
    QTest.keyClick(page.revert, Qt.Key.Key_Space)
    assert shelf.info("mine").documents == 3
    assert page.list.versions.hasFocus()


def test_that_an_import_that_runs_is_waited_for(open_window, shelf, qtbot):
    slow = "heard()\n" + say(Done(True))
    desktop = open_window(worker(slow), libraries=ShelfLibraries(shelf))
    desktop.window.show_page(desktop.library)
    choose(desktop, "mine")
    desktop.library.target.setEditText("mine")
    desktop.library.add_paths(["/data/more.jsonl"])
    assert not desktop.library.revert.isEnabled()
    desktop.library.imports.stop()
    qtbot.waitUntil(lambda: not desktop.library.imports.busy, timeout=10_000)
    assert desktop.library.revert.isEnabled()


def test_that_a_library_that_another_process_writes_stays_as_it_is_and_says_why(desktop, shelf, qtbot):
    choose(desktop, "mine")
    with shelf.lock("mine"):
        click(qtbot, desktop.library.revert)
    assert "being written" in desktop.window.toast.label.text()
    assert shelf.info("mine").documents == 4


def test_that_what_a_rebuild_brought_is_undone_beside_the_models(desktop, shelf, qtbot):
    page = desktop.rebuilding.page
    desktop.window.show_page(page)
    assert page.banners == []  # nothing was rebuilt yet
    rebuild(desktop, qtbot)
    (banner,) = page.banners
    assert not page.empty.isVisible()
    assert banner.words.text() == "mine had 3 documents before its last import"
    assert "mine" in banner.button.accessibleName()
    click(qtbot, banner.button)
    assert shelf.info("mine").documents == 3
    assert page.banners == []
    click(qtbot, desktop.window.toast.button)
    assert shelf.info("mine").documents == 4
    assert len(page.banners) == 1


def test_that_a_rebuild_of_models_alone_or_of_a_new_library_offers_no_way_back(desktop, qtbot):
    rebuild(desktop, qtbot, "starter")
    assert desktop.rebuilding.page.banners == []
