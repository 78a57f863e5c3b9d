"""How an answer is cut for the eye: words, citation marks, and remarks on what has no source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.types import Answer, Sentence

_MARKER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation; ``index`` is its place in ``Answer.citations``."""

    marker: int
    index: int
    by_search: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """What the check of this sentence found; ``sentence`` is its place in ``Answer.sentences``."""

    sentence: int


@dataclass(frozen=True, slots=True)
class Unsourced:
    """The ``sentences`` sentences before this have no source, and no verdict that says so."""

    sentences: int


Piece = Words | Mark | Sign | Unsourced


def pieces(answer: Answer) -> Iterator[Piece]:
    """Yield the pieces of ``answer`` in reading order.

    The words are those of ``answer.answer``; marks found by search stand after their sentence, and after
    these the sign of its check. Nothing is called unsourced in a refusal, or where no library was asked.
    """
    remark = bool(answer.libraries) and not answer.refused
    places = {(c.sentence, c.marker): i for i, c in reversed(list(enumerate(answer.citations)))}
    end = uncited = 0
    for number, sentence in enumerate(answer.sentences):
        gap = answer.answer[end : sentence.start]
        inside = list(_inside(answer, number, sentence, places))
        signed = remark and (sentence.verdict is not None or any(isinstance(one, Mark) for one in inside))
        if uncited and (signed or "\n" in gap):
            yield Unsourced(uncited)
            uncited = 0
        yield Words(gap)
        yield from inside
        if signed:
            yield Sign(number)
        end = sentence.end
        uncited += remark and not signed and any(letter.isalpha() for letter in sentence.text)
    if uncited:
        yield Unsourced(uncited)
    yield Words(answer.answer[end:])


def marked_words(text: str, answer: Answer) -> Iterator[Piece]:
    """Yield ``text`` with those markers as marks that ``answer`` has a citation for."""
    places = {c.marker: i for i, c in reversed(list(enumerate(answer.citations)))}
    at = 0
    for found in _MARKER.finditer(text):
        if (index := places.get(int(found[1]))) is not None:
            yield Words(text[at : found.start()])
            yield Mark(int(found[1]), index, False)
            at = found.end()
    yield Words(text[at:])


def _inside(
    answer: Answer, number: int, sentence: Sentence, places: dict[tuple[int, int], int]
) -> Iterator[Piece]:
    text = answer.answer[sentence.start : sentence.end]
    at, shown = 0, set()
    for found in _MARKER.finditer(text):
        index = places.get((number, int(found[1])))
        if index is not None:
            yield Words(text[at : found.start()])
            yield _mark(answer, index)
            at = found.end()
            shown.add(index)
    rest = text[at:]
    words = rest.rstrip()
    yield Words(words)
    for marker in sentence.citations:
        index = places.get((number, marker))
        if index is not None and index not in shown:
            yield Words("\u00a0")
            yield _mark(answer, index)
    yield Words(rest[len(words) :])


def _mark(answer: Answer, index: int) -> Mark:
    citation = answer.citations[index]
    return Mark(citation.marker, index, citation.origin == "search")
