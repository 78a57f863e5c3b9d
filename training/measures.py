"""What is measured of a language model on held-out conversations, and which of it decides.

Whether a model answers and whether it cites pull against each other: one that never refuses has no false
refusals. So the measures that decide weigh both sides; the plain shares behind them are shown beside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.tuning.reports import Measure
from training.gate_statistics import Floats, Statistic, difference, quotient, share

_CLASSES = ("yes", "no", "maybe")


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What one model made of one held-out conversation.

    Attributes:
        question, expected: of the conversation; ``answer`` is what the model wrote.
        nll: negative log-likelihood of the expected answer in nats, over its ``tokens`` tokens.
        decision: yes, no, maybe, or empty; ``chosen`` is what the model finds likeliest of the three.
        grounded: numbered passages were given; ``answerable`` if one of them answers.
        rouge_l: F-measure in [0, 1] of the longest common subsequence with ``expected`` (Lin 2004).
        citations: valid markers in the answer; ``answering`` of them name a passage that answers.
        invalid: numbers in markers that name no passage.
        refused: it wrote that the passages do not answer.
        repeats: a sentence stands in the answer more than once.
    """

    question: str
    expected: str
    answer: str
    nll: float
    tokens: int
    decision: str = ""
    chosen: str = ""
    grounded: bool = False
    answerable: bool = True
    rouge_l: float = 0.0
    citations: int = 0
    answering: int = 0
    invalid: int = 0
    refused: bool = False
    repeats: bool = False

    @property
    def can(self) -> bool:
        """It was given a passage that answers."""
        return self.grounded and self.answerable

    @property
    def cannot(self) -> bool:
        """It was given passages, none of which answers."""
        return self.grounded and not self.answerable

    @property
    def held(self) -> float:
        """Share of its citations that name a passage which answers; 0 without any."""
        return self.answering / self.citations if self.citations else 0.0


Of = Callable[[ItemResult], float]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One measure: what it is of a model's results, and which items it is about."""

    name: str
    statistic: Callable[[Sequence[ItemResult]], Statistic]
    about: Of
    higher_is_better: bool = True
    decides: bool = False


def compare(before: Sequence[ItemResult], after: Sequence[ItemResult]) -> tuple[Measure, ...]:
    """Return every measure that applies; ``before[i]`` and ``after[i]`` are of the same conversation."""
    if [item.question for item in before] != [item.question for item in after]:
        raise ValueError("both models must be measured on the same conversations")
    same_tokens = all(b.tokens == a.tokens for b, a in zip(before, after, strict=True))
    found = []
    for kind in (_loss(same_tokens), *_KINDS):
        if items := sum(1 for item in after if kind.about(item)):
            statistics = kind.statistic(before), kind.statistic(after)
            found.append(
                difference(
                    kind.name,
                    *statistics,
                    len(after),
                    higher_is_better=kind.higher_is_better,
                    decides=kind.decides,
                    items=items,
                )
            )
    return tuple(found)


def _mean(quantity: Of, about: Of) -> Callable[[Sequence[ItemResult]], Statistic]:
    """Return the sum of ``quantity`` over the sum of ``about``, both taken of each item."""
    return lambda results: share(
        [quantity(item) if about(item) else 0.0 for item in results], [about(item) for item in results]
    )


def _macro_f1(results: Sequence[ItemResult]) -> Statistic:
    """Mean F1 of the classes that occur among the right decisions or the chosen ones."""
    gold = _one_hot([item.decision for item in results])
    chosen = _one_hot([item.chosen if item.decision else "" for item in results])

    def of(weights: Floats) -> Floats:
        scores = quotient(2 * (weights @ (gold * chosen)), weights @ (gold + chosen))
        occur = ~np.isnan(scores)
        return quotient(np.where(occur, scores, 0.0).sum(1), occur.sum(1).astype(np.float64))

    return of


def _one_hot(names: Sequence[str]) -> Floats:
    return np.array([[name == known for known in _CLASSES] for name in names], np.float64)


def _judgement(results: Sequence[ItemResult]) -> Statistic:
    """Mean of two shares: answered where a passage answers, refused where none does."""
    answered = _mean(lambda item: not item.refused, lambda item: item.can)(results)
    refused = _mean(lambda item: item.refused, lambda item: item.cannot)(results)
    return lambda weights: np.asarray((answered(weights) + refused(weights)) / 2, np.float64)


def _loss(same_tokens: bool) -> _Kind:
    """Per token, unless the two models have other tokens, whose losses cannot be compared."""
    if same_tokens:
        statistic = _mean(lambda item: item.nll, lambda item: item.tokens)
        return _Kind("Loss", statistic, lambda item: item.tokens, False, True)
    statistic = _mean(lambda item: item.nll, lambda item: len(item.expected))
    return _Kind("Loss per character", statistic, lambda item: item.tokens, False, True)


def _decided(item: ItemResult) -> float:
    return bool(item.decision)


def _each(item: ItemResult) -> float:
    return 1.0


def _kind(name: str, quantity: Of, about: Of, higher: bool = True, decides: bool = False) -> _Kind:
    return _Kind(name, _mean(quantity, about), about, higher, decides)


_KINDS = (
    _kind("Accuracy (yes/no/maybe)", lambda item: item.chosen == item.decision, _decided, decides=True),
    _Kind("Macro-F1 (yes/no/maybe)", _macro_f1, _decided, decides=True),
    _kind("ROUGE-L", lambda item: item.rouge_l, lambda item: item.answerable, decides=True),
    _kind("Citations that hold", lambda item: item.held, lambda item: item.can, decides=True),
    _Kind("Answers when it can, refuses when it cannot", _judgement, lambda item: item.cannot, decides=True),
    _kind("Answers with a citation", lambda item: item.citations > 0, lambda item: item.can),
    _Kind(
        "Citations on an answering passage",
        _mean(lambda item: item.answering, lambda item: item.citations if item.can else 0),
        lambda item: item.can,
    ),
    _kind("Invalid numbers per answer", lambda item: item.invalid, lambda item: item.grounded, False),
    _kind("Refusals when nothing answers", lambda item: item.refused, lambda item: item.cannot),
    _kind("False refusals", lambda item: item.refused, lambda item: item.can, False),
    _kind("Answers that repeat themselves", lambda item: item.repeats, _each, False),
)
