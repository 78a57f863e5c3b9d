"""The numbered sources of an answer, each with the words it is cited for."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.types import Answer, Citation, DocumentRef, LibraryRef, Passage, Span
from desktop.chat.source_card import Source, SourceCard
from desktop.theme import GRID, clear_ground, set_role, sized


class EvidencePanel(QWidget):
    """The cards, with headings that say what they are."""

    chosen = Signal(object)  # Source

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[SourceCard] = []
        self._heading = QLabel(self.tr("Evidence"))
        sized(self._heading, 15 / 13, bold=True)
        self._heading.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading)
        column.addWidget(self._area, 1)
        self.clear()

    def clear(self) -> None:
        """Show nothing, and say what will be here."""
        self._fill([], [], self.tr("The sources of the answer appear here."))

    def show_found(self, passages: Iterable[Passage]) -> None:
        """Show what the model is reading."""
        sources = [_read(n, passage) for n, passage in enumerate(passages, 1)]
        self._fill([], sources, "", self.tr("Read for this answer"))

    def show_answer(self, answer: Answer, passages: Iterable[Passage] = ()) -> None:
        """Show what ``answer`` cites and, where it is known, what else was read."""
        cited = _cited(answer)
        markers = {source.marker for source in cited}
        rest = [_read(n, p) for n, p in enumerate(passages, 1) if n not in markers]
        if answer.closest:  # and nothing is cited: the words closest to the question, not whole passages
            rest = [source_of(citation, None) for citation in answer.closest]
        nothing = self.tr("No sentence of this answer has a source.")
        if cited or answer.evidence_only:
            nothing = ""
        elif answer.refused:
            nothing = self.tr("Nothing that was found answers the question.")
        read = self.tr("Also read, not cited") if cited else self.tr("Read for this answer")
        self._fill(cited, rest, nothing, self.tr("Closest to the question") if answer.closest else read)

    def choose(self, source: Source | None) -> None:
        """Make the card with these words stand out, and bring it into view."""
        for card in self.cards:
            same = source is not None and _place_of(card.source) == _place_of(source)
            card.set_chosen(same)
            if same:
                self._area.ensureWidgetVisible(card)

    def _fill(self, cited: list[Source], read: list[Source], nothing: str, reading: str = "") -> None:
        self.cards = []
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID * 2, 0, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        if nothing:
            label = QLabel(nothing)
            label.setWordWrap(True)
            set_role(label, "muted")
            column.addWidget(label)
        self._add_cards(column, cited)
        if read:
            heading = QLabel(reading)
            set_role(heading, "muted")
            column.addWidget(heading)
            self._add_cards(column, read)
        column.addStretch()
        self._area.setWidget(content)
        clear_ground(self._area)

    def _add_cards(self, column: QVBoxLayout, sources: list[Source]) -> None:
        for before, source in zip([None, *sources], sources, strict=False):
            card = SourceCard(source, again=before is not None and before.marker == source.marker)
            card.activated.connect(lambda source=source: self.chosen.emit(source))
            column.addWidget(card)
            self.cards.append(card)


def source_of(citation: Citation, index: int | None) -> Source:
    """Return the card of a citation; ``index`` is None where no sentence of the answer rests on it."""
    span = Span(citation.start, citation.end)
    return Source(
        citation.marker,
        citation.document,
        citation.quote,
        span,
        index is not None and citation.origin == "search",
        index,
        citation.page,
    )


def library_of(answer: Answer | None, document: DocumentRef) -> LibraryRef | None:
    """Return the library in which ``document`` was found for ``answer``."""
    searched = answer.libraries if answer else ()
    return next((one for one in searched if one.name == document.library), next(iter(searched), None))


def _cited(answer: Answer) -> list[Source]:
    """Return one card for each passage and quote, by number; the same words are shown once."""
    seen: dict[tuple[int, int, int], Source] = {}
    for index, citation in enumerate(answer.citations):
        seen.setdefault((citation.marker, citation.start, citation.end), source_of(citation, index))
    return [seen[key] for key in sorted(seen)]


def _place_of(source: Source) -> tuple[int, Span]:
    return source.marker, source.span


def _read(marker: int, passage: Passage) -> Source:
    chunk = passage.chunk
    return Source(marker, passage.document, chunk.text, Span(chunk.start, chunk.end), False, None, chunk.page)
