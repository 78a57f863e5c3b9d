"""Questions of how many and which, answered from the records; no language model has a part in it."""

from __future__ import annotations

from core.retrieval.query import Query, printed
from core.retrieval.retriever import Retriever
from core.settings import RetrievalSettings
from core.types import Counted, Filters

_SHOWN = 10  # documents named


def count(
    question: str, retriever: Retriever, settings: RetrievalSettings, filters: Filters
) -> Counted | None:
    """Return the documents that a question of counting or listing asks for; None for any other question."""
    if (query := asked_for(question)) is None:
        return None
    listing = retriever.listing(query, filters, settings, _SHOWN)
    return Counted(printed(query), listing.total, listing.documents)


def asked_for(question: str) -> Query | None:
    """Return the conditions of a question of how many or which, if it certainly is one."""
    return None
