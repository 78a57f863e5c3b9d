"""From conversations to token rows: the same tokens that the app's engine would read and write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.generation.chat import Chat
from core.generation.engine import Message
from training.data.conversations import Conversation

IGNORED = -100  # label of a token that the loss leaves out


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation as tokens.

    Attributes:
        input_ids: prompt, answer and end of turn; at most the maximum length.
        labels: ``input_ids`` where trained (the answer and its end of turn), IGNORED elsewhere.
        cut: tokens that were left out of the prompt to fit.
    """

    input_ids: list[int]
    labels: list[int]
    cut: int

    @property
    def trained(self) -> int:
        """Tokens that the loss is taken on."""
        return sum(label != IGNORED for label in self.labels)


class RowMaker:
    """Makes rows for one tokenizer, with the chat template that the engine will use."""

    def __init__(self, tokenizer: Any, max_length: int) -> None:
        self._tokenizer = tokenizer
        self._chat = Chat(tokenizer)
        self._max_length = max_length
        self._end = self._end_of_turn()

    def row(self, conversation: Conversation) -> Row | None:
        """Return the row of ``conversation``; None when its answer and question alone do not fit.

        What does not fit is cut from the middle of the user message: the evidence, whose best passage stands
        last, next to the question.
        """
        answer = [*self._ids(conversation.answer), *self._end]
        prompt = self._chat.prompt_ids(conversation.messages)
        room = self._max_length - len(answer)
        whole = len(prompt)
        if whole > room:
            shorter = self._shortened(conversation.messages, room)
            if shorter is None:
                return None
            prompt = shorter
        return Row([*prompt, *answer], [IGNORED] * len(prompt) + answer, whole - len(prompt))

    def count(self, text: str) -> int:
        """Tokens of ``text`` alone."""
        return len(self._ids(text))

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ``ids``, special tokens shown."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False))

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def _end_of_turn(self) -> list[int]:
        """Return the token that the engine takes for the end of an answer."""
        ends = self._chat.turn_ends()
        eos = self._tokenizer.eos_token_id
        if eos in ends or not ends:
            return [] if eos is None else [int(eos)]
        return [min(ends)]

    def _shortened(self, messages: Sequence[Message], room: int) -> list[int] | None:
        """Return the prompt with evidence left out from the front of the last message until it fits."""
        *before, last = messages
        evidence, gap, question = last.content.rpartition("\n\n")
        if not gap:
            return None
        words = evidence.split(" ")
        low, high = 0, len(words)  # how many words of evidence are left out; the least that fits
        best: list[int] | None = None
        while low <= high:
            middle = (low + high) // 2
            body = " ".join(words[middle:]) + gap + question
            ids = self._chat.prompt_ids([*before, Message(last.role, body)])
            if len(ids) <= room:
                best, high = ids, middle - 1
            else:
                low = middle + 1
        return best
