"""Questions whose answers are known, and the documents that answer them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from core.errors import InputUnreadable
from core.evaluation.plans import AnswersPlan, DatasetFormat
from core.library.storage import write_atomically
from core.paths import Home
from core.tuning.pairs import Evidence, Pair
from core.tuning.readers.detect import detect
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import DataFormat, Source
from core.types import Rejected

_AS: Mapping[DatasetFormat, DataFormat] = {"pubmedqa": "pubmedqa", "bioasq": "bioasq", "jsonl": "medqa"}
_LINES = ("medqa", "collected")  # what is told apart in training, and is all JSON lines here


def read_dataset(plan: AnswersPlan, home: Home) -> tuple[list[Pair], list[Rejected]]:
    """Return all questions of the dataset, each with an id of its own, and the records that are none.

    Raises:
        DataUnusable: the file cannot be used at all.
        InputUnreadable: it has another format, or no record can be used.
    """
    path = Path(plan.dataset)
    kind = detect(path)
    if kind != _AS[plan.format] and not (plan.format == "jsonl" and kind in _LINES):
        said = next((known for known, read in _AS.items() if read == kind), kind)
        raise InputUnreadable(
            f"{path.name} is not in the format {plan.format}; it looks like {said}.",
            f"Say --format {said}." if said in _AS else "Turn it into JSON lines of question and answer.",
        )
    pairs: dict[str, Pair] = {}
    rejected = []
    for found in read_pairs(Source(path=str(path), format=_AS[plan.format]), home):
        if isinstance(found, Rejected):
            rejected.append(found)
            continue
        name = found.id if found.id and found.id not in pairs else f"{found.id}#{found.record}"
        pairs[name] = replace(found, id=name, evidence=_named(found.evidence, name))
    if not pairs:
        why = f" The first record: {rejected[0].reason}." if rejected else ""
        raise InputUnreadable(f"No question of {path.name} can be used.{why}", "Correct the file.")
    return list(pairs.values()), rejected


def wanted(pairs: Sequence[Pair], plan: AnswersPlan) -> list[Pair]:
    """Return the questions that ``plan`` asks for: those that ``ids`` names, of one kind if it says so.

    Raises:
        InputUnreadable: nothing is left, or the file of ids cannot be read.
    """
    names = _ids(Path(plan.ids)) if plan.ids else None
    found = [
        pair
        for pair in pairs
        if (names is None or pair.id in names) and (not plan.kind or pair.kind == plan.kind)
    ]
    if not found:
        raise InputUnreadable(
            f"None of the {len(pairs):,} questions of {Path(plan.dataset).name} is asked for.",
            "Check the ids and the kind of question.",
        )
    return found


def write_documents(pairs: Iterable[Pair], path: Path) -> None:
    """Write the evidence of ``pairs`` as JSON lines that a library can take: a document for each name."""
    texts: dict[str, dict[str, str]] = {}
    titles: dict[str, str] = {}
    for evidence in (one for pair in pairs for one in pair.evidence):
        texts.setdefault(evidence.document, {}).update({text: label for label, text in evidence.sections})
        titles[evidence.document] = titles.get(evidence.document) or evidence.title
    lines = [
        msgspec.json.encode(
            {
                "_id": name,
                **({"pmid": name} if name.isdecimal() else {}),
                "title": titles[name],
                "abstract": [{"label": label, "text": text} for text, label in parts.items()],
            }
        )
        for name, parts in texts.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, b"\n".join(lines) + b"\n")


def _named(evidence: Sequence[Evidence], pair: str) -> tuple[Evidence, ...]:
    return tuple(
        one if one.document else replace(one, document=f"{pair}-{place}")
        for place, one in enumerate(evidence, start=1)
    )


def _ids(path: Path) -> frozenset[str]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputUnreadable(f"Cannot read {path}: {error}.", "Give JSON, or an id a line.") from error
    try:
        body = json.loads(text)
    except ValueError:
        body = text.split()
    names = body if isinstance(body, list | dict) else [body]
    return frozenset(str(name) for name in names)
