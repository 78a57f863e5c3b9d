"""Bundles in the real window, looked at and installed by the real command."""

import sys

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from core.bundles.gathering import make_bundle
from core.bundles.making import Label
from core.bundles.signing import make_keys, read_private
from core.bundles.trust import Keyring
from core.cancel import CancelToken
from core.library.retractions import read_lists
from core.policy import Policy
from desktop.app import Desktop, Programs
from desktop.bundles.bundle_process import BundleProcess
from desktop.bundles.signers_dialog import SignersDialog
from tests.desktop.window_fakes import FakeLibraries

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # the plugin without a screen
COMMAND = (sys.executable, "-m", "desktop.cli")


@pytest.fixture
def opened(qtbot, qapp, home, documents, monkeypatch):
    """The real window with the real command, on the bundles page."""
    monkeypatch.setenv("VADEMECUM_HOME", str(home.root))
    programs = Programs(("false",), ("true",), command=COMMAND)
    desktop = Desktop(qapp, home, programs, FakeLibraries(documents))
    desktop.window.show()
    desktop.window.show_page(desktop.bundles)
    yield desktop
    desktop.shut_down(grace_ms=100)
    desktop.window.close()
    desktop.window.deleteLater()
    desktop.deleteLater()


@pytest.fixture
def keys(tmp_path):
    folder = tmp_path / "keys-of-the-maker"
    folder.mkdir()
    make_keys(folder / "maker.pem", folder / "maker.pub")
    return folder


@pytest.fixture
def listed(home, keys, tmp_path):
    def write(version, *pmids):
        source = tmp_path / f"{version}.txt"
        source.write_text("".join(f"PMID:{pmid}\n" for pmid in pmids))
        label = Label("retractions", "watch", version, "CC0-1.0", (), "", "Retracted papers.")
        key = read_private(keys / "maker.pem")
        target = tmp_path / f"watch-{version}.vademecum"
        make_bundle(home, str(source), target, label, key, None, CancelToken(), lambda *_: None)
        return str(target)

    return write


def trust(home, keys):
    Keyring(home, Policy(), False).add(keys / "maker.pub")


def sheet_of(qtbot, desktop):
    qtbot.waitUntil(lambda: desktop.bundles.sheet is not None, timeout=20_000)
    return desktop.bundles.sheet


def done(qtbot, desktop, words):
    qtbot.waitUntil(lambda: words in desktop.bundles.note.text(), timeout=20_000)


def cells(desktop):
    model = desktop.bundles.list.model
    return [[model.cell(row, column) for column in range(4)] for row in range(model.rowCount())]


