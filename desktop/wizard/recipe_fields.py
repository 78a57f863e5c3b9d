"""The fields of a recipe as a form needs them, read from its dataclass: a new field appears by itself.

Bounds and choices come from its type, the explanation from the docstring of its class, the default from the
class. Here are only better labels and units for the fields that we know.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from core.tuning.recipe import AnyRecipe, recipe_from

CONTEXT = "Recipe"
LEFT_OUT = {"version", "kind", "sources", "data.sources"}  # what the other pages are for


def _words(text: str) -> str:
    return str(QT_TRANSLATE_NOOP(CONTEXT, text))


SECTIONS: Mapping[str, str] = {
    "": _words("General"),
    "base": _words("Base model"),
    "lora": _words("Adapter (LoRA)"),
    "data": _words("Data"),
    "training": _words("Training"),
}
LABELS: Mapping[str, str] = {
    "base.weights": _words("Weights held in"),
    "base.adapter": _words("Go on from adapter"),
    "lora.rank_stabilised": _words("Rank-stabilised scaling"),
    "lora.targets": _words("Adapted layers"),
    "data.validation": _words("Held out"),
    "data.max_length": _words("Longest conversation"),
    "data.unanswerable": _words("Unanswerable questions"),
    "data.hard_distractors": _words("Hard distractors"),
    "data.wording": _words("Wording of answers"),
    "data.paraphrase": _words("Reworded questions"),
    "training.batch": _words("Batch"),
    "training.accumulation": _words("Accumulation"),
    "training.compute": _words("Precision of computation"),
    "training.patience": _words("Early stopping after"),
}
UNITS: Mapping[str, str] = {
    "data.max_length": _words("tokens"),
    "data.passages": _words("passages"),
    "data.validation": _words("share"),
    "data.unanswerable": _words("share"),
    "data.hard_distractors": _words("share"),
    "data.paraphrase": _words("share"),
    "data.section_dropout": _words("share"),
    "lora.dropout": _words("share"),
    "training.batch": _words("conversations"),
    "training.accumulation": _words("batches a step"),
    "training.epochs": _words("passes"),
    "training.max_steps": _words("steps, 0: no limit"),
    "training.warmup_steps": _words("steps"),
    "training.patience": _words("evaluations, 0: never"),
    "training.evaluations": _words("in a run"),
    "training.checkpoints": _words("in a run"),
    "batch": _words("pairs"),
    "epochs": _words("passes"),
    "max_steps": _words("steps, 0: no limit"),
    "warmup_share": _words("share of steps"),
    "validation": _words("share"),
    "max_tokens": _words("tokens"),
}

CHOICES: Mapping[str, str] = {
    "auto": _words("Automatic"),
    "4bit": _words("4 bits"),
    "8bit": _words("8 bits"),
    "full": _words("As it is"),
    "grounded": _words("With passages, as in the app"),
    "closed": _words("With its own evidence only"),
    "written": _words("As written"),
    "quoted": _words("Quoted from the evidence"),
    "paged_adamw_8bit": _words("Paged AdamW, 8 bits"),
    "adamw": _words("AdamW"),
    "linear": _words("Linear"),
    "cosine": _words("Cosine"),
    "constant": _words("Constant"),
    "plain": _words("Plain"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a recipe.

    Attributes:
        path: such as "training.learning_rate".
        kind: int, float, bool, str or tuple (of texts).
        choices: of a Literal.
        low, high: bounds, None where there are none; ``above``: ``low`` itself is not allowed.
    """

    path: str
    label: str
    help: str
    unit: str
    kind: type
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    above: bool = False

    @property
    def bounds(self) -> str:
        """The bounds in words, or an empty string."""
        if self.low is None or self.high is None:
            return ""
        words = _tr(_words("above {0}, up to {1}")) if self.above else _tr(_words("{0} to {1}"))
        return words.format(_plain(self.low), _plain(self.high))


def sections_of(kind: type) -> dict[str, list[Field]]:
    """Return the fields of a recipe class under the titles of their sections."""
    found: dict[str, list[Field]] = {}
    for path, annotation, owner in _walk(kind):
        if path in LEFT_OUT:
            continue
        section, _, name = path.rpartition(".")
        title = _tr(SECTIONS.get(section, section.replace("_", " ").capitalize()))
        found.setdefault(title, []).append(_field(path, name, annotation, owner))
    return found


def value_of(recipe: AnyRecipe, path: str) -> Any:
    """Return the value at ``path``."""
    found: Any = recipe
    for name in path.split("."):
        found = getattr(found, name)
    return found


def with_value(recipe: AnyRecipe, path: str, value: object) -> AnyRecipe:
    """Return ``recipe`` with another value; RecipeInvalid if it is out of bounds."""
    plain = msgspec.to_builtins(recipe)
    section, _, name = path.rpartition(".")
    (plain[section] if section else plain)[name] = value
    return recipe_from(plain)


def choice_words(choice: str) -> str:
    """Return what a choice of a field is called."""
    return _tr(CHOICES.get(choice, choice))


def explanations(kind: type) -> dict[str, str]:
    """Return what the docstring of ``kind`` says about each attribute."""
    _, _, attributes = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in attributes.splitlines():
        if begun := re.match(r"    ([a-z_0-9]+(?:, [a-z_0-9]+)*): (.*)", line):
            names = begun[1].split(", ")
            found.update(dict.fromkeys(names, begun[2]))
        elif line.startswith("        "):
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
        else:
            names = []
    return {name: _sentence(text) for name, text in found.items()}


def _walk(kind: type, prefix: str = "") -> list[tuple[str, Any, type]]:
    hints, found = get_type_hints(kind, include_extras=True), []
    for one in fields(kind):
        if is_dataclass(hints[one.name]):
            found += _walk(hints[one.name], f"{prefix}{one.name}.")
        else:
            found.append((prefix + one.name, hints[one.name], kind))
    return found


def _field(path: str, name: str, annotation: Any, owner: type) -> Field:
    label = LABELS.get(path, name.replace("_", " ").capitalize())
    help_ = explanations(owner).get(name, "")
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    metas = [meta for meta in getattr(annotation, "__metadata__", ()) if isinstance(meta, Meta)]
    inner = get_args(annotation)[0] if metas else annotation
    plain = str if choices else tuple if get_origin(inner) is tuple else inner
    low = high = None
    above = False
    if metas and metas[0].pattern is None:
        low = metas[0].ge if metas[0].ge is not None else metas[0].gt
        high, above = metas[0].le, metas[0].gt is not None
    return Field(path, _tr(label), _tr(help_), _tr(UNITS.get(path, "")), plain, choices, low, high, above)


def _sentence(text: str) -> str:
    plain = text.replace("``", "")
    return plain[:1].upper() + plain[1:]


def _plain(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def _tr(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text) if text else ""
