"""Folders of evaluations, as the worker leaves them."""

from __future__ import annotations

from core.evaluation.answer_items import AnswerItem
from core.evaluation.runs import SCHEMA, About, Evaluation, Evaluations
from core.paths import Home

MODELS = {"language": "smollm2-135m-grounded", "embedder": "all-minilm-l6-v2", "verifier": "minilm-scifact"}
NOTICE = "AI-generated from the cited library. Check the sources. Not medical advice."


def item(number: int) -> AnswerItem:
    right = "yes" if number % 3 else "no"
    return AnswerItem(
        key=f"gold/{number}",
        setting="gold",
        id=str(number),
        question=f"Does drug {number} help?",
        expected="It helps.",
        decision=right,
        chosen="yes",
        answer="It helps [1].",
        quotes=((1, "The drug helped."),),
        refused=False,
        right=("1",),
        read=("1",),
        before=("1",),
        after=("1",),
        made_up=0,
        invalid=0,
        verdicts={"supported": 1},
        rouge=(0.5, 0.2, 0.4),
        confidence=0.6,
        grade=6.0,
        seconds=1.0,
        model="smollm2-135m-grounded",
    )


def keep(
    home: Home, kind: str, options: dict, result=None, items: int = 3, report: bool = True
) -> Evaluation:
    """Make an evaluation that is finished, or was stopped when there is no ``result``."""
    about = About(
        SCHEMA,
        kind,
        options,
        "2026-11-20T09:30:00+00:00",
        "0.1.0",
        MODELS,
        {str(value): "0" * 64 for value in options.values() if isinstance(value, str) and "/" in value},
        NOTICE,
    )
    made = Evaluations(home.evaluations).create(about)
    with made.writing() as file:
        for number in range(items):
            file.add(item(number) if kind == "answers" else {"key": f"hybrid/{number}"})
    if result is not None:
        made.write_result(result)
    if report:
        made.report.write_text("<title>report</title>", "utf-8")
    return made
