"""From a mark in an answer to the words it stands for, and from one mark to the next."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from core.types import DocumentRef, LibraryRef
from desktop.chat.evidence import library_of, source_of
from desktop.chat.side_panel import SidePanel
from desktop.chat.source_card import Source
from desktop.chat.turn_view import TurnView
from desktop.chat.turns import TurnList
from desktop.collected.keeper import Keeper
from desktop.library.chooser import LibraryChooser


class Citations(QObject):
    """Knows the citation that is open, and opens others in the side panel."""

    def __init__(
        self,
        turns: TurnList,
        side: SidePanel,
        libraries: LibraryChooser,
        keeper: Keeper,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._turns, self._side, self._libraries, self._keeper = turns, side, libraries, keeper
        self._current: tuple[TurnView, int] | None = None
        side.source_opened.connect(self._on_source)
        side.closed.connect(self._on_reader_closed)

    def forget(self) -> None:
        """No citation is open: another conversation is shown."""
        self._current = None

    def show_evidence(self, view: TurnView) -> None:
        """List the sources of an answer."""
        if view.answer:
            self._side.evidence.show_answer(view.answer, view.passages.passages if view.passages else ())

    @Slot(object, int)
    def open(self, view: TurnView, index: int) -> None:
        """Open a citation of an answer where its words are."""
        if view.answer is None:
            return
        self._choose(view, index)
        self.show_evidence(view)
        self._open(source_of(view.answer.citations[index], index), view)
        self._side.show()

    @Slot(object, object)
    def open_source(self, view: TurnView, source: Source) -> None:
        """Open words of an answer that are not behind a mark, such as a quote without prose."""
        if source.index is not None:
            self._choose(view, source.index)
        self.show_evidence(view)
        self._open(source, view)
        self._side.show()

    @Slot(object, object)
    def open_document(self, document: DocumentRef, library: LibraryRef | None) -> None:
        """Open a document without a passage."""
        self._side.open_document(document, library)
        self._side.show()

    def walk(self, step: int) -> None:
        """Open the next citation of the answer that is being read."""
        answered = [view for view in self._turns.views if view.answer and view.answer.citations]
        if not answered:
            return
        view, index = self._current or (answered[-1], -1 if step > 0 else 0)
        if view.answer:
            self.open(view, (index + step) % len(view.answer.citations))

    @Slot(object)
    def _on_source(self, source: Source) -> None:
        view = self._current[0] if self._current else self._turns.views[-1]
        if source.index is not None:
            self._choose(view, source.index)
        self._open(source, view)

    def _open(self, source: Source, view: TurnView) -> None:
        name = source.document.library or next(iter(self._libraries.libraries), "")
        library = library_of(view.answer, source.document) or LibraryRef(name, "")
        self._side.open_source(source, library)
        self._keeper.opened(view.turn.question, source.document, source.quote)

    def _choose(self, view: TurnView, index: int) -> None:
        if self._current and self._current[0] is not view:
            self._current[0].text.choose(None)
        self._current = (view, index)
        view.text.choose(index)

    @Slot()
    def _on_reader_closed(self) -> None:
        if self._current:
            self._current[0].text.setFocus()
