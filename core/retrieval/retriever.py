"""One question against one library version: embed, search both indexes, fuse, look the passages up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.library.store import DocumentStore
from core.retrieval.dense import DenseIndex
from core.retrieval.embedder import Embedder
from core.retrieval.fusion import fuse
from core.retrieval.lexical import LexicalIndex
from core.settings import RetrievalSettings
from core.types import Hit, LibraryRef, Passage, Scores, SearchResult


@dataclass(frozen=True, slots=True)
class OpenLibrary:
    """One version of a library, opened for reading."""

    ref: LibraryRef
    store: DocumentStore
    dense: DenseIndex
    lexical: LexicalIndex


class Retriever:
    """Searches one open library. The embedder is asked for only when vectors are needed."""

    def __init__(self, library: OpenLibrary, embedder: Callable[[], Embedder]) -> None:
        self.library = library
        self._embedder = embedder

    def search(self, query: str, settings: RetrievalSettings, k: int) -> tuple[Passage, ...]:
        """Return the ``k`` best passages for ``query`` in plain language, best first."""
        dense: dict[int, float] = {}
        lexical: dict[int, float] = {}
        depth = max(settings.candidates, k)
        if settings.mode != "dense":
            lexical = dict(self.library.lexical.search(query, depth))
        if settings.mode != "lexical":
            dense = dict(self.library.dense.search(self._embedder().encode([query])[0], depth))
        ranked = fuse(dense, lexical, settings.fusion)[:k]
        scores = {key: Scores(dense.get(key), lexical.get(key), fused) for key, fused in ranked}
        return self._passages(scores)

    def closeness(self, query: str, passages: Sequence[Passage]) -> list[float]:
        """Return the cosine similarity in [-1, 1] of ``query`` with each of ``passages``."""
        vector = self._embedder().encode([query])[0]
        return self.library.dense.similarities(vector, [passage.chunk.key for passage in passages])

    def _passages(self, scores: dict[int, Scores]) -> tuple[Passage, ...]:
        chunks = self.library.store.chunks(list(scores))
        refs = self.library.store.refs({chunk.document_id for chunk in chunks})
        return tuple(Passage(chunk, refs[chunk.document_id], scores[chunk.key]) for chunk in chunks)


def search_result(retriever: Retriever, query: str, settings: RetrievalSettings, k: int) -> SearchResult:
    """Return the ``k`` best passages as numbered hits, with how long it took."""
    start = time.perf_counter()
    hits = tuple(
        Hit(rank, p.document, p.chunk.text, p.chunk.start, p.chunk.end, p.scores)
        for rank, p in enumerate(retriever.search(query, settings, k), start=1)
    )
    return SearchResult(1, hits, retriever.library.lexical.count, time.perf_counter() - start)
