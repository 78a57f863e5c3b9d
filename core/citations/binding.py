"""From the text a model wrote to sentences that each name the words they rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.citations.agreement import may_rest_on, may_support
from core.citations.markers import MarkedSentence, place_markers, read_markers
from core.citations.spans import SpanFinder, Support
from core.retrieval.embedder import Embedder
from core.types import Citation, Origin, Passage, Sentence


@dataclass(frozen=True, slots=True)
class BoundText:
    """A text whose markers all resolve: each marker of a sentence has one citation."""

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


class Binder:
    """Binds the sentences of answers to the passages they were written from."""

    def __init__(
        self, passages: Sequence[Passage], embedder: Callable[[], Embedder], threshold: float
    ) -> None:
        self._passages = passages
        self._threshold = threshold
        # without passages there is nothing to compare with, and no embedder is needed
        self._finder = SpanFinder(passages, embedder()) if passages else None

    def bind(self, answer: str) -> BoundText:
        """Return ``answer`` with its markers resolved.

        Markers that name no passage are removed. Where the model cited a passage, its best sentence is the
        quote, unless it speaks of the same and differs in a number or a negation: such a marker is removed
        too. A sentence without a valid marker gets the best quote of all passages that could support it, if
        that reaches the threshold.
        """
        text = ""
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        for index, marked in enumerate(read_markers(answer, len(self._passages))):
            found = self._cited(index, marked) or self._searched(index, marked)
            markers = tuple(citation.marker for citation in found)
            start = len(text) + (len(marked.gap) if text else 0)
            text += (marked.gap if text else "") + place_markers(marked.text, markers)
            sentences.append(Sentence(marked.text, start, len(text), markers))
            citations += found
        return BoundText(text, tuple(sentences), tuple(citations))

    def closest(self, question: str) -> tuple[Citation, ...]:
        """Return the best sentence of each passage for ``question``, nearest first."""
        if self._finder is None:
            return ()
        supports = [self._finder.best(question, index) for index in range(len(self._passages))]
        found = [self._citation(-1, support, "search") for support in supports if support]
        return tuple(sorted(found, key=lambda citation: -citation.score))

    def _cited(self, index: int, marked: MarkedSentence) -> list[Citation]:
        if self._finder is None:
            return []
        supports = [self._rests_on(marked.text, marker - 1) for marker in marked.markers]
        return [self._citation(index, support, "model") for support in supports if support]

    def _rests_on(self, claim: str, passage: int) -> Support | None:
        """Return the best quote of the passage for ``claim``, or None if it contradicts the claim.

        A quote that is far from the claim contradicts nothing; then the best one without a conflict counts.
        """
        assert self._finder is not None
        text = self._passages[passage].chunk.text

        def fits(claim: str, quote: str) -> bool:
            return may_rest_on(claim, quote, text)

        best = self._finder.best(claim, passage)
        if best is None or fits(claim, best.quote.text):
            return best
        return None if best.score >= self._threshold else self._finder.best(claim, passage, fits)

    def _searched(self, index: int, marked: MarkedSentence) -> list[Citation]:
        if self._finder is None or marked.text.endswith("?"):  # a question claims nothing
            return []
        support = self._finder.best(marked.text, fits=may_support)
        if support is None or support.score < self._threshold:
            return []
        return [self._citation(index, support, "search")]

    def _citation(self, index: int, support: Support, origin: Origin) -> Citation:
        quote = support.quote
        passage = self._passages[quote.passage]
        return Citation(
            marker=quote.passage + 1,
            sentence=index,
            document=passage.document,
            chunk_id=passage.chunk.id,
            quote=quote.text,
            start=quote.span.start,
            end=quote.span.end,
            score=round(support.score, 4),
            origin=origin,
        )
