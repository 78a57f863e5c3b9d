"""From pairs to conversations: what the model reads, and what it should have written.

The prompt is the app's own (``core.generation.prompts``), so that a tuned model meets in use what it met in
training: numbered passages, of which some answer the question and the rest are drawn from other pairs.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.generation.engine import Message
from core.generation.prompts import (
    REFUSAL,
    evidence_block,
    grounded_messages,
    ungrounded_messages,
)
from core.tuning.pairs import Pair
from core.tuning.recipe import DataChoice
from training.data.augment import drop_sections, paraphrases
from training.data.grounding import Grounded, Grounder

Split = Literal["train", "validation"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One training example, as ``dataset.jsonl`` keeps it (a JSON object a line).

    Attributes:
        messages: system and user messages; the prompt.
        answer: what the model should write after it.
        question: as asked, for the comparison and the preview.
        answering: markers of the passages that answer it; empty when the answer is a refusal, and where
            there is no evidence.
        passages: how many numbered passages the prompt holds; 0 where there is no evidence.
        decision: yes, no, maybe, or empty.
        source, record, id: of the pair it was made from.
        documents: identifiers of the pair's own evidence.
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


def build(pairs: Sequence[Pair], choice: DataChoice, seed: int) -> list[Conversation]:
    """Return the conversations made of ``pairs``, shuffled, equal for equal arguments.

    A pair with evidence becomes a grounded conversation, one without is asked without passages. Repeated
    pairs get other distractors each time in training, and are asked once in validation.
    """
    rng = random.Random(seed)
    train, held = split_pairs(pairs, choice.validation, rng)
    made = [*_conversations(train, choice, rng, "train"), *_conversations(held, choice, rng, "validation")]
    rng.shuffle(made)
    return made


def exam(pairs: Sequence[Pair], choice: DataChoice, seed: int) -> list[Conversation]:
    """Return ``pairs`` as conversations to examine a model on, with their answers as they are."""
    return list(_conversations(pairs, choice, random.Random(seed), "validation", whole=True))


def split_pairs(pairs: Sequence[Pair], share: float, rng: random.Random) -> tuple[list[Pair], list[Pair]]:
    """Hold out groups of pairs that share a document until ``share`` of the pairs is reached."""
    groups = _groups(pairs)
    rng.shuffle(groups)
    wanted = share * len(pairs)
    held: list[Pair] = []
    kept: list[Pair] = []
    for number, group in enumerate(groups):
        last_for_training = number == len(groups) - 1 and not kept
        (held if len(held) < wanted and not last_for_training else kept).extend(group)
    return kept, _once(held)


def _groups(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Return ``pairs`` in groups without a common document or question between any two of them."""
    parent = list(range(len(pairs)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[str, int] = {}
    for index, pair in enumerate(pairs):
        for key in (*pair.documents, f"?{' '.join(pair.question.lower().split())}"):
            parent[root(index)] = root(first.setdefault(key, index))
    found: dict[int, list[Pair]] = {}
    for index, pair in enumerate(pairs):
        found.setdefault(root(index), []).append(pair)
    return list(found.values())


def _once(pairs: Iterable[Pair]) -> list[Pair]:
    return list({(pair.source, pair.record, pair.question): pair for pair in pairs}.values())


def _conversations(
    pairs: Sequence[Pair], choice: DataChoice, rng: random.Random, split: Split, *, whole: bool = False
) -> Iterator[Conversation]:
    with Grounder([pair for pair in pairs if pair.evidence], choice, rng) as grounder:
        for pair in pairs:
            if pair.evidence:
                pair = _thinned(pair, choice, rng, split)
                if grounded := grounder.answered(pair, whole=whole):
                    yield _grounded(pair, grounded, split)
                    if split == "train" and rng.random() < choice.paraphrase:
                        yield from _reworded(pair, grounded, rng)
            elif answer := _plain_answer(pair):
                yield _conversation(pair, answer, ungrounded_messages(_asked(pair), []), split)
        if choice.task == "grounded":
            yield from _refusals(pairs, choice, rng, grounder, split)


def _refusals(
    pairs: Sequence[Pair], choice: DataChoice, rng: random.Random, grounder: Grounder, split: Split
) -> Iterator[Conversation]:
    candidates = [pair for pair in pairs if pair.evidence]
    wanted = round(len(candidates) * choice.unanswerable / (1 - choice.unanswerable))
    for pair in rng.sample(candidates, min(wanted, len(candidates))):
        if grounded := grounder.unanswered(pair):
            yield replace(_grounded(pair, grounded, split), answer=REFUSAL, decision="")


def _thinned(pair: Pair, choice: DataChoice, rng: random.Random, split: Split) -> Pair:
    if split == "validation" or not choice.section_dropout:
        return pair
    thinned = tuple(drop_sections(part, rng, choice.section_dropout) for part in pair.evidence)
    return replace(pair, evidence=thinned)


def _reworded(pair: Pair, grounded: Grounded, rng: random.Random) -> Iterator[Conversation]:
    if question := paraphrases(pair.question, rng):
        yield _grounded(replace(pair, question=question), grounded, "train")


def _grounded(pair: Pair, grounded: Grounded, split: Split) -> Conversation:
    blocks = [evidence_block(n, p.title, p.text) for n, p in enumerate(grounded.passages, start=1)]
    made = _conversation(pair, grounded.answer, grounded_messages(_asked(pair), blocks, []), split)
    return replace(made, answering=grounded.answering, passages=len(blocks))


def _conversation(pair: Pair, answer: str, messages: Sequence[Message], split: Split) -> Conversation:
    return Conversation(
        messages=tuple(messages),
        answer=answer,
        split=split,
        question=pair.question,
        decision=pair.decision,
        kind=pair.kind,
        source=pair.source,
        record=pair.record,
        id=pair.id,
        documents=tuple(sorted(pair.documents)),
    )


def _asked(pair: Pair) -> str:
    if not pair.choices:
        return pair.question
    return pair.question + "\n" + "\n".join(f"- {choice}" for choice in pair.choices)


def _plain_answer(pair: Pair) -> str:
    return pair.answer or pair.decision.capitalize()
