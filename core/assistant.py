"""One question from start to end, as events: find evidence, refuse or write, bind sentences to sources."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.cancel import CancelToken
from core.citations.binding import Binder
from core.citations.support import Checker
from core.generation.engine import Engine
from core.generation.packing import PackedPrompt, Packer, checked_question
from core.generation.prompts import PROMPT_VERSION, is_refusal
from core.library.untrusted import is_readable
from core.protocol import Answered, Found, Status, Token
from core.retrieval.counting import count
from core.retrieval.embedder import Embedder
from core.retrieval.retriever import Retriever
from core.settings import Settings, settings_hash
from core.types import (
    NO_FILTERS,
    Answer,
    Counted,
    DocumentRef,
    Filters,
    Passage,
    Timings,
    TokenCounts,
    Turn,
)

SCHEMA = 3
NOTICE = "AI-generated from the cited library. Check the sources. Not medical advice."
UNGROUNDED_NOTICE = "AI-generated without any source. Do not rely on it. Not medical advice."
COUNTED_NOTICE = "Counted from the records of the library, without a language model."
_NEAREST = 3  # documents named when an answer is refused, or rests on none

AnswerEvent = Status | Found | Token | Answered


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the conversation it belongs to, and which documents count."""

    text: str
    history: tuple[Turn, ...]
    seed: int
    filters: Filters = NO_FILTERS


