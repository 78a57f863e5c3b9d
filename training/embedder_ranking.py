"""Ranking passages by an embedder: how good a ranking is, and which wrong passages rank high."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.cancel import CancelToken
from core.evaluation.ranking import ndcg, recall, reciprocal_rank
from core.protocol import Progress
from core.retrieval.embedder import Vectors

DEPTH = 10
_BATCH = 256  # texts between two looks at the cancel token
_CLOSE = 0.95  # of the right passage's similarity: a negative above that may well be right
_LOOKED_AT = 100  # passages that rank highest, from which hard negatives are taken


@dataclass(frozen=True, slots=True)
class Ranked:
    """How one question's right passages rank among all.

    Attributes:
        ndcg: normalised discounted cumulative gain of the first ten, each right passage counting 1 (Jarvelin
            and Kekalainen 2002).
        recall: share of the right passages among the first ten; at most ten can be.
        reciprocal: 1 / rank of the first right one, 0 when it is not among the first ten (MRR).
        similarity: cosine of the question with the best passage.
        best: place of the best passage in the corpus.
    """

    ndcg: float
    recall: float
    reciprocal: float
    similarity: float
    best: int


def encoding(
    encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str], step: str, cancel: CancelToken
) -> Generator[Progress, None, Vectors]:
    """Return the vectors of ``texts``, shape (len(texts), dim), yielding how far it is as ``step``.

    ``encode`` is that of an embedder, for passages, or its ``encode_queries``.
    """
    vectors = [encode([])]
    for start in range(0, len(texts), _BATCH):
        cancel.check()
        vectors.append(encode(texts[start : start + _BATCH]))
        yield Progress(step, min(start + _BATCH, len(texts)), len(texts), "texts")
    return np.concatenate(vectors)


def rank(questions: Vectors, passages: Vectors, right: Sequence[frozenset[int]]) -> list[Ranked]:
    """Rank all ``passages`` for each question; ``right`` are the places of those that answer it."""
    found = []
    for vector, wanted in zip(questions, right, strict=True):
        scores = passages @ vector
        top = _best(scores, DEPTH)
        hits = [place in wanted for place in top.tolist()]
        most = min(len(wanted), DEPTH)
        found.append(
            Ranked(
                ndcg=ndcg(hits, len(wanted), DEPTH),
                recall=recall(hits, most, DEPTH),
                reciprocal=reciprocal_rank(hits, DEPTH),
                similarity=float(scores[top[0]]),
                best=int(top[0]),
            )
        )
    return found


def hard_negatives(
    couples: Sequence[tuple[str, str]],
    questions: Mapping[str, NDArray[np.float32]],
    passages: Sequence[str],
    vectors: Vectors,
    never: Mapping[str, frozenset[str]],
    count: int,
) -> list[tuple[str, ...]]:
    """Return ``count`` passages for each couple that rank high for its question but do not answer it.

    None is taken that comes closer to the question than 95 % of the right passage does: that one may be right
    too (TopK-PercPos of Moreira et al. 2024, arXiv:2407.15831). Where too few are left, the farthest of those
    that were looked at stand in, so that every couple has as many. Our own instead of sentence-transformers'
    ``mine_hard_negatives``, which drops such couples, encodes everything once more and cannot be stopped.

    Args:
        questions: vector of each question.
        passages: texts, with their ``vectors``.
        never: texts that are no negatives of a question: those of its own documents.
    """
    place = {text: number for number, text in enumerate(passages)}
    mined = []
    for question, text in couples:
        scores = vectors @ questions[question]
        limit = _CLOSE * float(scores[place[text]])
        forbidden = never[question] | {text}
        ranked = [n for n in _best(scores, _LOOKED_AT).tolist() if passages[n] not in forbidden]
        fair = [n for n in ranked if scores[n] <= limit]
        spare = [n for n in reversed(ranked) if n not in fair]
        mined.append(tuple(passages[n] for n in (fair + spare)[:count]))
    return mined


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the places of the ``count`` highest scores, highest first, equal ones in order."""
    return np.argsort(-scores, kind="stable")[:count].astype(np.int64)
