"""Turning a sentence into its opposite by a word: another number, the other direction, a denial."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_PAIRS = """
    increase decrease, increases decreases, increased decreased, increasing decreasing, increase reduce,
    increases reduces, increased reduced, elevated reduced, higher lower, more fewer, greater smaller, more
    less, raises lowers, raised lowered, improve worsen, improves worsens, improved worsened, improves
    impairs, enhance diminish, enhances diminishes, enhanced diminished, upregulated downregulated,
    upregulates downregulates, activates inhibits, activated inhibited, activate inhibit, activation
    inhibition, promotes suppresses, promote suppress, promoted suppressed, induces prevents, induced
    prevented, induces blocks, stimulates inhibits, stimulated suppressed, superior inferior, effective
    ineffective, longer shorter, faster slower, earlier later, stronger weaker, positively negatively,
    sensitive resistant, better worse, essential dispensable, necessary unnecessary, required dispensable,
    significant insignificant, positive negative, gain loss, presence absence, high low, risk protection,
    susceptible resistant, harmful beneficial, safe unsafe
"""
_OPPOSITES: dict[str, list[str]] = {}
for _pair in _PAIRS.split(","):
    _one, _other = _pair.split()
    _OPPOSITES.setdefault(_one, []).append(_other)
    _OPPOSITES.setdefault(_other, []).append(_one)
_DIRECTION = re.compile(rf"\b(?:{'|'.join(sorted(_OPPOSITES, key=len, reverse=True))})\b")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\w,-])(?!\.\d)")
_DENIED = re.compile(
    r"\b(is|are|was|were|can|may|has|have|had|should|could|would|will) not\b|\bdo(?:es)? not\b|\bdid not\b"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|can|may|should|could|would|will|has been|have been)\b(?! (?:not|no)\b)"
)


def flipped(sentence: str, chance: random.Random) -> str:
    """Return ``sentence`` with its sense turned in one place, or "" if there is no such place."""
    ways: list[Callable[[str, random.Random], str]] = [_other_direction, _other_number, _denial]
    weights = [4, 2, 3]
    while ways:
        way = chance.choices(ways, weights)[0]
        if changed := way(sentence, chance):
            return changed
        weights.pop(ways.index(way))
        ways.remove(way)
    return ""


def _other_direction(sentence: str, chance: random.Random) -> str:
    found = list(_DIRECTION.finditer(sentence))
    if not found:
        return ""
    place = chance.choice(found)
    return sentence[: place.start()] + chance.choice(_OPPOSITES[place.group()]) + sentence[place.end() :]


def _other_number(sentence: str, chance: random.Random) -> str:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return ""
    place = chance.choice(found)
    value = float(place.group())
    digits = len(place.group().partition(".")[2])
    other = value * chance.choice((0.1, 0.5, 1.5, 2, 3, 10))
    written = f"{other:.{digits}f}"
    return "" if written == place.group() else sentence[: place.start()] + written + sentence[place.end() :]


def _denial(sentence: str, chance: random.Random) -> str:
    if found := _DENIED.search(sentence):
        kept = f"{found.group(1)} " if found.group(1) else ""
        return sentence[: found.start()] + kept + sentence[found.end() :].lstrip()
    found = _VERB.search(sentence)
    return sentence[: found.end()] + " not" + sentence[found.end() :] if found else ""
