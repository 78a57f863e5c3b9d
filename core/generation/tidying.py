"""What models write around or instead of an answer: their thoughts, and the same words again and again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.citations.markers import without_markers
from core.generation.engine import Engine
from core.generation.packing import PackedPrompt
from core.library.text import sentence_spans
from core.types import TokenCounts

_THOUGHTS = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)\s*", re.DOTALL | re.IGNORECASE)
_AGAIN = re.compile(r"(\b\S.{0,60}?)(?:\s+\1){4,}(?!\w)", re.DOTALL)  # five times without a break
_TOO_OFTEN = 3  # times that a sentence is there
_ENDED = re.compile(r"[.!?\u2026:;][\"'\u201d\u2019)\]\d\s]*\Z")


@dataclass(frozen=True, slots=True)
class Tidied:
    """A text that can be read, and what was wrong with it, in words; empty for most."""

    text: str
    caution: str = ""


def tidied(text: str, *, tokens: int, most: int) -> Tidied:
    """Return ``text`` without thoughts and repeats.

    Args:
        tokens: how long ``text`` is; ``most``: how long it could have become.
    """
    read = _THOUGHTS.sub("", text, count=1)
    shorter = _once(_AGAIN.sub(r"\1", read))
    cautions = []
    if shorter != read:
        cautions.append("The model repeated itself; repeats were left out.")
    if tokens >= most and not _ENDED.search(without_markers(read)):
        cautions.append(f"The model had not finished after {most:,} tokens; its text was cut off there.")
    return Tidied(shorter, " ".join(cautions))


def _once(text: str) -> str:
    """Return ``text`` with every sentence once, if one is there too often."""
    spans = sentence_spans(text)
    said = [" ".join(without_markers(text[span.start : span.end]).split()).lower() for span in spans]
    if max(Counter(said).values(), default=0) < _TOO_OFTEN:
        return text
    first = [span for at, span in enumerate(spans) if said[at] not in said[:at]]
    return " ".join(text[span.start : span.end] for span in first)


@dataclass(frozen=True, slots=True)
class Drafts:
    """What the model wrote."""

    texts: tuple[Tidied, ...]
    tokens: TokenCounts
    model: str

    @classmethod
    def of(cls, texts: Sequence[str], engine: Engine, packed: PackedPrompt, most: int) -> Drafts:
        """Return ``texts``, each at most ``most`` tokens long, which ``engine`` wrote to ``packed``."""
        lengths = [engine.count_tokens(text) for text in texts]
        most = min(most, engine.context - packed.tokens)
        drafts = (tidied(text, tokens=size, most=most) for text, size in zip(texts, lengths, strict=True))
        return cls(tuple(drafts), TokenCounts(packed.tokens, sum(lengths)), engine.name)
