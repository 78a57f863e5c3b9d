"""Libraries: which are asked, imports that are paused and go on, reports, versions, deletion."""

from __future__ import annotations

import csv
import json
import signal
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.cancel import CancelToken
from core.library.ingest import add
from core.library.reports import SavedReport
from core.library.shelf import Shelf
from core.protocol import Done, Failed, Imported, Progress
from core.settings import read_settings
from core.types import FileReport, ImportReport, Rejected
from desktop.command_process import CommandProcess
from desktop.library.chooser import LibraryChooser
from desktop.library.documents import MOST_DELETED
from desktop.library.pending import Pending, PendingFile
from desktop.library.report_dialog import ReportDialog
from desktop.library.source import ShelfLibraries
from desktop.library.versions_dialog import VersionsDialog
from desktop.theme import GRID
from tests.desktop.window_fakes import FakeLibraries, answering, make_answer, make_document, say, worker
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.tiny_home import RECORDS, write_records

WAIT_MS = 20_000
REPORT = ImportReport(
    2,
    3,
    1,
    4,
    2,
    (Rejected("/data/a.nbib", 17, "no title"), Rejected("/data/b.ris", 3, "not valid UTF-8")),
    7,
    9,
    0.5,
    0,
    (FileReport("/data/a.nbib", "MEDLINE", 2, 1, 4, 0, 1), FileReport("/data/b.ris", "RIS", 1, 0, 0, 0, 1)),
)
SLOW = say(Progress("records", 5, None, "records")) + "heard()\n" + say(Done(True))


@pytest.fixture
def shelf(home, tmp_path):
    """The library "starter" with three documents, and "mine" with one more than before its last import."""
    shelf = Shelf(home.libraries)
    bread = {"title": "Sourdough", "abstract": "Sourdough bread rises overnight."}
    first, second = (
        write_records(tmp_path / "a.jsonl"),
        write_records(tmp_path / "b.jsonl", [*RECORDS, bread]),
    )
    for name, file in (("starter", first), ("mine", first), ("mine", second)):
        add(shelf, name, [file], HashEmbedder(), CancelToken(), lambda *_: None)
    return shelf


def open_library(desktop):
    desktop.window.show_page(desktop.library)
    return desktop.library


def click(qtbot, button):
    qtbot.waitUntil(button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_ticked_libraries_are_asked_together_and_named_everywhere(open_window, qtbot, documents, home):
    script = "assert request['libraries'] == ['starter', 'other'], request\n" + answering(
        make_answer("?", "Yes.")
    )
    desktop = open_window(worker(script), libraries=FakeLibraries(documents, ["other"]))
    page = open_library(desktop)
    page.table.rows.setData(
        page.table.rows.index(1, 0), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole
    )
    assert read_settings(home.settings).libraries == ("starter", "other")
    assert "starter + other" in desktop.footer.names.text()
    assert desktop.ask.libraries.libraries == ("starter", "other")
    assert "starter + other" in desktop.ask.libraries.text()
    desktop.ask.ask("?")
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=WAIT_MS)
    assert desktop.ask.turns.views[0].turn.state == "done"


