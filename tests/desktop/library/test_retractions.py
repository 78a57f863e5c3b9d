"""Lists of retractions in the window: imported, marked, removed, by the real command."""

import sys
from dataclasses import replace

import pytest

from core.cancel import CancelToken
from core.library.ingest import add
from core.library.retractions import ImportedList
from core.library.shelf import Shelf
from desktop.command_process import CommandProcess
from desktop.library.retractions_dialog import RetractionsDialog
from desktop.library.source import ShelfLibraries
from tests.desktop.window_fakes import FakeLibraries
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.tiny_home import write_records

# a window of a test, without a screen, knows nothing of sizes
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

LONG_MS = 60_000


@pytest.fixture
def libraries(home, tmp_path):
    shelf = Shelf(home.libraries)
    records = [
        {"pmid": "11", "title": "Early report", "abstract": "It rises."},
        {"pmid": "12", "title": "Later report", "abstract": "It falls."},
    ]
    source = write_records(tmp_path / "a.jsonl", records)
    add(shelf, "mine", [source], HashEmbedder(), CancelToken(), lambda *_: None)
    return ShelfLibraries(shelf, home.retractions)


def marks(page):
    model = page.documents_model
    return {model.index(row, 0).data(): model.index(row, 3).data() for row in range(model.rowCount())}


def test_that_a_list_marks_documents_of_the_page_until_it_is_removed(open_window, qtbot, libraries, tmp_path):
    desktop = open_window(libraries=libraries)
    page = desktop.library
    desktop.window.show_page(page)
    assert marks(page) == {"Early report": "", "Later report": ""}
    (tmp_path / "found.txt").write_text("PMID:11\nPMID:99\n")
    page.retractions.click()
    dialog = page.findChild(RetractionsDialog)
    assert not dialog.remove.isEnabled()
    dialog.take(str(tmp_path / "found.txt"))
    assert not dialog.add.isEnabled()
    qtbot.waitUntil(lambda: dialog.rows.rowCount() == 1, timeout=LONG_MS)
    assert dialog.said.text() == "2 publications are on the list; your libraries have 1 of them."
    assert [dialog.rows.index(0, column).data() for column in (0, 1)] == ["found", "2"]
    assert marks(page) == {"Early report": "Retracted", "Later report": ""}
    dialog.remove.click()
    qtbot.waitUntil(lambda: dialog.rows.rowCount() == 0, timeout=LONG_MS)
    assert "removed" in dialog.said.text()
    assert marks(page) == {"Early report": "", "Later report": ""}
    assert not dialog.remove.isEnabled()


def test_that_a_failure_is_said_and_the_lists_stay(qtbot):
    libraries = FakeLibraries()
    libraries.retractions = [ImportedList("watch", 57_000, "2026-11-02T10:00:00+00:00")]
    command = CommandProcess((sys.executable, "-c", "raise SystemExit('vademecum: No list.')"), {})
    dialog = RetractionsDialog(libraries, command)
    qtbot.addWidget(dialog)
    assert dialog.rows.index(0, 1).data() == "57,000"
    dialog.remove.click()
    qtbot.waitUntil(lambda: dialog.said.text() == "No list.")
    assert dialog.rows.rowCount() == 1
    assert dialog.remove.isEnabled()
    command.start()
    dialog.remove.click()
    assert "being changed" in dialog.said.text()
    qtbot.waitUntil(lambda: not command.busy)


@pytest.mark.parametrize(("field", "value"), [("pmid", "11"), ("doi", "10.1000/A"), ("pmcid", "PMC5")])
def test_that_any_identifier_marks_a_document(libraries, home, tmp_path, field, value):
    from core.library.retractions import import_list, read_lists

    (tmp_path / "x.txt").write_text(f"{value}\n")
    import_list(home.retractions, tmp_path / "x.txt")
    document = replace(libraries.page("mine", 1, 1)[0], pmid=None, doi=None, pmcid=None)
    assert not read_lists(home.retractions).name(document)
    assert read_lists(home.retractions).name(replace(document, **{field: value}))
