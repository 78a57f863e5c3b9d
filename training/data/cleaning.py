"""What is never trained on: pairs of a known test set, and pairs that were there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.citations.polarity import negated
from core.citations.quantities import numbers
from core.tuning.pairs import Pair
from core.tuning.reports import Duplicate, Leak
from training.data.near import NEAR, NearIndex, plain, similarity, words_of
from training.data.test_sets import KnownTestSet, LeakCheck


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a list of pairs: ``kept`` are places in it, ascending."""

    kept: tuple[int, ...]
    duplicates: tuple[Duplicate, ...]
    leaks: tuple[Leak, ...]


def clean(pairs: Sequence[Pair], test_sets: Sequence[KnownTestSet]) -> Cleaned:
    """Tell which of ``pairs`` may be trained on. A leak is not looked at as a duplicate as well."""
    check = LeakCheck(test_sets)
    found = [(place, pair, check.leak(pair)) for place, pair in enumerate(pairs)]
    fair = [(place, pair) for place, pair, leak in found if leak is None]
    first = _first_of_each([pair for _, pair in fair])
    duplicates = tuple(
        Duplicate(pair.source, pair.record, fair[before][1].source, fair[before][1].record)
        for number, (_, pair) in enumerate(fair)
        if (before := first[number]) != number
    )
    kept = tuple(place for number, (place, _) in enumerate(fair) if first[number] == number)
    return Cleaned(kept, duplicates, tuple(leak for _, _, leak in found if leak))


def _first_of_each(pairs: Sequence[Pair]) -> list[int]:
    """Return for each pair the place of the first one that it repeats, its own if there is none."""
    questions = [words_of(pair.question) for pair in pairs]
    index = NearIndex(questions)
    seen: dict[tuple[object, ...], int] = {}
    first: list[int] = []
    for number, pair in enumerate(pairs):
        key = (plain(pair.question), plain(pair.answer), pair.decision, pair.choices)
        near = (other for other in index.near(questions[number]) if other < number and first[other] == other)
        same = seen.get(key)
        if same is None:
            same = next((other for other in near if _says_the_same(pair, pairs[other])), number)
        seen.setdefault(key, same)
        first.append(same)
    return first


def _says_the_same(pair: Pair, other: Pair) -> bool:
    """True if two pairs of nearly the same question also have nearly the same answer.

    A number or a negation that only one of them has makes another question or answer of it.
    """
    if pair.decision != other.decision or pair.choices != other.choices:
        return False
    for mine, theirs in ((pair.question, other.question), (pair.answer, other.answer)):
        if numbers(mine) != numbers(theirs) or negated(mine) != negated(theirs):
            return False
    if plain(pair.answer) == plain(other.answer):
        return True
    return similarity(words_of(pair.answer), words_of(other.answer)) >= NEAR
