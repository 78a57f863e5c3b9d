"""What can be told without a model about whether a quote may support a sentence: numbers and negation.

A sentence with a number that the quote lacks, or one that denies what the quote affirms, may speak of the
same thing in nearly the same words. Such a quote is no support, however alike the two are.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,\u00b7]\d+)*")
_LIST_ITEM = re.compile(r"^\s*\d{1,2}[.)]\s+")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|unable|lack(?:s|ed)?|fail(?:s|ed)? to|absence of)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORD = re.compile(r"[a-z]+")


def may_support(claim: str, quote: str) -> bool:
    """True unless ``claim`` names a number that ``quote`` lacks, or only one of the two is negated."""
    return numbers(claim) <= numbers(quote) | _spelled(quote) and negated(claim) == negated(quote)


def may_rest_on(claim: str, quote: str, passage: str) -> bool:
    """True unless ``claim`` has a number that ``passage`` lacks, or only it or ``quote`` is negated.

    For a claim that was written from the passage, and may draw on more than one of its sentences.
    """
    return numbers(claim) <= numbers(passage) | _spelled(passage) and negated(claim) == negated(quote)


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of ``text`` as written in digits: "1,200" as "1200", "0\u00b75" as "0.5"."""
    text = _LIST_ITEM.sub("", text)
    return frozenset(_plain(found.group()) for found in _NUMBER.finditer(text))


def negated(text: str) -> bool:
    """True if ``text`` holds a word of negation."""
    return bool(_NEGATION.search(text))


def _plain(number: str) -> str:
    number = number.replace("\u00b7", ".")
    return re.sub(r",(?=\d{3}(?:\D|$))", "", number)


def _spelled(text: str) -> frozenset[str]:
    words = set(_WORD.findall(text.lower()))
    return frozenset(str(value) for value, word in enumerate(_SMALL, start=1) if word in words)
