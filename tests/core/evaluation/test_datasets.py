"""Data sets of questions with answers, good and bad."""

import json

import pytest

from core.errors import DataUnusable, InputUnreadable
from core.evaluation.datasets import read_dataset, wanted, write_documents
from core.evaluation.plans import AnswersPlan
from core.paths import Home

FIRST = {"id": "q1", "question": "Does it help?", "answer": "It does.", "decision": "yes"}
LINES = [
    FIRST | {"context": "It helped.", "pmid": "11"},
    {"id": "q2", "question": "Does it harm?", "answer": "No.", "decision": "no", "context": "No harm."},
    {"id": "q1", "question": "Is it cheap?", "answer": "Nobody knows."},
]


@pytest.fixture
def read(tmp_path):
    def reading(text, format="jsonl", **more):
        path = tmp_path / "questions.jsonl"
        path.write_text(text, "utf-8")
        plan = AnswersPlan(str(path), format, **more)
        return plan, *read_dataset(plan, Home(tmp_path / "home"))

    return reading


def lines(*items):
    return "".join(json.dumps(item) + "\n" for item in items)


def test_that_every_question_has_an_id_and_every_passage_a_document_of_its_own(read):
    _, pairs, rejected = read(lines(*LINES))
    assert [pair.id for pair in pairs] == ["q1", "q2", "q1#3"]
    assert [[one.document for one in pair.evidence] for pair in pairs] == [["11"], ["q2-1"], []]
    assert rejected == []


def test_that_records_without_a_question_or_answer_are_listed_and_the_others_count(read):
    _, pairs, rejected = read(lines({"question": "Why?"}, LINES[0], {"answer": "So."}) + "{broken\n")
    assert [pair.question for pair in pairs] == ["Does it help?"]
    assert [one.record for one in rejected] == [1, 3, 4]
    assert rejected[0].reason == "there is no answer"


def test_that_a_file_without_any_usable_record_is_refused_with_its_first_fault(read):
    with pytest.raises(
        InputUnreadable, match=r"No question of questions.jsonl can be used.*there is no answer"
    ):
        read(lines({"question": "Why?"}))


def test_that_another_format_than_was_said_is_told_with_the_right_one(read):
    body = json.dumps({"1": {"QUESTION": "Why?", "CONTEXTS": ["So."], "final_decision": "yes"}})
    with pytest.raises(InputUnreadable, match="it looks like pubmedqa") as said:
        read(body, "bioasq")
    assert said.value.hint == "Say --format pubmedqa."
    assert len(read(body, "pubmedqa")[1]) == 1


@pytest.mark.parametrize("text", ["", "   \n"])
def test_that_an_empty_file_is_said_to_be_empty(read, text):
    with pytest.raises(DataUnusable, match="is empty"):
        read(text)


def test_that_only_the_named_questions_of_a_kind_are_taken(read, tmp_path):
    ids = tmp_path / "ids.json"
    for body in ('{"q2": "no"}', '["q2"]', "q2\nq9\n"):
        ids.write_text(body, "utf-8")
        plan, pairs, _ = read(lines(*LINES), ids=str(ids))
        assert [pair.id for pair in wanted(pairs, plan)] == ["q2"]
    plan, pairs, _ = read(lines(*LINES), kind="yesno")
    assert [pair.id for pair in wanted(pairs, plan)] == ["q1", "q2"]
    plan, pairs, _ = read(lines(*LINES), kind="list")
    with pytest.raises(InputUnreadable, match="None of the 3 questions"):
        wanted(pairs, plan)


def test_that_passages_of_one_document_become_one_record(read, tmp_path):
    more = {"question": "How often?", "answer": "Daily.", "context": "It was daily.", "pmid": "11"}
    _, pairs, _ = read(lines(*LINES, more))
    write_documents(pairs, tmp_path / "documents.jsonl")
    found = [json.loads(line) for line in (tmp_path / "documents.jsonl").read_text().splitlines()]
    assert [(one["_id"], [part["text"] for part in one["abstract"]]) for one in found] == [
        ("11", ["It helped.", "It was daily."]),
        ("q2-1", ["No harm."]),
    ]
    assert found[0]["pmid"] == "11"
    assert "pmid" not in found[1]
