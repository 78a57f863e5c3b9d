"""The sources of a recipe, read as one: what they hold, what of it may be trained on, and how often."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cancel import CancelToken
from core.errors import DataUnusable
from core.paths import Home
from core.tuning.pairs import Pair
from core.tuning.readers.sources import format_of, path_of, read_pairs
from core.tuning.recipe import Source
from core.tuning.reports import SourceReport
from core.types import Rejected
from training.data.cleaning import Cleaned, clean
from training.data.test_sets import known_test_sets

MORE = "Add more questions with answers and evidence."


@dataclass(frozen=True, slots=True)
class ReadData:
    """What the sources of a recipe hold: ``pairs`` in order, and which source each is of."""

    pairs: tuple[Pair, ...]
    of_source: tuple[int, ...]
    sources: tuple[SourceReport, ...]
    rejected: tuple[Rejected, ...]
    cleaned: Cleaned


def read_data(sources: Sequence[Source], home: Home, cancel: CancelToken) -> ReadData:
    """Return all pairs of ``sources``, with what is wrong with the rest; may raise DataUnusable."""
    if not sources:
        raise DataUnusable("The recipe names no training data.", "Add a file of questions and answers.")
    pairs: list[Pair] = []
    of_source: list[int] = []
    rejected: list[Rejected] = []
    reports = []
    for number, source in enumerate(sources):
        before = len(pairs), len(rejected)
        for item in read_pairs(source, home):
            cancel.check()
            if isinstance(item, Rejected):
                rejected.append(item)
            else:
                pairs.append(item)
                of_source.append(number)
        entries, bad = len(pairs) - before[0], len(rejected) - before[1]
        path = str(path_of(source, home))
        reports.append(SourceReport(path, format_of(source, home), entries, bad))
    if not pairs:
        raise _all_rejected(rejected, reports)
    cleaned = clean(pairs, known_test_sets(home))
    return ReadData(tuple(pairs), tuple(of_source), tuple(reports), tuple(rejected), cleaned)


def weighted(read: ReadData, sources: Sequence[Source], seed: int) -> list[Pair]:
    """Return the clean pairs, each as often as its source's weight says; a fraction is drawn by ``seed``."""
    taken: list[Pair] = []
    for number, source in enumerate(sources):
        own = [read.pairs[place] for place in read.cleaned.kept if read.of_source[place] == number]
        times, part = divmod(source.weight, 1)
        drawn = random.Random(f"{seed}:{number}").sample(range(len(own)), round(part * len(own)))
        taken += own * int(times) + [own[place] for place in sorted(drawn)]
    return taken


def _all_rejected(rejected: Sequence[Rejected], sources: Sequence[SourceReport]) -> DataUnusable:
    names = " and ".join(Path(source.path).name for source in sources[:3])
    if not rejected:
        return DataUnusable(f"{names} holds no questions.", MORE)
    first = rejected[0]
    where = f"record {first.record}: {first.reason}" if first.record else first.reason
    return DataUnusable(
        f"None of the {len(rejected):,} records of {names} can be used ({where}).",
        "Each record needs a question and an answer; correct the file or say which column holds which.",
    )
