"""What the check of a sentence found, as a word, an icon and a colour: never by colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from core.types import Answer, Sentence, Support, Verdict
from desktop.words import number


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of verdict is shown; ``colour`` is one of the theme's."""

    word: str
    icon: str
    colour: str
    meaning: str


def look(label: Support | None) -> Look:
    """Return how a verdict is shown; None is for a sentence that was not checked."""
    match label:
        case "supported":
            return Look(_tr("supported"), "supported", "good", _tr("The quoted words say this."))
        case "weak":
            meaning = _tr("The quoted words are close to this, but do not settle it.")
            return Look(_tr("weakly supported"), "weak", "warning", meaning)
        case "unsupported":
            meaning = _tr("No words in the sources were found that say this. Check it elsewhere.")
            return Look(_tr("not supported"), "unsupported", "problem", meaning)
        case "contradicted":
            meaning = _tr("The quoted words say something else.")
            return Look(_tr("contradicted"), "contradicted", "problem", meaning)
        case _:
            meaning = _tr("This sentence was not compared with its sources.")
            return Look(_tr("unchecked"), "unchecked", "muted", meaning)


def look_of(verdict: Verdict | None) -> Look:
    """Return how ``verdict`` is shown."""
    return look(verdict.label if verdict else None)


def claims(answer: Answer) -> tuple[Sentence, ...]:
    """Return the sentences that say something: not a lone bullet, and nothing of a refusal or a count."""
    if answer.refused or answer.counted or answer.evidence_only:
        return ()
    return tuple(one for one in answer.sentences if any(letter.isalpha() for letter in one.text))


def counts(answer: Answer) -> list[tuple[Look, int]]:
    """Return how many sentences have each verdict, best first; those that do not occur are left out."""
    labels = [one.verdict.label if one.verdict else None for one in claims(answer)]
    kinds: tuple[Support | None, ...] = ("supported", "weak", "unsupported", "contradicted", None)
    return [(look(kind), labels.count(kind)) for kind in kinds if kind in labels]


def how_many(sentences: int) -> str:
    """Return "1 sentence", "3 sentences"."""
    return _tr("1 sentence") if sentences == 1 else _tr("{0} sentences").format(number(sentences))


def summary(answer: Answer) -> str:
    """Return "3 sentences: 2 supported, 1 not supported", or nothing where there is nothing to check."""
    found = counts(answer)
    if not found:
        return ""
    parts = ", ".join(f"{number(count)} {kind.word}" for kind, count in found)
    return f"{how_many(len(claims(answer)))}: {parts}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Verdicts", text)
