"""From the text a model wrote to sentences that each name the words they rest on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from core.citations.critical import is_critical
from core.citations.markers import MarkedSentence, place_markers, read_markers
from core.citations.rules import may_rest_on, may_support
from core.citations.spans import SpanFinder, Support
from core.citations.support import Checked, Checker, best, may_be_shown
from core.citations.words import content
from core.retrieval.embedder import Embedder
from core.types import Citation, Origin, Passage, Sentence, Verdict

WITHHELD = "(left out: a dose, an interaction or a contraindication that no passage supports)"
_LOOKED_AT = 3  # quotes that are checked for a sentence that the model did not cite

Pages = Callable[[str], Sequence[int]]  # id of a document -> where its pages begin in its text, ascending


@dataclass(frozen=True, slots=True)
class BoundText:
    """A text whose markers all resolve: each marker of a sentence has one citation.

    Attributes:
        unchecked: why sentences could not be checked, or empty; their verdict is then None.
    """

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    unchecked: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """A sentence, its citations, and what the check of each and of all together says; empty if unchecked."""

    marked: MarkedSentence
    citations: tuple[Citation, ...]
    verdict: Verdict | None


class Binder:
    """Binds the sentences of answers to the passages they were written from, and checks the quotes."""

    def __init__(
        self,
        passages: Sequence[Passage],
        embedder: Callable[[], Embedder],
        threshold: float,
        verifier: Checker | None = None,
        pages: Pages | None = None,
    ) -> None:
        self._passages = passages
        self._threshold = threshold
        self._verifier = verifier
        self._pages = cache(pages or (lambda document: ()))  # whole documents are read for them
        # without passages there is nothing to compare with, and no embedder is needed
        self._finder = SpanFinder(passages, embedder()) if passages else None

    def bind(self, answer: str) -> BoundText:
        """Return ``answer`` with its markers resolved.

        Markers that name no passage are removed. Where the model cited a passage, its best sentence is the
        quote, unless it speaks of the same and differs in a number or in its sense: such a marker is removed
        too. A sentence without a valid marker gets the best quote of all passages that could support it, if
        that reaches the threshold. With a verifier every sentence that claims something has a verdict, unless
        the check failed or there are no passages, and one that could do harm stands in the text only if a
        quote supports it.
        """
        marked = read_markers(answer, len(self._passages))
        text = ""
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        checked, failure = self._checked(marked)
        for found in checked:
            shown = found.marked.text
            kept, verdict = found.citations, found.verdict
            if self._verifier and not may_be_shown(shown, verdict):
                shown, kept = WITHHELD, ()
                verdict = _withheld(found.marked.text, verdict)
            markers = tuple(citation.marker for citation in kept)
            gap = found.marked.gap if text else ""
            start = len(text) + len(gap)
            text += gap + place_markers(shown, markers)
            sentences.append(Sentence(shown, start, len(text), markers, verdict))
            citations += kept
        return BoundText(text, tuple(sentences), tuple(citations), failure)

    def closest(self, question: str) -> tuple[Citation, ...]:
        """Return the best sentence of each passage for ``question``, nearest first."""
        if self._finder is None:
            return ()
        supports = [self._finder.best(question, index) for index in range(len(self._passages))]
        found = [self._citation(-1, support, "search") for support in supports if support]
        return tuple(sorted(found, key=lambda citation: -citation.score))

    def _checked(self, marked: Sequence[MarkedSentence]) -> tuple[list[_Found], str]:
        """Return the sentences with the citations that count, and why some could not be checked.

        All quotes are checked in one call.
        """
        options = [self._cited(at, one) or self._searched(at, one) for at, one in enumerate(marked)]
        evidence = [_evidence(found) if self._verifier else [] for found in options]
        claims = [one.text for one, quotes in zip(marked, evidence, strict=True) for _ in quotes]
        checked = Checked(())
        if self._verifier and claims:
            checked = self._verifier.check(claims, [quote for quotes in evidence for quote in quotes])
        verdicts = iter(checked.verdicts)
        found = [
            self._settled(one, found, [next(verdicts) for _ in quotes])
            for one, found, quotes in zip(marked, options, evidence, strict=True)
        ]
        return found, checked.failure

    def _settled(
        self, marked: MarkedSentence, found: Sequence[Citation], verdicts: Sequence[Verdict | None]
    ) -> _Found:
        """Choose among quotes that were looked up the one that supports best; what the model cited stays."""
        verdict = best([one for one in verdicts if one])
        if None in verdicts and not (verdict and verdict.label == "supported"):
            verdict = None  # what could not be checked might have supported it
        if found and found[0].origin == "search":
            at = verdicts.index(verdict) if verdicts else 0
            found = found[at : at + 1]
        if not verdicts and self._verifier and self._passages and _claims_something(marked.text):
            verdict = Verdict("unsupported", 0.0, ("no passage was found that says this",))
        return _Found(marked, tuple(found), verdict)

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
        """Return citations of the quotes that agree best with the sentence, best first; one if unchecked."""
        if self._finder is None or not _claims_something(marked.text):
            return []
        count = _LOOKED_AT if self._verifier else 1
        found = self._finder.ranked(marked.text, count, fits=may_support)
        return [self._citation(index, one, "search") for one in found if one.score >= self._threshold]

    def _citation(self, index: int, support: Support, origin: Origin) -> Citation:
        quote = support.quote
        passage = self._passages[quote.passage]
        starts = self._pages(passage.document.id)
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
            page=bisect_right(starts, quote.span.start) if starts else passage.chunk.page,
        )


def _evidence(found: Sequence[Citation]) -> list[str]:
    """Return each quote and, where the model cited several, all of them together."""
    quotes = [citation.quote for citation in found]
    return [*quotes, " ".join(quotes)] if len(quotes) > 1 and found[0].origin == "model" else quotes


def _claims_something(sentence: str) -> bool:
    # a bare dose has no words to compare, but must not pass unchecked; nor may one put as a question
    return is_critical(sentence) or (not sentence.endswith("?") and bool(content(sentence)))


def _withheld(sentence: str, verdict: Verdict | None) -> Verdict:
    verdict = verdict or Verdict("unsupported", 0.0, ("it could not be checked",))
    return replace(verdict, reasons=(*verdict.reasons, f"the model wrote: \u201c{sentence}\u201d"))
