"""The numbers of a sentence with what they count: doses, shares, times, p-values, dates.

Values are exact fractions, so that 0.5 g and 500 mg are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from core.citations.units import Measure, readable, spelled_alike, unit_at
from core.citations.words import listed, stem
from core.retrieval.lexical import STOP_WORDS

Compared = Literal["=", "<", ">", "~"]  # exactly, below or at most, above or at least, about

_LIST_ITEM = re.compile(r"^\s*\d{1,2}[.)]\s+")
_SPELLED = {
    word: value
    for value, word in enumerate(
        listed("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
               "sixteen seventeen eighteen nineteen twenty"),
        start=1,
    )
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<minus>(?:(?<=[\s(=,])|^)-|\u2212)?(?<![\w.\u00b7])"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:[.\u00b7]\d+)?|\d+(?:[.\u00b7]\d+)?)(?![\d])"
    rf"|\b(?P<word>{'|'.join(_SPELLED)})\b",
    re.IGNORECASE,
)
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_SCALE = re.compile(r"[ -](hundred|thousand|million|billion)\b", re.IGNORECASE)
_BEFORE: tuple[tuple[re.Pattern[str], Compared], ...] = tuple(
    (re.compile(rf"(?:{words})\s*$", re.IGNORECASE), sign)  # type: ignore[misc]
    for words, sign in (
        (
            r"<|\u2264|\b(?:less|fewer|lower|younger|shorter|no more) than|\b(?:below|under|at most|"
            r"up to|maximum of)",
            "<",
        ),
        (
            r">|\u2265|\b(?:more|greater|higher|older|longer|no less|no fewer) than|\b(?:above|over|"
            r"at least|minimum of)",
            ">",
        ),
        (r"~|\u2248|\b(?:about|approximately|around|nearly|almost|roughly|circa|ca\.)", "~"),
    )
)
_JOINT = re.compile(r"\s?(?:-|\u2013|\u2212|to|,|and|or|,? and|\u00b1|\+/-|vs\.?|versus)\s?", re.IGNORECASE)
_WORD = re.compile(r"[\s-]+([A-Za-z][\w-]+)")
_P_VALUE = re.compile(
    r"\b[pP](?:[ -]?values?)?\s*(?:of\s*|was\s*)?(?P<sign>[=<>\u2264\u2265]|less than|greater than)\s*"
    r"(?P<value>\d*[.\u00b7]\d+|\d(?=\s*[x\u00d7])|[01])(?:\s*[x\u00d7]\s*10\s*[-\u2212]\s*(?P<power>\d+))?"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        listed("january,jan february,feb march,mar april,apr may june,jun july,jul august,aug "
               "september,sept,sep october,oct november,nov december,dec"),
        start=1,
    )
    for name in names.split(",")
}  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (?P<year>\d{{4}})\b",
        rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b",
        rf"\b{_MONTH},? (?P<year>\d{{4}})\b",
    )
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it counts.

    Attributes:
        written: as it stands in the text, with its unit.
        value: in the measure's own unit, such as gram or day.
        number: as written: 500 of "500 mg".
        measure: ("mass", "volume") for mg/dl; () without a unit.
        noun: stem of the word behind a number without a unit, or empty.
    """

    written: str
    value: Fraction
    number: Fraction
    measure: Measure
    compared: Compared
    noun: str


@dataclass(frozen=True, slots=True)
class PValue:
    """A level of significance, as "p < 0.05"."""

    written: str
    sign: Compared
    value: Fraction


@dataclass(frozen=True, slots=True)
class Date:
    """A day or a month; ``day`` is None for a month."""

    written: str
    year: int
    month: int
    day: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All numbers of a sentence."""

    quantities: tuple[Quantity, ...]
    p_values: tuple[PValue, ...]
    dates: tuple[Date, ...]


def figures(text: str) -> Figures:
    """Read the numbers of ``text``; the number of a list item is none of them."""
    text = spelled_alike(_LIST_ITEM.sub("", text))
    dates: list[Date] = []
    for pattern in _DATES:
        dates += [_date(found) for found in pattern.finditer(text)]
        text = pattern.sub(_blank, text)
    p_values = tuple(_p_value(found) for found in _P_VALUE.finditer(text))
    return Figures(tuple(_quantities(_P_VALUE.sub(_blank, text))), p_values, tuple(dates))


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of ``text`` that are written in digits: "1,200" as "1200", "0\u00b75" as "0.5"."""
    text = _LIST_ITEM.sub("", text)
    return frozenset(_plain(found["digits"]) for found in _NUMBER.finditer(text) if found["digits"])


def _quantities(text: str) -> list[Quantity]:
    found = [one for match in _NUMBER.finditer(text) if (one := _read(text, match))]
    for at in range(len(found) - 2, -1, -1):  # "5, 10 and 20 mg": the unit counts for all of a list
        one, later = found[at], found[at + 1]
        if not one.measure and later.measure and _JOINT.fullmatch(text, one.end, later.start):
            found[at] = replace(one, measure=later.measure, factor=later.factor, unit=later.unit, noun="")
    return [
        Quantity(
            readable(one.digits + one.unit),
            one.value * one.factor,
            one.value,
            one.measure,
            one.compared,
            one.noun,
        )
        for one in found
        if one.measure or not one.spelled
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """A number as it is read, between ``start`` and ``end`` without its unit."""

    start: int
    end: int
    digits: str
    value: Fraction
    spelled: bool
    unit: str
    measure: Measure
    factor: Fraction
    compared: Compared
    noun: str


def _read(text: str, match: re.Match[str]) -> _Found | None:
    word, end = match["word"], match.end()
    value = Fraction(_SPELLED[word.lower()]) if word else Fraction(_plain(match["digits"]))
    if scale := _SCALE.match(text, end):
        value, end = value * _SCALES[scale.group(1).lower()], scale.end()
    measure, factor, after = unit_at(text, end)
    if not measure and text[end : end + 1].isalpha():
        return None  # "3D"
    before = text[max(0, match.start() - 24) : match.start()]
    found = _WORD.match(text, end)
    noun = found.group(1).lower() if found and not measure else ""
    return _Found(
        start=match.start(),
        end=end,
        digits=text[match.start() : end],
        value=-value if match["minus"] else value,
        spelled=bool(word) and not scale,
        unit=text[end:after],
        measure=measure,
        factor=factor,
        compared=next((sign for pattern, sign in _BEFORE if pattern.search(before)), "="),
        noun="" if noun in STOP_WORDS else stem(noun),
    )


def _plain(number: str) -> str:
    number = number.replace("\u00b7", ".")
    return re.sub(r",(?=\d{3}(?:\D|$))", "", number)


def _p_value(found: re.Match[str]) -> PValue:
    signs: dict[str, Compared] = {"=": "=", "<": "<", "\u2264": "<", "less than": "<"}
    value = Fraction(f"0{_plain(found['value'])}")
    if found["power"]:
        value /= 10 ** int(found["power"])
    return PValue(found.group().strip(), signs.get(found["sign"], ">"), value)


def _date(found: re.Match[str]) -> Date:
    parts = found.groupdict()
    month = int(parts["number"]) if parts.get("number") else _MONTHS[parts["month"].lower()]
    return Date(found.group(), int(parts["year"]), month, int(parts["day"]) if parts.get("day") else None)


def _blank(found: re.Match[str]) -> str:
    return ";" * len(found.group())