def test_that_bundles_are_looked_at_installed_gone_back_from_and_removed(qtbot, opened, home, keys, listed):
    trust(home, keys)
    page = opened.bundles
    opened.window.files_dropped.emit([listed("1", 11), listed("2", 11, 22)])
    for number in ("1", "2"):
        sheet = sheet_of(qtbot, opened)
        assert (sheet.found["signed_by"], sheet.found["version"]) == ("maker", number)
        assert sheet.rows.cell(0, 0) == "list.txt"
        assert not sheet.risk.isVisible()
        qtbot.mouseClick(sheet.install, Qt.MouseButton.LeftButton)
        done(qtbot, opened, f"watch {number} is installed.")
    assert cells(opened) == [
        ["watch", "List of retractions", "1", "maker"],
        ["watch", "List of retractions", "2 (in use)", "maker"],
    ]
    page.list.table.selectRow(1)
    qtbot.mouseClick(page.list.back, Qt.MouseButton.LeftButton)
    done(qtbot, opened, "watch 1 is in use now.")
    assert read_lists(home.retractions).pmids == {"11"}

    page.list.table.selectRow(0)
    qtbot.mouseClick(page.list.remove, Qt.MouseButton.LeftButton)
    assert "with all its versions" in page.asking.text()
    (button,) = [each for each in page.asking.findChildren(QPushButton) if each.text() == "Remove"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    done(qtbot, opened, "Removed watch 1, watch 2.")
    assert page.list.nothing.isVisible()


def test_that_what_nobody_trusted_has_signed_needs_a_tick(qtbot, opened, home, keys, listed):
    opened.open_files([listed("1", 11)])
    sheet = sheet_of(qtbot, opened)
    assert "not trusted here" in sheet.note.text()
    assert "Signers…" in sheet.note.text()
    assert not sheet.install.isEnabled()
    qtbot.mouseClick(sheet.risk, Qt.MouseButton.LeftButton, pos=QPoint(8, sheet.risk.height() // 2))
    assert sheet.install.isEnabled()
    qtbot.mouseClick(sheet.install, Qt.MouseButton.LeftButton)
    done(qtbot, opened, "watch 1 is installed.")


def test_that_a_sheet_that_is_closed_installs_nothing(qtbot, opened, home, keys, listed):
    trust(home, keys)
    opened.open_files([listed("1", 11)])
    qtbot.keyClick(sheet_of(qtbot, opened), Qt.Key.Key_Escape)
    assert opened.bundles.sheet is None
    assert not opened.bundling.busy
    assert not home.retractions.exists()


def test_that_damage_is_told_and_the_next_file_is_looked_at(qtbot, opened, home, keys, listed, tmp_path):
    trust(home, keys)
    damaged = tmp_path / "damaged.vademecum"
    damaged.write_bytes(b"no bundle")
    opened.open_files([str(damaged)])
    done(qtbot, opened, "This is no bundle of Vademecum, or it is damaged.")
    assert "Copy the file again" in opened.bundles.note.text()
    opened.open_files([str(damaged), listed("1", 11)])
    qtbot.keyClick(sheet_of(qtbot, opened), Qt.Key.Key_Escape)


def test_that_other_files_are_told_apart(qtbot, opened):
    opened.bundles.take(["/tmp/paper.pdf"])
    assert "That is no bundle." in opened.bundles.note.text()


def test_that_a_bundle_can_be_dropped_on_the_page(qtbot, opened, home, keys, listed):
    trust(home, keys)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(listed("1", 11))])
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    opened.bundles.drop.dropEvent(QDropEvent(QPointF(), action, data, button, key))
    qtbot.keyClick(sheet_of(qtbot, opened), Qt.Key.Key_Escape)


def test_that_progress_is_shown_and_a_stop_ends_the_process(qtbot, opened):
    page, process = opened.bundles, opened.bundling
    lines = ['{"step": "unpack", "done": 5, "total": 10}', '{"step": "merge", "done": 0, "total": null}']
    script = "import sys, time\n" + "".join(
        f"print('''{line}''', file=sys.stderr, flush=True); time.sleep(0.5)\n" for line in lines
    )
    process._command = (sys.executable, "-c", script + "time.sleep(60)\n")
    page._run("install", "Installing it", "x")
    qtbot.waitUntil(lambda: page.running.bar.value() == 500)
    assert "copying and checking" in page.running.doing.text()
    qtbot.waitUntil(lambda: "merging the adapter" in page.running.doing.text())
    assert not page.list.back.isEnabled()
    qtbot.mouseClick(page.running.stop, Qt.MouseButton.LeftButton)
    done(qtbot, opened, "Install it again to go on where it stopped")
    assert not page.running.isVisible()


def test_that_a_command_that_cannot_start_is_told(qtbot, qapp):
    process = BundleProcess(("/nowhere/vademecum",), {})
    with qtbot.waitSignal(process.ended) as ended:
        process.start("list")
    assert ended.args == [{}, "It could not be started."]


def test_that_signers_are_added_and_removed(qtbot, home, keys):
    dialog = SignersDialog(Keyring(home, Policy(), False))
    qtbot.addWidget(dialog)
    assert not dialog.remove.isEnabled()
    dialog.trust(str(keys / "maker.pem"))
    assert "no public key" in dialog.said.text()
    dialog.trust(str(keys / "maker.pub"))
    assert dialog.rows.cell(0, 0) == "maker"
    assert dialog.rows.cell(0, 1) in dialog.said.text()
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert dialog.rows.rowCount() == 0


def test_that_a_key_of_the_administrator_stays(qtbot, home, keys):
    dialog = SignersDialog(Keyring(home, Policy(keys=(str(keys),)), True))
    qtbot.addWidget(dialog)
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert "administrator" in dialog.said.text()
    assert dialog.rows.rowCount() == 1
