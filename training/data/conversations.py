"""From pairs to conversations: what the model reads, and what it should have written.

The prompt is the app's own (``core.generation.prompts``), so that a tuned model meets in use what it met in
training: numbered passages, of which some answer the question and the rest are drawn from other pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.generation.engine import Message

Split = Literal["train", "validation"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One training example, as ``dataset.jsonl`` keeps it (a JSON object a line).

    Attributes:
        messages: system and user messages; the prompt.
        answer: what the model should write after it.
        question: as asked, for the comparison and the preview.
        answering: markers of the passages that answer it; empty when the answer is a refusal or ``task`` is
            "closed".
        passages: how many numbered passages the prompt holds; 0 when ``task`` is "closed".
        decision: yes, no, maybe, or empty.
        source, record, id: of the pair it was made from.
        documents: identifiers of everything in the prompt that came with the pair itself.
    """

    messages: tuple[Message, ...]
    answer: str
    split: Split
    question: str
    answering: tuple[int, ...] = ()
    passages: int = 0
    decision: str = ""
    kind: str = "free"
    source: str = ""
    record: int = 0
    id: str = ""
    documents: tuple[str, ...] = ()
