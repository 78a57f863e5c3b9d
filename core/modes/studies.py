"""What a publication's record and words say of the study it reports."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.library.grades import grade_of
from core.types import Citation, Grade, Study


def _either(words: str) -> str:
    """Return a pattern for any of ``words``, which are patterns themselves, with "_" for a space."""
    return "(?:" + "|".join(words.split()).replace("_", " ") + ")"


_PEOPLE = _either(
    "patients? adults? children infants? newborns? neonates? adolescents? teenagers? women men girls boys "
    "participants? subjects? volunteers? individuals people persons residents outpatients? inpatients? "
    "veterans mothers students nurses physicians workers smokers runners survivors athletes twins cases "
    "males females mice rats pregnancies births eyes knees hips"
)
_NUMBER = r"(?:\d{1,3}(?:[, \u202f]\d{3})+|\d+)"
_NO_DESCRIPTION = _either(
    "in of to on and than were was per for from we our years? months? weeks? days? million billion"
)
_DESCRIBED = rf"(?:(?!{_NO_DESCRIPTION}\b)[A-Za-z][\w'\u2019-]*\s+){{0,4}}"
_MORE = _either(
    "with who aged undergoing admitted hospitali[sz]ed diagnosed treated_for suffering_from receiving living "
    "referred awaiting older_than younger_than over under between_the_ages"
)
_TAIL = rf"(?:\s+{_MORE}\b[^.;:()\[\]\n]{{1,90}})?"
# Words after which the clause is no longer about who was studied.
_AWAY_WORDS = _either(
    "either whose after for leads? there appears? taken took no_longer were was had received underwent "
    "showed completed did is are compared randomly randomi[sz]ed from_whom found reported participated "
    "took_part have has reduced lowered increased improved"
)
_AWAY = re.compile(
    rf"\s*,(?!\d{{3}}).*|\s+(?:(?:to|and|than)(?!\s+\d)|{_AWAY_WORDS})\b.*", re.DOTALL | re.IGNORECASE
)
_DANGLING = re.compile(rf"(?:\s+{_either('with who already came aged over under an? the of at in')})+$", re.I)
_WHO = re.compile(rf"\b{_PEOPLE}\b|\bn\s*=", re.IGNORECASE)
_PERCENTAGE = re.compile(r"\d\s*%?\s*(?:of|percent|per cent)\b|%")
_LONGEST = 160
_PATTERNS = (
    re.compile(rf"(?<![\d.,])\b{_NUMBER}\s+{_DESCRIBED}{_PEOPLE}\b{_TAIL}", re.IGNORECASE),
    re.compile(rf"(?<=\bamong )(?:the )?{_DESCRIBED}{_PEOPLE}\b{_TAIL}", re.IGNORECASE),
    re.compile(rf"\bn\s*=\s*{_NUMBER}(?!\s*%)", re.IGNORECASE),
)
_DANGLING = re.compile(
    r"(?:\s+(?:with|who|who already|who came|aged|over|under|a|an|the|of|at|in))+$", re.IGNORECASE
)
_WHO = re.compile(rf"\b{_PEOPLE}\b|\bn\s*=", re.IGNORECASE)
_PERCENTAGE = re.compile(r"\d\s*%?\s*(?:of|percent|per cent)\b|%")
_LONGEST = 160


def population(text: str) -> str:
    """Return the first words of ``text`` that say who was studied, or an empty string.

    They are exactly a part of ``text``. Looked for are, in this order: a number of people, "among ..." with a
    word for people, and "n = ...". Nothing is worked out.
    """
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            words = _DANGLING.sub("", _AWAY.sub("", found.group()).rstrip(" ,"))
            if (
                _WHO.search(words)
                and " " in words.strip()
                and len(words) <= _LONGEST
                and not _PERCENTAGE.search(words)
            ):
                return words
    return ""


def study(citation: Citation, text: str, grades: Sequence[Grade]) -> Study:
    """Return the row of the document that ``citation`` quotes, whose text is ``text``."""
    design = grade_of(citation.document.publication_types, grades)
    return Study(citation.marker, citation.document, design, population(text), citation)
