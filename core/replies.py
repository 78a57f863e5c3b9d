"""The answers that one question can end in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.generation.prompts import PROMPT_VERSION
from core.modes.emergency import emergency_notice
from core.settings import Settings, settings_hash
from core.types import (
    NO_FILTERS,
    Answer,
    Citation,
    Counted,
    DocumentRef,
    Filters,
    LibraryRef,
    Mode,
    Passage,
    Timings,
    TokenCounts,
    Turn,
)

SCHEMA = 3
NOTICE = "AI-generated from the cited library. Check the sources. Not medical advice."
UNGROUNDED_NOTICE = "AI-generated without any source. Do not rely on it. Not medical advice."
COUNTED_NOTICE = "Counted from the records of the library, without a language model."
QUOTED_NOTICE = "Quoted from the library, without a language model. Not medical advice."
QUOTES_ALONE = "These are the sentences of the library that come closest to the question."
_NEAREST = 3  # documents named when an answer is refused, or rests on none


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the conversation it belongs to, which documents count, and what the answer is for.

    Attributes:
        evidence_only: show the passages that come closest, and let no model write.
    """

    text: str
    history: tuple[Turn, ...]
    seed: int
    filters: Filters = NO_FILTERS
    mode: Mode = "research"
    evidence_only: bool = False


class Clock:
    """Times of one answer, in seconds from its start."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._retrieved = 0.0
        self._first: float | None = None

    def _now(self) -> float:
        return time.perf_counter() - self._start

    def retrieved(self) -> None:
        """The evidence has been found."""
        self._retrieved = self._now()

    def first_token(self) -> None:
        """A piece of the answer has been written; the first call counts."""
        if self._first is None:
            self._first = self._now()

    def timings(self) -> Timings:
        """Return the times up to now."""
        return Timings(self._retrieved, self._first, self._now())


@dataclass(frozen=True, slots=True)
class Replies:
    """Makes the answers to one question."""

    question: Question
    settings: Settings
    libraries: tuple[LibraryRef, ...]
    clock: Clock

    def written(self, text: str, model: str, **parts: Any) -> Answer:
        """Return an answer that ``model`` wrote; ``parts`` are further fields of ``Answer``."""
        notice = NOTICE if self.libraries else UNGROUNDED_NOTICE
        return self._reply(text, **{"model": model, "notice": notice} | parts)

    def refusal(self, reason: str, passages: Sequence[Passage], **parts: Any) -> Answer:
        """Return what is said when there is no answer, with what comes closest to one."""
        model = self.settings.model.language
        given = {"refused": True, "reason": reason, "model": model, "notice": NOTICE}
        return self._reply(reason, **given | {"nearest": nearest(passages)} | parts)

    def quotes(self, reason: str, passages: Sequence[Passage], closest: Sequence[Citation]) -> Answer:
        """Return quotes in the place of an answer, for ``reason``; no model has a part in them."""
        return self._reply(
            QUOTES_ALONE,
            reason=reason,
            notice=QUOTED_NOTICE,
            evidence_only=True,
            nearest=nearest(passages),
            closest=tuple(closest),
        )

    def counted(self, counted: Counted) -> Answer:
        """Return an answer told from the records; no model has a part in it."""
        noun = "document matches" if counted.total == 1 else "documents match"
        text = f"{counted.total:,} {noun} in {named(self.libraries)}: {counted.query}"
        return self._reply(text, notice=COUNTED_NOTICE, nearest=counted.documents, counted=counted)

    def _reply(self, text: str, **parts: Any) -> Answer:
        mode = self.question.mode
        # those of the mode that our model was trained for stay as they were before there were others
        told = (PROMPT_VERSION,) if mode == "research" else (PROMPT_VERSION, mode)
        common: dict[str, Any] = {
            "version": SCHEMA,
            "question": self.question.text,
            "answer": text,
            "refused": False,
            "reason": "",
            "sentences": (),
            "citations": (),
            "model": "",
            "libraries": self.libraries,
            "settings_hash": settings_hash(self.settings, *told),
            "seed": self.question.seed,
            "timings": self.clock.timings(),
            "tokens": TokenCounts(0, 0),
            "mode": mode,
            "emergency": emergency_notice(self.question.text),
        }
        return Answer(**common | parts)


def named(libraries: Sequence[LibraryRef]) -> str:
    """Return "the library X", or "the libraries X, Y"."""
    names = [f"\u201c{ref.name}\u201d" for ref in libraries]
    return f"the {'library' if len(names) == 1 else 'libraries'} {', '.join(names)}"


def nearest(passages: Sequence[Passage]) -> tuple[DocumentRef, ...]:
    """Return the first documents of ``passages``, each once."""
    documents = {passage.document.id: passage.document for passage in reversed(passages)}
    ordered = [ref for passage in passages if (ref := documents.pop(passage.document.id, None))]
    return tuple(ordered[:_NEAREST])
