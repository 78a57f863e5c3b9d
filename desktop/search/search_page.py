"""The page that searches as one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QStackedWidget, QWidget

from core.protocol import Facets, Search
from core.types import NO_FILTERS, SearchMode, SearchResult
from desktop.command_process import CommandProcess
from desktop.library.chooser import LibraryChooser
from desktop.library.source import Libraries
from desktop.page import Page
from desktop.search.examples import Examples
from desktop.search.export_bar import ExportBar
from desktop.search.filter_bar import FilterBar
from desktop.search.filter_words import Field
from desktop.search.finder import Finder
from desktop.search.nothing import Nothing
from desktop.search.result_list import ResultList
from desktop.search.results import PAGE
from desktop.search.searcher import Searcher
from desktop.theme import GRID, LARGE, set_role, sized
from desktop.words import number

SEARCH_AFTER_MS = 250  # of quiet
FIRST_FILTERS: tuple[Field, ...] = ("years", "minimum_grade", "journals", "subjects", "publication_types")


class SearchPage(Page):
    """Field, filters, results, and the one that is read."""

    def __init__(
        self,
        searcher: Searcher,
        libraries: Libraries,
        mode: Callable[[], SearchMode],
        command: CommandProcess,
        forbidden: str = "",
        parent: QWidget | None = None,
    ) -> None:
        purpose = _tr("Every passage of your libraries, by words and by meaning.")
        super().__init__(_tr("Search"), purpose, parent)
        self._searcher, self._mode, self._forbidden = searcher, mode, forbidden
        self.finder = Finder(searcher, self)
        self.chooser = LibraryChooser(_tr("The libraries that are searched"))
        self.field = QLineEdit()
        self.filters = FilterBar(FIRST_FILTERS)
        self.count = QLabel()
        self.export = ExportBar(command)
        self.examples = Examples()
        self.nothing = Nothing()
        self.results = ResultList(libraries)
        self.stack = QStackedWidget()
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(SEARCH_AFTER_MS)
        self._build()
        self._connect()

    def show_libraries(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        """Offer ``names``; search ``chosen`` unless others were chosen here."""
        here = [name for name in self.chooser.libraries if name in names]
        self.chooser.offer(names, here or [name for name in chosen if name in names] or list(names[:1]))
        if not names:
            hint = self._forbidden or _tr("Add files on the Library page.")
            self._say("library", _tr("There is no library yet"), hint)
        elif not self.field.text().strip():
            self.stack.setCurrentWidget(self.examples)

    def look_for(self, query: str) -> None:
        """Put ``query`` into the field and search at once."""
        self.field.setText(query)
        self.field.setFocus()
        self.search()

    @Slot()
    def search(self) -> None:
        """Search for what the field and the filters say now."""
        self._delay.stop()
        query, libraries = self.field.text().strip(), self.chooser.libraries
        if query and libraries:
            self.finder.want(Search(query, libraries, PAGE, self._mode(), self.filters.filters))
            return
        self.finder.want(None)
        self.count.clear()
        self.export.offer(None, exact=False)
        if libraries:
            self.stack.setCurrentWidget(self.examples)

    @Slot()
    def list_facets(self) -> None:
        """Find out by what these libraries can be filtered."""
        if self.chooser.libraries:
            self._searcher.list_facets(self.chooser.libraries)

    def shut_down(self) -> None:
        """Wait for nothing any more."""
        self._delay.stop()
        self.finder.shut_down()
        self.export.shut_down()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and self.results.isVisible():
                self.results.enter()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        self.field.setPlaceholderText(
            _tr('Words, "a phrase", AND OR NOT, title: author: journal: mesh: pmid:')
        )
        self.field.setAccessibleName(_tr("Search your libraries"))
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumHeight(4 * GRID)
        sized(self.field, LARGE)
        self.field.installEventFilter(self)
        set_role(self.count, "muted")
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setWordWrap(True)
        for page in (self.examples, self.nothing, self.results):
            self.stack.addWidget(page)
        self.bar.addWidget(self.chooser)
        self.body.setSpacing(GRID + 4)
        line = QHBoxLayout()
        line.addWidget(self.count, 1)
        line.addWidget(self.export)
        for widget in (self.field, self.filters):
            self.body.addWidget(widget)
        self.body.addLayout(line)
        self.body.addWidget(self.stack, 1)
        self.first = self.field  # no focus proxy: Tab would skip what stands before it

    def _connect(self) -> None:
        self._delay.timeout.connect(self.search)
        self.field.textChanged.connect(self._delay.start)
        self.field.returnPressed.connect(self._on_enter)
        self.filters.changed.connect(self.search)
        self.filters.facets_wanted.connect(self.list_facets)
        self.chooser.chosen.connect(self._on_libraries)
        self.examples.chosen.connect(self.look_for)
        self.nothing.without_filters.clicked.connect(self._on_without_filters)
        self.results.left.connect(self.field.setFocus)
        self.results.model.more_wanted.connect(self.finder.more)
        self.export.wanted.connect(self._on_export)
        self.export.said.connect(self.count.setText)
        self.finder.found.connect(self._on_found)
        self.finder.more_found.connect(self.results.model.append)
        self.finder.more_failed.connect(self._on_more_failed)
        self.finder.failed.connect(self._on_failed)
        self.finder.waiting.connect(self._on_waiting)
        self._searcher.facets_found.connect(self._on_facets)

    @Slot(object)
    def _on_libraries(self, _: object) -> None:
        self.list_facets()
        self.search()

    @Slot()
    def _on_enter(self) -> None:
        self.search()
        if self.results.isVisible():
            self.results.enter()

    @Slot()
    def _on_without_filters(self) -> None:
        self.filters.set_filters(NO_FILTERS)
        self.search()

    @Slot(object, object)
    def _on_found(self, request: Search, result: SearchResult) -> None:
        from desktop.search.query_words import patterns  # with it comes NumPy, which the start does without

        self.results.row.pattern = patterns(request.query)
        self.results.row.several_libraries = len(request.libraries) > 1
        self.results.model.show_first(result.hits)
        self.results.view.scrollToTop()
        self.count.setText(counted(request, result))
        spoken = QAccessibleAnnouncementEvent(self.count, self.count.text())
        QAccessible.updateAccessibility(spoken)
        self.export.offer(request if result.hits else None, exact=result.matched is not None)
        if result.hits:
            self.stack.setCurrentWidget(self.results)
        else:
            filtered = request.filters != NO_FILTERS
            self.nothing.found(request.query, filtered=filtered)
            self.stack.setCurrentWidget(self.nothing)

    @Slot(str, str)
    def _on_failed(self, message: str, hint: str) -> None:
        self.count.clear()
        self.export.offer(None, exact=False)
        self._say("warning", message, hint)

    @Slot(object)
    def _on_export(self, path: Path) -> None:
        self.export.save(path, self.results.model.rowCount())

    @Slot(str)
    def _on_more_failed(self, message: str) -> None:
        self.results.model.stop_asking()
        if message:
            self.count.setText(message)

    @Slot(str)
    def _on_waiting(self, words: str) -> None:
        self.count.setText(f"{words or _tr('Searching')}…")

    def _say(self, icon: str, message: str, hint: str) -> None:
        self.nothing.say(icon, message, hint)
        self.stack.setCurrentWidget(self.nothing)

    @Slot(object, object)
    def _on_facets(self, libraries: tuple[str, ...], facets: Facets) -> None:
        if libraries == self.chooser.libraries:
            self.filters.show_facets(facets)


def counted(request: Search, result: SearchResult) -> str:
    """Return how many documents match, or of how many passages these are the best."""
    parts = []
    if result.matched is not None:
        one, many = _tr("1 document matches"), _tr("{0} documents match")
        parts.append(one if result.matched == 1 else many.format(number(result.matched)))
        parts.append(_tr("understood as  {0}").format(result.understood))
    elif result.hits:
        parts.append(_tr("The best matches among {0} passages").format(number(result.searched)))
    if request.mode != "hybrid" and parts:
        parts.append(_tr("by words only") if request.mode == "lexical" else _tr("by meaning only"))
    return "   ·   ".join(parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchPage", text)
