"""What an evaluation is asked to do: a plan for each kind, kept as ``run.json`` of its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import msgspec

from core.errors import InputUnreadable
from core.protocol import EvaluationKind
from core.types import SearchMode

Setting = Literal["gold", "retrieved", "withheld", "none"]
DatasetFormat = Literal["pubmedqa", "bioasq", "jsonl"]


@dataclass(frozen=True, slots=True)
class RetrievalPlan:
    """How well documents are found, in BEIR's layout (Thakur et al. 2021).

    Attributes:
        corpus: JSON lines with ``_id``, ``title`` and ``text``.
        queries: JSON lines with ``_id`` and ``text``.
        qrels: a table of query, document and relevance, separated by tabs.
        limit: so many of the queries, drawn by ``seed``; None for all.
    """

    corpus: str
    queries: str
    qrels: str
    modes: tuple[SearchMode, ...] = ("hybrid", "dense", "lexical")
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class AnswersPlan:
    """How good answers are to questions whose answers are known.

    Attributes:
        dataset: the file of questions, with answers and the passages that answer them.
        settings: "gold" gives each question its own passages; "retrieved" has them found among those of all
            questions and of ``corpus``; "withheld" does the same, but its own are left out, so that the
            right answer is a refusal; "none" asks the model alone.
        corpus: further files of documents, among which the right ones have to be found.
        model: name or folder of the language model; empty for the one in the settings.
        ids: a file that names the questions to take: JSON (a list, or an object by id) or an id a line.
        kind: only questions of this kind: "yesno", "factoid", "list", "summary"; empty for all.
        batch: answers written at a time; 0 for one on the CPU and many on a graphics card.
    """

    dataset: str
    format: DatasetFormat
    settings: tuple[Setting, ...] = ("gold",)
    corpus: tuple[str, ...] = ()
    model: str = ""
    ids: str = ""
    kind: str = ""
    limit: int | None = None
    seed: int = 0
    batch: int = 0


@dataclass(frozen=True, slots=True)
class CitationsPlan:
    """How well citations are checked, on claims in SciFact's layout (Wadden et al. 2020).

    Attributes:
        claims: the file of claims; the corpus lies beside it.
        verifiers: "rules", "cosine", "default" (the one in the settings), or names or folders of models;
            none for the first three.
    """

    claims: str
    verifiers: tuple[str, ...] = ()
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class BiasPlan:
    """Whether answers change with who is asked about.

    Attributes:
        templates: vignettes, one a line (docs/FORMATS.md); empty for those that come with the program.
        model: as in ``AnswersPlan``; so is ``batch``.
    """

    templates: str = ""
    model: str = ""
    limit: int | None = None
    seed: int = 0
    batch: int = 0


Plan = RetrievalPlan | AnswersPlan | CitationsPlan | BiasPlan
PLANS: Mapping[EvaluationKind, type[Plan]] = {
    "retrieval": RetrievalPlan,
    "answers": AnswersPlan,
    "citations": CitationsPlan,
    "bias": BiasPlan,
}
KINDS: Mapping[type[Plan], EvaluationKind] = {made: kind for kind, made in PLANS.items()}


def plan_of(kind: EvaluationKind, options: Mapping[str, Any]) -> Plan:
    """Return the plan with these ``options``; raise InputUnreadable if one is unknown, missing or wrong."""
    made = PLANS[kind]
    names = [field.name for field in fields(made)]
    if unknown := sorted(options.keys() - set(names)):
        raise InputUnreadable(
            f"An evaluation of {kind} has no option {unknown[0]}.", f"It has {', '.join(names)}."
        )
    try:
        plan = msgspec.convert(dict(options), made)
    except msgspec.ValidationError as error:
        raise InputUnreadable(f"This evaluation cannot be done: {error}.", "Correct that option.") from error
    if plan.limit is not None and plan.limit < 1:
        raise InputUnreadable("The limit is less than one item.", "Give a limit of 1 or more, or none.")
    return plan