def test_that_the_last_ticked_library_stays_ticked(open_window, documents, home):
    page = open_library(open_window(libraries=FakeLibraries(documents)))
    index = page.table.rows.index(0, 0)
    assert not page.table.rows.setData(index, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked


def test_that_libraries_are_ticked_in_the_menu_by_keyboard_and_it_stays_open(qtbot):
    chooser = LibraryChooser("", none_allowed=True)
    qtbot.addWidget(chooser)
    chooser.offer(["a", "b"], ["a", "gone"])
    assert "gone (missing)" in [action.text() for action in chooser.menu_.actions()]
    assert "(missing)" in chooser.text()
    chooser.choose(("a",))
    menu = chooser.menu_
    menu.setActiveAction(menu.actions()[1])
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert chooser.libraries == ("a", "b")
    menu.actions()[-1].trigger()
    assert chooser.libraries == ()
    assert "No library" in chooser.text()


def test_that_a_paused_import_goes_on_with_what_it_was(open_window, qtbot, home):
    desktop = open_window(worker(SLOW))
    page, imports = open_library(desktop), desktop.library.imports
    page.adding.target.setEditText("mine")
    page.adding.collection.setText("my  project")
    page.add_paths(["/data/a.nbib"])
    qtbot.waitUntil(lambda: "5 records" in imports.counts.text(), timeout=WAIT_MS)
    click(qtbot, imports.pause)
    qtbot.waitUntil(lambda: not imports.busy, timeout=WAIT_MS)
    assert imports.outcome.text().startswith("The import into mine is paused.")
    click(qtbot, imports.resume)
    assert imports.busy
    kept = PendingFile(home.root / "import.json").read()
    assert kept == Pending("mine", ("/data/a.nbib",), "my project")
    click(qtbot, imports.cancel)
    qtbot.waitUntil(lambda: not imports.busy, timeout=WAIT_MS)
    assert PendingFile(home.root / "import.json").read() is None


def test_that_an_import_that_was_cut_off_is_offered_at_the_next_start(open_window, qtbot, home):
    desktop = open_window(worker(SLOW))
    open_library(desktop).add_paths(["/data/a.nbib", "/data/b.ris"])
    qtbot.waitUntil(lambda: "5 records" in desktop.library.imports.counts.text(), timeout=WAIT_MS)
    again = open_window(worker(say(Imported(REPORT), Done())))  # the first window is closed meanwhile
    imports = open_library(again).imports
    assert "was not finished" in imports.outcome.text()
    assert "2 files" in imports.outcome.text()
    click(qtbot, imports.resume)
    qtbot.waitUntil(lambda: not imports.busy, timeout=WAIT_MS)
    assert "Couldn't read 2 of 10 records" in imports.outcome.text()
    last = open_window()
    assert not open_library(last).imports.isVisible()


def test_that_an_import_killed_for_memory_can_be_gone_on_with(open_window, qtbot):
    desktop = open_window(worker(f"os.kill(os.getpid(), {int(signal.SIGKILL)})\n"))
    imports = open_library(desktop).imports
    desktop.library.add_paths(["/data/a.nbib"])
    qtbot.waitUntil(lambda: not imports.busy, timeout=WAIT_MS)
    assert imports.resume.isVisible()
    click(qtbot, imports.drop)
    assert not imports.isVisible()


def test_that_an_unreadable_note_of_an_import_is_none(tmp_path):
    file = PendingFile(tmp_path / "deep" / "import.json")
    assert file.read() is None
    file.keep(Pending("mine", ("a",)))
    assert file.read() == Pending("mine", ("a",))
    (tmp_path / "deep" / "import.json").write_text('{"library": 3}')
    assert file.read() is None
    file.clear()
    file.clear()


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_that_a_refused_table_asks_which_column_holds_what(open_window, qtbot, tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("Titel;Zusammenfassung\nBrot;Sauerteig geht auf.\n", "utf-8")
    refused = Failed("input_unreadable", "It has no column for the title.", "Say which.")
    script = (
        f"if not request['columns']: {say(refused).strip()}\n"
        "else:\n"
        "    assert request['columns'] == {'title': 'Titel'}, request\n"
        f"    {say(Imported(REPORT), Done()).strip()}\n"
    )
    desktop = open_window(worker(script))
    page = open_library(desktop)
    page.add_paths([str(table)])
    click(qtbot, page.imports.columns)
    dialog = desktop.window.findChild(object, "columns")
    dialog.boxes["title"].setCurrentIndex(dialog.boxes["title"].findData("Titel"))
    assert dialog.boxes["title"].currentText() == "Titel: Brot"
    dialog.accept()
    qtbot.waitUntil(lambda: "Couldn't read 2 of 10" in page.imports.outcome.text(), timeout=WAIT_MS)


def test_that_a_report_is_filtered_by_words_and_exported(qtbot, tmp_path):
    dialog = ReportDialog("mine", [SavedReport("2026-11-02T10:00:00+00:00", REPORT)])
    qtbot.addWidget(dialog)
    assert dialog.counts.text() == "3 added · 1 updated · 4 already there"
    assert dialog.files.rowCount() == dialog.left_out.rowCount() == 2
    dialog.filter.setText("utf")
    assert [dialog.left_out.index(0, column).data() for column in range(3)] == [
        "b.ris",
        "3",
        "not valid UTF-8",
    ]
    assert dialog.left_out.rowCount() == 1
    dialog.filter.setText("a.nbib")
    row = [dialog.files.index(0, column).data() for column in range(7)]
    assert row == ["a.nbib", "MEDLINE", "2", "1", "4", "0", "1"]
    dialog.save(tmp_path / "report.csv")
    rows = list(csv.reader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    assert ["/data/b.ris", "3", "not valid UTF-8"] in [row[:3] for row in rows]
    dialog.save(tmp_path / "missing" / "report.csv")
    assert "Couldn't write report.csv" in dialog.said.text()


def test_that_a_library_without_imports_on_record_says_so(qtbot):
    dialog = ReportDialog("mine", [])
    qtbot.addWidget(dialog)
    assert dialog.message.text() == "No import is on record."
    assert not dialog.export.isEnabled()


def test_that_versions_are_listed_taken_into_use_and_checked(qtbot, shelf, home):
    command = CommandProcess((sys.executable, "-m", "desktop.cli"), {"VADEMECUM_HOME": str(home.root)})
    dialog = VersionsDialog("mine", ShelfLibraries(shelf), command)
    qtbot.addWidget(dialog)
    assert dialog.rows.rowCount() == 2
    assert "(in use)" in dialog.rows.index(0, 1).data()
    assert "Import: 1 added" in dialog.rows.index(0, 1).data()
    assert not dialog.use.isEnabled()
    dialog.table.selectRow(1)
    dialog.use.click()
    assert shelf.info("mine").documents == 3
    assert "3 documents now" in dialog.said.text()
    dialog.verify.click()
    qtbot.waitUntil(lambda: not command.busy, timeout=60_000)
    assert "mine is sound" in dialog.said.text()
    next(shelf.versions("mine").path(shelf.info("mine").version).glob("lexical/*")).write_bytes(b"x")
    dialog.verify.click()
    qtbot.waitUntil(
        lambda: "damaged" in dialog.said.text() or "changed" in dialog.said.text(), timeout=60_000
    )


def test_that_documents_are_deleted_and_come_back_with_undo(open_window, qtbot, shelf):
    desktop = open_window(libraries=ShelfLibraries(shelf))
    page = open_library(desktop)
    page.table.choose("mine")
    assert page.heading.text() == "4 documents in mine"
    page.documents.selectRow(0)
    assert page.list.delete.text() == "Delete document"
    QTest.keyClick(page.documents, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.heading.text() == "3 documents in mine", timeout=60_000)
    assert desktop.window.toast.label.text() == "Deleted 1 document of mine"
    qtbot.mouseClick(desktop.window.toast.button, Qt.MouseButton.LeftButton)
    assert page.heading.text() == "4 documents in mine"


def test_that_a_deletion_that_fails_says_why(open_window, qtbot, shelf):
    desktop = open_window(libraries=ShelfLibraries(shelf))
    page = open_library(desktop)
    page.table.choose("mine")
    page.documents.selectRow(0)
    with shelf.lock("mine"):
        page.list.delete.click()
        qtbot.waitUntil(lambda: "being written" in desktop.window.toast.label.text(), timeout=60_000)
    assert shelf.info("mine").documents == 4


def test_that_more_documents_than_can_be_named_are_not_deleted(open_window, documents):
    desktop = open_window(libraries=FakeLibraries(documents * MOST_DELETED))
    page = open_library(desktop)
    page.documents.selectAll()
    assert not page.list.delete.isEnabled()
    QTest.keyClick(page.documents, Qt.Key.Key_Delete)
    assert not desktop.command.busy


def test_that_a_command_that_cannot_be_started_or_says_nothing_is_told(qtbot):
    for command in (("/no/such/program",), (sys.executable, "-c", "raise SystemExit(3)")):
        process = CommandProcess(command, {})
        with qtbot.waitSignal(process.ended, timeout=WAIT_MS) as ended:
            process.start("x")
        assert ended.args[0] == {}
        assert ended.args[1]
    process = CommandProcess((sys.executable, "-c", "print('[1]')"), {})
    with qtbot.waitSignal(process.ended, timeout=WAIT_MS) as ended:
        process.start()
    assert ended.args == [{}, ""]
    assert json.dumps(ended.args[0]) == "{}"


def test_that_every_control_of_the_library_page_is_reached_by_tab(open_window, qtbot, documents):
    desktop = open_window(libraries=FakeLibraries(documents))
    page = open_library(desktop)
    reached = [desktop.window.focusWidget()]
    while len(reached) < 40:
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)
        reached.append(desktop.window.focusWidget())
    adding = page.adding
    for control in (
        page.documents,
        adding.files,
        adding.folder,
        adding.collection,
        page.table,
        page.list.versions,
    ):
        assert control in reached, control


def test_that_several_marks_of_a_document_are_seen_whole_in_a_wide_window(open_window, qtbot):
    marked = replace(make_document(), retracted=True, corrected=True)
    desktop = open_window(libraries=FakeLibraries([marked]))
    desktop.window.resize(1360, 860)
    desktop.window.show_page(desktop.library)
    table = desktop.library.documents
    text = table.model().index(0, 3).data()
    assert text.count(",") == 2
    room = lambda: table.columnWidth(3) - 3 * GRID  # noqa: E731 (the padding of a cell)
    qtbot.waitUntil(lambda: table.fontMetrics().horizontalAdvance(text) <= room())
