"""The numbered sources of an answer, each with the words it is cited for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.types import Answer, Citation, DocumentRef, LibraryRef, Passage, Span
from desktop.cards import Card
from desktop.chat.references import badge, where
from desktop.elided import ElidedLabel
from desktop.theme import GRID, SMALL, clear_ground, set_mark, set_role, sized

PREVIEW = 240  # characters of a passage that is shown before the answer says what it cites


@dataclass(frozen=True, slots=True)
class Source:
    """One card: a document, the words in it, and where they are.

    Attributes:
        index: place in ``Answer.citations``, or None for evidence that is not cited.
    """

    marker: int
    document: DocumentRef
    quote: str
    span: Span
    by_search: bool
    index: int | None


class SourceCard(Card):
    """A source that opens in the reader."""

    def __init__(self, source: Source, again: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(f"[{source.marker}] {source.document.title}", parent)
        self.source = source
        grid = QVBoxLayout(self)
        grid.setContentsMargins(GRID + 4, GRID + 2, GRID + 4, GRID + 2)
        grid.setSpacing(GRID - 2)
        if again:  # the document was named by the card above
            grid.addLayout(self._head(self._quote()))
            return
        title = _wrapped(source.document.title)
        sized(title, 1.0, bold=True)
        grid.addLayout(self._head(title))
        if line := self._place():
            grid.addLayout(line)
        grid.addWidget(self._quote())

    def set_chosen(self, chosen: bool) -> None:
        """Make this card stand out."""
        set_mark(self, "chosen", chosen)

    def _head(self, words: QLabel) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        number = QLabel(str(self.source.marker))
        sized(number, SMALL, bold=True)
        kind = "number-search" if self.source.by_search else "number"
        set_role(number, "badge" if self.source.index is None else kind)
        row.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        return row

    def _place(self) -> QHBoxLayout | None:
        document = self.source.document
        labels: list[QLabel] = []
        text = where(document)
        if text:
            place = ElidedLabel()
            place.setText(text)
            set_role(place, "muted")
            labels.append(place)
        if kind := badge(document):
            labels.append(_badge(kind, "badge"))
        if document.retracted:
            labels.append(_badge(self.tr("Retracted"), "badge-problem"))
        if not labels:
            return None
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for label in labels:
            row.addWidget(label)
        row.addStretch(1)
        return row

    def _quote(self) -> QLabel:
        text = self.source.quote.replace("\n\n", " … ")
        if self.source.index is None and len(text) > PREVIEW:
            text = text[:PREVIEW].rsplit(" ", 1)[0] + " …"
        quote = _wrapped(f"“{text}”")
        set_role(quote, "muted" if self.source.index is None else "quote")
        return quote


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
        if cited:
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
            label = _wrapped(nothing)
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
    )


def library_of(answer: Answer | None) -> LibraryRef | None:
    """Return the library that ``answer`` was read from."""
    return next(iter(answer.libraries), None) if answer else None


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
    return Source(marker, passage.document, chunk.text, Span(chunk.start, chunk.end), False, None)


def _wrapped(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _badge(text: str, role: str) -> QLabel:
    label = QLabel(text)
    sized(label, SMALL)
    set_role(label, role)
    return label
