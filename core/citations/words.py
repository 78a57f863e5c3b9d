"""The words of a sentence that carry its meaning."""

from __future__ import annotations

import re

from core.retrieval.lexical import STOP_WORDS

_WORD = re.compile(r"\w+(?:[.,]\d+)*")


def content(text: str) -> frozenset[str]:
    """Return the words of ``text`` that carry meaning, lower-cased and without plural endings."""
    words = (word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)
    return frozenset(stem(word) for word in words)


def stem(word: str) -> str:
    """Cut the commonest English endings; crude, but alike on both sides of a comparison."""
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def listed(words: str) -> list[str]:
    """Return the words of a table written as one text."""
    return words.split()
