"""Builds every object of the window, and runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from core import offline
from core.bundles.parts import is_bundle
from core.errors import AppError
from core.history import open_history
from core.library.shelf import shelf_of
from core.paths import Home, resources
from core.programs import program
from core.settings import Settings
from core.tuning.collected import CollectedPairs
from core.updates.home_format import prepare
from desktop import crash
from desktop.allowed import why_not
from desktop.bundles.bundle_process import BundleProcess
from desktop.bundles.bundles_page import BundlesPage
from desktop.chat.ask_page import AskPage
from desktop.chat.session import Session
from desktop.collected.keeper import Keeper
from desktop.collected.review import Review
from desktop.command_process import CommandProcess
from desktop.doctor.doctor_page import DoctorPage
from desktop.evaluate.evaluating import Evaluating
from desktop.first_steps import example_questions, missing
from desktop.footer import Footer
from desktop.history.history_list import HistoryList
from desktop.immortal import keep_constants
from desktop.library.import_panel import ImportPanel
from desktop.library.library_page import LibraryPage
from desktop.library.pending import PendingFile
from desktop.library.source import Libraries, ShelfLibraries
from desktop.library.way_back import WayBack
from desktop.main_window import MainWindow
from desktop.rail import PageEntry
from desktop.rebuild.closing import Closing
from desktop.rebuild.rebuilding import Rebuilding, Workers
from desktop.search.searching import Searching
from desktop.settings.settings_file import SettingsFile
from desktop.settings.settings_page import SettingsPage
from desktop.setup_process import SetupProcess
from desktop.theme import Theme
from desktop.worker_client import WorkerClient, WorkerProgram

if TYPE_CHECKING:
    from core.doctor import Report

WARM_AFTER_MS = 1500  # the window first, then the model


@dataclass(frozen=True, slots=True)
class Programs:
    """The processes that the window starts; tests put small scripts here."""

    worker: Sequence[str] = program("assistant")
    setup: Sequence[str] = (*program("command"), "setup")
    training: Sequence[str] = program("training")
    command: Sequence[str] = program("command")


def run(home: Home, programs: Programs | None = None, files: Sequence[str] = ()) -> int:
    """Show the window until it is closed; return the exit status.

    Args:
        files: what it was opened with, such as a bundle that was double-clicked.

    Raises:
        AppError: a newer Vademecum has opened the data, or the history can be neither opened nor begun anew.
    """
    prepare(home)
    keep_constants()
    offline.arm("window", home)
    app = QApplication(["vademecum"])
    desktop = Desktop(app, home, programs or Programs())
    crash.install(crash.CrashHandler(home.logs, desktop.window.say, desktop.window))
    desktop.window.show()
    desktop.begin()
    desktop.open_files(files)
    status = app.exec()
    desktop.shut_down()
    return status


class Desktop(QObject):
    """Owns the parts of the window, and carries word between those that do not know each other."""

    def __init__(
        self, app: QApplication, home: Home, programs: Programs, libraries: Libraries | None = None
    ) -> None:
        super().__init__()
        app.setApplicationName("Vademecum")
        app.setWindowIcon(QIcon(str(resources() / "icons" / "app.svg")))
        self._home, self._why_not = home, why_not(home.policy)
        self.settings = SettingsFile(home.settings, self, home.policy)
        self.theme = Theme(app, self.settings.now.appearance)
        self._history, self._trouble = open_history(home.history)
        self._libraries: Libraries = libraries or ShelfLibraries(shelf_of(home), home.retractions)
        environment = offline.worker_environment(home)
        self.worker = WorkerClient(
            WorkerProgram(programs.worker, home.logs / "assistant.log", environment), parent=self
        )
        self.setup = SetupProcess(programs.setup, self)
        self.session = Session(self._history, self.worker, self)
        self.keeper = Keeper(CollectedPairs(home), self.settings, self)
        self.ask = AskPage(
            self.session,
            self._libraries,
            example_questions(),
            self.setup,
            self.keeper,
            lambda: self.settings.now.retrieval,
        )
        self.footer = Footer(lambda: offline.attempts(home))
        self.importer = WorkerClient(
            WorkerProgram(programs.worker, home.logs / "import.log", environment), parent=self
        )
        self.way_back = WayBack(self._libraries, self)
        self.command = CommandProcess(programs.command, environment, self)
        self.library = LibraryPage(
            self._libraries,
            ImportPanel(self.importer, PendingFile(home.root / "import.json")),
            self.way_back,
            self.command,
            Settings().libraries[0],
            lambda: self.settings.now.libraries,
            self._why_not.imports,
        )
        self.rebuilding = Rebuilding(
            home,
            Workers(programs.training, programs.worker, self.library.imports, self.importer),
            self.way_back,
            lambda: self.settings.now,
            self._libraries.names,
            self._rebuild_refused,
            self,
        )
        self.searching = Searching(
            WorkerClient(WorkerProgram(programs.worker, home.logs / "search.log", environment), parent=self),
            self._libraries,
            lambda: self.settings.now,
            self.rebuilding.takes_graphics_card,
            self.ask.talk,
            CommandProcess(programs.command, environment),
            self._why_not.imports,
            self,
        )
        self.evaluating = Evaluating(
            home,
            WorkerClient(
                WorkerProgram(programs.worker, home.logs / "evaluate.log", environment), parent=self
            ),
            self._question_refused,
            self,
        )
        self.bundling = BundleProcess(programs.command, environment, self)
        self.bundles = BundlesPage(home, self.bundling)
        self.doctor = DoctorPage(lambda: _examine(home))
        self.preferences = SettingsPage(self.settings, home)
        self.window = MainWindow(
            self.session, self.ask, HistoryList(self._history), self.footer, self._more_pages()
        )
        self._closing = Closing(self.window, self.rebuilding.trainer, self)
        self._warm_timer = QTimer(self)
        self._warm_timer.setSingleShot(True)
        self._warm_timer.setInterval(WARM_AFTER_MS)
        self._warm_timer.timeout.connect(self._warm)
        self._connect()
        self.refresh()

    def begin(self) -> None:
        """Say what was found wrong at the start, and load the model when the window is there."""
        if trouble := " ".join(filter(None, (self._trouble, self.settings.trouble))):
            self.window.say(trouble)
        self._warm_timer.start()

    def shut_down(self, grace_ms: int = 3000) -> None:
        """Save, and end every process."""
        self._warm_timer.stop()
        self.session.close()
        self.doctor.shut_down()
        self.worker.shut_down(grace_ms)
        self.importer.shut_down(grace_ms)
        self.searching.shut_down(grace_ms)
        self.evaluating.evaluator.shut_down(grace_ms)
        self.command.shut_down()
        self.bundling.shut_down()
        self.rebuilding.shut_down(grace_ms)
        self.setup.shut_down()
        self._history.close()

    def open_files(self, files: Sequence[str]) -> None:
        """Show the bundles among ``files``, to be installed or not."""
        if found := [file for file in files if is_bundle(file)]:
            self.window.show_page(self.bundles)
            self.bundles.take(found)

    @Slot()
    def refresh(self) -> None:
        """Look again at what is installed."""
        now = self.settings.now
        names = self._libraries.names()
        self.ask.show_libraries(names, now.libraries)
        self.searching.show_libraries(names)
        self.footer.show_names(now.libraries, Path(now.model.language).name)
        self.ask.welcome.setup.show_missing(missing(self._home, now, names))

    def _more_pages(self) -> list[PageEntry]:
        return [
            PageEntry("library", self.tr("Library"), self.library),
            PageEntry("search", self.tr("Search"), self.searching.page),
            PageEntry("rebuild", self.tr("Rebuild"), self.rebuilding.page),
            PageEntry("evaluate", self.tr("Evaluate"), self.evaluating.page),
            PageEntry("bundle", self.tr("Bundles"), self.bundles, low=True),
            PageEntry("computer", self.tr("This computer"), self.doctor, low=True),
            PageEntry("settings", self.tr("Settings"), self.preferences, low=True),
        ]

    def _connect(self) -> None:
        for part in (self.library, self.preferences, self.way_back, self.evaluating):
            part.trouble.connect(self.window.say)
        self.way_back.undoable.connect(self._on_way_back)
        self.keeper.trouble.connect(self.window.say)
        self.ask.exporting.saving.said.connect(self.window.say)
        self.preferences.collected_wanted.connect(self._on_collected)
        self.library.changed.connect(self.refresh)
        self.preferences.undoable.connect(self._on_undoable)
        self.settings.changed.connect(self._on_settings)
        self.ask.libraries.chosen.connect(self._on_libraries)
        self.ask.search_wanted.connect(self._on_search_wanted)
        self.library.asked.connect(self._on_libraries)
        self.library.undoable.connect(self._on_way_back)
        self.window.files_dropped.connect(self._on_dropped)
        self.bundles.changed.connect(self._on_bundles)
        self.ask.welcome.setup.installed.connect(self.refresh)
        self.window.page_shown.connect(self._on_page)
        self.window.refuses = self._drop_refused
        self.window.may_close = self._closing.may_close
        self.session.refusal = self._question_refused
        self.rebuilding.trouble.connect(self.window.say)
        self.rebuilding.told.connect(self._on_rebuilding)
        self.rebuilding.starting.connect(self._on_starting)
        self.rebuilding.switched.connect(self._on_switched)

    @Slot()
    def _warm(self) -> None:
        now = self.settings.now
        names = self._libraries.names()
        if not missing(self._home, now, names) and not self.rebuilding.takes_graphics_card():
            self.session.warm(now.libraries)

    @Slot(object, object)
    def _on_settings(self, before: Settings, now: Settings) -> None:
        self.theme.set_appearance(now.appearance)
        if before.model != now.model:
            self.worker.retire()  # gives the memory back; the next question starts with the new model
            self.searching.retire()
        self.refresh()

    @Slot()
    def _on_collected(self) -> None:
        Review(self.keeper, self.window).open()

    @Slot(object)
    def _on_libraries(self, names: tuple[str, ...]) -> None:
        if not names:  # asking without sources is for now, not for ever
            self.footer.show_names((), Path(self.settings.now.model.language).name)
            return
        try:
            self.settings.change(replace(self.settings.now, libraries=names))
        except AppError as error:
            self.window.say(f"{error} {error.hint}")
        self.refresh()

    @Slot(str)
    def _on_search_wanted(self, query: str) -> None:
        """List what an answer has counted, in the same libraries."""
        self.window.show_page(self.searching.page)
        self.searching.page.look_for(query)

    @Slot(list)
    def _on_dropped(self, paths: list[str]) -> None:
        """Files dropped on any page are for the library, unless they are bundles."""
        if any(map(is_bundle, paths)):
            self.open_files(paths)
            return
        self.window.show_page(self.library)
        self.library.close_reader()
        self.library.add_paths(paths)

    def _drop_refused(self, paths: Sequence[str]) -> str:
        """Return why these files cannot be dropped here, or an empty string."""
        return self._why_not.bundles if any(map(is_bundle, paths)) else self._why_not.imports

    @Slot(object)
    def _on_page(self, page: QWidget) -> None:
        if page is self.ask:
            self.refresh()
        elif page is self.library:
            self.library.refresh()
        elif page is self.searching.page:
            self.refresh()
            self.searching.page.list_facets()
        elif page is self.rebuilding.page:
            self.rebuilding.page.refresh()
        elif page is self.evaluating.page:
            self.evaluating.refresh()
        elif page is self.bundles:
            self.bundles.refresh()
        elif page is self.doctor:
            self.doctor.examine_once()
        elif page is self.preferences:
            self.preferences.refresh()

    def _rebuild_refused(self) -> str:
        """One process at a time has the models: an answer that is being written comes first."""
        if self._why_not.training:
            return self._why_not.training
        if self.evaluating.evaluator.busy:
            return self.tr("An evaluation is running. Start when it is finished, or stop it.")
        return self.tr("An answer is being written. Start when it is finished.") if self.session.busy else ""

    def _question_refused(self) -> str:
        """Return why no question can be asked now, or an empty string."""
        if self.settings.now.model.device == "cpu" or not self.rebuilding.takes_graphics_card():
            return ""
        return self.tr("The graphics card is training a model. Ask when that is done, or pause the rebuild.")

    @Slot()
    def _on_starting(self) -> None:
        self._warm_timer.stop()
        self.worker.retire()  # one process at a time has the graphics card
        self.searching.retire()

    @Slot(str, str)
    def _on_rebuilding(self, words: str, short: str) -> None:
        self.footer.show_rebuild(words)
        self.window.rail.label(self.rebuilding.page, short)

    @Slot()
    def _on_switched(self) -> None:
        """Read the settings that the switch has written."""
        self.settings.reload()

    @Slot()
    def _on_bundles(self) -> None:
        """See which models and libraries a bundle has brought, taken away or put into use."""
        self.settings.reload()
        self.refresh()

    @Slot(str, object)
    def _on_way_back(self, done: str, undo: Callable[[], None]) -> None:
        self.window.toast.say(done, self.tr("Undo"), undo)

    @Slot(str, object)
    def _on_undoable(self, done: str, before: Settings) -> None:
        self.window.toast.say(done, self.tr("Undo"), lambda: self.preferences.restore(before))


def _examine(home: Home) -> Report:
    from core.doctor import examine  # it needs much that the window does not

    return examine(home)
