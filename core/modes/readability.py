"""How hard a text is to read."""

from __future__ import annotations

import tempfile
import zipfile
from functools import cache
from pathlib import Path

from core.citations.markers import without_markers
from core.paths import resources

GOAL = 8.0  # school grade that material for patients should not exceed
_FEWEST = 3  # words below which a grade means nothing


def reading_grade(text: str) -> float | None:
    """Return the years of school in the United States that reading ``text`` takes; None for next to no text.

    The formula is that of Kincaid and others (1975), as textstat computes it: 0.39 times the words of a
    sentence plus 11.8 times the syllables of a word, less 15.59. It sees lengths alone, and English only.
    """
    plain = without_markers(text).strip()
    if len(plain.split()) < _FEWEST:
        return None
    _load_syllables()
    import textstat

    return round(float(textstat.flesch_kincaid_grade(plain)), 1)


def reading_note(grade: float) -> str:
    """Return ``grade`` in words, and whether it is above what patients can be expected to read."""
    level = f"Reading level: grade {grade:g} (Flesch-Kincaid)"
    if grade <= GOAL:
        return f"{level}."
    return f"{level}, harder than grade {GOAL:g}, the most that material for patients should have."


@cache
def _load_syllables() -> None:
    """Let textstat read our dictionary of pronunciations, once; it would download it otherwise.

    nltk reads it for textstat, finds no folder inside an archive, and trusts no folder that a group can
    write, as many a checkout is. So it gets a private copy for as long as it reads.
    """
    import nltk
    import textstat

    with tempfile.TemporaryDirectory() as private:
        with zipfile.ZipFile(resources() / "readability" / "corpora" / "cmudict.zip") as archive:
            archive.extractall(Path(private) / "corpora")
        nltk.data.path.insert(0, private)
        try:
            textstat.syllable_count("once")
        finally:
            nltk.data.path.remove(private)
