"""One question against one library or several: embed, search both indexes, fuse, look the passages up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from core.library.chunking import passage_text
from core.protocol import Facets
from core.retrieval.embedder import Embedder, Vectors
from core.retrieval.facets import merged
from core.retrieval.filters import condition
from core.retrieval.fusion import NOTHING, Keys, Ranking, by_score, fuse
from core.retrieval.library import OpenLibrary, Selection, Wanted
from core.retrieval.query import Query, all_of, parse, printed, wanted_words
from core.retrieval.rerank import Reranker
from core.settings import RetrievalSettings
from core.types import NO_FILTERS, Chunk, DocumentRef, Filters, Hit, LibraryRef, Passage, Scores, SearchResult

_LIBRARY = 1 << 40  # keys of library i are i times this plus its own
_LARGE = 200_000  # chunks from which on both indexes are searched at the same time
_LEAST = 100  # candidates of each side that will do where filters leave out many
_UNRANKED = Scores(None, None, 0.0)


@dataclass(frozen=True, slots=True)
class Listing:
    """Documents that meet a condition: how many, and some of them, newest first.

    One that is in several libraries counts in each.
    """

    total: int
    documents: tuple[DocumentRef, ...]


class Retriever:
    """Searches open libraries made with one embedder, together; it is asked for only when vectors are needed.

    Scores of words are comparable between libraries as far as a word is equally rare in them.
    """

    def __init__(
        self,
        libraries: Sequence[OpenLibrary],
        embedder: Callable[[], Embedder],
        reranker: Callable[[], Reranker] | None = None,
    ) -> None:
        self.libraries = tuple(libraries)
        self._embedder = embedder
        self._reranker = reranker
        self._asked: tuple[str, Vectors] | None = None

    @property
    def refs(self) -> tuple[LibraryRef, ...]:
        """Which state of which libraries is searched."""
        return tuple(library.ref for library in self.libraries)

    @property
    def chunks(self) -> int:
        """How many chunks are searched."""
        return sum(library.lexical.count for library in self.libraries)

    def search(
        self,
        query: str,
        settings: RetrievalSettings,
        k: int,
        filters: Filters = NO_FILTERS,
        offset: int = 0,
        within: Query | None = None,
    ) -> tuple[Passage, ...]:
        """Return the ``k`` best passages for ``query`` after the first ``offset``, best first.

        Args:
            query: in plain language.
            within: what the documents have to meet besides ``filters``.
        """
        wanted = all_of([condition(filters, settings.grades), within])
        selections = [library.select(wanted, filters.retracted) for library in self.libraries]
        candidates = Wanted(max(settings.candidates, offset + k), max(_LEAST, offset + k))
        words, vectors = self._sides(query, settings, candidates, selections)
        fused = fuse([vectors, words], settings.fusion)
        if len(self.libraries) > 1:
            fused = self._distinct(fused, max(offset + k, settings.rerank_candidates))
        ranked, rerank = self._reranked(query, fused, settings)
        keys = ranked.keys[offset : offset + k]
        return self._passages(keys, query, (vectors, words, fused), rerank)

    def closeness(self, query: str, passages: Sequence[Passage]) -> list[float]:
        """Return the cosine in [-1, 1] of ``query`` with each of ``passages``."""
        vector, places = self._vector(query), {library.ref.name: library for library in self.libraries}
        return [
            cosine
            for passage in passages
            for cosine in places[passage.document.library].dense.cosines(vector, [passage.chunk.key])
        ]

    def listing(
        self, query: Query, filters: Filters, settings: RetrievalSettings, k: int, offset: int = 0
    ) -> Listing:
        """Return how many documents meet ``query`` and ``filters``, and ``k`` of them after ``offset``."""
        wanted = all_of([condition(filters, settings.grades), query])
        total, refs = 0, []
        passed = offset if len(self.libraries) == 1 else 0  # those of several have to be put in one order
        for library in self.libraries:
            numbers = library.select(wanted, filters.retracted).numbers
            assert numbers is not None  # there is a condition: ``query``
            total += len(numbers)
            newest = library.records.newest_first(numbers)[passed : offset + k].tolist() if k else []
            found = library.store.with_numbers(newest)
            by_id = self._refs(library, [found[number].id for number in newest])
            refs += [by_id[found[number].id] for number in newest]
        refs = list({ref.id: ref for ref in reversed(refs)}.values())[::-1]
        refs.sort(key=lambda ref: -(ref.year or 0))
        return Listing(total, tuple(refs[offset - passed :][:k]))

    def pages(self, document: str) -> tuple[int, ...]:
        """Return where the pages of the document with this id begin in its text; none without pages."""
        found = (library.store.document(document) for library in self.libraries)
        return next((one.pages for one in found if one), ())

    def facets(self) -> Facets:
        """Return by what the documents can be filtered, and how many have each value."""
        return merged([library.records.facets(None) for library in self.libraries])

    def first_passages(self, documents: Sequence[DocumentRef]) -> tuple[Passage, ...]:
        """Return where each of ``documents`` begins."""
        places = {library.ref.name: library for library in self.libraries}
        return tuple(
            Passage(places[ref.library].store.chunks_of(ref.id)[0], ref, _UNRANKED) for ref in documents
        )

    def _sides(
        self, query: str, settings: RetrievalSettings, wanted: Wanted, selections: Sequence[Selection]
    ) -> tuple[Ranking, Ranking]:
        """Return the rankings by words and by vectors; both are searched at once where that pays."""
        vector = None if settings.mode == "lexical" else self._vector(query)
        parts = list(zip(self.libraries, selections, strict=True))

        def by_words() -> Ranking:
            return _joined([library.by_words(query, wanted, selected) for library, selected in parts], wanted)

        def by_vector() -> Ranking:
            if vector is None:
                return NOTHING
            return _joined(
                [library.by_vector(vector, wanted, selected) for library, selected in parts], wanted
            )

        if settings.mode == "dense":
            return NOTHING, by_vector()
        if vector is None or self.chunks < _LARGE:
            return by_words(), by_vector()
        with ThreadPoolExecutor(1) as pool:  # both let other threads run while they search
            vectors = pool.submit(by_vector)
            return by_words(), vectors.result()

    def _distinct(self, fused: Ranking, most: int) -> Ranking:
        """Leave out passages of documents that an earlier library has too, among the first ``most``."""
        first = fused.keys[: most * len(self.libraries)]
        seen: set[str] = set()
        kept = np.ones(len(fused), bool)
        for place, (_, chunk, _) in enumerate(self._looked_up(first)):
            kept[place] = chunk.id not in seen
            seen.add(chunk.id)
        return fused.kept(kept)

    def _reranked(
        self, query: str, fused: Ranking, settings: RetrievalSettings
    ) -> tuple[Ranking, dict[int, float]]:
        """Put the best of ``fused`` into the reranker's order; the others follow as they are."""
        if self._reranker is None or not len(fused):
            return fused, {}
        best = fused.keys[: settings.rerank_candidates]
        texts = [passage_text(ref.title, chunk.text) for _, chunk, ref in self._looked_up(best)]
        scores = self._reranker().score(query, texts).astype(np.float64)
        first = by_score(best, scores)
        keys = np.concatenate([first.keys, fused.keys[len(best) :]])
        return Ranking(keys, fused.scores), first.by_key()

    def _passages(
        self, keys: Keys, query: str, sides: tuple[Ranking, Ranking, Ranking], rerank: dict[int, float]
    ) -> tuple[Passage, ...]:
        """Look the passages of ``keys`` up; ``sides`` are the rankings by vectors, by words and by both."""
        dense, lexical, both = (side.scores_of(keys) for side in sides)
        if len(sides[0]):
            missing = keys[[value is None for value in dense]]
            others = iter(self._similarities(query, missing))
            dense = [next(others) if value is None else value for value in dense]
        return tuple(
            Passage(chunk, ref, Scores(dense[i], lexical[i], both[i] or 0.0, rerank.get(key)))
            for i, (key, chunk, ref) in enumerate(self._looked_up(keys))
        )

    def _similarities(self, query: str, keys: Keys) -> list[float]:
        """Return the similarity of the question with passages that were not found by it."""
        vector, found = self._vector(query), dict.fromkeys(keys.tolist(), 0.0)
        for place, library in enumerate(self.libraries):
            own = np.sort(keys[keys // _LIBRARY == place] % _LIBRARY)
            for key, value in library.dense.nearest_of(vector, own, len(own)) if len(own) else ():
                found[key + place * _LIBRARY] = value
        return [found[key] for key in keys.tolist()]

    def _looked_up(self, keys: Keys) -> list[tuple[int, Chunk, DocumentRef]]:
        """Return key, chunk and document of each key, in this order."""
        found: dict[int, tuple[Chunk, DocumentRef]] = {}
        for place, library in enumerate(self.libraries):
            own = [key % _LIBRARY for key in keys.tolist() if key // _LIBRARY == place]
            chunks = library.store.chunks(own)
            refs = self._refs(library, [chunk.document_id for chunk in chunks])
            found |= {chunk.key + place * _LIBRARY: (chunk, refs[chunk.document_id]) for chunk in chunks}
        return [(key, *found[key]) for key in keys.tolist()]

    def _refs(self, library: OpenLibrary, ids: Sequence[str]) -> dict[str, DocumentRef]:
        return {
            identifier: replace(
                ref, library=library.ref.name, retracted=ref.retracted or identifier in library.listed
            )
            for identifier, ref in library.store.refs(set(ids)).items()
        }

    def _vector(self, query: str) -> Vectors:
        if self._asked is None or self._asked[0] != query:
            self._asked = (query, self._embedder().encode_queries([query])[0])
        return self._asked[1]


def _joined(rankings: Sequence[Ranking], wanted: Wanted) -> Ranking:
    """Return the rankings of all libraries as one, with keys that tell the libraries apart."""
    if len(rankings) == 1:
        return rankings[0]
    keys = np.concatenate([ranking.keys + place * _LIBRARY for place, ranking in enumerate(rankings)])
    joined = by_score(keys, np.concatenate([ranking.scores for ranking in rankings]))
    return Ranking(joined.keys[: wanted.depth], joined.scores[: wanted.depth])


def search_result(
    retriever: Retriever,
    query: str,
    settings: RetrievalSettings,
    k: int,
    filters: Filters = NO_FILTERS,
    offset: int = 0,
) -> SearchResult:
    """Return the ``k`` best passages after the first ``offset`` as numbered hits, with how long it took.

    A query with fields, quotes or operators is met exactly, and its words rank what meets it; without any
    word to rank by, the newest documents come first.
    """
    start = time.perf_counter()
    exact, matched = parse(query), None
    words = query if exact is None else wanted_words(exact)
    if exact is not None:
        listing = retriever.listing(exact, filters, settings, 0 if words else k, offset)
        matched = listing.total
    if exact is None or words:
        passages = retriever.search(words, settings, k, filters, offset, within=exact)
    else:
        passages = retriever.first_passages(listing.documents)
    hits = tuple(
        Hit(rank, p.document, p.chunk.text, p.chunk.start, p.chunk.end, p.scores, p.chunk.page)
        for rank, p in enumerate(passages, start=1 + offset)
    )
    understood = printed(exact) if exact is not None else ""
    seconds = time.perf_counter() - start
    return SearchResult(1, hits, retriever.chunks, seconds, matched, understood)
