"""Plain meanings of the medical words in an answer."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.paths import resources
from core.types import Term


@dataclass(frozen=True, slots=True)
class Glossary:
    """Medical words and their meanings.

    Attributes:
        meanings: word, lower-case, to a sentence in plain language.
        spellings: other forms of those words.
        pattern: finds any of them, the longest first.
    """

    meanings: dict[str, str]
    spellings: dict[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def read(cls, path: Path) -> Glossary:
        """Read a glossary as ``resources/modes/glossary.toml`` is one."""
        told = tomllib.loads(path.read_text("utf-8"))
        meanings, spellings = told["meanings"], told["spellings"]
        words = sorted((*meanings, *spellings), key=lambda word: -len(word))
        either = "|".join(re.escape(word) for word in words)
        return cls(meanings, spellings, re.compile(rf"(?<![\w-])({either})s?(?![\w-])", re.IGNORECASE))

    def terms(self, text: str) -> tuple[Term, ...]:
        """Return the words of ``text`` that are in the glossary, each once, in the order of the text."""
        found = (match.group(1).lower() for match in self.pattern.finditer(text))
        words = dict.fromkeys(self.spellings.get(word, word) for word in found)
        return tuple(Term(word, self.meanings[word]) for word in words)


@cache
def default_glossary() -> Glossary:
    """Return the glossary that comes with the program."""
    return Glossary.read(resources() / "modes" / "glossary.toml")
