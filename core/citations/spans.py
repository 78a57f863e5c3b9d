"""Which sentence of a passage supports a sentence of an answer best.

The agreement of two sentences is the mean of two numbers in [0, 1]: the share of the claim's words
(weighted by how rare they are among the candidates) that the quote has too, and the cosine of their
embeddings. It says how much they speak of the same thing; whether one follows from the other is for
``core.citations.support`` to judge.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.citations.words import content as content  # for those who know it from here
from core.library.text import sentence_spans
from core.library.untrusted import addresses_the_model
from core.retrieval.embedder import Embedder, Vectors
from core.types import Passage, Span


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence of a passage: ``document.text[span.start:span.end]`` is ``text``."""

    passage: int  # index among the packed passages, from 0
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Support:
    """The best quote for a claim, and their agreement in [0, 1]."""

    quote: Quote
    score: float


class SpanFinder:
    """Finds the best supporting sentence among the passages of one answer; embeds each of them once."""

    def __init__(self, passages: Sequence[Passage], embedder: Embedder) -> None:
        self._embedder = embedder
        self._quotes = [quote for i, passage in enumerate(passages) for quote in quotes_of(i, passage)]
        self._words = [content(quote.text) for quote in self._quotes]
        self._rarity = _inverse_frequencies(self._words)
        self._vectors: Vectors | None = None

    def best(
        self, claim: str, passage: int | None = None, fits: Callable[[str, str], bool] | None = None
    ) -> Support | None:
        """Return the quote that agrees best with ``claim``, of one passage or of all, or None.

        With ``fits`` only quotes are considered for which ``fits(claim, quote)``.
        """
        return next(iter(self.ranked(claim, 1, passage, fits)), None)

    def ranked(
        self,
        claim: str,
        count: int,
        passage: int | None = None,
        fits: Callable[[str, str], bool] | None = None,
    ) -> list[Support]:
        """Return the ``count`` quotes that agree best with ``claim``, best first; see ``best``."""
        chosen = [
            i
            for i, quote in enumerate(self._quotes)
            if passage in (None, quote.passage) and (fits is None or fits(claim, quote.text))
        ]
        words = content(claim)
        if not chosen or not words:
            return []
        vector = self._embedder.encode([claim])[0]
        cosine = self._matrix()[chosen] @ vector
        overlap = np.array([self._overlap(words, self._words[i]) for i in chosen])
        scores = (np.clip(cosine, 0.0, 1.0) + overlap) / 2
        order = np.argsort(-scores, kind="stable")[:count]
        return [Support(self._quotes[chosen[at]], float(scores[at])) for at in order]

    def _matrix(self) -> Vectors:
        if self._vectors is None:
            self._vectors = self._embedder.encode([quote.text for quote in self._quotes])
        return self._vectors

    def _overlap(self, claim: frozenset[str], quote: frozenset[str]) -> float:
        """Return the share of the claim's words, by weight, that the quote has; unknown words weigh most."""
        unknown = math.log(1.0 + len(self._quotes))
        weights = {word: self._rarity.get(word, unknown) for word in claim}
        total = sum(weights.values())
        return sum(weight for word, weight in weights.items() if word in quote) / total if total else 0.0


def quotes_of(index: int, passage: Passage) -> list[Quote]:
    """Return the sentences of ``passage`` that may serve as evidence, with offsets into its document."""
    chunk = passage.chunk
    quotes = [
        Quote(index, Span(chunk.start + s.start, chunk.start + s.end), chunk.text[s.start : s.end])
        for s in sentence_spans(chunk.text)
    ]
    return [quote for quote in quotes if not addresses_the_model(quote.text)]


def _inverse_frequencies(sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    counts = Counter(word for words in sentences for word in words)
    return {word: math.log(1.0 + len(sentences) / count) for word, count in counts.items()}
