"""The language of the search field: ``title:asthma (child* OR "young adult") NOT type:letter year:2015-``.

Words stand for any of their grammatical forms, quotes for exactly those words, a last ``*`` for any ending.
``field:=value`` is the whole value, capitals apart. Reading never fails: what makes no sense is words.
Nothing here knows an index; see ``core.retrieval.matching``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.retrieval.lexical import STOP_WORDS

Kind = Literal["words", "phrase", "prefix", "whole"]
FIELDS = (
    *(
        "title",
        "author",
        "journal",
        "mesh",
        "pmid",
        "doi",
        "year",
        "type",
        "language",
        "source",
        "collection",
    ),
    "notice",  # "retracted", "concern", "corrected"
)
_ALWAYS_WHOLE = frozenset({"pmid", "doi", "language", "source", "collection", "notice"})
_SOMETIMES_WHOLE = frozenset({"journal", "mesh", "type"})
_TOLD_BY = frozenset({"", "title", "mesh"})  # fields whose words say what is looked for
_OPERATORS = ("AND", "OR", "NOT")
_DEEPEST = 50  # parentheses in parentheses; deeper ones are ignored

_MAYBE = re.compile(r'["\u201c\u201d:*]|AND|OR|NOT')  # without any of them it is plain language for sure
_TOKEN = re.compile(r'\s+|(?P<bracket>[()])|[^\w\s()"]*(?P<field>[A-Za-z]+):\s*|(?P<quote>=?")|[^\s()"]+')
_DOI = re.compile(r"10\.\S+")
_QUOTED = re.compile(r'=?"([^"]*)"?')
_PLAIN = re.compile(r'[^\s()"]+')
_EDGES = re.compile(r"^\W+|\W+$")
_YEARS = re.compile(r"(?:(>=|<=|>|<|=)\s?)?(\d{4})?(-)?(\d{4})?")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that occur in ``field``; in title, text or subjects when that is empty."""

    field: str
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Years:
    """Published in these years, both included; None leaves a side open."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Not:
    """Everything else."""

    query: Query


@dataclass(frozen=True, slots=True)
class AllOf:
    """Two or more conditions that hold together."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Two or more conditions of which one is enough."""

    parts: tuple[Query, ...]


Query = Term | Years | Not | AllOf | AnyOf
Token = Query | Literal["AND", "OR", "NOT", "(", ")"] | str


def parse(text: str) -> Query | None:
    """Return the conditions in ``text``; None if it is plain language, or says nothing.

    It is plain language when it has no field, no quotes, no AND, OR or NOT in capitals and no ``word*``.
    """
    if not _MAYBE.search(text):
        return None
    tokens = list(_tokens(text.replace("\u201c", '"').replace("\u201d", '"')))
    if not any(_is_condition(token) for token in tokens) and not _has_operators(tokens):
        return None
    query = _Reader(tokens).read()
    return None if isinstance(query, Term) and not _is_condition(query) else query  # one bare word


def printed(query: Query) -> str:
    """Return ``query`` in the language; read again it gives an equal query."""
    match query:
        case Term(field, text, kind):
            return (f"{field}:" if field else "") + _printed_text(field, text, kind)
        case Years(first, last):
            return f"year:{_printed_years(first, last)}"
        case Not(inner):
            return f"NOT {_bracketed(inner)}"
        case AllOf(parts):
            return " AND ".join(_bracketed(part) for part in parts)
        case AnyOf(parts):
            return " OR ".join(_bracketed(part) for part in parts)


def wanted_words(query: Query) -> str:
    """Return the words that say what is looked for, to rank by: not those excluded, nor names and types."""
    match query:
        case Term(field, text, _) if field in _TOLD_BY:
            return text
        case AllOf(parts) | AnyOf(parts):
            return " ".join(filter(None, map(wanted_words, parts)))
    return ""


