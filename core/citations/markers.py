"""The ``[n]`` markers a model writes: finding them, and writing an answer with those that resolve."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.library.text import sentence_spans

# One bracket with numbers, lists or ranges of numbers: [2], [1, 3], [1-3]. The space before it goes with it.
_MARKER = re.compile(r"[ \t]*\[\s*(\d{1,9}(?:\s*[,;\u2013-]\s*\d{1,9})*)\s*\]")
_RANGE = re.compile(r"(\d+)\s*[\u2013-]\s*(\d+)")
_CLOSING = re.compile(r"[.!?\u2026:;,]*[\"'\u201d\u2019)]*\s*$")


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence of an answer without its markers.

    Attributes:
        text: the sentence.
        gap: the white space that stood before it.
        markers: the valid markers that stood in it or right after it, ascending, without repeats.
    """

    text: str
    gap: str
    markers: tuple[int, ...]


def read_markers(answer: str, count: int) -> list[MarkedSentence]:
    """Split ``answer`` into sentences and the markers of each; markers outside 1..``count`` are dropped."""
    clean, found = _strip(answer)
    spans = sentence_spans(clean)
    ends = [span.end for span in spans]
    owned: list[set[int]] = [set() for _ in spans]
    for position, numbers in found:
        # a marker belongs to the sentence it stands in, or to the one that ended just before it
        index = next((i for i, end in enumerate(ends) if position <= end), len(spans) - 1)
        if index > 0 and position <= spans[index].start:
            index -= 1
        if spans:
            owned[index] |= {number for number in numbers if 1 <= number <= count}
    starts = [0, *ends][: len(ends)]
    return [
        MarkedSentence(clean[span.start : span.end], clean[before : span.start], tuple(sorted(numbers)))
        for span, before, numbers in zip(spans, starts, owned, strict=True)
    ]


def place_markers(sentence: str, markers: Sequence[int]) -> str:
    """Return ``sentence`` with ``markers`` before its closing punctuation: "It does [1][3]."."""
    if not markers:
        return sentence
    close = _CLOSING.search(sentence)
    cut = close.start() if close else len(sentence)
    return f"{sentence[:cut]} {''.join(f'[{number}]' for number in markers)}{sentence[cut:]}"


def without_markers(text: str) -> str:
    """Return ``text`` with every ``[n]`` taken out."""
    return _MARKER.sub("", text)


def _strip(answer: str) -> tuple[str, list[tuple[int, set[int]]]]:
    """Return ``answer`` without markers, and for each its place in that text and its numbers."""
    pieces: list[str] = []
    found: list[tuple[int, set[int]]] = []
    length = end = 0
    for match in _MARKER.finditer(answer):
        pieces.append(answer[end : match.start()])
        length += match.start() - end
        found.append((length, _numbers(match.group(1))))
        end = match.end()
    pieces.append(answer[end:])
    return "".join(pieces), found


def _numbers(inside: str) -> set[int]:
    numbers = {int(digits) for digits in re.findall(r"\d+", inside)}
    for low, high in _RANGE.findall(inside):
        if 0 <= int(high) - int(low) <= 50:  # a wider range is not a list of passages
            numbers |= set(range(int(low), int(high) + 1))
    return numbers
