"""Two finished evaluations side by side."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from core.errors import RunUnusable
from core.evaluation.answer_items import AnswerItem
from core.evaluation.answer_scores import compared
from core.evaluation.plans import AnswersPlan
from core.evaluation.results import Comparison, Result
from core.evaluation.runs import Evaluation


@dataclass(frozen=True, slots=True)
class Compared:
    """Two results, and for answers the tests of their differences, setting by setting."""

    first: Result
    second: Result
    comparisons: tuple[Comparison, ...] = ()


def compare_runs(one: Evaluation, other: Evaluation) -> Compared:
    """Compare two evaluations of one kind.

    Raises:
        RunUnusable: they are of two kinds, or one is not finished.
    """
    kinds = one.about().kind, other.about().kind
    if kinds[0] != kinds[1]:
        raise RunUnusable(
            f"An evaluation of {kinds[0]} cannot be compared with one of {kinds[1]}.",
            "Choose two of one kind.",
        )
    results = one.result(), other.result()
    for evaluation, result in zip((one, other), results, strict=True):
        if result is None:
            raise RunUnusable(
                f"The evaluation {evaluation.id} is not finished.",
                f"Go on with: vademecum evaluate resume {evaluation.id}",
            )
    assert results[0] is not None
    assert results[1] is not None
    found = _tests(one, other) if kinds[0] == "answers" else ()
    return Compared(results[0], results[1], found)


def _tests(one: Evaluation, other: Evaluation) -> tuple[Comparison, ...]:
    mine, theirs = (msgspec.convert(run.items(), list[AnswerItem]) for run in (one, other))
    plan = one.about().plan
    assert isinstance(plan, AnswersPlan)
    tests = (
        compared(
            f"first, {setting}",
            [item for item in mine if item.setting == setting],
            f"second, {setting}",
            [item for item in theirs if item.setting == setting],
        )
        for setting in plan.settings
    )
    return tuple(test for test in tests if test)
