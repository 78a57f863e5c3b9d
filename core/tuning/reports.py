"""What is told about training data before a run, and about a tuned model after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.types import Rejected

Verdict = Literal["better", "equal", "worse"]
RunState = Literal["training", "stopped", "failed", "trained", "merged", "judged"]


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of token counts. ``bins`` are counts in equal steps of ``width`` tokens from 0."""

    mean: float
    median: float
    p95: float
    longest: int
    width: int
    bins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Something in the data that may identify a person; ``shown`` is masked but for its shape."""

    file: str
    record: int
    kind: str
    field: str
    shown: str


@dataclass(frozen=True, slots=True)
class Leak:
    """A pair that is also in a known test set, by its document ("document") or its question ("question")."""

    file: str
    record: int
    test_set: str
    by: Literal["document", "question"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A pair whose question and answer were met before, in ``first_file`` record ``first_record``."""

    file: str
    record: int
    first_file: str
    first_record: int


@dataclass(frozen=True, slots=True)
class Diversity:
    """How varied the questions are.

    Attributes:
        distinct_1, distinct_2: different words and word pairs as a share of all (Li et al. 2016).
        openings: the commonest first two words of questions with their counts, most frequent first.
        documents: different documents of evidence.
    """

    distinct_1: float
    distinct_2: float
    openings: tuple[tuple[str, int], ...]
    documents: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a rendered conversation; ``trained`` stretches are what the loss is taken on."""

    text: str
    trained: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """One conversation as the model will see it.

    Attributes:
        tokens: of all of it, after truncation.
        cut: tokens of evidence that were left out to fit the maximum length.
        split: "train" or "validation".
    """

    segments: tuple[Segment, ...]
    tokens: int
    cut: int
    split: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one file gave; ``format`` is the one it was read as."""

    path: str
    format: str
    entries: int
    rejected: int


@dataclass(frozen=True, slots=True)
class DataReport:
    """What ``vademecum train data`` prints.

    Attributes:
        entries: pairs read, duplicates and leaks included.
        used: pairs that will be trained on or validated with; duplicates and leaks are left out.
        conversations: rows made of them, repetitions by weight and paraphrase included.
        train, validation: how the conversations are split.
        context, question, answer, conversation: tokens of each.
        trained_tokens: tokens of the training split that the loss is taken on.
        all_tokens: all tokens of the training split.
        rows: rows of the training split after packing.
        truncated: conversations whose evidence was cut; ``untrained`` those left out because nothing of
            their answer would fit.
        refusals: conversations whose right answer is that the passages do not answer.
        classes: counts of yes, no and maybe, of kinds of question where there is no decision.
        dataset_hash: SHA-256 of the conversations, in order.
    """

    version: int
    sources: tuple[SourceReport, ...]
    entries: int
    used: int
    conversations: int
    train: int
    validation: int
    context: Spread
    question: Spread
    answer: Spread
    conversation: Spread
    trained_tokens: int
    all_tokens: int
    rows: int
    truncated: int
    untrained: int
    refusals: int
    classes: dict[str, int]
    diversity: Diversity
    duplicates: tuple[Duplicate, ...]
    leaks: tuple[Leak, ...]
    personal: tuple[PersonalData, ...]
    rejected: tuple[Rejected, ...]
    previews: tuple[Preview, ...]
    dataset_hash: str
    base: str
    max_length: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of both models on the same held-out items.

    Attributes:
        name: such as "Accuracy (yes/no/maybe)" or "Loss".
        before, after: of the current and the new model; None where it does not apply.
        low, high: bounds of the 95 % interval of after - before (paired bootstrap over items).
        higher_is_better: False for a loss.
        decides: it takes part in the verdict.
        items: how many items it was measured on.
    """

    name: str
    before: float | None
    after: float | None
    low: float | None
    high: float | None
    higher_is_better: bool
    decides: bool
    items: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One held-out question with the answers of both models."""

    question: str
    expected: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class GateReport:
    """The comparison that decides whether a tuned model may take over. Kept as ``result.json`` of the run.

    Attributes:
        current, candidate: names of the two models.
        verdict: "worse" if any deciding measure is worse by its whole interval, "better" if none is and one
            is better by its whole interval, else "equal".
        reason: the verdict in a sentence.
        heldout: how many items were held out for it.
    """

    version: int
    run: str
    current: str
    candidate: str
    verdict: Verdict
    reason: str
    measures: tuple[Measure, ...]
    samples: tuple[Sample, ...]
    heldout: int
    seconds: float
