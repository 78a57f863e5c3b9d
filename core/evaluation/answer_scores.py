"""From items to the figures of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np

from core.evaluation.answer_items import AnswerItem
from core.evaluation.coverage import coverage_curve, threshold_for
from core.evaluation.estimates import macro_f1, mcnemar, mean, ratio
from core.evaluation.plans import AnswersPlan, Setting
from core.evaluation.results import (
    AnswersResult,
    CitationQuality,
    Comparison,
    Coverage,
    Estimate,
    SettingScores,
)
from core.evaluation.text_scores import bleu
from core.types import Rejected

_PRECISE = 0.9
Items = Sequence[AnswerItem]


def answers_result(
    plan: AnswersPlan, items: Items, documents: int, rejected: tuple[Rejected, ...]
) -> AnswersResult:
    """Return what ``items`` come to, setting by setting."""
    by = {setting: [item for item in items if item.setting == setting] for setting in plan.settings}
    by = {setting: some for setting, some in by.items() if some}
    base: Setting = "none" if "none" in by else next(iter(by), "none")
    comparisons = (compared(base, by[base], setting, some) for setting, some in by.items() if setting != base)
    return AnswersResult(
        1,
        documents,
        tuple(_scores(setting, some) for setting, some in by.items()),
        tuple(one for one in comparisons if one),
        _coverage(by.get("retrieved") or by.get("gold") or [], by.get("withheld", [])),
        rejected,
    )


def compared(first: str, one: Items, second: str, other: Items) -> Comparison | None:
    """Compare the decisions of two rows of items on the questions that both were asked; None without any."""
    theirs = {item.id: item.correct for item in other if item.decision}
    pairs = [(item.correct, theirs[item.id]) for item in one if item.decision and item.id in theirs]
    difference = mean([float(b) - float(a) for a, b in pairs]) if pairs else None
    if difference is None:
        return None
    counts = Counter(pairs)
    only_first, only_second = counts[True, False], counts[False, True]
    return Comparison(
        first,
        second,
        len(pairs),
        counts[True, True],
        only_first,
        only_second,
        counts[False, False],
        difference,
        mcnemar(only_first, only_second),
    )


def _scores(setting: Setting, items: Items) -> SettingScores:
    decided = [item for item in items if item.decision]
    given = [item for item in items if item.rouge is not None]
    timed = [item.seconds for item in items if item.seconds is not None]
    refused = mean([item.refused for item in items])
    assert refused is not None  # there is an item at least
    rouges = [mean([item.rouge[at] for item in given if item.rouge]) if given else None for at in range(3)]
    return SettingScores(
        setting=setting,
        model=next((item.model for item in items if item.model), ""),
        items=len(items),
        decisions=len(decided),
        accuracy=_mean(decided, lambda item: item.correct),
        macro_f1=macro_f1([item.decision for item in decided], [item.chosen for item in decided]),
        answered_accuracy=_mean([item for item in decided if not item.refused], lambda item: item.correct),
        majority=_majority(decided),
        rouge_1=rouges[0],
        rouge_2=rouges[1],
        rouge_l=rouges[2],
        bleu=bleu([item.expected for item in given], [item.answer for item in given]),
        found=_mean([i for i in items if i.read and i.right], lambda item: {*item.read} & {*item.right}),
        before=_quality(items, lambda item: item.before),
        after=_quality(items, lambda item: item.after),
        invalid=sum(item.invalid for item in items),
        made_up=sum(item.made_up for item in items),
        refused=refused,
        verdicts=dict(sum((Counter(item.verdicts) for item in items), Counter())),
        reading_grade=_average([item.grade for item in items if item.grade is not None]),
        latency_p50_s=_percentile(timed, 50),
        latency_p95_s=_percentile(timed, 95),
        timed=len(timed),
        decision_counts=_decision_counts(decided),
    )


def _quality(items: Items, cited: Callable[[AnswerItem], Sequence[str]]) -> CitationQuality:
    """Judge citations by the documents they name; recall is of those that were there to be cited."""
    some = [item for item in items if item.right]
    hits = [sum(name in item.right for name in cited(item)) for item in some]
    there = [len({*item.read} & {*item.right}) for item in some]
    named = [len({*cited(item)} & {*item.right}) for item in some]
    return CitationQuality(
        sum(len(cited(item)) for item in items),
        ratio(hits, [len(cited(item)) for item in some]),
        ratio(named, there),
    )


def _coverage(answerable: Items, unanswerable: Items) -> Coverage | None:
    """Return the curve over what can be answered and what cannot; a refusal is the least sure of all.

    An answer is right if it cites a document that answers: whether it should have been given at all is asked
    here, not whether a yes or no in it is right.
    """
    if not answerable or not unanswerable:
        return None
    items = [*answerable, *unanswerable]
    scores = [0.0 if item.refused else item.confidence or 0.0 for item in items]
    right = [not item.refused and bool({*item.after} & {*item.right}) for item in items]
    curve = coverage_curve(scores, right)
    steps = [0.0, *(point.coverage for point in curve)]
    area = sum(p.precision * (p.coverage - before) for p, before in zip(curve, steps, strict=False))
    proposed = threshold_for(curve, _PRECISE)
    return Coverage(len(answerable), len(unanswerable), "confidence", curve, round(area, 4), proposed)


def _decision_counts(items: Items) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for item in items:
        row = counts.setdefault(item.decision, {})
        row[item.chosen] = row.get(item.chosen, 0) + 1
    return counts


def _majority(items: Items) -> float | None:
    counts = Counter(item.decision for item in items)
    return round(counts.most_common(1)[0][1] / len(items), 4) if items else None


def _mean(items: Items, of: Callable[[AnswerItem], object]) -> Estimate | None:
    return mean([float(bool(of(item))) for item in items]) if items else None


def _average(values: Sequence[float]) -> float | None:
    return round(fmean(values), 2) if values else None


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 3) if values else None
