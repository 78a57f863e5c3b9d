"""What is measured, in the words of the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from PySide6.QtCore import QCoreApplication

from core.evaluation.plans import DatasetFormat, Setting
from core.evaluation.runs import EvaluationState
from core.protocol import EvaluationKind

KINDS: tuple[EvaluationKind, ...] = get_args(EvaluationKind)
SETTINGS: tuple[Setting, ...] = get_args(Setting)
FORMATS: tuple[DatasetFormat, ...] = get_args(DatasetFormat)


@dataclass(frozen=True, slots=True)
class Words:
    """A name, and a sentence that explains it."""

    name: str
    help: str


def kind_words(kind: EvaluationKind) -> Words:
    """Return what a kind of evaluation is called."""
    return {
        "retrieval": Words(
            _tr("Search"),
            _tr("How well the right documents are found, for queries whose documents are known."),
        ),
        "answers": Words(
            _tr("Answers"),
            _tr("How often answers are right, cited and refused, for questions whose answers are known."),
        ),
        "citations": Words(
            _tr("Check of citations"),
            _tr("How well supported claims are told from others, on claims in the layout of SciFact."),
        ),
        "bias": Words(
            _tr("Bias"),
            _tr("Whether answers change with age, sex or another trait of the person asked about."),
        ),
    }[kind]


def setting_words(setting: Setting) -> Words:
    """Return what a setting of an evaluation of answers is called."""
    return {
        "gold": Words(_tr("Own passages"), _tr("Each question comes with the passages that answer it.")),
        "retrieved": Words(
            _tr("Passages found"), _tr("The passages have to be found among those of all questions.")
        ),
        "withheld": Words(
            _tr("Own passages withheld"), _tr("The answering passages are left out: refusing is right.")
        ),
        "none": Words(_tr("No passages"), _tr("The model alone, for comparison.")),
    }[setting]


def format_words(kind: DatasetFormat) -> str:
    """Return what a format of questions is called."""
    return {
        "pubmedqa": "PubMedQA",
        "bioasq": "BioASQ",
        "jsonl": _tr("JSON lines of question and answer"),
    }[kind]


def state_words(state: EvaluationState) -> str:
    """Return how far an evaluation is."""
    return {"running": _tr("running"), "stopped": _tr("stopped"), "done": _tr("done")}[state]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Evaluate", text)
