"""What the ratings of people come to, setting by setting, and how far the raters agree."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.errors import InputUnreadable, RunUnusable
from core.evaluation.agreement import krippendorff_alpha
from core.evaluation.estimates import mean
from core.evaluation.experts import HIGHEST, LOWEST, RUBRIC, Entry, Key
from core.evaluation.results import Estimate
from core.evaluation.runs import Evaluations
from core.types import Rejected

_COLUMNS = ("sheet", "code", *(one.name for one in RUBRIC))
_VALUES = frozenset(map(str, range(LOWEST, HIGHEST + 1)))


@dataclass(frozen=True, slots=True)
class CriterionScores:
    """One criterion of one setting; ``mean`` of the ratings from 1 to 5, 5 the best."""

    criterion: str
    ratings: int
    mean: Estimate | None


@dataclass(frozen=True, slots=True)
class RatedSetting:
    """What people thought of the answers of one model in one setting."""

    model: str
    setting: str
    answers: int
    scores: tuple[CriterionScores, ...]


@dataclass(frozen=True, slots=True)
class ExpertsResult:
    """What ``vademecum evaluate experts import --json`` prints.

    Attributes:
        agreement: Krippendorff's alpha of each criterion (interval distance): 1 is perfect, 0 is chance; None
            where no answer was rated by two.
        rejected: ratings that could not be used.
    """

    version: int
    sheet: str
    raters: tuple[str, ...]
    settings: tuple[RatedSetting, ...]
    agreement: dict[str, float | None]
    rejected: tuple[Rejected, ...]


def import_sheets(evaluations: Evaluations, files: Sequence[Path]) -> ExpertsResult:
    """Return what the ratings in ``files`` come to; each file is of one rater, who is called as the file is.

    Raises:
        InputUnreadable: a file is no filled sheet, or they are of two sheets.
        RunUnusable: the key of the sheet is not there.
    """
    ratings: list[_Rating] = []
    rejected: list[Rejected] = []
    sheets: set[str] = set()
    for path in files:
        sheets |= _read(path, ratings, rejected)
    if len(sheets) != 1:
        raise InputUnreadable(
            "These files are of several sheets." if sheets else "No answer has been rated in these files.",
            "Import the filled copies of one sheet together.",
        )
    sheet = sheets.pop()
    entries = {entry.code: entry for entry in _key(evaluations, sheet).entries}
    known = [one for one in ratings if one.code in entries]
    rejected += [one.rejected("no such answer is in the sheet") for one in ratings if one.code not in entries]
    return ExpertsResult(
        1,
        sheet,
        tuple(dict.fromkeys(one.rater for one in known)),
        _rated(known, entries),
        {one.name: krippendorff_alpha(_of(known, one.name)) for one in RUBRIC},
        tuple(rejected),
    )


@dataclass(frozen=True, slots=True)
class _Rating:
    rater: str
    code: str
    criterion: str
    value: int
    file: str
    record: int

    def rejected(self, reason: str) -> Rejected:
        return Rejected(self.file, self.record, reason)


def _read(path: Path, ratings: list[_Rating], rejected: list[Rejected]) -> set[str]:
    """Add the ratings of ``path``; return the sheets it is of. A cell that is empty was not rated."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputUnreadable(f"Cannot read {path}: {error}.", "Save the sheet as CSV in UTF-8.") from error
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    if missing := [
        name for name in ("sheet", "code", *(c.name for c in RUBRIC)) if name not in (rows.fieldnames or ())
    ]:
        raise InputUnreadable(
            f"{path.name} has no column {missing[0]}.",
            "Fill in the sheet that `evaluate experts export` wrote.",
        )
    sheets = set()
    for number, row in enumerate(rows, start=1):
        for criterion in RUBRIC:
            given = (row[criterion.name] or "").strip()
            if not given:
                continue
            if given not in _VALUES:
                reason = f"{criterion.name}: {given[:40]!r} is not a whole number from 1 to 5"
                rejected.append(Rejected(str(path), number, reason))
                continue
            sheets.add(row["sheet"].strip())
            code = row["code"].strip().lstrip("'").zfill(3)  # spreadsheets take the zeros away
            ratings.append(_Rating(path.stem, code, criterion.name, int(given), str(path), number))
    return sheets


def _key(evaluations: Evaluations, sheet: str) -> Key:
    for run in evaluations.all():
        path = run.folder / f"experts-{sheet}.json"
        if sheet.isalnum() and path.is_file():
            return msgspec.json.decode(path.read_bytes(), type=Key)
    raise RunUnusable(
        f"The key of sheet {sheet[:20]} is not here.", "Import it where it was exported, on this computer."
    )


def _rated(ratings: Sequence[_Rating], entries: dict[str, Entry]) -> tuple[RatedSetting, ...]:
    groups: dict[tuple[str, str], list[_Rating]] = defaultdict(list)
    for one in ratings:
        groups[entries[one.code].model, entries[one.code].setting].append(one)
    return tuple(
        RatedSetting(
            model,
            setting,
            len({one.code for one in some}),
            tuple(_scores(some, criterion.name) for criterion in RUBRIC),
        )
        for (model, setting), some in sorted(groups.items())
    )


def _scores(ratings: Sequence[_Rating], criterion: str) -> CriterionScores:
    by: dict[str, list[int]] = defaultdict(list)
    for one in ratings:
        if one.criterion == criterion:
            by[one.code].append(one.value)
    # raters of one answer are not independent: the interval is over answers
    means = [sum(values) / len(values) for values in by.values()]
    return CriterionScores(criterion, sum(map(len, by.values())), mean(means) if means else None)


def _of(ratings: Sequence[_Rating], criterion: str) -> list[tuple[str, str, int]]:
    return [(one.rater, one.code, one.value) for one in ratings if one.criterion == criterion]
