"""The page of bundles."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from core.bundles.bundles import Bundles, bundles_of
from core.bundles.ordering import version_key
from core.bundles.parts import is_bundle
from core.bundles.register import Entry
from core.errors import AppError
from core.paths import Home
from desktop.allowed import Forbidden, grey, why_not
from desktop.bundles.bundle_process import BundleProcess
from desktop.bundles.bundle_table import BundleTable, Row
from desktop.bundles.bundle_words import PATTERNS, window_hint
from desktop.bundles.inspection_dialog import InspectionDialog
from desktop.bundles.running import Running
from desktop.bundles.signers_dialog import SignersDialog
from desktop.chat.note import Note
from desktop.page import Page
from desktop.theme import GRID
from desktop.wizard.drop_area import DropArea


class BundlesPage(Page):
    """Looks at bundles one after the other; what is agreed to is installed by a process of its own."""

    changed = Signal()  # models, libraries, lists or settings may be others now

    def __init__(self, home: Home, process: BundleProcess, parent: QWidget | None = None) -> None:
        super().__init__(
            _tr("Bundles"),
            _tr("Models, libraries, lists of retractions and updates that come as one signed file."),
            parent,
        )
        self._home, self._process = home, process
        self._forbidden = why_not(home.policy)
        self._waiting: list[str] = []  # files to look at
        self._doing = ""  # "inspect", "install", "rollback" or "remove"
        self._path = ""
        self.sheet: InspectionDialog | None = None
        self.asking: QMessageBox | None = None
        self.signers = QPushButton(self.tr("Signers…"))
        self.drop = DropArea(
            self.tr("Install a bundle"),
            self.tr("Drop .vademecum files here. You see what they are and who signed them first."),
            PATTERNS,
        )
        self.running = Running()
        self.note = Note()
        self.note.hide()
        self.list = BundleTable()
        self.bar.addWidget(self.signers)
        self.body.setSpacing(GRID + 4)
        for widget in (self.drop, Forbidden(self._forbidden.bundles), self.running, self.note):
            self.body.addWidget(widget)
        self.body.addWidget(self.list, 1)
        self.setFocusProxy(self.signers if self._forbidden.bundles else self.drop.button)
        self._connect()
        grey(self._forbidden.bundles, self.drop, self.list.back, self.list.remove)

    def refresh(self) -> None:
        """Read again what is installed."""
        try:
            bundles = bundles_of(self._home)
            self.list.show_rows(_rows(bundles))
        except AppError as error:
            self.list.show_rows(())
            self.note.say("warning", "warning", str(error), error.hint)

    def take(self, paths: list[str]) -> None:
        """Look at these files, one after the other."""
        bundles = [path for path in paths if is_bundle(path)]
        if not bundles:
            self.note.say(
                "warning", "warning", self.tr("That is no bundle."), self.tr("A bundle ends in .vademecum.")
            )
            return
        if why := self._forbidden.bundles:
            self.note.say("lock", "warning", why, "")
            return
        self._waiting += bundles
        self._look_at_next()

    def _connect(self) -> None:
        self.drop.landed.connect(self.take)
        self.signers.clicked.connect(self._on_signers)
        self.running.stop.clicked.connect(self._process.stop)
        self.list.back_wanted.connect(self._on_back)
        self.list.removal_wanted.connect(self._on_removal)
        self._process.progressed.connect(self.running.take)
        self._process.ended.connect(self._on_ended)
        self._process.stopped.connect(self._on_stopped)

    def _run(self, doing: str, words: str, *arguments: str) -> None:
        self._doing = doing
        self.note.hide()
        self.running.begin(words, stoppable=doing in ("inspect", "install"))
        self.list.set_free(False)
        self._process.start(doing, *arguments)

    def _look_at_next(self) -> None:
        if self._waiting and not self._process.busy and self.sheet is None:
            self._path = self._waiting.pop(0)
            self._run("inspect", self.tr("Looking at the bundle"), self._path)

    @Slot(object, str)
    def _on_ended(self, printed: dict[str, Any], trouble: str) -> None:
        self.running.hide()
        self.list.set_free(True)
        if trouble:
            self._fail(trouble)
        elif self._doing == "inspect":
            self._open_sheet(printed["bundle"])
        else:
            self._tell(printed)
        if self._doing != "inspect":
            self.refresh()
            self.changed.emit()
        self._look_at_next()

    @Slot()
    def _on_stopped(self) -> None:
        self.running.hide()
        self.list.set_free(True)
        hint = self.tr("Nothing in use has changed. Install it again to go on where it stopped.")
        self.note.say("stopped", "muted", self.tr("The installation was stopped."), hint)
        self._look_at_next()

    def _fail(self, trouble: str) -> None:
        message, dot, hint = trouble.partition(". ")
        self.note.say("warning", "warning", message + (dot.strip() or ""), window_hint(hint))

    def _tell(self, printed: dict[str, Any]) -> None:
        removed = printed.get("removed")
        if removed is not None:
            names = ", ".join(f"{each['name']} {each['version']}" for each in removed)
            self.note.say("ok", "accent", self.tr("Removed {0}.").format(names), "")
            return
        what = f"{printed['name']} {printed['version']}"
        if self._doing == "rollback":
            done = self.tr("{0} is in use now.").format(what)
        elif printed.get("already"):
            done = self.tr("{0} was installed already.").format(what)
        else:
            done = self.tr("{0} is installed.").format(what)
        self.note.say("ok", "accent", done, printed.get("note", ""))

    def _open_sheet(self, found: dict[str, Any]) -> None:
        self.sheet = InspectionDialog(found, self._path, self)
        self.sheet.finished.connect(self._on_sheet)
        self.sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sheet.open()

    @Slot(int)
    def _on_sheet(self, result: int) -> None:
        sheet, self.sheet = self.sheet, None
        if sheet is None:
            return
        if result == InspectionDialog.DialogCode.Accepted:
            risk = ["--allow-unsigned"] if sheet.unsigned else []
            words = self.tr("Installing {0}").format(sheet.found["name"])
            self._run("install", words, sheet.path, "--events", *risk)
        else:
            self._look_at_next()

    @Slot(object)
    def _on_back(self, entry: Entry) -> None:
        used = bundles_of(self._home).register.used(entry.kind, entry.name) == entry.version
        version = [] if used else ["--version", entry.version]
        words = self.tr("Going back with {0}").format(entry.name)
        self._run("rollback", words, entry.name, "--kind", entry.kind, *version)

    @Slot(object)
    def _on_removal(self, entry: Entry) -> None:
        rows = [row for row in _rows(bundles_of(self._home)) if row.entry.name == entry.name]
        whole = any(row.used and row.entry == entry for row in rows)
        question = self.tr("Remove {0} with all its versions?") if whole else self.tr("Remove {0} {1}?")
        self.asking = QMessageBox(self)
        self.asking.setWindowTitle(self.tr("Remove a bundle"))
        self.asking.setText(question.format(entry.name, entry.version))
        self.asking.setInformativeText(self.tr("To have it again, its file has to be installed again."))
        remove = self.asking.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        self.asking.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        version = [] if whole else ["--version", entry.version]
        words = self.tr("Removing {0}").format(entry.name)
        remove.clicked.connect(lambda: self._run("remove", words, entry.name, "--kind", entry.kind, *version))
        self.asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.asking.open()

    @Slot()
    def _on_signers(self) -> None:
        try:
            dialog = SignersDialog(bundles_of(self._home).keyring, self)
        except AppError as error:
            self.note.say("warning", "warning", str(error), error.hint)
            return
        grey(self._forbidden.own_keys, dialog.add, dialog.remove)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _rows(bundles: Bundles) -> list[Row]:
    found = bundles.installed()
    rows = []
    for entry in found:
        earlier = any(
            (each.kind, each.name) == (entry.kind, entry.name)
            and version_key(each.version) < version_key(entry.version)
            for each in found
        )
        rows.append(Row(entry, bundles.register.used(entry.kind, entry.name) == entry.version, earlier))
    return rows


def _tr(text: str) -> str:
    return QCoreApplication.translate("BundlesPage", text)
