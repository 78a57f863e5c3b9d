"""Fitting evidence, history and question into the tokens there are.

What gives way, in this order: the oldest turns of the conversation, then the lowest-ranked passages. The
question and the best passage never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import QuestionRejected
from core.generation.engine import Engine, Message
from core.generation.prompts import as_evidence, evidence_block, grounded_messages, ungrounded_messages
from core.library.text import sentence_spans
from core.library.untrusted import plain
from core.settings import Settings
from core.types import Passage, Turn


@dataclass(frozen=True, slots=True)
class PackedPrompt:
    """A prompt that fits.

    Attributes:
        messages: the chat.
        passages: those in the prompt, in the order of their markers; the text of each is cut to what is read.
        tokens: of the whole prompt.
        dropped_turns: oldest turns left out.
        dropped_passages: lowest-ranked passages left out.
    """

    messages: tuple[Message, ...]
    passages: tuple[Passage, ...]
    tokens: int
    dropped_turns: int
    dropped_passages: int


class Packer:
    """Packs prompts for one engine under one set of settings.

    Args:
        instruction: a sentence added to the task, or empty.
    """

    def __init__(self, engine: Engine, settings: Settings, instruction: str = "") -> None:
        self._engine = engine
        self._instruction = instruction
        room = engine.context - settings.sampling.max_new_tokens
        # a small context still reads something before it answers
        self._room = max(room, engine.context // 2)
        self._evidence = settings.retrieval.evidence_tokens

    def pack(self, question: str, passages: Sequence[Passage], history: Sequence[Turn]) -> PackedPrompt:
        """Return the prompt for ``question``; with no ``passages`` it asks the model alone.

        Raises:
            QuestionRejected: the question alone is longer than the model can read.
        """
        free = self._room_beside(question)
        kept = self._fit(passages, min(self._evidence, free))
        turns = list(history)
        while True:
            messages = self._messages(question, kept, turns)
            tokens = self._engine.prompt_tokens(messages)
            if tokens <= self._room or not (turns or len(kept) > 1):
                break
            if turns:
                turns.pop(0)
            else:
                kept = kept[:-1]
        if tokens >= self._engine.context:
            raise _too_long(self._engine.count_tokens(question), free)
        return PackedPrompt(
            tuple(messages), tuple(kept), tokens, len(history) - len(turns), len(passages) - len(kept)
        )

    def _room_beside(self, question: str) -> int:
        """Return the tokens left for evidence beside the question; refuse a question that leaves too few."""
        base = self._engine.prompt_tokens(grounded_messages(question, [], [], self._instruction))
        free = self._room - base
        if free < min(_LEAST_EVIDENCE, self._room // 4):
            raise _too_long(self._engine.count_tokens(question), self._room // 2)
        return free

    def _fit(self, passages: Sequence[Passage], budget: int) -> list[Passage]:
        """Return the first passages that fit ``budget`` tokens; the best one is cut rather than left out."""
        kept: list[Passage] = []
        for number, passage in enumerate(passages, start=1):
            cost = self._cost(number, passage)
            if cost <= budget:
                kept.append(passage)
                budget -= cost
            elif not kept:
                return [self._cut(passage, budget)]
        return kept

    def _cost(self, number: int, passage: Passage) -> int:
        return (
            self._engine.count_tokens(evidence_block(number, passage.document.title, passage.chunk.text)) + 2
        )

    def _cut(self, passage: Passage, budget: int) -> Passage:
        """Return ``passage`` with as many of its first sentences as fit, one at least."""
        chunk = passage.chunk
        ends = [span.end for span in sentence_spans(chunk.text)] or [len(chunk.text)]
        best = ends[0]
        for end in ends:
            if self._cost(1, _shortened(passage, end)) > budget:
                break
            best = end
        return _shortened(passage, best)

    def _messages(self, question: str, passages: Sequence[Passage], turns: Sequence[Turn]) -> list[Message]:
        if not passages:
            return ungrounded_messages(question, turns)
        blocks = as_evidence(passages, [passage.chunk.text for passage in passages])
        return grounded_messages(question, blocks, turns, self._instruction)


_LEAST_EVIDENCE = 200  # tokens: a short abstract
_MOST_CHARACTERS_PER_TOKEN = 12  # far above any real text, so the quick check never refuses what fits


def _shortened(passage: Passage, end: int) -> Passage:
    chunk = passage.chunk
    return replace(passage, chunk=replace(chunk, end=chunk.start + end, text=chunk.text[:end]))


def _too_long(tokens: int, room: int) -> QuestionRejected:
    return QuestionRejected(
        f"The question is too long: about {tokens:,} tokens, where there is room for {max(room, 0):,}.",
        "Shorten it, or raise the context in the settings if the model can read more.",
    )


def checked_question(question: str, context: int) -> str:
    """Return ``question`` without control characters.

    Raises:
        QuestionRejected: nothing is left, or it is longer than any model with ``context`` tokens could read.
    """
    if len(question) > context * _MOST_CHARACTERS_PER_TOKEN:
        raise _too_long(len(question) // _MOST_CHARACTERS_PER_TOKEN, context)
    clean = plain(question).strip()
    if not any(char.isalnum() for char in clean):
        raise QuestionRejected("There is no question.", "Write what you want to know.")
    return clean
