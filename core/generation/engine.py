"""What a language model looks like to the rest of the program: a generator of pieces of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from core.cancel import CancelToken
from core.settings import SamplingSettings


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat, as every chat template knows it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Engine(Protocol):
    """A loaded language model. One stream at a time."""

    @property
    def name(self) -> str:
        """Name of the model, as shown and as kept with each answer."""

    @property
    def context(self) -> int:
        """Most tokens of prompt and answer together: the setting, or less if the model was made for less."""

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` alone, without special tokens."""

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt made from ``messages`` by the model's own chat template."""

    def stream(
        self, messages: Sequence[Message], sampling: SamplingSettings, seed: int, cancel: CancelToken
    ) -> Iterator[str]:
        """Yield the answer piece by piece, never half a character; equal seeds give equal answers.

        Ends early, without an error, within one token of ``cancel.cancel()``. Closing the iterator stops
        the generation too.

        Raises:
            OutOfMemory: the prompt or the answer does not fit in memory.
            QuestionRejected: the prompt leaves no room for an answer in ``context``.
        """
