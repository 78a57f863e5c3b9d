"""Asking the program's own assistant many questions, their answers written together where that is faster.

Each question first goes its way up to where the model would write; then all prompts are written in one batch;
then each goes its way again, and finds the text that was written for its prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

from core.assistant import Question
from core.cancel import CancelToken
from core.evaluation.passages import GivenPassages, Without
from core.generation.batched import Batch
from core.generation.engine import Engine, Message
from core.generation.transformers_engine import TransformersEngine
from core.protocol import Answered, Found, Token
from core.retrieval.retriever import Retriever
from core.runtime import Runtime
from core.settings import SamplingSettings, Settings
from core.types import Answer, Passage

Source = Retriever | GivenPassages | Without
Prompt = tuple[Message, ...]
DECISIONS = ("yes", "no", "maybe")
_ON_GPU = 32  # answers written at a time


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question.

    Attributes:
        raw: what the model wrote, markers and all.
        passages: what it read.
        decision: the likeliest of yes, no and maybe as its beginning; empty if it was not asked.
        alone: it was asked by itself, so that its times are those a user would see.
    """

    answer: Answer
    raw: str
    passages: tuple[Passage, ...]
    decision: str
    alone: bool


class Asker:
    """Asks the assistant of one runtime, whose model it loads once."""

    def __init__(self, runtime: Runtime, seed: int, batch: int, cancel: CancelToken) -> None:
        engine = runtime.engine()
        assert isinstance(engine, TransformersEngine)
        self._engine = _Rehearsed(engine)
        self._batch = Batch(engine)
        self._runtime = runtime
        self._seed = seed
        self._cancel = cancel
        self.batch = batch or (_ON_GPU if engine.loaded.model.device.type == "cuda" else 1)

    def ask(
        self, questions: Sequence[str], retrievers: Sequence[Source | None], *, decide: Sequence[bool]
    ) -> list[Reply]:
        """Ask ``questions[i]`` with ``retrievers[i]``; ``decide[i]`` says if a yes or no is wanted.

        Raises:
            Cancelled: nothing of these questions is done then.
            AppError: as ``Assistant.answer``.
        """
        alone = len(questions) == 1
        if not alone:
            self._rehearse(questions, retrievers)
        found = [self._asked(one, at) for one, at in zip(questions, retrievers, strict=True)]
        self._cancel.check()  # an answer that was stopped is none
        deciding = [place for place, wanted in enumerate(decide) if wanted and found[place].prompt]
        prompts = [found[place].prompt for place in deciding]
        chosen = (
            dict(zip(deciding, self._batch.likeliest(prompts, DECISIONS), strict=True)) if prompts else {}
        )
        return [
            Reply(one.answer, one.raw, one.passages, chosen.get(place, ""), alone)
            for place, one in enumerate(found)
        ]

    def _rehearse(self, questions: Sequence[str], retrievers: Sequence[Source | None]) -> None:
        """Find the prompts of all questions and write their answers in one go."""
        self._engine.texts.clear()
        prompts = []
        with self._engine.rehearsing():
            for question, retriever in zip(questions, retrievers, strict=True):
                try:
                    self._asked(question, retriever)
                except _Reached as reached:
                    prompts.append(reached.prompt)
        if prompts:
            texts = self._batch.write(prompts, self._runtime.settings.sampling, self._seed, self._cancel)
            self._engine.texts.update(zip(prompts, texts, strict=True))

    def _asked(self, question: str, retriever: Source | None) -> _Asked:
        raw, answer = "", None
        passages: tuple[Passage, ...] = ()
        self._engine.prompt = ()
        assistant = self._runtime.assistant(lambda: self._engine, self._settings(retriever))
        asked = Question(question, (), self._seed)
        # those of evaluations search as a Retriever does, but are none
        for event in assistant.answer(asked, cast("Retriever | None", retriever), self._cancel):
            match event:
                case Found(found):
                    passages = found
                case Token(piece):
                    raw += piece
                case Answered(done):
                    answer = done
        assert answer is not None  # the assistant always answers
        return _Asked(answer, raw, passages, self._engine.prompt)

    def _settings(self, retriever: Source | None) -> Settings:
        """Return the settings; passages that are given are read however far they are from the question."""
        settings = self._runtime.settings
        if not isinstance(retriever, GivenPassages):
            return settings
        return replace(settings, retrieval=replace(settings.retrieval, min_similarity=-1.0))


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer, and the prompt it was written to; none if the model was not asked."""

    answer: Answer
    raw: str
    passages: tuple[Passage, ...]
    prompt: Prompt


class _Reached(Exception):
    """A rehearsed question has come to where the model would write."""

    def __init__(self, prompt: Prompt) -> None:
        super().__init__()
        self.prompt = prompt


class _Rehearsed:
    """An engine that knows some answers beforehand; while it rehearses it writes none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rehearsing = False
        self.texts: dict[Prompt, str] = {}
        self.prompt: Prompt = ()

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def context(self) -> int:
        return self._engine.context

    def count_tokens(self, text: str) -> int:
        return self._engine.count_tokens(text)

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return self._engine.prompt_tokens(messages)

    def stream(
        self, messages: Sequence[Message], sampling: SamplingSettings, seed: int, cancel: CancelToken
    ) -> Iterator[str]:
        """See ``Engine.stream``. Raises _Reached while it rehearses."""
        self.prompt = tuple(messages)
        if self._rehearsing:
            raise _Reached(self.prompt)
        if self.prompt in self.texts:
            return iter([self.texts[self.prompt]])
        return self._engine.stream(messages, sampling, seed, cancel)

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Write nothing meanwhile."""
        self._rehearsing = True
        try:
            yield
        finally:
            self._rehearsing = False
