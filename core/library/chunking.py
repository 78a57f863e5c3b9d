"""Cutting documents into the pieces that are indexed and retrieved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from core.library.text import sentence_spans
from core.types import Document, Span

# About 256 word pieces, as much as the default embedder reads: beyond it a chunk's end would not be searched.
WORDS = 200
# A longer run without white space counts as several words, and may be cut: text in scripts without
# spaces, and sequences, would otherwise be one word of any length.
_WORD = re.compile(r"\S{1,20}")


def chunk_spans(document: Document, words: int = WORDS) -> list[Span]:
    """Return the chunks of ``document``: whole sentences, at most ``words`` words, of about equal length."""
    return pack(document.text, words)


def pack(text: str, words: int) -> list[Span]:
    """Pack the sentences of ``text`` in order; one longer than ``words`` is cut between words."""
    pieces: list[tuple[Span, int]] = []
    for sentence in sentence_spans(text):
        length = len(_WORD.findall(text, sentence.start, sentence.end))
        pieces += [(sentence, length)] if length <= words else _cut(text, sentence, words)
    remaining = sum(length for _, length in pieces)
    # Even parts: 210 words become 105 + 105 rather than 200 + 10.
    target = remaining / max(1, ceil(remaining / words))
    chunks: list[Span] = []
    start, end, held = -1, 0, 0
    for span, length in pieces:
        if held and (held + length > words or held + length / 2 > target):
            chunks.append(Span(start, end))
            remaining -= held
            held = 0
            target = remaining / max(1, ceil(remaining / words))
        start = start if held else span.start
        end = span.end
        held += length
    return [*chunks, Span(start, end)] if held else chunks


def _cut(text: str, sentence: Span, words: int) -> Iterator[tuple[Span, int]]:
    """Yield a long ``sentence`` in pieces of at most ``words`` words, each with its number of words."""
    found = list(_WORD.finditer(text, sentence.start, sentence.end))
    for first in range(0, len(found), words):
        part = found[first : first + words]
        yield Span(part[0].start(), part[-1].end()), len(part)


def passage_text(title: str, text: str) -> str:
    """Return what is embedded for a chunk: its document's title says what it is about."""
    return text if text == title else f"{title}\n{text}".strip()
