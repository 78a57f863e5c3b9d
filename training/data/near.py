"""Questions that ask nearly the same, found by their words alone.

A question becomes the set of its content words: lower case, plural endings and common words left out, each
word as the first 32 bits of its SHA-256, so that a set can be shipped without the sentence. Two questions are
near-duplicates if the Jaccard similarity of their sets (Broder 1997, with words for shingles, as questions
are too short for longer ones) reaches ``NEAR``. Among BioASQ 7b-9b, pairs from 0.75 on ask the same in other
words; those at 0.71 and below ask it of another drug or disease.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

NEAR = 0.75
FEWEST = 2  # content words; below, a question says too little to be near another
_WORD = re.compile(r"[^\W_]+")
# Part of the format of the shipped test sets: a change here needs new ones (packaging/make_test_sets.py).
_GLUE = """
    a about after all also an and any are as at be because been before between but by can could describe did
    do does during each for from had has have how if in into is it its list may might more most name no not of
    on only or other our please s should such than that the their them then there these they this those
    through to under was we were what when where whether which while who why will with within without would
"""
_COMMON = frozenset(_GLUE.split())

Words = frozenset[int]


def words_of(question: str) -> Words:
    """Return the content words of ``question`` as 32-bit hashes."""
    return frozenset(_hash(_stem(word)) for word in _WORD.findall(question.lower()) if word not in _COMMON)


def similarity(a: Words, b: Words) -> float:
    """Return the Jaccard similarity in [0, 1]; 0 for two empty sets."""
    return len(a & b) / len(a | b) if a or b else 0.0


class NearIndex:
    """Finds the near-duplicates of a question among many."""

    def __init__(self, questions: Sequence[Words]) -> None:
        self._questions = questions
        self._holding: dict[int, list[int]] = {}
        for number, words in enumerate(questions):
            for word in words:
                self._holding.setdefault(word, []).append(number)

    def near(self, words: Words) -> Iterator[int]:
        """Yield the numbers of the near-duplicates of ``words``, ascending.

        Only questions that share one of its rarest words are looked at: two sets of that similarity share at
        least ``NEAR`` of the words of either, so one of any ``(1 - NEAR)`` and a bit of them.
        """
        if len(words) < FEWEST:
            return
        rarest = sorted(words, key=lambda word: (len(self._holding.get(word, ())), word))
        prefix = rarest[: len(words) - math.ceil(NEAR * len(words)) + 1]
        for number in sorted({number for word in prefix for number in self._holding.get(word, ())}):
            if similarity(words, self._questions[number]) >= NEAR:
                yield number


def plain(text: str) -> str:
    """Return the words of ``text`` in order, lower case, without anything between them."""
    return " ".join(_WORD.findall(text.casefold()))


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@lru_cache(maxsize=200_000)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
