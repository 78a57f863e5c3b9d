"""What can be told without a model about whether a quote may support a sentence.

Numbers with their units, dates, p-values, denials and words of direction must agree. A sentence that differs
in one of them may speak of the same thing in nearly the same words; such a quote is no support, however alike
the two are. Rules find conflicts; that there is none does not make a quote support.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from core.citations.polarity import denial_conflict, direction_conflict
from core.citations.quantities import Date, PValue, Quantity, figures
from core.citations.units import TIMES, Measure

Kind = Literal["number", "p-value", "date", "denial", "direction"]

_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORD = re.compile(r"[a-z]+")
_IN_NAME = re.compile(r"(?<=[A-Za-z/])\d+")
_NAMED = 3  # how many numbers of the quote a reason names


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something in a sentence that its quote does not bear out.

    Attributes:
        reason: in words, for the reader.
        against: the quote says otherwise; False if it only does not say so.
        words: of denials and directions, the word of the quote and that of the sentence.
    """

    kind: Kind
    reason: str
    against: bool
    words: tuple[str, str] = ("", "")


def conflicts(claim: str, quote: str) -> tuple[Conflict, ...]:
    """Return where ``claim`` and ``quote`` disagree; none for equal sentences."""
    return (*number_conflicts(claim, quote), *sense_conflicts(claim, quote))


def may_support(claim: str, quote: str) -> bool:
    """True unless ``claim`` and ``quote`` disagree in anything the rules can see."""
    return not conflicts(claim, quote)


def may_rest_on(claim: str, quote: str, passage: str) -> bool:
    """True unless a number of ``claim`` is not in ``passage``, or ``quote`` has the opposite sense.

    For a claim that was written from the passage, and may draw on more than one of its sentences.
    """
    return not number_conflicts(claim, passage) and not sense_conflicts(claim, quote)


def number_conflicts(claim: str, quote: str) -> tuple[Conflict, ...]:
    """Return the numbers, p-values and dates of ``claim`` that ``quote`` lacks or has otherwise."""
    mine, theirs = figures(claim), figures(quote)
    loose = _loose(quote)
    return (
        *_unmatched(mine.quantities, theirs.quantities, loose),
        *(_p_value(one, theirs.p_values) for one in mine.p_values if not _implied(one, theirs.p_values)),
        *(_date(one, theirs.dates) for one in mine.dates if not any(_same(one, d) for d in theirs.dates)),
    )


def sense_conflicts(claim: str, quote: str) -> tuple[Conflict, ...]:
    """Return where only one of the two denies something, or says it of the opposite direction."""
    found = []
    if word := denial_conflict(claim, quote):
        reason = f"only one of quote and sentence denies \u201c{word}\u201d"
        found.append(Conflict("denial", reason, True, (word, word)))
    mine, theirs = direction_conflict(claim, quote)
    if mine:
        reason = f"the quote says \u201c{theirs}\u201d, the sentence \u201c{mine}\u201d"
        found.append(Conflict("direction", reason, True, (theirs, mine)))
    return tuple(found)


def _unmatched(
    mine: Sequence[Quantity], theirs: Sequence[Quantity], loose: frozenset[Fraction]
) -> Iterator[Conflict]:
    for one in mine:
        equal = [other for other in theirs if _matches(one, other)]
        if not equal and not one.measure and one.value in loose:
            continue
        if not equal:
            yield _missing(one, theirs)
        elif all({one.compared, other.compared} == {"<", ">"} for other in equal):
            reason = (
                f"the quote says {_sign(equal[0])}{equal[0].written}, the sentence {_sign(one)}{one.written}"
            )
            yield Conflict("number", reason, True)


def _matches(one: Quantity, other: Quantity) -> bool:
    """True if ``other``, of the quote, bears out ``one``; the sentence may leave a unit or "a day" unsaid."""
    if one.measure == other.measure:
        return one.value == other.value or _about(one, other)
    if not other.measure:  # "aged 18 to 65" bears out "18 to 65 years"
        return bool(one.measure) and not other.noun and one.number == other.value
    if not one.measure:
        return one.value == other.number
    daily = len(other.measure) == len(one.measure) + 1 and _at_once(other.measure) == one.measure
    return daily and (one.value == other.value or other.written.startswith(one.written))


def _about(one: Quantity, other: Quantity) -> bool:
    """True if the sentence says "about" and the quote's number rounds to its number."""
    return one.compared == "~" and abs(one.value - other.value) * 10 <= abs(other.value)


def _missing(one: Quantity, theirs: Sequence[Quantity]) -> Conflict:
    rivals = [
        other.written
        for other in theirs
        if _at_once(other.measure) == _at_once(one.measure)
        and (one.measure or (other.noun and other.noun == one.noun))
    ]
    if not rivals:
        return Conflict("number", f"the quote does not mention {one.written}", False)
    named = " and ".join(dict.fromkeys(rivals[:_NAMED]))
    return Conflict("number", f"the quote says {named}, the sentence {one.written}", True)


def _at_once(measure: Measure) -> Measure:
    """Return what is measured, leaving out "a day"."""
    return measure[:-1] if len(measure) > 1 and measure[-1] in TIMES else measure


def _implied(one: PValue, theirs: Sequence[PValue]) -> bool:
    for other in theirs:
        if (one.sign, one.value) == (other.sign, other.value):
            return True
        below = other.value <= one.value if other.sign == "<" else other.value < one.value
        if one.sign == "<" and other.sign in "=<" and below:
            return True
        above = other.value >= one.value if other.sign == ">" else other.value > one.value
        if one.sign == ">" and other.sign in "=>" and above:
            return True
    return False


def _p_value(one: PValue, theirs: Sequence[PValue]) -> Conflict:
    if not theirs:
        return Conflict("p-value", f"the quote gives no p-value, the sentence {one.written}", False)
    return Conflict("p-value", f"the quote says {theirs[0].written}, the sentence {one.written}", True)


def _same(one: Date, other: Date) -> bool:
    """True if ``other`` bears out ``one``: the same day, or a day of the same month."""
    return (one.year, one.month) == (other.year, other.month) and one.day in (None, other.day)


def _date(one: Date, theirs: Sequence[Date]) -> Conflict:
    if not theirs:
        return Conflict("date", f"the quote does not mention {one.written}", False)
    return Conflict("date", f"the quote says {theirs[0].written}, the sentence {one.written}", True)


def _sign(one: Quantity) -> str:
    return {"<": "less than ", ">": "more than ", "~": "about ", "=": ""}[one.compared]


def _loose(text: str) -> frozenset[Fraction]:
    """Return what can bear out a bare number besides numbers: "three", and the digits of names such as
    FGF21."""
    words = set(_WORD.findall(text.lower()))
    spelled = {Fraction(value) for value, word in enumerate(_SMALL, start=1) if word in words}
    return frozenset(spelled | {Fraction(digits) for digits in _IN_NAME.findall(text)})
