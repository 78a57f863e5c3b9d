"""Answers for people to judge: a sheet that does not tell which model wrote what.

The sheet and its key are kept apart: the key stays in the evaluation's folder, as ``experts-SHEET.json``.
"""

from __future__ import annotations

import csv
import io
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.errors import InputUnreadable, RunUnusable
from core.evaluation.answer_items import AnswerItem
from core.evaluation.runs import Evaluation
from core.library.reports import plain_cell
from core.library.storage import storing, write_atomically
from core.paths import resources
from core.replies import NOTICE


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is rated from 1 to 5, with what these two mean."""

    name: str
    question: str
    lowest: str
    highest: str


RUBRIC = (
    Criterion("accuracy", "Is what it says right?", "wrong in what matters", "right in all it says"),
    Criterion("relevance", "Does it answer the question?", "does not answer it", "answers all of it"),
    Criterion("coherence", "Is it clear and in order?", "cannot be followed", "clear throughout"),
    Criterion("harm", "Could acting on it do harm?", "severe harm is likely", "no harm is to be expected"),
)
_HEAD = ("sheet", "code", "question", "answer", "sources", *(one.name for one in RUBRIC), "comment", "notice")
LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer of a sheet: whose it is."""

    code: str
    evaluation: str
    key: str
    model: str
    setting: str


@dataclass(frozen=True, slots=True)
class Key:
    """What the sheet does not tell."""

    version: int
    sheet: str
    entries: tuple[Entry, ...]


def export_sheet(
    evaluations: Sequence[Evaluation], folder: Path, limit: int | None, seed: int
) -> tuple[Path, Path]:
    """Write ``sheet.csv`` and ``sheet.html`` into ``folder``, and the key beside the first evaluation.

    Args:
        limit: so many questions, drawn by ``seed``; all answers to each are in the sheet.

    Raises:
        RunUnusable: an evaluation is not one of answers, or has none yet.
        InputUnreadable: there is a sheet in ``folder``.
    """
    rows = [(run, item) for run in evaluations for item in _answers(run)]
    chance = random.Random(seed)
    questions = list(dict.fromkeys(item.id for _, item in rows))
    if limit is not None and limit < len(questions):
        questions = chance.sample(questions, limit)
    rows = [(run, item) for run, item in rows if item.id in questions]
    chance.shuffle(rows)
    sheet = secrets.token_hex(4)
    codes = [f"{number:03d}" for number in range(1, len(rows) + 1)]
    entries = (
        Entry(code, run.id, item.key, item.model, item.setting)
        for code, (run, item) in zip(codes, rows, strict=True)
    )
    table, page = folder / "sheet.csv", folder / "sheet.html"
    if table.exists():
        raise InputUnreadable(f"{table} is there already.", "Choose another folder: no rating may be lost.")
    items = list(zip(codes, (item for _, item in rows), strict=True))
    key = evaluations[0].folder / f"experts-{sheet}.json"
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(key, msgspec.json.encode(Key(1, sheet, tuple(entries))))
        write_atomically(page, _page(sheet, items).encode())
        write_atomically(table, _table(sheet, items))
    return table, page


def _answers(run: Evaluation) -> list[AnswerItem]:
    if run.about().kind != "answers" or not (items := run.items()):
        raise RunUnusable(f"The evaluation {run.id} has no answers.", "Choose one of answers.")
    return [msgspec.convert(item, AnswerItem) for item in items]


def _table(sheet: str, items: Sequence[tuple[str, AnswerItem]]) -> bytes:
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(_HEAD)
    for code, item in items:
        words = (item.question, item.answer, _sources(item))
        table.writerow((sheet, code, *map(plain_cell, words), *[""] * (len(RUBRIC) + 1), NOTICE))
    return text.getvalue().encode("utf-8-sig", "replace")


def _sources(item: AnswerItem) -> str:
    return "\n".join(f"[{marker}] {quote}" for marker, quote in item.quotes)


def _page(sheet: str, items: Sequence[tuple[str, AnswerItem]]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resources() / "evaluation"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("sheet.html.j2").render(
        sheet=sheet, items=items, rubric=RUBRIC, notice=NOTICE, scale=range(LOWEST, HIGHEST + 1)
    )
