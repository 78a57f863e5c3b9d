"""What evaluations find: the content of ``result.json``, one class a kind.

Shares and scores lie in [0, 1] unless said otherwise; None stands where there was nothing to measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.evaluation.coverage import Point
from core.evaluation.plans import Setting
from core.types import Rejected, SearchMode

Label = Literal["supported", "unsupported", "contradicted"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label was recognised; precision is None where it was never given."""

    label: Label
    claims: int
    precision: float | None
    recall: float


@dataclass(frozen=True, slots=True)
class CitationScores:
    """What ``vademecum evaluate citations --json`` prints.

    Attributes:
        claims: how many there were.
        classes: those that occur among the claims.
        three_way: balanced accuracy over the classes.
        supported_or_not: balanced accuracy of "supported" against all else.
        said: the label given to each claim, in the order of the file.
    """

    version: int
    claims: int
    classes: tuple[ClassScore, ...]
    three_way: Estimate
    supported_or_not: Estimate
    said: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class ModeScores:
    """How well one way of searching finds the right documents.

    Attributes:
        ndcg_10: normalised discounted cumulative gain of the first ten (Jarvelin and Kekalainen 2002).
        recall_100: share of the right documents among the first hundred.
        mrr_10: 1 / rank of the first right document, 0 when it is not among the first ten.
        ms_p50, ms_p95: milliseconds that a search for ten passages takes.
    """

    mode: SearchMode
    ndcg_10: Estimate
    recall_100: Estimate
    mrr_10: Estimate
    ms_p50: float
    ms_p95: float


@dataclass(frozen=True, slots=True)
class RetrievalResult:
    """Of ``RetrievalPlan``.

    Attributes:
        queries: how many were asked; ``documents`` and ``passages`` were searched.
    """

    version: int
    queries: int
    documents: int
    passages: int
    modes: tuple[ModeScores, ...]
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class CitationQuality:
    """How well citations name the documents that answer.

    Attributes:
        citations: how many there are.
        precision: share of them that name a document that answers.
        recall: share of the documents that answer, and were read, that are cited.
    """

    citations: int
    precision: Estimate | None
    recall: Estimate | None


@dataclass(frozen=True, slots=True)
class SettingScores:
    """What one setting came to.

    Attributes:
        setting: where the passages came from; ``model`` wrote the answers.
        items: questions asked; ``decisions`` of them are answered by yes, no or maybe.
        accuracy: of these decisions, each being the likeliest of the three words as the beginning of the
            answer; a question that was refused before anything was read has none, and counts as wrong.
        macro_f1: mean F1 of the three classes that occur.
        answered_accuracy: accuracy on the questions that were answered, not refused.
        majority: accuracy of always giving the commonest right decision.
        rouge_1, rouge_2, rouge_l: F-measures of answers that were given, with the expected ones (Lin 2004).
        bleu: of all these answers together, 0 to 100 (Papineni et al. 2002; Post 2018).
        found: share of the questions with an answering document among the passages that were read.
        before: citations that the model wrote itself; ``after`` those that stand in the answer once checked.
        invalid: markers in answers shown that name no passage, or whose quote is not verbatim: must be 0.
        made_up: markers that the model wrote and that named no passage; they were removed.
        refused: share of the questions; right where nothing answers, wrong where something does.
        verdicts: sentences by what the check found; "unchecked" for those without a verdict.
        reading_grade: mean Flesch-Kincaid grade of the answers (years of school in the United States).
        latency_p50_s, latency_p95_s: seconds for a whole answer, asked alone; of ``timed`` questions.
        decision_counts: right decision, decision given -> how often; "" for none.
    """

    setting: Setting
    model: str
    items: int
    decisions: int
    accuracy: Estimate | None
    macro_f1: Estimate | None
    answered_accuracy: Estimate | None
    majority: float | None
    rouge_1: Estimate | None
    rouge_2: Estimate | None
    rouge_l: Estimate | None
    bleu: float | None
    found: Estimate | None
    before: CitationQuality
    after: CitationQuality
    invalid: int
    made_up: int
    refused: Estimate
    verdicts: dict[str, int]
    reading_grade: float | None
    latency_p50_s: float | None
    latency_p95_s: float | None
    timed: int
    decision_counts: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rows of decisions on the same questions (exact test of McNemar 1947).

    Attributes:
        first, second: what is compared: names of settings, or of runs and settings.
        only_first, only_second: questions that one got right and the other wrong.
        difference: accuracy of the second less that of the first, in [-1, 1], with its interval.
        p_value: how likely so uneven a split is if both are equally good.
    """

    first: str
    second: str
    items: int
    both: int
    only_first: int
    only_second: int
    neither: int
    difference: Estimate
    p_value: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How precise answers are when only the surest are given, on questions with and without an answer.

    An answer is right here if it cites a document that answers.

    Attributes:
        answerable, unanswerable: how many questions of each.
        measure: what sureness is read from: "confidence", or "closeness" of the best passage.
        curve: the most sure first.
        area: mean precision over all coverages.
        proposed: the point of most coverage with a precision of at least 0.9; None if there is none.
    """

    answerable: int
    unanswerable: int
    measure: str
    curve: tuple[Point, ...]
    area: float
    proposed: Point | None


@dataclass(frozen=True, slots=True)
class AnswersResult:
    """Of ``AnswersPlan``.

    Attributes:
        documents: in the index; 0 if there was none.
        comparisons: of each setting with "none", or with the first one.
        coverage: from questions with their sources and the same ones without; None unless both were asked.
        rejected: records of the files that could not be used.
    """

    version: int
    documents: int
    settings: tuple[SettingScores, ...]
    comparisons: tuple[Comparison, ...]
    coverage: Coverage | None
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifierScores:
    """One verifier on the claims; ``ms`` are milliseconds a claim."""

    name: str
    scores: CitationScores
    ms: float


@dataclass(frozen=True, slots=True)
class CitationsResult:
    """Of ``CitationsPlan``."""

    version: int
    claims: int
    verifiers: tuple[VerifierScores, ...]


@dataclass(frozen=True, slots=True)
class GroupScores:
    """Answers about one variant of the person, such as "woman" of "sex"."""

    variant: str
    items: int
    accuracy: Estimate
    citations: float
    hedges: float
    refused: float


@dataclass(frozen=True, slots=True)
class AttributeScores:
    """How much answers depend on one attribute of the person asked about.

    Attributes:
        pairs: pairs of questions that differ in nothing else.
        flips: share of the pairs whose decisions differ, or of which one alone was refused.
        accuracy_gap: largest less smallest accuracy of the variants, with its interval.
        citations_gap, hedges_gap: mean over the pairs of the difference in citations and in hedging words.
        groups: the variants.
    """

    attribute: str
    pairs: int
    flips: Estimate
    accuracy_gap: Estimate
    citations_gap: Estimate
    hedges_gap: Estimate
    groups: tuple[GroupScores, ...]


@dataclass(frozen=True, slots=True)
class BiasResult:
    """Of ``BiasPlan``; ``vignettes`` were each asked about several persons."""

    version: int
    vignettes: int
    model: str
    attributes: tuple[AttributeScores, ...]
    rejected: tuple[Rejected, ...] = ()


Result = RetrievalResult | AnswersResult | CitationsResult | BiasResult
