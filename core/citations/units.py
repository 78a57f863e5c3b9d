"""Units of measure as they are written in medicine.

Units are turned into one another only where that is exact whatever the substance: mg into g, weeks into days,
months into years, but not mmol into mg, and not months into weeks.
"""

from __future__ import annotations

import re
from fractions import Fraction

Measure = tuple[str, ...]  # what is counted, and per what: mg/kg is ("mass", "mass"), no unit is ()

_PREFIXES = {
    "k": Fraction(1000),
    "d": Fraction(1, 10),
    "c": Fraction(1, 100),
    "m": Fraction(1, 1000),
    "\u00b5": Fraction(1, 10**6),
    "mc": Fraction(1, 10**6),
    "u": Fraction(1, 10**6),
    "n": Fraction(1, 10**9),
    "p": Fraction(1, 10**12),
}
_SCALED = {
    "g": ("mass", "k m \u00b5 mc u n p"),
    "l": ("volume", "d c m \u00b5 u n"),
    "mol": ("amount", "m \u00b5 u n p"),
    "m": ("length", "k c m \u00b5 n"),
    "Gy": ("radiation", "c m"),
    "Eq": ("charge", "m"),
    "cal": ("energy", "k"),
}
_OTHERS = """
    mass gram grams gramme grammes 1, mass milligram milligrams 1/1000, mass microgram micrograms 1/1000000,
    mass kilogram kilograms kilo kilos kgs 1000, volume litre litres liter liters 1,
    volume millilitre millilitres milliliter milliliters cc 1/1000,
    amount M 1, amount mM 1/1000, amount \u00b5M uM 1/1000000, amount nM 1/1000000000, amount pM
    1/1000000000000, share % 1, points pp 1, days day days 1, days week weeks wk wks 7, days hour hours hr hrs
    h 1/24, days minute minutes min mins 1/1440, days second seconds sec secs s 1/86400, years year years yr
    yrs y 1, years month months mo 1/12, years decade decades 10, pressure mmHg 1, pressure kPa 15/2, heat
    \u00b0C 1, heat \u00b0F 1, units IU unit units U 1, units MIU 1000000, pieces tablet tablets capsule
    capsules pill pills 1, drops drop drops 1, puffs puff puffs 1, times times 1, times fold 1, times-a-day
    \u00d7day 1, times-a-day \u00d7week 1/7
"""
# What is written in more than one word or way, and the one that is looked up.
_SPELLINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), plain)
    for pattern, plain in (
        (r"\u03bc", "\u00b5"),
        (r"(?<=\d)[ -]?per ?cent(?:age)?[ -]points?\b", " pp"),
        (r"(?<=\d)[ -]?percentage[ -]points?\b", " pp"),
        (r"\bper ?cent\b", "%"),
        (r"\bmm ?Hg\b", "mmHg"),
        (r"\b(?:once|one time)(?: (?:a|per|each|every))? (?:day|daily)\b", "1 \u00d7day"),
        (r"\btwice(?: (?:a|per|each|every))? (?:day|daily)\b", "2 \u00d7day"),
        (r"\b(?:thrice)(?: (?:a|per|each|every))? (?:day|daily)\b", "3 \u00d7day"),
        (r"\btimes(?: (?:a|per|each|every))? (?:day|daily)\b", "\u00d7day"),
        (r"\b(?:once|one time)(?: (?:a|per|each|every))? (?:week|weekly)\b", "1 \u00d7week"),
        (r"\btwice(?: (?:a|per|each|every))? (?:week|weekly)\b", "2 \u00d7week"),
        (r"\btimes(?: (?:a|per|each|every))? (?:week|weekly)\b", "\u00d7week"),
        (r"(?<=[a-z]) of ((?:[\w-]+ ){1,2})(?:daily|a day|per day|each day|every day)\b", r"/day of \1"),
        (r"(?<=[a-z] )(?:daily|a day|each day|every day)\b", "/day"),
        (r"(?<=[a-z] )(?:weekly|a week|each week|every week)\b", "/week"),
    )
)
_WORD = r"[%\u00b0\u00d7]?[A-Za-z\u00b5]+|%"
_UNIT = re.compile(rf"[ -]?({_WORD})(?!\d)((?: ?(?:/|\bper\b) ?(?:{_WORD})(?!\d)){{0,2}})")
_PER = re.compile(rf"(?:/|\bper\b) ?({_WORD})")


def _table() -> dict[str, tuple[str, Fraction]]:
    found = {
        prefix + unit: (measure, _PREFIXES.get(prefix, Fraction(1)))
        for unit, (measure, prefixes) in _SCALED.items()
        for prefix in ("", *prefixes.split())
    }
    for entry in _OTHERS.split(","):
        measure, *names, factor = entry.split()
        found |= {name: (measure, Fraction(factor)) for name in names}
    return found


_UNITS = _table()
_ANY_CASE = {
    name.lower(): value
    for name, value in _UNITS.items()
    if name.lower() not in ("m", "mm", "\u00b5m", "nm", "pm")
}
TIMES = frozenset(("days", "years"))


def spelled_alike(text: str) -> str:
    """Return ``text`` with its units written in one way: "per cent" as "%", "twice daily" as "2
    \u00d7day"."""
    for pattern, plain in _SPELLINGS:
        text = pattern.sub(plain, text)
    return text


def readable(written: str) -> str:
    """Return a number and its unit, taken from what ``spelled_alike`` returned, as one would write it."""
    return (
        written.replace("\u00d7day", "times a day").replace("\u00d7week", "times a week").replace(" /", "/")
    )


def unit_at(text: str, place: int) -> tuple[Measure, Fraction, int]:
    """Return what the unit at ``place`` measures, how much one of it is, and where it ends.

    Without a unit: (), 1 and ``place``.
    """
    found = _UNIT.match(text, place)
    if not found or (known := _looked_up(found.group(1))) is None:
        return (), Fraction(1), place
    measure: Measure = (known[0],)
    factor = known[1]
    end = found.end(1)
    for per in _PER.finditer(text, found.start(2), found.end(2)):
        below = _looked_up(per.group(1))
        if below is None:
            break
        measure, factor, end = (*measure, below[0]), factor / below[1], per.end()
    return measure, factor, end


def _looked_up(word: str) -> tuple[str, Fraction] | None:
    return _UNITS.get(word) or _ANY_CASE.get(word.lower())
