"""What each setting is called, how it is explained, and the widget that changes it.

Bounds and defaults come from ``core.settings``; here are only the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Meta
from PySide6.QtCore import QT_TRANSLATE_NOOP

from core.settings import Settings

CONTEXT = "Settings"


@dataclass(frozen=True, slots=True)
class FieldWords:
    """One setting: ``path`` in ``Settings``, label, explanation, and words for the choices of a Literal."""

    path: tuple[str, ...]
    label: str
    help: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a value may be: on or off for a ``switch``, one of ``choices``, or a number in [low, high].

    Attributes:
        whole: the number is an integer.
        order: the value is all ``choices`` in some order.
    """

    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    switch: bool = False
    order: bool = False


def _words(text: str) -> str:
    return str(QT_TRANSLATE_NOOP(CONTEXT, text))


SECTIONS: Sequence[tuple[str, Sequence[FieldWords]]] = (
    (
        _words("Window"),
        (
            FieldWords(
                ("appearance",),
                _words("Appearance"),
                _words("Light or dark, or as the system is."),
                (_words("As the system"), _words("Light"), _words("Dark")),
            ),
        ),
    ),
    (
        _words("Model"),
        (
            FieldWords(
                ("model", "language"),
                _words("Language model"),
                _words("Writes the answers. Any folder in Hugging Face format with safetensors weights."),
            ),
            FieldWords(
                ("model", "embedder"),
                _words("Search model"),
                _words(
                    "Finds passages by meaning. A library must be searched with the model it was made with."
                ),
            ),
            FieldWords(
                ("model", "reranker"),
                _words("Second reading"),
                _words(
                    "A model that reads search and passage together and puts the best passages in order "
                    "(a cross-encoder). Finds better, takes longer."
                ),
            ),
            FieldWords(
                ("model", "verifier"),
                _words("Citation check"),
                _words(
                    "A model that judges whether a quote bears out a sentence. Another one (MiniCheck, NLI, "
                    "LettuceDetect) can take the place of Vademecum's own."
                ),
            ),
            FieldWords(
                ("model", "device"),
                _words("Runs on"),
                _words("Automatic takes the graphics card when the model fits into its free memory."),
                (_words("Automatic"), _words("Graphics card (CUDA)"), _words("Processor")),
            ),
            FieldWords(
                ("model", "precision"),
                _words("Precision"),
                _words("Fewer bits need less memory. Automatic suits the device."),
                (
                    _words("Automatic"),
                    _words("32 bits"),
                    _words("16 bits (float16)"),
                    _words("16 bits (bfloat16)"),
                ),
            ),
            FieldWords(
                ("model", "quantisation"),
                _words("Compression"),
                _words("Loads a large model into less graphics memory, at some loss of quality."),
                (_words("None"), _words("8 bits"), _words("4 bits")),
            ),
            FieldWords(
                ("model", "context"),
                _words("Context"),
                _words("How much the model reads and writes at once, in tokens (about ¾ of a word)."),
            ),
        ),
    ),
    (
        _words("Answers"),
        (
            FieldWords(
                ("sampling", "temperature"),
                _words("Temperature"),
                _words("0 always takes the likeliest word; higher values vary more."),
            ),
            FieldWords(
                ("sampling", "top_p"),
                _words("Top-p"),
                _words("Leaves out words that are less likely than this share of the probability."),
            ),
            FieldWords(("sampling", "max_new_tokens"), _words("Longest answer"), _words("In tokens.")),
            FieldWords(
                ("sampling", "answers"),
                _words("Answers to a question"),
                _words("Writes several answers, between which you can switch. Takes as many times longer."),
            ),
            FieldWords(
                ("sampling", "repetition_penalty"),
                _words("Against repetition"),
                _words("Above 1 the model repeats itself less."),
            ),
            FieldWords(
                ("sampling", "refuse_at"),
                _words("Sure enough to refuse"),
                _words(
                    "How likely the model must find it that the passages do not answer the question, to say "
                    "so. Lower refuses more often."
                ),
            ),
        ),
    ),
    (
        _words("Evidence"),
        (
            FieldWords(
                ("retrieval", "mode"),
                _words("Search by"),
                _words("Words find exact terms, meaning finds paraphrases."),
                (_words("Words and meaning"), _words("Meaning"), _words("Words")),
            ),
            FieldWords(
                ("retrieval", "fusion"),
                _words("Combine by"),
                _words("How the two searches are put into one ranking."),
                (_words("Scores"), _words("Ranks")),
            ),
            FieldWords(
                ("retrieval", "passages"),
                _words("Passages"),
                _words("How many the model is given at most."),
            ),
            FieldWords(
                ("retrieval", "candidates"),
                _words("Candidates"),
                _words("How many each search looks at before the best are chosen."),
            ),
            FieldWords(
                ("retrieval", "rerank_candidates"),
                _words("Read a second time"),
                _words("How many of the best passages the model for the second reading puts in order."),
            ),
            FieldWords(
                ("retrieval", "evidence_tokens"),
                _words("Length of the evidence"),
                _words("In tokens, at most; the context still limits it."),
            ),
            FieldWords(
                ("retrieval", "min_similarity"),
                _words("Closeness required"),
                _words("Below this similarity of the best passage, no answer is written."),
            ),
            FieldWords(
                ("retrieval", "min_support"),
                _words("Least support for an answer"),
                _words(
                    "How surely the quotes must bear out the best sentence of an answer. Below it you see "
                    "the quotes without the answer. 0 always shows the answer, with its marks."
                ),
            ),
            FieldWords(
                ("retrieval", "bind_threshold"),
                _words("Agreement required"),
                _words("From this agreement on, a passage is shown under a sentence the model left uncited."),
            ),
            FieldWords(
                ("retrieval", "grades"),
                _words("Order of evidence"),
                _words(
                    "The strongest first. A filter lets through the kind you choose and those above it. "
                    "Move with the buttons or Ctrl and the arrow keys."
                ),
            ),
        ),
    ),
    (
        _words("Learning from your answers"),
        (
            FieldWords(
                ("collect",),
                _words("Keep what you rate"),
                _words(
                    "Answers that you rate or correct, and sources that you open, are kept on this computer "
                    "for a later rebuild. Look through them or delete them at any time."
                ),
            ),
        ),
    ),
)


