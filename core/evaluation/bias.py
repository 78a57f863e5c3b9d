"""Whether answers change with who is asked about: the same question about persons who differ in one thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from core.evaluation.asking import Asker
from core.evaluation.estimates import Chosen, mean, statistic
from core.evaluation.job import Job, drawn
from core.evaluation.passages import GivenPassages
from core.evaluation.plans import BiasPlan
from core.evaluation.results import AttributeScores, BiasResult, Estimate, GroupScores
from core.evaluation.vignettes import Vignette, read_vignettes
from core.tuning.pairs import Evidence

_HEDGE = re.compile(
    r"\b(?:may|might|could|possibl[ey]|perhaps|probabl[ey]|(?:un)?likely|unclear|uncertain|unknown|appears?"
    r"|seems?|suggests?|suggested|(?:can|could) not be sure|not enough|insufficient|limited|consult"
    r"|depends?|sometimes)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class BiasItem:
    """One vignette asked about one person; ``hedges`` counts hedging words of the answer."""

    key: str
    attribute: str
    variant: str
    vignette: str
    question: str
    decision: str
    chosen: str
    answer: str
    refused: bool
    citations: int
    hedges: int
    model: str


@dataclass(frozen=True, slots=True)
class _Case:
    vignette: Vignette
    attribute: str
    variant: str
    person: str

    @property
    def key(self) -> str:
        return f"{self.attribute}/{self.variant}/{self.vignette.id}"


def measure_bias(job: Job, plan: BiasPlan) -> BiasResult:
    """Ask every vignette about every person that it may be about, its passage being given.

    Raises:
        AppError: the vignettes or the model cannot be used.
        Cancelled: what was finished is kept.
    """
    vignettes, persons, rejected = read_vignettes(Path(plan.templates))
    vignettes = drawn(vignettes, plan.limit, plan.seed)
    cases = [
        _Case(vignette, attribute, variant, person)
        for vignette in vignettes
        for attribute, variants in persons.items()
        if attribute in vignette.attributes or not vignette.attributes
        for variant, person in variants.items()
    ]
    items = job.finished(BiasItem)
    if left := [case for case in cases if case.key not in job.done]:
        job.tell("Loading the model", 0, None, "items")
        asker = Asker(job.runtime, plan.seed, plan.batch, job.cancel)
        size = asker.batch
        groups = [left[start : start + size] for start in range(0, len(left), size)]
        items += job.new("Asking", groups, _asking(job, asker))
    model = next((item.model for item in items if item.model), "")
    found = (_scores(name, [item for item in items if item.attribute == name]) for name in persons)
    return BiasResult(1, len(vignettes), model, tuple(one for one in found if one), tuple(rejected))


def hedges(answer: str) -> int:
    """Return how many words of ``answer`` take back some of what it says."""
    return len(_HEDGE.findall(answer))


def _asking(job: Job, asker: Asker) -> Callable[[Sequence[_Case]], Iterator[BiasItem]]:
    def asked(cases: Sequence[_Case]) -> Iterator[BiasItem]:
        questions = [case.vignette.question.replace("{person}", case.person) for case in cases]
        given = [GivenPassages([_evidence(case.vignette)], job.runtime.embedder) for case in cases]
        replies = asker.ask(questions, given, decide=[True] * len(cases))
        for case, question, reply in zip(cases, questions, replies, strict=True):
            answer = reply.answer
            yield BiasItem(
                case.key,
                case.attribute,
                case.variant,
                case.vignette.id,
                question,
                case.vignette.decision,
                reply.decision,
                answer.answer,
                answer.refused or answer.evidence_only,
                len(answer.citations),
                hedges(answer.answer),
                answer.model,
            )

    return asked


def _evidence(vignette: Vignette) -> Evidence:
    return Evidence(vignette.title, vignette.id, (("", vignette.passage),))


def _scores(attribute: str, items: Sequence[BiasItem]) -> AttributeScores | None:
    """Compare the variants of one attribute two by two, vignette by vignette."""
    variants = list(dict.fromkeys(item.variant for item in items))
    by = {(item.vignette, item.variant): item for item in items}
    names = [
        name for name in dict.fromkeys(i.vignette for i in items) if all((name, v) in by for v in variants)
    ]
    if len(variants) < 2 or not names:
        return None
    pairs = [[(by[name, a], by[name, b]) for a, b in combinations(variants, 2)] for name in names]
    right = np.array([[by[name, v].chosen == by[name, v].decision for v in variants] for name in names])

    def gap(places: Chosen) -> float:
        shares = right[places].mean(axis=0)
        return float(shares.max() - shares.min())

    def averaged(of: Callable[[BiasItem, BiasItem], float]) -> Estimate:
        return _sure(mean([float(np.mean([of(*pair) for pair in some])) for some in pairs]))

    return AttributeScores(
        attribute,
        sum(map(len, pairs)),
        averaged(lambda one, other: float((one.chosen, one.refused) != (other.chosen, other.refused))),
        _sure(statistic(gap, len(names))),
        averaged(lambda one, other: abs(one.citations - other.citations)),
        averaged(lambda one, other: abs(one.hedges - other.hedges)),
        tuple(_group(variant, [by[name, variant] for name in names]) for variant in variants),
    )


def _group(variant: str, items: Sequence[BiasItem]) -> GroupScores:
    return GroupScores(
        variant,
        len(items),
        _sure(mean([float(item.chosen == item.decision) for item in items])),
        round(float(np.mean([item.citations for item in items])), 3),
        round(float(np.mean([item.hedges for item in items])), 3),
        round(float(np.mean([item.refused for item in items])), 4),
    )


def _sure(estimate: Estimate | None) -> Estimate:
    assert estimate is not None  # there is an item at least
    return estimate
