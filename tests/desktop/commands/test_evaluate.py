"""``vademecum evaluate`` as typed: lists, comparisons, JSON, and mistakes."""

import io
import json
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from core.evaluation.answer_scores import answers_result
from core.evaluation.plans import AnswersPlan
from core.evaluation.runs import SCHEMA, About, Evaluations
from core.paths import Home
from desktop.commands import console
from desktop.commands.evaluate import app
from tests.desktop.evaluate.homes import item

PLAN = AnswersPlan("/data/questions.jsonl", "jsonl", ("gold",))


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def call(home, monkeypatch):
    """Return a function that runs the command in this process and returns what it prints, or its failure."""

    def run(*words, status=0):
        printed = io.BytesIO()
        monkeypatch.setattr(console, "claim_stdout", lambda: printed)
        done = CliRunner().invoke(app, list(words), obj=home)
        assert done.exit_code == status, (done.output, done.exception)
        return str(done.exception) if status else printed.getvalue().decode()

    return run


@pytest.fixture
def runs(home):
    """Two finished evaluations: the second got every decision right."""
    evaluations, made = Evaluations(home.evaluations), []
    for right in (False, True):
        options = {"dataset": PLAN.dataset, "format": "jsonl", "settings": ["gold"]}
        run = evaluations.create(
            About(SCHEMA, "answers", options, "2026", "0", {"language": "m"}, {}, "notice")
        )
        items = [item(number) for number in range(30)]
        items = [replace(one, chosen=one.decision) for one in items] if right else items
        with run.writing() as file:
            for one in items:
                file.add(one)
        run.write_result(answers_result(PLAN, items, 0, ()))
        made.append(run)
    return made


def test_that_runs_are_listed_shown_and_deleted(call, runs):
    listed = json.loads(call("list", "--json"))
    assert {one["id"] for one in listed["evaluations"]} == {run.id for run in runs}
    assert {(one["state"], one["items"], one["subject"]) for one in listed["evaluations"]} == {
        ("done", 30, "questions.jsonl")
    }
    assert "accuracy" in call("show", runs[0].id)
    assert json.loads(call("delete", runs[0].id, "--yes", "--json"))["deleted"] == runs[0].id
    assert [one["id"] for one in json.loads(call("list", "--json"))["evaluations"]] == [runs[1].id]


def test_that_two_runs_are_compared_by_the_exact_test(call, runs):
    found = json.loads(call("compare", runs[0].id, runs[1].id, "--json"))
    (test,) = found["comparisons"]
    assert (test["only_first"], test["only_second"]) == (0, 10)
    assert test["p_value"] == pytest.approx(2 / 2**10)
    assert test["difference"]["value"] == pytest.approx(1 / 3, abs=1e-3)
    text = call("compare", runs[0].id, runs[1].id)
    assert "second" in text
    assert "0.002" in text


def test_that_a_damaged_run_does_not_hide_the_others(call, runs):
    (runs[0].folder / "run.json").write_text("{")
    assert [one["id"] for one in json.loads(call("list", "--json"))["evaluations"]] == [runs[1].id]


def test_that_what_cannot_be_is_said(call, runs):
    shutil.copytree(runs[0].folder, runs[0].folder.with_name("20990101T000000-stopped"))
    (runs[0].folder.with_name("20990101T000000-stopped") / "result.json").unlink()
    assert "not finished" in call("compare", runs[0].id, "20990101T000000-stopped", status=1)
    assert "There is no evaluation" in call("show", "nothing", status=1)
    words = ("answers", "--dataset", "x", "--format", "jsonl", "--setting", "guessed")
    assert "There is no setting 'guessed'" in call(*words, status=1)
    words = ("retrieval", "--corpus", "x", "--queries", "x", "--qrels", "x", "--modes", "magic")
    assert "There is no search mode 'magic'" in call(*words, status=1)


def test_that_a_sheet_goes_out_and_comes_back(call, runs, tmp_path):
    folder = tmp_path / "sheet"
    made = json.loads(call("experts", "export", runs[0].id, "--output", str(folder), "--json"))
    text = (folder / "sheet.csv").read_text("utf-8-sig").replace(",,,,,", ",5,4,3,2,,")
    (folder / "ann.csv").write_text(text, "utf-8")
    assert made["table"].endswith("sheet.csv")
    found = json.loads(call("experts", "import", str(folder / "ann.csv"), "--json"))
    assert [score["mean"]["value"] for score in found["settings"][0]["scores"]] == [5, 4, 3, 2]
    assert "Krippendorff" in call("experts", "import", str(folder / "ann.csv"))