def all_of(parts: Iterable[Query | None]) -> Query | None:
    """Return what holds when all ``parts`` that are there hold; None if none is."""
    flat: list[Query] = []
    for part in parts:
        flat += part.parts if isinstance(part, AllOf) else [part] if part else []
    return AllOf(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def any_of(parts: Iterable[Query | None]) -> Query | None:
    """Return what holds when one of the ``parts`` that are there holds; None if none is there."""
    flat: list[Query] = []
    for part in parts:
        flat += part.parts if isinstance(part, AnyOf) else [part] if part else []
    return AnyOf(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def _is_condition(token: Token) -> bool:
    return isinstance(token, Years) or (
        isinstance(token, Term) and (token.kind != "words" or bool(token.field))
    )


def _has_operators(tokens: list[Token]) -> bool:
    """True if a capital AND, OR or NOT is meant as such: the rest is not shouted as well."""
    words = [token.text for token in tokens if isinstance(token, Term)]
    shouted = all(word == word.upper() for word in words) and any(w.lower() in STOP_WORDS for w in words)
    return bool(words) and not shouted and any(token in _OPERATORS for token in tokens)


def _tokens(text: str) -> Iterator[Token]:
    """Yield operators, parentheses and terms; ``field:(`` yields the field's name before the parenthesis."""
    place, field = 0, ""
    while found := _TOKEN.match(text, place):
        named = (found["field"] or "").lower()
        if named in FIELDS:
            field, place = named, found.end()
            continue
        if found["bracket"]:
            if found["bracket"] == "(" and field:
                yield f"{field}:"
            yield found["bracket"]
            place, field = found.end(), ""
        elif found["quote"]:
            quoted = _QUOTED.match(text, place)
            assert quoted is not None
            kind: Kind = "whole" if found["quote"][0] == "=" else "phrase"
            yield from filter(None, [_term(field, quoted[1], kind)])
            place, field = quoted.end(), ""
        elif found[0].isspace():
            place = found.end()
        else:
            word = _word(text, place, field)
            place += len(word)
            yield from filter(None, [word if word in _OPERATORS else _term(field, word, "words")])
            field = ""


def _word(text: str, place: int, field: str) -> str:
    """Return the word at ``place``; a DOI may have parentheses, but not the one that closes a group."""
    if field == "doi" and (found := _DOI.match(text, place)):
        word = found[0]
        while word.endswith(")") and word.count(")") > word.count("("):
            word = word[:-1]
        return word.partition('"')[0]
    found = _PLAIN.match(text, place)
    assert found is not None  # a token that is neither space, bracket nor quote begins here
    return found[0]


def _term(field: str, text: str, kind: Kind) -> Query | None:
    """Return the condition for a value as written; None for one without a letter or digit."""
    if field == "year":
        if (years := years_in(text)) is not None:
            return years
        field = ""
    if kind == "words" and text.startswith("="):
        kind, text = "whole", text[1:]
    if kind == "words" and text.endswith("*"):
        kind = "prefix"
    if field in _ALWAYS_WHOLE and kind != "prefix":
        kind = "whole"
    elif kind == "whole" and field not in _SOMETIMES_WHOLE:
        kind = "phrase"
    text = " ".join(text.split()) if kind in ("phrase", "whole") else _EDGES.sub("", text)
    if not re.search(r"\w", text):
        return None
    return Term(field, text.lower() if field == "doi" or text in _OPERATORS else text, kind)


def years_in(text: str) -> Years | None:
    """Return what ``2015``, ``2015-2020``, ``2015-``, ``-2020``, ``>=2015`` and the like mean."""
    found = _YEARS.fullmatch(text.strip())
    if found is None or not (found[2] or found[4]):
        return None
    sign, first, dash, last = found[1], int(found[2] or 0) or None, found[3], int(found[4] or 0) or None
    if sign in (None, "=") and (dash or first is None or last is None):
        if not dash:
            return Years(first, first) if last is None else None
        return Years(first, last)
    if dash or first is None or last is not None:
        return None
    return {
        ">=": Years(first, None),
        "<=": Years(None, first),
        ">": Years(first + 1, None),
        "<": Years(None, first - 1),
    }.get(sign or "")


class _Reader:
    """Recursive descent over the tokens: OR binds least, AND or nothing at all more, NOT most."""

    def __init__(self, tokens: list[Token]) -> None:
        only_glue = all(_is_glue(token) or not isinstance(token, Term) for token in tokens)
        self._tokens = [token for token in tokens if only_glue or not _is_glue(token)]
        self._place = 0

    def read(self) -> Query | None:
        parts = []
        while self._place < len(self._tokens):
            parts.append(self._any_of(0))
            self._place += 1  # a parenthesis that nothing opened
        return all_of(parts)

    def _next(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _any_of(self, depth: int) -> Query | None:
        parts = [self._all_of(depth)]
        while self._next() == "OR":
            self._place += 1
            parts.append(self._all_of(depth))
        return any_of(parts)

    def _all_of(self, depth: int) -> Query | None:
        parts = []
        while (token := self._next()) not in (None, ")", "OR"):
            if token == "AND":
                self._place += 1
            else:
                parts.append(self._one(depth))
        return all_of(parts)

    def _one(self, depth: int) -> Query | None:
        negative, field = False, ""
        while isinstance(token := self._next(), str) and token not in ("(", ")", "AND", "OR"):
            self._place += 1
            if token == "NOT":
                negative = not negative
            else:
                field = token[:-1]
        found: Query | None = None
        if token == "(":
            self._place += 1
            if depth < _DEEPEST:
                found = self._any_of(depth + 1)
                self._place += self._next() == ")"
                found = _in_field(found, field)
        elif token is not None and not isinstance(token, str):
            self._place += 1
            found = token
        if found is None or not negative:
            return found
        return found.query if isinstance(found, Not) else Not(found)


def _is_glue(token: Token) -> bool:
    return (
        isinstance(token, Term)
        and not token.field
        and token.kind == "words"
        and token.text.lower() in STOP_WORDS
    )


def _in_field(query: Query | None, field: str) -> Query | None:
    """Put every word of ``query`` that names no field of its own into ``field``."""
    match query:
        case Term("", text, kind) if field:
            written = f"{text}*" if kind == "prefix" else text
            return _term(field, written, "words" if kind == "prefix" else kind)
        case Not(inner):
            within = _in_field(inner, field)
            return None if within is None else Not(within)
        case AllOf(parts):
            return all_of(_in_field(part, field) for part in parts)
        case AnyOf(parts):
            return any_of(_in_field(part, field) for part in parts)
    return query


def _bracketed(query: Query) -> str:
    return f"({printed(query)})" if isinstance(query, AllOf | AnyOf) else printed(query)


def _printed_text(field: str, text: str, kind: Kind) -> str:
    if kind == "prefix":
        return f"{text}*"
    if kind == "words" or (field in _ALWAYS_WHOLE and _reads_back(field, text)):
        return text
    sign = "=" if kind == "whole" and field in _SOMETIMES_WHOLE else ""
    return f'{sign}"{text}"'


def _reads_back(field: str, text: str) -> bool:
    if text in _OPERATORS or ":" in text:
        return False
    return _PLAIN.fullmatch(text) is not None and _term(field, text, "words") == Term(field, text, "whole")


def _printed_years(first: int | None, last: int | None) -> str:
    if first == last:
        return f"{first}"
    if last is None:
        return f">={first}"
    return f"<={last}" if first is None else f"{first}-{last}"