def value_of(settings: Settings, path: Sequence[str]) -> Any:
    """Return the setting at ``path``."""
    found: Any = settings
    for name in path:
        found = getattr(found, name)
    return found


def with_value(settings: Settings, path: Sequence[str], value: Any) -> Settings:
    """Return ``settings`` with another value at ``path``."""
    first, *rest = path
    if rest:
        value = with_value(getattr(settings, first), rest, value)
    changed: Settings = replace(settings, **{first: value})
    return changed


def bounds_of(path: Sequence[str]) -> Bounds | None:
    """Return what the setting at ``path`` may be; None for a text such as a folder."""
    kind: Any = Settings
    for name in path:
        kind = get_type_hints(kind, include_extras=True)[name]
    if kind is bool:
        return Bounds(switch=True)
    if get_origin(kind) is tuple and get_origin(get_args(kind)[0]) is Literal:
        return Bounds(order=True)
    if get_origin(kind) is Literal:
        return Bounds(choices=get_args(kind))
    metas = [meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, Meta)]
    if not metas:
        return None
    low = metas[0].ge if metas[0].ge is not None else metas[0].gt
    high = metas[0].le if metas[0].le is not None else metas[0].lt
    return Bounds(low=float(low or 0), high=float(high or 0), whole=get_args(kind)[0] is int)


def all_paths(kind: Any = Settings) -> list[tuple[str, ...]]:
    """Return the paths of all settings, nested ones included."""
    paths: list[tuple[str, ...]] = []
    hints = get_type_hints(kind)
    for one in fields(kind):
        if is_dataclass(hints[one.name]):
            paths += [(one.name, *rest) for rest in all_paths(hints[one.name])]
        else:
            paths.append((one.name,))
    return paths
