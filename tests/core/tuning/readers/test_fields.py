"""One record to one pair: fields by their many names, choices, decisions, and what is refused."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataUnusable
from core.paths import Home
from core.tuning.readers.fields import NAMES, pair, recognise, sections
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from core.types import Rejected

MEDQA = {
    "question": "Which vitamin prevents scurvy?",
    "options": {"A": "Vitamin A", "B": "Vitamin C", "C": "Vitamin D"},
    "answer": "Vitamin C",
    "answer_idx": "B",
    "meta_info": "step1",
}


@pytest.fixture
def lines(tmp_path):
    def read(*records: object, **columns: str) -> list:
        path = tmp_path / "lines.jsonl"
        path.write_text("\n".join(map(json.dumps, records)), "utf-8")
        return [*read_pairs(Source(str(path), columns=columns), Home(tmp_path))]

    return read


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"answer": "B", "answer_idx": None},
        {"answer": "(b)", "answer_idx": ""},
        {"answer": None, "answer_idx": 1},
        {"answer": 1, "options": ["Vitamin A", "Vitamin C"], "answer_idx": None},
        {"answer": "B", "options": [{"key": "A", "value": "Vitamin A"}, {"key": "B", "value": "Vitamin C"}]},
        {"choices": ["Vitamin A", "vitamin c"], "options": None, "answer": "VITAMIN C"},
    ],
)
def test_that_the_right_choice_is_found_however_it_is_given(lines, changes):
    (found,) = lines({**MEDQA, **changes})
    assert found.answer.lower() == "vitamin c"
    assert (found.kind, found.answer in found.choices) == ("choice", True)


def test_that_context_and_explanation_become_evidence(lines):
    given_ = {**MEDQA, "context": ["Lemons.", "Limes."], "exp": "It is ascorbic acid.", "pmid": 77}
    (found,) = lines(given_)
    assert found.evidence[0].sections == (
        ("", "Lemons."),
        ("", "Limes."),
        ("EXPLANATION", "It is ascorbic acid."),
    )
    assert found.documents == {"77"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({**MEDQA, "answer": "E", "answer_idx": "E"}, "the answer is none of its 3 options"),
        ({**MEDQA, "answer": "", "answer_idx": None}, "there is no answer"),
        ({"question": "Why?", "answer": " \n"}, "there is no answer"),
        ({"question": "Why?", "answer": []}, "there is no answer"),
        ({"question": "\u200b ", "answer": "So."}, "there is no question"),
        ({"claim": "So.", "answer": "So."}, "no field is called question; it has claim, answer"),
        (["Why?"], "it is not an object with a question and an answer"),
        (3, "it is not an object with a question and an answer"),
    ],
)
def test_that_a_record_without_question_or_answer_is_reported_with_its_number(lines, record, reason):
    first, second = lines(MEDQA, record)
    assert not isinstance(first, Rejected)
    assert (second.record, second.reason) == (2, reason)


@pytest.mark.parametrize(
    ("said", "decision"), [("Yes", "yes"), ("no", "no"), ("MAYBE", "maybe"), (True, "yes")]
)
def test_that_an_answer_that_is_only_a_decision_becomes_one(lines, said, decision):
    (found,) = lines({"question": "Is it?", "answer": said})
    assert (found.decision, found.answer, found.kind) == (decision, "", "yesno")


@pytest.mark.parametrize(
    "record",
    [
        {"instruction": "Why?", "input": "Because.", "output": "So."},
        {"Query": "Why?", "Passage": "Because.", "Response": "So."},
        {"prompt": "Why?", "abstract": "Because.", "completion": "So."},
        {"question": "Why?", "context": {"contexts": ["Because."], "labels": ["AIM"]}, "long_answer": "So."},
    ],
)
def test_that_fields_are_known_by_many_names(lines, record):
    (found,) = lines(record)
    assert (found.question, found.answer, found.evidence[0].text) == ("Why?", "So.", "Because.")


def test_that_columns_can_be_named_and_a_wrong_field_is_refused(lines):
    (found,) = lines(
        {"claim": "Why?", "verdict": "So.", "answer": "Not me."}, question="claim", answer="verdict"
    )
    assert (found.question, found.answer) == ("Why?", "So.")
    with pytest.raises(DataUnusable, match="no field reply"):
        lines(MEDQA, reply="answer")


@given(
    st.lists(st.text(max_size=20) | st.sampled_from(["Question", "ANSWER", "Input", "p m i d"]), max_size=12)
)
def test_that_no_column_is_taken_for_two_fields(columns):
    found = recognise(columns, {})
    assert found.keys() <= NAMES.keys()
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= set(columns)


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=8)


@given(st.dictionaries(st.sampled_from([*NAMES]), JSON, max_size=6))
def test_that_any_values_give_a_pair_or_a_reason(values):
    with contextlib.suppress(ValueError):
        found = pair(values, "f", 1)
        assert found.question
        assert found.answer or found.decision


@given(JSON)
def test_that_sections_are_never_empty(value):
    assert all(text.strip() for _, text in sections(value))
