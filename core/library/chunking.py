"""Cutting documents into the pieces that are indexed and retrieved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from core.library.text import sentence_offsets
from core.types import Document, Span

# About 256 word pieces, as much as the default embedder reads: beyond it a chunk's end would not be searched.
WORDS = 200
# In text without spaces, and in sequences, a run of so many characters counts as a word and may be cut:
# otherwise one word could be of any length. Text with longer words than this on average is none of words.
_WORD = re.compile(r"\S{1,20}")
_LONG = 8


def chunk_spans(document: Document, words: int = WORDS) -> list[Span]:
    """Return the chunks of ``document``: whole sentences, at most ``words`` words, of about equal length."""
    return pack(document.text, words)


def pack(text: str, words: int) -> list[Span]:
    """Pack the sentences of ``text`` in order; one longer than ``words`` is cut between words."""
    if len(text) <= _LONG * words and text.count(" ") + text.count("\n") < words:  # half of all abstracts
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        return [Span(start, end)] if start < end else []
    pieces: list[tuple[int, int, int]] = []
    for start, end in sentence_offsets(text):
        length = _length(text, start, end)
        pieces += [(start, end, length)] if length <= words else _cut(text, start, end, words)
    remaining = sum(length for _, _, length in pieces)
    # Even parts: 210 words become 105 + 105 rather than 200 + 10.
    target = remaining / max(1, ceil(remaining / words))
    chunks: list[Span] = []
    first, last, held = -1, 0, 0
    for start, end, length in pieces:
        if held and (held + length > words or held + length / 2 > target):
            chunks.append(Span(first, last))
            remaining -= held
            held = 0
            target = remaining / max(1, ceil(remaining / words))
        first = first if held else start
        last = end
        held += length
    return [*chunks, Span(first, last)] if held else chunks


def _length(text: str, start: int, end: int) -> int:
    """Return the number of words; a space too many counts as one."""
    words = text.count(" ", start, end) + 1
    return words if end - start <= _LONG * words else max(words, len(_WORD.findall(text, start, end)))


def _cut(text: str, start: int, end: int, words: int) -> Iterator[tuple[int, int, int]]:
    """Yield a long sentence in pieces of at most ``words`` words, each with its number of words."""
    found = list(_WORD.finditer(text, start, end))
    for first in range(0, len(found), words):
        part = found[first : first + words]
        yield part[0].start(), part[-1].end(), len(part)


def passage_text(title: str, text: str) -> str:
    """Return what is embedded for a chunk: its document's title says what it is about."""
    return text if text == title else f"{title}\n{text}".strip()