class Assistant:
    """Answers questions with one embedder and one language model, which is loaded when it is first needed."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        embedder: Callable[[], Embedder],
        settings: Settings,
        verifier: Checker | None = None,
    ) -> None:
        self._engine = engine
        self._verifier = verifier
        self._embedder = embedder
        self._settings = settings

    def answer(
        self, question: Question, retriever: Retriever | None, cancel: CancelToken
    ) -> Iterator[AnswerEvent]:
        """Yield what happens, and last one Answered; after a cancel it holds what had been written.

        Without ``retriever`` the model answers alone, and says so.

        Raises:
            QuestionRejected: the question is empty or too long.
            AppError: the library or the model cannot be used.
        """
        clock = _Clock()
        text = checked_question(question.text, self._settings.model.context)
        passages: Sequence[Passage] = ()
        if retriever is not None:
            yield Status("Searching the library")
            retrieval = self._settings.retrieval
            if (counted := count(text, retriever, retrieval, question.filters)) is not None:
                yield Answered(self._counted(question, retriever, counted, clock))
                return
            found = retriever.search(text, retrieval, retrieval.passages, question.filters)
            passages = [passage for passage in found if is_readable(passage.chunk.text)]
            clock.retrieved()
            if not self._enough(text, retriever, passages):
                reason = f"No passage in {_named(retriever)} is close enough to this question."
                yield Answered(self._refusal(question, retriever, passages, clock, reason))
                return
        yield Status("Loading the model")
        engine = self._engine()
        packed = Packer(engine, self._settings).pack(text, passages, question.history)
        yield Found(packed.passages)
        yield Status("Reading the evidence" if packed.passages else "Writing")
        texts: list[str] = []
        for number in range(self._settings.sampling.answers):
            if number and cancel.cancelled:
                break
            if number:
                yield Status(f"Writing answer {number + 1} of {self._settings.sampling.answers}")
            pieces: list[str] = []
            for piece in engine.stream(
                packed.messages, self._settings.sampling, question.seed + number, cancel
            ):
                clock.first_token()
                pieces.append(piece)
                if not number:  # further answers are shown when they are done
                    yield Token(piece)
            texts.append("".join(pieces))
        if retriever and is_refusal(texts[0]):
            reason = "The passages that come closest do not answer this question, as far as the model sees."
            refusal = self._refusal(question, retriever, packed.passages, clock, reason)
            tokens = TokenCounts(packed.tokens, engine.count_tokens(texts[0]))
            yield Answered(
                replace(refusal, tokens=tokens, closest=self._binder(packed, retriever).closest(text))
            )
            return
        yield Status("Checking the citations")
        yield Answered(self._bound(question, retriever, engine, packed, texts, cancel, clock))

    def _enough(self, question: str, retriever: Retriever, passages: Sequence[Passage]) -> bool:
        """True if the best of ``passages`` is close enough to the question to answer from."""
        closeness = retriever.closeness(question, passages)
        return bool(closeness) and max(closeness) >= self._settings.retrieval.min_similarity

    def _refusal(
        self,
        question: Question,
        retriever: Retriever,
        passages: Sequence[Passage],
        clock: _Clock,
        reason: str,
    ) -> Answer:
        return Answer(
            version=SCHEMA,
            question=question.text,
            answer=reason,
            refused=True,
            reason=reason,
            sentences=(),
            citations=(),
            model=self._settings.model.language,
            libraries=retriever.refs,
            settings_hash=settings_hash(self._settings, PROMPT_VERSION),
            seed=question.seed,
            timings=clock.timings(),
            tokens=TokenCounts(0, 0),
            nearest=nearest(passages),
            notice=NOTICE,
        )

    def _counted(self, question: Question, retriever: Retriever, counted: Counted, clock: _Clock) -> Answer:
        """Return an answer told from the records; no model has a part in it."""
        clock.retrieved()
        noun = "document matches" if counted.total == 1 else "documents match"
        return Answer(
            version=SCHEMA,
            question=question.text,
            answer=f"{counted.total:,} {noun} in {_named(retriever)}: {counted.query}",
            refused=False,
            reason="",
            sentences=(),
            citations=(),
            model="",
            libraries=retriever.refs,
            settings_hash=settings_hash(self._settings, PROMPT_VERSION),
            seed=question.seed,
            timings=clock.timings(),
            tokens=TokenCounts(0, 0),
            nearest=counted.documents,
            notice=COUNTED_NOTICE,
            counted=counted,
        )

    def _bound(
        self,
        question: Question,
        retriever: Retriever | None,
        engine: Engine,
        packed: PackedPrompt,
        texts: Sequence[str],
        cancel: CancelToken,
        clock: _Clock,
    ) -> Answer:
        binder = self._binder(packed, retriever)
        bound, *others = [binder.bind(text) for text in texts]
        return Answer(
            version=SCHEMA,
            question=question.text,
            answer=bound.text,
            refused=False,
            reason="" if bound.text else "The model wrote nothing.",
            sentences=bound.sentences,
            citations=bound.citations,
            model=engine.name,
            libraries=retriever.refs if retriever else (),
            settings_hash=settings_hash(self._settings, PROMPT_VERSION),
            seed=question.seed,
            timings=clock.timings(),
            tokens=TokenCounts(packed.tokens, sum(engine.count_tokens(text) for text in texts)),
            stopped=cancel.cancelled,
            nearest=nearest(packed.passages),
            closest=() if bound.citations else binder.closest(question.text),
            notice=NOTICE if retriever else UNGROUNDED_NOTICE,
            alternatives=tuple(other.text for other in others),
        )

    def _binder(self, packed: PackedPrompt, retriever: Retriever | None) -> Binder:
        pages = retriever.pages if retriever else None
        threshold = self._settings.retrieval.bind_threshold
        return Binder(packed.passages, self._embedder, threshold, self._verifier, pages)


def _named(retriever: Retriever) -> str:
    names = [f"\u201c{ref.name}\u201d" for ref in retriever.refs]
    return f"the {'library' if len(names) == 1 else 'libraries'} {', '.join(names)}"


def nearest(passages: Sequence[Passage]) -> tuple[DocumentRef, ...]:
    """Return the first documents of ``passages``, each once."""
    seen = {passage.document.id: passage.document for passage in reversed(passages)}
    ordered = [ref for passage in passages if (ref := seen.pop(passage.document.id, None))]
    return tuple(ordered[:_NEAREST])


class _Clock:
    """Times of one answer, in seconds from its start."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._retrieved = 0.0
        self._first: float | None = None

    def _now(self) -> float:
        return time.perf_counter() - self._start

    def retrieved(self) -> None:
        self._retrieved = self._now()

    def first_token(self) -> None:
        if self._first is None:
            self._first = self._now()

    def timings(self) -> Timings:
        return Timings(self._retrieved, self._first, self._now())
