"""Folders of evaluations."""

import pytest

from core.errors import RunUnusable
from core.evaluation.runs import SCHEMA, About, Evaluations


@pytest.fixture
def evaluations(tmp_path):
    return Evaluations(tmp_path / "evaluations")


def about(version=SCHEMA, index=""):
    options = {"claims": "/data/claims_dev.jsonl"}
    return About(version, "citations", options, "2026-01-01", "0", {}, {}, "notice", index)


def test_that_half_a_line_is_dropped_and_the_next_item_begins_a_new_one(evaluations):
    run = evaluations.create(about())
    with run.writing() as file:
        file.add({"key": "a"})
    with (run.folder / "items.jsonl").open("ab") as file:
        file.write(b'{"key": "b", "tex')
    assert [item["key"] for item in run.items()] == ["a"]
    with run.writing() as file:
        file.add({"key": "c\n"})
    assert [item["key"] for item in run.items()] == ["a", "c\n"]


def test_that_a_run_is_found_by_its_id_or_a_beginning_that_is_its_own(evaluations):
    run = evaluations.create(about())
    assert evaluations.get(run.id) == run
    assert evaluations.get(run.id[:15]) == run
    evaluations.create(about())
    with pytest.raises(RunUnusable):
        evaluations.get("2")
    for wrong in ("", "../x", "nothing"):
        with pytest.raises(RunUnusable):
            evaluations.get(wrong)


def test_that_a_run_being_worked_on_is_neither_resumed_nor_deleted(evaluations):
    run = evaluations.create(about())
    assert run.info().state == "stopped"
    with run.lock():
        assert run.info().state == "running"
        with pytest.raises(RunUnusable, match="being worked on"):
            evaluations.delete(run)
    evaluations.delete(run)
    assert evaluations.all() == []


def test_that_what_a_newer_version_made_is_refused(evaluations):
    run = evaluations.create(about(version=SCHEMA + 1))
    with pytest.raises(RunUnusable, match="newer version"):
        run.about()


def test_that_a_damaged_description_is_named_and_can_be_deleted(evaluations):
    run = evaluations.create(about())
    (run.folder / "run.json").write_text("{")
    with pytest.raises(RunUnusable, match=r"Cannot read .*run.json"):
        run.info()
    evaluations.delete(run)
    assert evaluations.all() == []
