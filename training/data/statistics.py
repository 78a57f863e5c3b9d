"""Figures on training data: lengths, variety, and how many rows packing leaves."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import cycle, pairwise

import numpy as np

from core.tuning.pairs import Pair
from core.tuning.reports import Diversity, Spread

BINS = 24  # at most
_OPENINGS = 12
_WORD = re.compile(r"[^\W_]+")


def spread(counts: Sequence[int]) -> Spread:
    """Return the distribution of ``counts``; all zero where there are none."""
    if not counts:
        return Spread(0.0, 0.0, 0.0, 0, 1, ())
    values = np.asarray(counts)
    longest = int(values.max())
    width = _round_width(longest)
    bins = np.bincount(values // width)
    median, p95 = np.percentile(values, [50, 95])
    return Spread(float(values.mean()), float(median), float(p95), longest, width, tuple(map(int, bins)))


def _round_width(longest: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, ... that needs no more than ``BINS`` bins."""
    width, steps = 1, cycle((2, 2.5, 2))
    while longest // width >= BINS:
        width = round(width * next(steps))
    return width


def diversity(pairs: Iterable[Pair]) -> Diversity:
    """Return how varied the questions of ``pairs`` are (distinct-n of Li et al. 2016, arXiv:1510.03055)."""
    words: Counter[str] = Counter()
    couples: Counter[tuple[str, str]] = Counter()
    openings: Counter[str] = Counter()
    documents: set[str] = set()
    for pair in pairs:
        found = _WORD.findall(pair.question.lower())
        words.update(found)
        couples.update(pairwise(found))
        openings[" ".join(found[:2])] += 1
        documents |= pair.documents
    return Diversity(
        _distinct(words), _distinct(couples), tuple(openings.most_common(_OPENINGS)), len(documents)
    )


def _distinct(counts: Counter[str] | Counter[tuple[str, str]]) -> float:
    total = counts.total()
    return len(counts) / total if total else 0.0


def classes(pairs: Iterable[Pair]) -> dict[str, int]:
    """Return how many pairs have each decision, or are of each kind where there is none; commonest first."""
    return dict(Counter(pair.decision or pair.kind for pair in pairs).most_common())


def packed_rows(lengths: Iterable[int], row: int) -> int:
    """Return about how many rows of ``row`` tokens hold conversations of these lengths.

    Best-fit decreasing, as TRL's "bfd" packs: each goes, longest first, where least room is left. An
    estimate: the trainer packs its data in batches, which may need a few rows more.
    """
    rooms: list[int] = []  # left in each row that is not full, ascending
    rows = 0
    for length in sorted(lengths, reverse=True):
        place = bisect_left(rooms, length)
        if place < len(rooms):
            room = rooms.pop(place) - length
        else:
            rows += 1
            room = max(row - length, 0)
        if room:
            insort(rooms, room)
    return rows
