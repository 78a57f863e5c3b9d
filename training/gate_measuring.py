"""Measuring one language model on conversations: how likely it finds the answers, and what it writes itself.

Works on a CPU and a GPU, batch by batch: rows are padded on the left, so that the answers of a batch end
together and only their logits are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from core.cancel import CancelToken
from core.generation.batched import Batch, first_differing, pad_token, padded
from core.generation.loading import memory_explained
from core.generation.transformers_engine import TransformersEngine
from core.protocol import Progress
from core.settings import SamplingSettings
from training.data.conversations import Conversation
from training.data.rows import Row, RowMaker
from training.gate_answers import item_result
from training.measures import ItemResult

LONGEST = 160  # tokens of an answer
DECISIONS = ("yes", "no", "maybe")
_BATCH = {"cpu": 8, "cuda": 16}  # conversations at a time


def measure(
    engine: TransformersEngine,
    conversations: Sequence[Conversation],
    cancel: CancelToken,
    progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    max_length: int = 2048,
    longest: int = LONGEST,
    batch: int | None = None,
) -> list[ItemResult]:
    """Return what the model in ``engine`` makes of each conversation, in their order.

    The loss is of the rows that training makes (``RowMaker``). A decision is what the model finds likeliest
    of "Yes", "No" and "Maybe" as the beginning of its answer. Answers are written greedily.

    Args:
        progress: conversations done, and of how many.
        max_length: tokens of a conversation; longer ones lose evidence, as in training.
        longest: tokens of a written answer.
        batch: conversations at a time; None chooses by device.

    Raises:
        OutOfMemory: try a smaller ``batch``.
        Cancelled: ``cancel`` was set.
    """
    steps = measuring(engine, conversations, cancel, "", max_length=max_length, longest=longest, batch=batch)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            results: list[ItemResult] = end.value
            return results
        progress(step.done, len(conversations))


def measuring(
    engine: TransformersEngine,
    conversations: Sequence[Conversation],
    cancel: CancelToken,
    name: str,
    *,
    max_length: int = 2048,
    longest: int = LONGEST,
    batch: int | None = None,
) -> Generator[Progress, None, list[ItemResult]]:
    """Do what ``measure`` does, yielding how far it is as the step ``name``; the results are returned."""
    model = _Measured(engine, max_length, longest, cancel)
    found = {i: item_result(one, 0.0, 0, "", "") for i, one in enumerate(conversations)}
    items = {i: _Item(one, row) for i, one in enumerate(conversations) if (row := model.row(one))}
    order = sorted(items, key=lambda i: -len(items[i].row.input_ids))  # alike lengths waste least padding
    size = batch or _BATCH.get(model.device.type, 1)
    for start in range(0, len(order), size):
        cancel.check()
        some = order[start : start + size]
        found.update(zip(some, model.results([items[i] for i in some]), strict=True))
        yield Progress(name, min(start + size, len(order)), len(order), "questions")
    return [found[i] for i in range(len(conversations))]


@dataclass(frozen=True, slots=True)
class _Item:
    conversation: Conversation
    row: Row

    @property
    def prompt(self) -> list[int]:
        return self.row.input_ids[: len(self.row.input_ids) - self.row.trained]


class _Measured:
    """A model with all that measuring it takes."""

    def __init__(
        self, engine: TransformersEngine, max_length: int, longest: int, cancel: CancelToken
    ) -> None:
        self._engine = engine
        self._info = engine.loaded.info
        self._model, self._tokenizer = engine.loaded.model, engine.loaded.tokenizer
        self._maker = RowMaker(self._tokenizer, max_length)
        self._longest = longest
        self._batch = Batch(engine)
        self._cancel = cancel
        self._lead, self._words = first_differing(self._tokenizer, DECISIONS)
        self.device = self._model.device

    def row(self, conversation: Conversation) -> Row | None:
        """Return the row that training would make; None where not even question and answer would fit."""
        return self._maker.row(conversation)

    def results(self, items: Sequence[_Item]) -> list[ItemResult]:
        """Measure one batch."""
        trained = [item.row.trained for item in items]
        logits = self._logits([item.row.input_ids for item in items], max(trained) + 1)
        scores = [self._nll(row, item) for row, item in zip(logits, items, strict=True)]
        first = [row[-count - 1][self._words] for row, count in zip(logits, trained, strict=True)]
        del logits  # the largest thing here, after the model
        if self._lead and any(item.conversation.decision for item in items):
            first = list(self._logits([[*item.prompt, *self._lead] for item in items], 1)[:, -1, self._words])
        chosen = [DECISIONS[int(three.argmax())] for three in first]
        answers = self._written(items)
        return [
            item_result(item.conversation, score, item.row.trained, choice, answer)
            for item, score, choice, answer in zip(items, scores, chosen, answers, strict=True)
        ]

    def _nll(self, logits: Any, item: _Item) -> float:
        """Return the negative log-likelihood of the answer in nats; ``logits`` end with the row's."""
        import torch

        trained = item.row.trained
        labels = torch.tensor(item.row.labels[-trained:], device=logits.device)
        before = logits[-trained - 1 : -1].float()
        return float(torch.nn.functional.cross_entropy(before, labels, reduction="sum"))

    def _logits(self, rows: Sequence[list[int]], last: int) -> Any:
        """Return the logits of the ``last`` positions of each row, shape (rows, last, vocabulary)."""
        import torch

        with torch.inference_mode(), memory_explained(self._info):
            return self._model(**self._padded(rows), use_cache=False, logits_to_keep=last).logits

    def _padded(self, rows: Sequence[list[int]]) -> dict[str, Any]:
        return padded(rows, pad_token(self._engine), self.device)

    def _written(self, items: Sequence[_Item]) -> list[str]:
        """Return the answers that the model writes, taking the likeliest token each time."""
        plain = SamplingSettings(temperature=0, repetition_penalty=1, max_new_tokens=self._longest)
        prompts = [item.prompt for item in items]
        return [text.strip() for text in self._batch.go_on(prompts, plain, 0, self._cancel)]
