"""From messages to the tokens of a prompt, by the model's own chat template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import ModelUnusable
from core.generation.engine import Message

LABELS = {"system": "", "user": "User: ", "assistant": "Assistant: "}
PLAIN_STOP = "\nUser:"  # where a model without a template goes on to ask itself the next question


class Chat:
    """The chat format of one tokenizer.

    A model without a template (a base model) gets plain paragraphs, "User:" and "Assistant:" before them,
    and its answer ends before the next "User:".
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        added = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
        self._special = sorted({*tokenizer.all_special_tokens, *added}, key=len, reverse=True)
        self.stop_text = "" if tokenizer.chat_template else PLAIN_STOP

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Return the prompt for the answer that follows ``messages``."""
        return self._ids(self._text(self._harmless(messages), answer_next=True))

    def turn_ends(self) -> set[int]:
        """Return the special tokens that the template puts right after an answer."""
        if not self._tokenizer.chat_template:
            return set()
        turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        after = self._text(turns, answer_next=False).rpartition("b")[2].lstrip()
        return {
            self._tokenizer.convert_tokens_to_ids(name) for name in self._special if after.startswith(name)
        }

    def _harmless(self, messages: Sequence[Message]) -> list[dict[str, str]]:
        """Break special tokens inside contents: a document must not be able to end its own message."""
        turns = []
        for message in messages:
            content = message.content
            for name in self._special:
                content = content.replace(name, f"{name[0]} {name[1:]}")
            turns.append({"role": message.role, "content": content})
        return turns

    def _text(self, turns: list[dict[str, str]], *, answer_next: bool) -> str:
        from jinja2 import TemplateError

        if not self._tokenizer.chat_template:
            return _plain(turns)
        try:
            return self._rendered(turns, answer_next)
        except TemplateError:  # some templates know no system message
            try:
                return self._rendered(_without_system(turns), answer_next)
            except TemplateError as error:
                raise ModelUnusable(f"The model's chat template fails: {error}.") from error

    def _rendered(self, turns: list[dict[str, str]], answer_next: bool) -> str:
        # enable_thinking: templates that know it leave out the thoughts before an answer; others ignore it.
        return str(
            self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=answer_next, enable_thinking=False
            )
        )

    def _ids(self, text: str) -> list[int]:
        plain = not self._tokenizer.chat_template  # a template writes its special tokens itself
        # verbose: a prompt beyond the model's length is our caller's to refuse, not a warning.
        return list(self._tokenizer(text, add_special_tokens=plain, verbose=False)["input_ids"])


def _plain(turns: list[dict[str, str]]) -> str:
    parts = [LABELS[turn["role"]] + turn["content"] for turn in turns]
    return "\n\n".join([*parts, "Assistant:"])


def _without_system(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(turns) < 2 or turns[0]["role"] != "system":
        return turns
    first = {"role": turns[1]["role"], "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
    return [first, *turns[2:]]
