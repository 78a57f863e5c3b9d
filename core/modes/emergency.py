"""Symptoms in a question that cannot wait, told by patterns of words.

A person in danger is meant, not a subject of research: a sentence counts if it names such symptoms of the one
who asks or of somebody beside them, now, and does not deny them. A notice too many costs a line; one too few
may cost more. So what is doubtful counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.library.text import sentence_spans
from core.paths import resources

NOTICE = (
    "This may be an emergency. Do not wait for an answer here: call your local emergency number now "
    "(112 in Europe, 911 in North America, 999 in the United Kingdom) or go to the nearest emergency "
    "department. This program cannot judge symptoms."
)
CRISIS = (
    "If you may harm yourself or are in danger, please talk to somebody now: call your local emergency "
    "number (112 in Europe, 911 in North America, 999 in the United Kingdom) or a crisis line (988 in the "
    "United States and Canada, 116 123 in the United Kingdom and much of Europe). This program cannot help "
    "with this."
)
_NAMED = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class RedFlags:
    """The patterns of ``resources/modes/red_flags.toml``.

    Attributes:
        signs: each a row of patterns that must all occur; the first may be denied.
        somebody: the one who asks, or somebody beside them, is meant.
        at_work, research, past, might: they ask for others; it is long ago; it might come.
    """

    signs: tuple[tuple[re.Pattern[str], ...], ...]
    self_harm: re.Pattern[str]
    somebody: re.Pattern[str]
    at_work: re.Pattern[str]
    research: re.Pattern[str]
    past: re.Pattern[str]
    might: re.Pattern[str]
    denied: re.Pattern[str]

    @classmethod
    def read(cls, path: Path) -> RedFlags:
        """Read the patterns from ``path``."""
        told = tomllib.loads(path.read_text("utf-8"))
        words, context = told["words"], told["context"]
        denied = re.compile(rf"\b{context.pop('denied')} *$", re.IGNORECASE)
        signs = tuple(tuple(_any_of(part, words) for part in sign["all"]) for sign in told["sign"])
        return cls(signs, denied=denied, **{name: _any_of(part, words) for name, part in context.items()})

    def notice(self, question: str) -> str:
        """See ``emergency_notice``."""
        text = question.replace("\u2019", "'")
        sentences = [text[span.start : span.end] for span in sentence_spans(text)]
        for part in dict.fromkeys((*sentences, " ".join(sentences))):
            if not self.somebody.search(part) or self.at_work.search(text):
                continue
            if self.past.search(part) or self.research.search(part):
                continue
            if self._told(part, (self.self_harm,)):
                return CRISIS
            if not self.might.search(part) and any(self._told(part, sign) for sign in self.signs):
                return NOTICE
        return ""

    def _told(self, text: str, sign: Sequence[re.Pattern[str]]) -> bool:
        if not all(part.search(text) for part in sign[1:]):
            return False
        return any(not self.denied.search(text[: found.start()]) for found in sign[0].finditer(text))


def emergency_notice(question: str) -> str:
    """Return the notice that ``question`` calls for, or an empty string.

    English only: other languages are not understood here.
    """
    return _red_flags().notice(question)


@cache
def _red_flags() -> RedFlags:
    return RedFlags.read(resources() / "modes" / "red_flags.toml")


def _any_of(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    whole = "|".join(patterns)
    while _NAMED.search(whole):  # named words may hold others
        whole = _NAMED.sub(lambda found: words[found.group(1)], whole)
    return re.compile(rf"\b(?:{whole})(?!\w)", re.IGNORECASE)
