"""Where the passages come from that an evaluation has answered from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from core.library.chunking import chunk_spans, passage_text
from core.library.records import make_document
from core.retrieval.embedder import Embedder
from core.retrieval.query import Query
from core.retrieval.retriever import Listing, Retriever
from core.settings import RetrievalSettings
from core.tuning.pairs import Evidence
from core.types import (
    NO_FILTERS,
    Chunk,
    Document,
    DocumentRef,
    Filters,
    LibraryRef,
    Passage,
    Scores,
)

GIVEN = LibraryRef("the given passages", "")
_WORD = re.compile(r"\w+")
_RUN = 8  # words that stand one after another in two texts
_SHARED = 0.3  # share of such runs from which on a passage is a copy
_SPARE = 16  # passages fetched beyond those that are wanted, for those that are left out


class GivenPassages:
    """The passages of one question alone, searched without an index, as a ``Retriever`` would."""

    def __init__(self, evidence: Sequence[Evidence], embedder: Callable[[], Embedder]) -> None:
        self.libraries = ()
        self.refs = (GIVEN,)
        self._embedder = embedder
        self.names: dict[str, str] = {}  # id of a document -> what the data set calls it
        self._passages: list[Passage] = []
        for one in evidence:
            document = make_document(title=one.title, sections=one.sections, source="", pmid=one.document)
            self.names[document.id] = one.document
            self._passages += _passages_of(document, len(self._passages))

    @property
    def chunks(self) -> int:
        return len(self._passages)

    def search(
        self,
        query: str,
        settings: RetrievalSettings,
        k: int,
        filters: Filters = NO_FILTERS,
        offset: int = 0,
        within: Query | None = None,
    ) -> tuple[Passage, ...]:
        """Return the ``k`` passages that are closest to ``query``; there is nothing to filter by."""
        scores = self.closeness(query, self._passages)
        order = np.argsort(-np.array(scores), kind="stable")[offset : offset + k]
        return tuple(
            Passage(p.chunk, p.document, Scores(scores[place], None, scores[place]))
            for place in order.tolist()
            for p in [self._passages[place]]
        )

    def closeness(self, query: str, passages: Sequence[Passage]) -> list[float]:
        """See ``Retriever.closeness``."""
        if not passages:
            return []
        vectors = self._embedder().encode([passage_text(p.document.title, p.chunk.text) for p in passages])
        return [float(value) for value in vectors @ self._embedder().encode_queries([query])[0]]

    def listing(
        self, query: Query, filters: Filters, settings: RetrievalSettings, k: int, offset: int = 0
    ) -> Listing:
        """There are no records to count."""
        return Listing(0, ())

    def pages(self, document: str) -> tuple[int, ...]:
        """Return no pages."""
        return ()


class Without:
    """A retriever whose results leave out a question's own documents, and copies of them."""

    def __init__(self, retriever: Retriever, documents: frozenset[str], texts: Sequence[str]) -> None:
        self.libraries, self.refs, self.chunks = retriever.libraries, retriever.refs, retriever.chunks
        self.listing, self.closeness, self.pages = retriever.listing, retriever.closeness, retriever.pages
        self._retriever = retriever
        self._documents = documents
        self._runs = frozenset(run for text in texts for run in _runs(text))

    def search(
        self,
        query: str,
        settings: RetrievalSettings,
        k: int,
        filters: Filters = NO_FILTERS,
        offset: int = 0,
        within: Query | None = None,
    ) -> tuple[Passage, ...]:
        """See ``Retriever.search``."""
        fetched = offset + k + _SPARE
        while True:
            found = self._retriever.search(query, settings, fetched, filters, 0, within)
            kept = [passage for passage in found if not self._is_own(passage)]
            if len(kept) >= offset + k or len(found) < fetched:
                return tuple(kept[offset : offset + k])
            fetched *= 2

    def _is_own(self, passage: Passage) -> bool:
        if passage.document.id in self._documents:
            return True
        runs = _runs(passage.chunk.text)
        return bool(runs) and len(runs & self._runs) > _SHARED * len(runs)


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """Return every run of words in ``text``, capitals apart."""
    words = [word.lower() for word in _WORD.findall(text)]
    return frozenset(tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))


def _passages_of(document: Document, first: int) -> list[Passage]:
    ref = DocumentRef(
        document.id, document.pmid, document.doi, document.title, "", None, (), library=GIVEN.name
    )
    return [
        Passage(
            Chunk(
                first + ordinal,
                document.id,
                ordinal,
                span.start,
                span.end,
                document.text[span.start : span.end],
            ),
            ref,
            Scores(None, None, 0.0),
        )
        for ordinal, span in enumerate(chunk_spans(document))
    ]
