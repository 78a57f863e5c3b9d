"""How well documents are found, by each way of searching, through the program's own import and search."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.evaluation.beir import Query, read_queries
from core.evaluation.estimates import mean
from core.evaluation.indexes import opened
from core.evaluation.job import Job, drawn
from core.evaluation.plans import RetrievalPlan
from core.evaluation.ranking import ndcg, recall, reciprocal_rank
from core.evaluation.results import Estimate, ModeScores, RetrievalResult
from core.retrieval.retriever import Retriever
from core.types import SearchMode

_DEPTH = 400  # chunks asked for, so that 100 documents are among them
_SHOWN = 10  # passages of a search as a person makes it, which is what is timed


@dataclass(frozen=True, slots=True)
class RetrievalItem:
    """One query searched for in one way; see ``ModeScores``."""

    key: str
    mode: SearchMode
    query: str
    ndcg_10: float
    recall_100: float
    mrr_10: float
    ms: float


def measure_retrieval(job: Job, plan: RetrievalPlan, index: str) -> RetrievalResult:
    """Search for every query in every way; documents score as their best chunks.

    Raises:
        AppError: a file cannot be used, or the index cannot be made.
        Cancelled: what was finished is kept.
    """
    queries, rejected = read_queries(Path(plan.queries), Path(plan.qrels))
    queries = drawn(queries, plan.limit, plan.seed)
    embedder = job.runtime.embedder()
    with opened(job.indexes, index, [Path(plan.corpus)], embedder, job.cancel, job.tell) as (retriever, bad):
        store = retriever.libraries[0].store
        documents, passages = store.counts()
        names = {one.id: one.external_id or one.pmid or one.id for _, one in store.numbered()}
        items = job.finished(RetrievalItem)
        for mode in plan.modes:
            left = [query for query in queries if f"{mode}/{query.id}" not in job.done]
            search = _Search(job, retriever, mode, names)
            if left:  # the first search opens files, which is not what is timed
                search.found(left[0].text, 1)
            items += job.new(f"Searching: {mode}", [[query] for query in left], search.measured)
    modes = [_scores(mode, [item for item in items if item.mode == mode]) for mode in plan.modes]
    return RetrievalResult(1, len(queries), documents, passages, tuple(modes), (*rejected, *bad))


@dataclass(frozen=True, slots=True)
class _Search:
    job: Job
    retriever: Retriever
    mode: SearchMode
    names: Mapping[str, str]

    def found(self, query: str, count: int) -> list[str]:
        """Return the documents found, each once, best first, as the corpus names them."""
        settings = replace(self.job.runtime.settings.retrieval, mode=self.mode)
        passages = self.retriever.search(query, settings, count)
        return list(dict.fromkeys(self.names[passage.document.id] for passage in passages))

    def measured(self, queries: Sequence[Query]) -> Iterator[RetrievalItem]:
        for query in queries:
            start = time.perf_counter()
            self.found(query.text, _SHOWN)
            ms = (time.perf_counter() - start) * 1000
            hits = [document in query.right for document in self.found(query.text, _DEPTH)]
            right = len(query.right)
            yield RetrievalItem(
                f"{self.mode}/{query.id}",
                self.mode,
                query.id,
                ndcg(hits, right),
                recall(hits, right),
                reciprocal_rank(hits),
                ms,
            )


def _scores(mode: SearchMode, items: Sequence[RetrievalItem]) -> ModeScores:
    p50, p95 = np.percentile([item.ms for item in items], [50, 95])
    return ModeScores(
        mode,
        _of([item.ndcg_10 for item in items]),
        _of([item.recall_100 for item in items]),
        _of([item.mrr_10 for item in items]),
        round(float(p50), 2),
        round(float(p95), 2),
    )


def _of(values: Sequence[float]) -> Estimate:
    found = mean(values)
    assert found is not None  # there is a query at least
    return found
