"""From the named values of one record, as JSON lines and tables have them, to a pair."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

from core.errors import DataUnusable
from core.library.records import clean, clean_line, clean_pmid
from core.tuning.pairs import Decision, Evidence, Pair

# What other people call our fields: lower case, letters and digits only; the first one present is taken.
NAMES: dict[str, tuple[str, ...]] = {
    "question": ("question", "questiontext", "query", "body", "prompt", "instruction", "q", "input"),
    "answer": ("answer", "answers", "longanswer", "idealanswer", "response", "output", "completion"),
    "context": ("context", "contexts", "passage", "passages", "abstract", "evidence", "text", "input"),
    "decision": ("decision", "finaldecision", "yesno", "label"),
    "document": ("document", "pmid", "pubid", "documentid", "docid", "doi"),
    "title": ("title", "documenttitle"),
    "options": ("options", "choices"),
    "answer_idx": ("answeridx", "answerindex", "correctoption"),
    "explanation": ("explanation", "exp", "rationale"),
    "id": ("id", "questionid", "qid"),
}
_DECISIONS: dict[str, Decision] = {"yes": "yes", "no": "no", "maybe": "maybe", "true": "yes", "false": "no"}
_OTHER = re.compile(r"[^a-z0-9]+")
_LETTER = re.compile(r"\(?([A-Za-z])[).]?")


def recognise(columns: Iterable[str], named: Mapping[str, str]) -> dict[str, str]:
    """Return our field names with the column each is in: as ``named``, the others by what they are called.

    Raises:
        DataUnusable: ``named`` has a field that we do not know.
    """
    if unknown := sorted(named.keys() - NAMES.keys()):
        raise DataUnusable(
            f"There is no field {unknown[0]} that a column could be given to.",
            f"The fields are {', '.join(NAMES)}.",
        )
    there = {_OTHER.sub("", column.lower()): column for column in reversed([*columns]) if column}
    found: dict[str, str] = {}
    for field, names in NAMES.items():
        free = (there[name] for name in names if there.get(name, "") not in {"", *found.values()})
        if column := named.get(field) or next(free, None):
            found[field] = column
    return found


def pair(values: Mapping[str, Any], source: str, record: int) -> Pair:
    """Return the pair of one record, whose ``values`` have our field names.

    Raises:
        ValueError: it lacks a question or an answer, or contradicts itself; in words for a person.
    """
    question = clean_line(_text(values.get("question")))
    if not question:
        raise ValueError("there is no question")
    options = _options(values.get("options"))
    answer = clean(_chosen(options, values)) if options else clean(_text(values.get("answer")))
    decision = _decision(values.get("decision"))
    if not options and answer.lower() in _DECISIONS:
        decision, answer = decision or _DECISIONS[answer.lower()], ""
    if not (answer or decision):
        raise ValueError("there is no answer")
    return Pair(
        question=question,
        answer=answer,
        evidence=_evidence(values),
        decision=decision,
        choices=tuple(options.values()),
        kind="choice" if options else "yesno" if decision else "free",
        source=source,
        record=record,
        id=clean_line(_text(values.get("id"))),
    )


def sections(value: Any) -> tuple[tuple[str, str], ...]:
    """Return the labelled texts of a context: a text, a list of them, or PubMedQA's two lists."""
    if isinstance(value, dict):
        texts, labels = value.get("contexts") or [], value.get("labels") or []
        parts = [*zip_longest(labels[: len(texts)], texts, fillvalue="")]
    elif isinstance(value, list):
        parts = [("", text) for text in value]
    else:
        parts = [("", value)]
    cleaned = [(clean_line(_text(label)), clean(_text(text))) for label, text in parts]
    return tuple((label, text) for label, text in cleaned if text)


def _evidence(values: Mapping[str, Any]) -> tuple[Evidence, ...]:
    parts = sections(values.get("context"))
    if explained := clean(_text(values.get("explanation"))):
        parts = (*parts, ("EXPLANATION", explained))
    if not parts:
        return ()
    document = clean_line(_text(values.get("document")))
    return (Evidence(clean_line(_text(values.get("title"))), clean_pmid(document) or document, parts),)


def _text(value: Any) -> str:
    """Return a value as text; of a list its first text that is not empty."""
    if isinstance(value, list):
        return next((text for text in map(_text, value) if text.strip()), "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""


def _decision(value: Any) -> Decision:
    return _DECISIONS.get(_text(value).strip().lower(), "")


def _options(value: Any) -> dict[str, str]:
    """Return the choices by their letters: from ``{"A": text}``, ``[text]`` or ``[{"key": , "value": }]``."""
    if isinstance(value, dict):
        return {str(key): clean_line(_text(text)) for key, text in value.items()}
    if not isinstance(value, list):
        return {}
    made = {}
    for place, option in enumerate(value):
        key, text = chr(ord("A") + place), option
        if isinstance(option, dict):
            key, text = str(option.get("key", key)), option.get("value", "")
        made[key] = clean_line(_text(text))
    return made


def _chosen(options: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Return the text of the right choice, which is given as text, letter, or place counted from 0."""
    given = [clean_line(_text(values.get(field))) for field in ("answer", "answer_idx")]
    for said in given:
        for text in options.values():
            if said and text.lower() == said.lower():
                return text
    for said in reversed(given):
        letter = _LETTER.fullmatch(said)
        if letter and letter[1].upper() in options:
            return options[letter[1].upper()]
        if said.isdecimal() and int(said) < len(options):
            return [*options.values()][int(said)]
    if not any(given):
        raise ValueError("there is no answer")
    raise ValueError(f"the answer is none of its {len(options)} options")
