"""What the model is told. A change here needs a new ``PROMPT_VERSION``, which is in every settings hash."""

from __future__ import annotations

from collections.abc import Sequence

from core.citations.markers import without_markers
from core.generation.engine import Message
from core.library.untrusted import neutralise, plain
from core.types import Passage, Turn

PROMPT_VERSION = "2"

GROUNDED = "You are a medical librarian who answers only from the given passages."
TASK = (
    "Using only the passages above, answer in one to three short sentences with the exact words and numbers "
    "of the passages, citing them like this: [1]. If they do not answer the question, say so."
)
REFUSAL = "The passages do not answer this question."
UNGROUNDED = (
    "You are a medical librarian. Answer in one to three short sentences. If you are not sure, say so."
)


def evidence_block(number: int, title: str, text: str) -> str:
    """Return one numbered passage as the model reads it."""
    heading = f"{neutralise(title)}\n" if title else ""
    return f"[{number}] {heading}{neutralise(text)}"


def is_refusal(answer: str) -> bool:
    """True if ``answer`` says, as tuned models do, that the passages do not answer the question."""
    return without_markers(answer).strip().startswith(REFUSAL.rstrip("."))


def grounded_messages(
    question: str, blocks: Sequence[str], history: Sequence[Turn], instruction: str = ""
) -> list[Message]:
    """Return the chat for a question that is to be answered from ``blocks`` alone, best first.

    The best passage is written last: small models make most of what stands nearest to the question.
    ``instruction`` is a further sentence of the task; without one the chat is what our model learned.
    """
    evidence = "\n\n".join(reversed(blocks))
    task = f"{TASK} {instruction}" if instruction else TASK
    body = f"{evidence}\n\n{task} {plain(question)}"
    return _chat(GROUNDED, history, body)


def ungrounded_messages(question: str, history: Sequence[Turn]) -> list[Message]:
    """Return the chat for a question that is to be answered without any passage."""
    return _chat(UNGROUNDED, history, plain(question))


def _chat(system: str, history: Sequence[Turn], body: str) -> list[Message]:
    messages = [Message("system", system)]
    for turn in history:
        messages.append(Message("user", plain(turn.question)))
        # old markers number other passages than those of this question
        messages.append(Message("assistant", plain(without_markers(turn.answer))))
    return [*messages, Message("user", body)]


def as_evidence(passages: Sequence[Passage], texts: Sequence[str]) -> list[str]:
    """Return the numbered blocks of ``passages``, each with the part of its text that is to be read."""
    return [
        evidence_block(number, passage.document.title, text)
        for number, (passage, text) in enumerate(zip(passages, texts, strict=True), start=1)
    ]
