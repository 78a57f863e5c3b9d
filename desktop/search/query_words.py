"""The words of a search that are marked in what it found."""

from __future__ import annotations

import re

from core.retrieval.lexical import STOP_WORDS
from core.retrieval.query import AllOf, AnyOf, Query, Term, parse

_WORD = re.compile(r"\w+")
_ENDING = re.compile(r"(?:ations?|ings?|ions?|ies|ed|es|ly|s|e|y)$")
_SHORTEST_STEM = 4
_LONGEST_ENDING = 5


def patterns(query: str) -> re.Pattern[str] | None:
    """Return what finds the words of ``query`` and their forms in a text; None if none is to be marked."""
    parsed = parse(query)
    terms = list(_terms(parsed)) if parsed else [Term("", query, "words")]
    found = [pattern for term in terms for pattern in _of_term(term)]
    # the longest first, so that a phrase is marked whole
    return re.compile("|".join(sorted(set(found), key=len, reverse=True)), re.IGNORECASE) if found else None


def _terms(query: Query) -> list[Term]:
    match query:
        case Term(field, _, _) if field in ("", "title", "mesh"):
            return [query]
        case AllOf(parts) | AnyOf(parts):
            return [term for part in parts for term in _terms(part)]
    return []  # names, numbers, and what must not occur


def _of_term(term: Term) -> list[str]:
    words = _WORD.findall(term.text.lower())
    if term.kind in ("phrase", "whole"):
        return [r"\b" + r"\W+".join(map(re.escape, words)) + r"\b"] if words else []
    if term.kind == "prefix":
        return [rf"\b{re.escape(words[-1])}\w*"] if words else []
    return [_forms(word) for word in words if word not in STOP_WORDS]


def _forms(word: str) -> str:
    stem = _ENDING.sub("", word)
    if len(stem) < _SHORTEST_STEM:
        return rf"\b{re.escape(word)}s?\b"
    return rf"\b{re.escape(stem)}\w{{0,{_LONGEST_ENDING}}}\b"
