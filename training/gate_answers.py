"""One written answer against the conversation it should have been the end of."""

from __future__ import annotations

from core.citations.markers import read_markers
from core.evaluation.text_scores import rouge
from core.generation.prompts import is_refusal
from training.data.conversations import Conversation
from training.measures import ItemResult

_ANY = 10**9  # no passage has so high a number


def item_result(conversation: Conversation, nll: float, tokens: int, chosen: str, answer: str) -> ItemResult:
    """Judge one written ``answer`` against the conversation it should have been the end of."""
    passages = conversation.passages
    named = [n for sentence in read_markers(answer, _ANY) for n in sentence.markers]
    valid = [number for number in named if number <= passages]
    sentences = [sentence.text for sentence in read_markers(answer, passages)]
    return ItemResult(
        question=conversation.question,
        expected=conversation.answer,
        answer=answer,
        nll=nll,
        tokens=tokens,
        decision=conversation.decision,
        chosen=chosen if conversation.decision else "",
        grounded=passages > 0,
        answerable=bool(conversation.answering) or passages == 0,
        rouge_l=rouge(conversation.answer, answer, ("rougeL",))[0],
        citations=len(valid),
        answering=sum(number in conversation.answering for number in valid),
        invalid=len(named) - len(valid),
        refused=is_refusal(answer),
        repeats=len(set(sentences)) < len(sentences),
    )
