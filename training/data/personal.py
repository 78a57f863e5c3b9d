"""Personal data in what a model would learn from: found by shape, to be looked at by a person.

This screens; it proves nothing. It looks for what can be told by shape of the identifiers that HIPAA's Safe
Harbor lists (45 CFR 164.514(b)(2)). A name without a title, for one, goes unseen.

Papers are full of things with such shapes. Left out are therefore cited authors ("Dr. Smith et al."), enzyme
numbers, versions, dates of studies, and the addresses of public databases and software.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.library.text import sentence_spans
from core.tuning.pairs import Pair
from core.tuning.reports import PersonalData

_LONGEST = 40  # characters shown
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1[89]|20)\d\d"
_DATE = (
    rf"(?:{_DAY}/{_DAY}/(?:{_YEAR}|\d\d)|{_DAY}-{_DAY}-{_YEAR}|{_DAY}\.{_DAY}\.{_YEAR}"
    rf"|{_YEAR}-{_DAY}-{_DAY}|{_YEAR}/{_DAY}/{_DAY}"
    rf"|{_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}|{_DAY}(?:st|nd|rd|th)?\.? {_MONTH},? {_YEAR})(?![\w/-])"
)
_NAME = r"[A-Z][a-z'\u2019]*[a-z\u00c0-\u024f]+(?:[ -][A-Z][\w'\u2019-]*[a-z])?"
_UNCITED = r"(?!,? et al)(?![\w'\u2019])"
_NUMBER = r"(?=[\w-]*\d{4})[A-Za-z]{0,4}[\d-]{4,20}\b"
_STREET = r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Boulevard|Blvd|Court|Terrace|Square|Crescent)"
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]"
    "|W[AIVY]"
)
# Hosts that papers name; a person's own page is rarely there, unless it says so by a tilde.
_PUBLIC = r"(?![^\s/]*\.(?:gov|edu|org|int|ac\.[a-z]{2}|eu)\b|(?:www\.)?github\.|[^\s/]*bioconductor)"


@dataclass(frozen=True, slots=True)
class _Shape:
    """One kind of identifier; ``near`` must occur in the same sentence, if given."""

    kind: str
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None = None


def _shape(kind: str, pattern: str, near: str = "") -> _Shape:
    return _Shape(kind, re.compile(pattern), re.compile(near) if near else None)


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LABEL = r"(?: id| no\.?| number| #)*\s*[:#]?\s*"
_IDENTITY = (
    r"SSN|social security|NHS|national insurance|passport|driver'?s licen[cs]e|insurance|policy|account"
    r"|beneficiary"
)

_SHAPES = (
    _shape("e-mail address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"),
    _shape("web address", rf"(?:https?://|www\.)(?:{_PUBLIC}[^\s<>\"']+|[^\s<>\"']*/~[^\s<>\"']+)"),
    # from 8 on: below are the numbers of enzymes, and most versions
    _shape("IP address", rf"(?<![\w.-])(?:[89]|[1-9]\d|1\d\d|2[0-5]\d)(?:\.{_OCTET}){{3}}(?![\w.])"),
    _shape("phone number", r"(?<![\w.(/-])\+[1-9]\d{0,2}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,4}\d{2,4}(?![\w-])"),
    _shape("phone number", r"(?<![\w.-])(?:\(\d{3}\) ?\d{3}-|[2-9]\d{2}([.-])\d{3}\1)\d{4}(?![\w.-])"),
    _shape("phone number", r"\b(?i:phone|telephone|tel|fax|mobile|pager)\b\.?:? ?[(+]?\d[\d ().-]{5,16}\d"),
    _shape("social security number", r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"),
    _shape("identity number", rf"(?i:\b(?:{_IDENTITY}){_LABEL}{_NUMBER})"),
    _shape(
        "record number",
        r"(?i:\b(?:MRN|medical record|(?:patient|hospital|chart|encounter|visit)(?: id| no\.?| number| #))"
        rf"{_LABEL}{_NUMBER})",
    ),
    _shape("date of birth", rf"\b(?:DOB|[Dd]ate of birth|[Bb]irth ?date|[Bb]orn(?: on)?)\s*[:-]?\s*{_DATE}"),
    _shape(
        "date beside a person",
        rf"(?<![\w/.-]){_DATE}",
        r"\b(?:Mr|Mrs|Ms|Miss)\b\.? [A-Z]|\b(?:[Hh]e|[Ss]he|[Tt]h(?:e|is) (?:patient|man|woman|boy|girl))\b"
        r"|\bPatient(?: name)?:|\b(?:Admission|Discharge|Visit|Admitted|Discharged|Seen)(?: date| on)?:? ",
    ),
    _shape("name", rf"\b(?:Mr|Mrs|Ms|Dr|Drs|Prof)\.? (?:[A-Z]\.? )*{_NAME}{_UNCITED}"),
    _shape("name", rf"\b(?:Professor {_NAME}{_UNCITED}|Miss [A-Z][a-z]+(?! [A-Z])\b)"),
    _shape("name", rf"\b(?:[Pp]atient(?:'s)?(?: name)?|Name|[Nn]ext of kin|Physician)\s*: ?{_NAME} {_NAME}"),
    _shape(
        "address",
        rf"(?<![\w.-])\d{{1,5}}[A-Za-z]? (?!Hour|Day|Week|Month|Year)(?:[A-Z][a-z]+ ){{1,3}}{_STREET}\b\.?"
        r"|\bP\.? ?O\.? Box \d+"
        rf"|, (?:{_STATES}) \d{{5}}(?:-\d{{4}})?\b",
    ),
)


def screen(pair: Pair) -> list[PersonalData]:
    """Return what in ``pair`` may identify a person, in reading order, each thing once."""
    found = (
        PersonalData(pair.source, pair.record, kind, field, masked(text))
        for field, content in _fields(pair)
        for kind, text in identifiers(content)
    )
    return list(dict.fromkeys(found))


def identifiers(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the words of everything in ``text`` that may identify a person."""
    for shape in _SHAPES:
        for match in shape.pattern.finditer(text):
            if shape.near is None or shape.near.search(_sentence(text, match.start())):
                yield shape.kind, match[0]


def masked(text: str) -> str:
    """Return ``text`` with x for each letter and 0 for each digit, so that only its shape is left."""
    shape = "".join("0" if c.isnumeric() else "X" if c.isupper() else "x" if c.isalpha() else c for c in text)
    return shape if len(shape) <= _LONGEST else f"{shape[: _LONGEST - 1]}\u2026"


def _fields(pair: Pair) -> Iterator[tuple[str, str]]:
    yield "question", pair.question
    yield "answer", pair.answer
    for choice in pair.choices:
        yield "choice", choice
    for part in pair.evidence:
        yield "evidence", part.title
        yield "evidence", part.text


def _sentence(text: str, at: int) -> str:
    for span in sentence_spans(text):
        if span.start <= at < span.end:
            return text[span.start : span.end]
    return ""
