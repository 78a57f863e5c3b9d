"""Sheets that people fill in: blinded, read back, and what goes wrong with them."""

import csv
import json
from dataclasses import replace

import msgspec
import pytest

from core.errors import InputUnreadable, RunUnusable
from core.evaluation.experts import export_sheet
from core.evaluation.ratings import import_sheets
from core.evaluation.runs import Evaluations
from tests.desktop.evaluate.homes import item


@pytest.fixture
def evaluations(tmp_path):
    return Evaluations(tmp_path / "evaluations")


@pytest.fixture
def run(evaluations):
    """An evaluation of three questions in two settings; one answer looks like a formula."""
    from core.evaluation.runs import SCHEMA, About

    about = About(SCHEMA, "answers", {"dataset": "d", "format": "jsonl"}, "2026", "0", {}, {}, "notice")
    made = evaluations.create(about)
    with made.writing() as file:
        for number in range(3):
            one = item(number)
            file.add(one)
            file.add(replace(one, key=f"none/{number}", setting="none", answer="=1+1 <b>", model="other"))
    return made


def filled(path, table, rate):
    """Write a copy of the sheet at ``path`` with the ratings that ``rate`` gives for each row."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | rate(row) for row in rows)
    return path


def all_of(value):
    return dict.fromkeys(("accuracy", "relevance", "coherence", "harm"), value)


def test_that_the_sheet_does_not_tell_whose_an_answer_is(run, tmp_path):
    table, page = export_sheet([run], tmp_path / "sheet", None, 0)
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 6
    for text in (table.read_text("utf-8-sig"), page.read_text("utf-8")):
        for told in ("smollm2", "other", "gold", "none/", run.id):
            assert told not in text
    assert "&lt;b&gt;" in page.read_text("utf-8")
    assert {row["answer"][:2] for row in rows} == {"It", "'="}  # a spreadsheet would calculate the latter
    keys = [path for path in (tmp_path / "sheet").iterdir() if "experts" in path.name]
    assert keys == []


def test_that_the_order_does_not_follow_the_settings(run, tmp_path):
    export_sheet([run], tmp_path / "sheet", None, 0)
    key = json.loads(next(run.folder.glob("experts-*.json")).read_text())
    settings = [entry["setting"] for entry in key["entries"]]
    assert settings not in (["gold", "none"] * 3, ["gold"] * 3 + ["none"] * 3, ["none"] * 3 + ["gold"] * 3)


def test_that_ratings_go_to_the_setting_they_are_of(run, evaluations, tmp_path):
    table, _ = export_sheet([run], tmp_path / "sheet", None, 0)

    def rate(row):
        return all_of("5") if row["answer"].startswith("It") else all_of("2")

    files = [filled(tmp_path / f"{name}.csv", table, rate) for name in ("ann", "bob")]
    result = import_sheets(evaluations, files)
    assert result.raters == ("ann", "bob")
    by = {one.setting: one for one in result.settings}
    assert {name: [s.mean.value for s in one.scores] for name, one in by.items()} == {
        "gold": [5.0] * 4,
        "none": [2.0] * 4,
    }
    assert by["gold"].model == "smollm2-135m-grounded"
    assert set(result.agreement.values()) == {1.0}
    assert msgspec.json.encode(result)


def test_that_missing_ratings_are_left_out_and_wrong_ones_are_named(run, evaluations, tmp_path):
    table, _ = export_sheet([run], tmp_path / "sheet", None, 0)

    def rate(row):
        number = int(row["code"])
        return {"code": str(number), "accuracy": {1: "", 2: "6", 3: "good"}.get(number, "4")}

    result = import_sheets(evaluations, [filled(tmp_path / "ann.csv", table, rate)])
    assert [(one.record, one.reason[:13]) for one in result.rejected] == [
        (2, "accuracy: '6'"),
        (3, "accuracy: 'go"),
    ]
    assert sum(one.scores[0].ratings for one in result.settings) == 3
    assert result.agreement["accuracy"] is None
    assert all(score.mean is None for one in result.settings for score in one.scores[1:])


def test_that_a_sheet_is_not_written_over(run, tmp_path):
    export_sheet([run], tmp_path / "sheet", None, 0)
    with pytest.raises(InputUnreadable, match="is there already"):
        export_sheet([run], tmp_path / "sheet", None, 0)


def test_that_files_that_are_no_filled_sheets_are_refused(run, evaluations, tmp_path):
    table, _ = export_sheet([run], tmp_path / "sheet", None, 0)
    with pytest.raises(InputUnreadable, match="No answer has been rated"):
        import_sheets(evaluations, [table])
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(InputUnreadable, match="has no column sheet"):
        import_sheets(evaluations, [other])
    full = filled(tmp_path / "ann.csv", table, lambda row: all_of("3"))
    with pytest.raises(RunUnusable, match="key of sheet"):
        import_sheets(Evaluations(tmp_path / "elsewhere"), [full])


def test_that_a_limit_keeps_all_answers_to_a_question(run, tmp_path):
    table, _ = export_sheet([run], tmp_path / "sheet", 2, 0)
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    assert sorted({row["question"] for row in rows}) != sorted(row["question"] for row in rows)
    assert len(rows) == 4
