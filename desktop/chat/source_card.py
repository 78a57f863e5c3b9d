"""One source of an answer, with the words it is cited for."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.types import DocumentRef, Span
from desktop.badges import badges, label_of
from desktop.cards import Card
from desktop.chat.references import where
from desktop.elided import ElidedLabel
from desktop.flow_layout import FlowLayout
from desktop.theme import GRID, SMALL, set_mark, set_role, sized

PREVIEW = 240  # characters of a passage that is shown before the answer says what it cites


@dataclass(frozen=True, slots=True)
class Source:
    """One card: a document, the words in it, and where they are.

    Attributes:
        index: place in ``Answer.citations``, or None for evidence that is not cited.
        page: on which the words begin, from 1; None for a document without pages.
    """

    marker: int
    document: DocumentRef
    quote: str
    span: Span
    by_search: bool
    index: int | None
    page: int | None = None


class SourceCard(Card):
    """A source that opens in the reader; ``whole`` shows all of its words, though they are not cited."""

    def __init__(
        self, source: Source, again: bool = False, parent: QWidget | None = None, *, whole: bool = False
    ) -> None:
        super().__init__(f"[{source.marker}] {source.document.title}", parent)
        self.source = source
        self._whole = whole or source.index is not None
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
            grid.addWidget(line)
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

    def _place(self) -> QWidget | None:
        document = self.source.document
        page = self.tr("p. {0}").format(self.source.page) if self.source.page else ""
        labels: list[QLabel] = []
        if text := ", ".join(filter(None, (where(document), page))):
            place = ElidedLabel()
            place.setText(text)
            set_role(place, "muted")
            labels.append(place)
        labels += [label_of(badge) for badge in badges(document)]
        if not labels:
            return None
        line = QWidget()
        flow = FlowLayout(line)
        for label in labels:
            flow.addWidget(label)
        return line

    def _quote(self) -> QLabel:
        text = self.source.quote.replace("\n\n", " … ")
        if not self._whole and len(text) > PREVIEW:
            text = text[:PREVIEW].rsplit(" ", 1)[0] + " …"
        quote = _wrapped(f"“{text}”")
        set_role(quote, "quote" if self._whole else "muted")
        return quote


def _wrapped(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
