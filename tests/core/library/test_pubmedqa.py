"""PubMedQA: what models are examined on never comes into a library."""

import json

import pytest

from core.library.readers import pubmedqa
from core.types import Document, Rejected

ITEM = {
    "QUESTION": "Does it work?",
    "CONTEXTS": ["First part.", "Second part."],
    "LABELS": ["BACKGROUND", "RESULTS"],
    "MESHES": ["Asthma"],
    "YEAR": "2011",
    "reasoning_required_pred": "secretly",
    "final_decision": "secretly",
    "LONG_ANSWER": "secretly It works.",
}


def read(tmp_path, content):
    path = tmp_path / "ori_pqal.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=4), "utf-8")
    return list(pubmedqa.read(path))


def test_that_question_and_contexts_are_kept_and_the_answers_are_not(tmp_path):
    (document,) = read(tmp_path, {"123": ITEM})
    assert (document.title, document.pmid, document.year) == ("Does it work?", "123", 2011)
    assert document.text == "First part.\n\nSecond part."
    assert [section.label for section in document.sections] == ["BACKGROUND", "RESULTS"]
    assert document.mesh == ("Asthma",)
    assert "secretly" not in repr(document)


def test_that_a_bad_item_is_reported_and_the_next_is_read(tmp_path):
    found = read(tmp_path, {"1": 5, "x": ITEM, "3": {}, "4": ITEM | {"LABELS": []}})
    assert [type(record) for record in found] == [Rejected, Rejected, Rejected, Document]
    assert [record.record for record in found[:3]] == [1, 2, 3]


@pytest.mark.parametrize("cut", [1, 30, 150])
def test_that_a_truncated_file_gives_what_was_complete_and_a_report(tmp_path, cut):
    found = read(tmp_path, json.dumps({"1": ITEM, "2": ITEM})[:-cut])
    assert isinstance(found[0], Document)
    assert isinstance(found[-1], Rejected)
    assert "breaks off" in found[-1].reason


@pytest.mark.shared
def test_that_no_answer_of_the_real_file_is_in_a_document(shared):
    path = shared / "pubmedqa" / "ori_pqal.json"
    items = json.loads(path.read_text("utf-8"))
    documents = {document.pmid: document for document in pubmedqa.read(path)}
    assert documents.keys() == items.keys()
    # Where an answer's words occur, they are part of the contexts themselves.
    leaks = [p for p, d in documents.items() if items[p]["LONG_ANSWER"] in d.text]
    assert [p for p in leaks if items[p]["LONG_ANSWER"] not in " ".join(items[p]["CONTEXTS"])] == []
    assert not any(d.text.endswith((" yes", " no", " maybe")) for d in documents.values())


def test_that_a_number_of_too_many_digits_is_told_and_what_stands_before_it_is_kept(tmp_path):
    content = json.dumps({"1": ITEM})[:-1] + f', "2": {{"YEAR": {"9" * 5000}}}}}'
    first, broken = read(tmp_path, content)
    assert isinstance(first, Document)
    assert (broken.record, "too many digits" in broken.reason) == (2, True)
